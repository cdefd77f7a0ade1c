"""`nexus usage NAMESPACE NAME`: who reads a dataset and its columns how often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.client.usage import Usage, Uses

_ACCOUNTS_SHOWN = 5


@app.command()
def usage(
    namespace: Annotated[str, typer.Argument(metavar="NAMESPACE", help="Namespace of the dataset.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the dataset.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="The last days, today included.")] = 30,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Show who read a dataset and its columns how often, as the query logs of its source tell."""
    from nexus_core.client import NexusClient

    with NexusClient(api, api_token(token_file)) as client:
        found = client.usage(namespace, name, days)
    for line in usage_lines(found):
        typer.echo(line)


def usage_lines(found: Usage) -> Iterator[str]:
    """Write an answer for people."""
    if found.dataset is None:
        yield f"No query log told of a read since {found.since}."
        return
    yield f"Reads since {found.since}:"
    yield _line("(dataset)", found.dataset)
    yield from (_line(uses.field, uses) for uses in found.fields)


def _line(what: str, uses: Uses) -> str:
    shown = [f"{account or '(unknown)'} {count}" for account, count in uses.accounts[:_ACCOUNTS_SHOWN]]
    more = ", …" if len(uses.accounts) > _ACCOUNTS_SHOWN else ""
    return f"  {what:<30} {uses.count:>8}  last {uses.last_day}  {', '.join(shown)}{more}"
