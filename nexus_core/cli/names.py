"""`nexus names`: names that mean one dataset, proposed and decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.client import NexusClient
    from nexus_core.client.names import NamePair

names = typer.Typer(no_args_is_help=True, help="Names that mean one dataset: proposals and decisions.")
app.add_typer(names, name="names")

Namespace = Annotated[str, typer.Argument(metavar="NAMESPACE", help="Of the one name.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The one name; * for all of the namespace.")]
OtherNamespace = Annotated[str, typer.Argument(metavar="NAMESPACE2", help="Of the other name.")]
OtherName = Annotated[str, typer.Argument(metavar="NAME2", help="The other name.")]
Limit = Annotated[int, typer.Option(min=1, help="Most pairs to list.")]


@names.command()
def proposals(
    score: Annotated[int, typer.Option(min=1, max=100, help="Lowest score, 1 to 100.")] = 1,
    limit: Limit = 50,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """List names that look like one dataset, the surest first."""
    with _client(api, token_file) as client:
        found = client.name_proposals(score, limit)
    for each in found:
        shared = f", {each.shared_count} tables in common" if each.shared_count is not None else ""
        typer.echo(f"{each.score:>3}  {_both(each)}\n     {each.sentence}{shared}")
    typer.echo(f"{len(found)} proposals." if found else "No names look alike.")


@names.command("list")
def list_(
    state: Annotated[Literal["accepted", "rejected"], typer.Option(help="What was decided.")] = "accepted",
    limit: Limit = 500,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """List the pairs of names that were accepted as one dataset, or rejected."""
    with _client(api, token_file) as client:
        found = client.name_decisions(state, limit)
    for each in found:
        typer.echo(f"{_both(each)}\n     {each.decided_at or ''}  {each.event or ''}")
    typer.echo(f"{len(found)} pairs." if found else f"No names are {state}.")


@names.command()
def accept(
    namespace: Namespace,
    name: Name,
    namespace2: OtherNamespace,
    name2: OtherName,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Let two names mean one dataset, proposed or not; what is known of either, and its history, is then together."""
    _decide("accept", (namespace, name), (namespace2, name2), api, token_file)


@names.command()
def reject(
    namespace: Namespace,
    name: Name,
    namespace2: OtherNamespace,
    name2: OtherName,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Say that two names mean two datasets: they are parted, and not proposed again."""
    _decide("reject", (namespace, name), (namespace2, name2), api, token_file)


@names.command()
def undo(
    namespace: Namespace,
    name: Name,
    namespace2: OtherNamespace,
    name2: OtherName,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Take a decision about two names back."""
    _decide("undo", (namespace, name), (namespace2, name2), api, token_file)


def _decide(action: str, one: tuple[str, str], other: tuple[str, str], api: str, token_file: Path | None) -> None:
    with _client(api, token_file) as client:
        event = client.decide_names(action, one, other)
    typer.echo(f"Decided by the event {event}; the graph follows as soon as the worker has merged it.")


def _client(api: str, token_file: Path | None) -> NexusClient:
    from nexus_core.client import NexusClient

    return NexusClient(api, api_token(token_file))


def _both(pair: NamePair) -> str:
    left, right = (" ".join(side) for side in (pair.left, pair.right))
    return f"{left}  =  {right}"
