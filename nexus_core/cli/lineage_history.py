"""`nexus lineage history`: what changed in a dataset or field, newest first."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import lineage
from nexus_core.cli.lineage_changes import print_changes
from nexus_core.cli.moments import optional_moment

_PAGE_MOST = 10_000  # rows of one answer of the API


@lineage.command("history")
def lineage_history(
    namespace: Annotated[str, typer.Argument(help="Namespace, such as postgres://host:5432.")],
    name: Annotated[str, typer.Argument(help="Name, such as shop.public.orders.")],
    field: Annotated[str | None, typer.Option(help="One field (column) of the dataset.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most changes.")] = 100,
    known_at: Annotated[str | None, typer.Option(help="As was known at this moment.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a change a line as JSON.")] = False,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Show what changed in a dataset's schema and in the edges into it and out of it, newest first."""
    from nexus_core.client import NexusClient

    asked: dict[str, str | int] = {"limit": min(limit, _PAGE_MOST)}
    asked |= {"field": field} if field else {}
    asked |= optional_moment("--known-at", "known_at", known_at)
    with NexusClient(api, api_token(token_file)) as client:
        print_changes(islice(client.history(namespace, name, **asked), limit), as_json=as_json)
