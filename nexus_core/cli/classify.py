"""`nexus classify`: what is enforced of fields and why, and the decisions of stewards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.client import NexusClient

classify = typer.Typer(no_args_is_help=True, help="Classes of fields: what is enforced, why, and decisions about it.")
app.add_typer(classify, name="classify")

Namespace = Annotated[str, typer.Argument(metavar="NAMESPACE", help="Of the dataset.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The dataset.")]
FieldName = Annotated[str, typer.Argument(metavar="FIELD", help="A field; '' for the whole dataset.")]
ClassName = Annotated[str, typer.Argument(metavar="CLASS", help="Public, Confidential, PII or one that was defined.")]


@classify.command()
def show(
    namespace: Namespace,
    name: Name,
    field: FieldName = "",
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Show the class that is enforced of a field, where it comes from, and what may give it away."""
    with _client(api, token_file) as client:
        found = client.field_class(namespace, name, field)
    typer.echo(found["sentence"])
    for risk in found["risks"]:
        typer.echo(f"  {risk['kind']} by {risk['name']}.{risk['field']} ({risk['classification']})")
    if found["lowering"]:
        typer.echo(f"Waits to be lowered to {found['lowering']['becomes']}: {found['lowering']['reason']}.")


@classify.command("set")
def set_(
    namespace: Namespace,
    name: Name,
    field: FieldName,
    class_name: ClassName,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Set the class of a field. A higher one is enforced at once, a lower one once another steward approves it."""
    _decide("set", (namespace, name, field), api, token_file, {"class": class_name})


@classify.command()
def accept(
    namespace: Namespace,
    name: Name,
    field: FieldName,
    class_name: ClassName,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Accept a proposal or a suspicion: the field has the class."""
    _decide("accept", (namespace, name, field), api, token_file, {"class": class_name})


@classify.command()
def reject(
    namespace: Namespace, name: Name, field: FieldName, api: Api = LOCAL_API, token_file: TokenFile = None
) -> None:
    """Reject a proposal, which is not made again, or a suspicion as it stands now."""
    _decide("reject", (namespace, name, field), api, token_file, {})


@classify.command()
def approve(
    namespace: Namespace, name: Name, field: FieldName, api: Api = LOCAL_API, token_file: TokenFile = None
) -> None:
    """Approve that a field's class is lowered; not for who asked for it."""
    _decide("approve", (namespace, name, field), api, token_file, {})


@classify.command()
def breaker(
    namespace: Namespace,
    name: Name,
    field: FieldName,
    class_name: ClassName,
    job_namespace: Annotated[str, typer.Option(help="Namespace of the job that writes the field.")],
    job: Annotated[str, typer.Option(help="The job.")],
    breaks: Annotated[Literal["hash", "aggregate"], typer.Option(help="What the job's SQL must prove.")] = "hash",
    least: Annotated[int, typer.Option(min=2, help="Fewest rows of a group, by HAVING count(*).")] = 10,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Let a job's hash or aggregate lower what passes through it, once another steward approves it."""
    told = {"job": {"namespace": job_namespace, "name": job}, "breaks": breaks, "least": least, "class": class_name}
    _decide("breaker", (namespace, name, field), api, token_file, told)


@classify.command()
def waiting(
    limit: Annotated[int, typer.Option(min=1, max=500, help="Most to list.")] = 100,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """List classes that could be lower and wait for a steward."""
    with _client(api, token_file) as client:
        found = client.lowerings(limit)
    for each in found:
        name = f"{each['name']}.{each['field']}" if each["field"] else each["name"]
        typer.echo(f"{each['classification']} → {each['becomes']}  {each['namespace']} {name}  ({each['reason']})")
    typer.echo(f"{len(found)} lowerings wait." if found else "Nothing waits.")


@classify.command()
def define(
    class_name: ClassName,
    rank: Annotated[int, typer.Argument(min=1, max=1000, help="Confidential has 100, PII 200.")],
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Define a class, or raise its rank."""
    with _client(api, token_file) as client:
        event = client.define_class(class_name, rank)
    typer.echo(f"Decided by the event {event}.")


def _decide(action: str, at: tuple[str, str, str], api: str, token_file: Path | None, told: dict[str, Any]) -> None:
    with _client(api, token_file) as client:
        event = client.decide_class(action, at, told)
    typer.echo(f"Decided by the event {event}; it counts as soon as the worker has merged it.")


def _client(api: str, token_file: Path | None) -> NexusClient:
    from nexus_core.client import NexusClient

    return NexusClient(api, api_token(token_file))
