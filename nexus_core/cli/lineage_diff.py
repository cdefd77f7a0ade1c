"""`nexus lineage diff`: what differs between two moments, of a dataset's surroundings or of all datasets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import lineage
from nexus_core.cli.lineage_changes import print_changes
from nexus_core.cli.moments import MOMENT_HELP, moment, optional_moment


@lineage.command("diff")
def lineage_diff(
    namespace: Annotated[str | None, typer.Argument(help="Namespace; alone: all its datasets.")] = None,
    name: Annotated[str | None, typer.Argument(help="Name of a dataset, such as shop.public.orders.")] = None,
    start: Annotated[str, typer.Option("--from", help=f"The earlier moment: {MOMENT_HELP}")] = ...,  # type: ignore[assignment]
    end: Annotated[str | None, typer.Option("--to", help="The later moment. Default: now.")] = None,
    depth: Annotated[int, typer.Option(min=1, max=50, help="Most hops from the dataset.")] = 5,
    known_at: Annotated[str | None, typer.Option(help="As was known at this moment.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a change a line as JSON.")] = False,
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Show what differs between two moments, with the event, run and SQL that changed it."""
    from nexus_core.client import NexusClient

    asked: dict[str, str | int] = {"namespace": namespace} if namespace else {}
    asked |= {"name": name, "depth": depth} if name else {}
    asked |= optional_moment("--known-at", "known_at", known_at)
    until = moment("--to", end) if end else datetime.now(UTC)
    with NexusClient(api, api_token(token_file)) as client:
        print_changes(client.diff(moment("--from", start), until, **asked), as_json=as_json)
