"""`nexus retirements`: what ended or waits for a steward, and decisions about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.client import NexusClient

retirements = typer.Typer(no_args_is_help=True, help="What ended, what is held, and decisions about it.")
app.add_typer(retirements, name="retirements")

_SHOWN = 20

Id = Annotated[str, typer.Argument(metavar="ID", help="The retirement, as `nexus retirements list` shows it.")]
Names = Annotated[
    list[str] | None, typer.Option("--object", help="Only this object, as NAMESPACE NAME in quotes; repeat it.")
]
Namespace = Annotated[str, typer.Argument(help="Namespace, such as postgres://host:5432.")]
Name = Annotated[str, typer.Argument(help="Name, such as shop.public.orders.")]
Job = Annotated[bool, typer.Option("--job", help="The name is a job's.")]
State = Literal["held", "ended", "undone"]


@retirements.command("list")
def list_(
    state: Annotated[State, typer.Option(help="Those with objects in this state.")] = "held",
    source: Annotated[str | None, typer.Option(help="Of one source, by its namespace.")] = None,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """List retirements, newest first: by default those that wait for a steward."""
    with _client(api, token_file) as client:
        found = client.retirements(state, source)
    for each in found:
        counts = ", ".join(f"{count} {name}" for name, count in each.counts.items())
        covered = f" of {each.covered_count} in {each.scope or 'its scope'}" if each.covered_count else ""
        typer.echo(f"{each.at}  {each.id}\n    {each.source}, by {each.by}: {counts}{covered}")
        shown = [of for of in each.objects if of.state == state]
        for of in shown[:_SHOWN]:
            typer.echo(f"      {of.name}" + (f" ({of.kind})" if of.kind == "job" else ""))
        if len(shown) > _SHOWN:
            typer.echo(f"      and {each.counts[state] - _SHOWN} more")
    typer.echo(f"{len(found)} retirements." if found else f"Nothing is {state}.")


@retirements.command()
def confirm(id_: Id, object_: Names = None, api: Api = LOCAL_API, token_file: TokenFile = None) -> None:
    """Let held objects end, at the time of the harvest that lacked them."""
    _judge(id_, "confirm", object_, api, token_file)


@retirements.command()
def undo(id_: Id, object_: Names = None, api: Api = LOCAL_API, token_file: TokenFile = None) -> None:
    """Take ends back, or refuse those that are held."""
    _judge(id_, "undo", object_, api, token_file)


@retirements.command()
def retire(
    namespace: Namespace, name: Name, job: Job = False, api: Api = LOCAL_API, token_file: TokenFile = None
) -> None:
    """Say that a dataset or job ended now."""
    _decide("retire", namespace, name, job, api, token_file)


@retirements.command()
def restore(
    namespace: Namespace, name: Name, job: Job = False, api: Api = LOCAL_API, token_file: TokenFile = None
) -> None:
    """Say that a dataset or job is back from now on."""
    _decide("restore", namespace, name, job, api, token_file)


@retirements.command()
def guard(
    source: Annotated[str, typer.Argument(help="The source's namespace, such as postgres://host:5432.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="Share of what a harvest covers.")] = 0.25,
    least: Annotated[int, typer.Option(min=0, help="Never hold fewer objects than this.")] = 10,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Set beyond what a harvest's retirement is held for a steward."""
    with _client(api, token_file) as client:
        client.set_retirement_guard(source, share, least)
    typer.echo(
        f"A harvest of {source} that lacks more than {share:.0%} of what it covers, and at least {least}, is held."
    )


@retirements.command()
def stale(
    apply: Annotated[bool, typer.Option("--apply", help="Let what the jobs claim of them end now.")] = False,
    runs: Annotated[int | None, typer.Option(min=1, help="Runs without the output; absent: as is set.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days without it; absent: as is set.")] = None,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """List outputs that later runs of their job did not write; an event for each job closes them, `undo` opens them."""
    with _client(api, token_file) as client:
        found = client.stale_outputs(runs, days)
        for job in found:
            typer.echo(f"{job.name} in {job.namespace}")
            for each in job.outputs:
                typer.echo(f"      {each.name} in {each.namespace}: last {each.seen_at}, not in {each.run_count} runs")
            if apply:
                typer.echo(f"    closed by {client.close_outputs(job)}")
    if not found:
        typer.echo("No output is stale.")
    elif not apply:
        typer.echo("`--apply` closes them.")


def _judge(id_: str, action: str, names: list[str] | None, api: str, token_file: Path | None) -> None:
    objects = [_named(each) for each in names] if names else None
    with _client(api, token_file) as client:
        count = client.judge(id_, action, objects)
    typer.echo(f"{action}: {count} objects.")


def _decide(action: str, namespace: str, name: str, job: bool, api: str, token_file: Path | None) -> None:
    with _client(api, token_file) as client:
        client.retire(action, [{"namespace": namespace, "name": name, "kind": "job" if job else "dataset"}])
    typer.echo(f"{action}: {name} in {namespace}.")


def _named(text: str) -> dict[str, str]:
    namespace, _, name = text.strip().partition(" ")
    if not name:
        raise typer.BadParameter(f"{text!r} is no NAMESPACE NAME", param_hint="--object")
    return {"namespace": namespace, "name": name}


def _client(api: str, token_file: Path | None) -> NexusClient:
    from nexus_core.client import NexusClient

    return NexusClient(api, api_token(token_file))
