"""`nexus backup` and `nexus restore`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from nexus_core.cli.app import app


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write; replaced when it is whole.")],
    keys: Annotated[
        Path | None, typer.Option(help="File for the keys of events, to be kept apart, and for short.")
    ] = None,
) -> None:
    """Write the store into a file, as of one moment, while everything runs; the graph is derived from it."""
    from nexus_core.eventlog.backup import back_up, back_up_keys
    from nexus_core.eventlog.event_keys import keys_url
    from nexus_core.settings import Settings

    settings, began = Settings.load(), time.monotonic()
    count = asyncio.run(back_up(settings, file))
    typer.echo(f"{count:,} rows are in {file} ({time.monotonic() - began:.1f} s).")
    if keys is not None:
        typer.echo(f"{asyncio.run(back_up_keys(keys_url(settings), keys)):,} keys are in {keys}. Keep it apart.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="File that `nexus backup` wrote.")],
    keys: Annotated[Path | None, typer.Option(help="File of the keys that `nexus backup --keys` wrote.")] = None,
) -> None:
    """Put a backup into a new, empty store; workers then derive the graph anew, into an empty Neo4j."""
    from nexus_core.eventlog.backup import restore as put_back
    from nexus_core.eventlog.backup import restore_keys
    from nexus_core.eventlog.event_keys import keys_url
    from nexus_core.settings import Settings

    settings, began = Settings.load(), time.monotonic()
    settings.data_dir.expanduser().mkdir(parents=True, exist_ok=True, mode=0o700)
    found = asyncio.run(put_back(settings, file))
    made = f"{found.made_at:%Y-%m-%d %H:%M:%S} UTC"
    typer.echo(f"{found.row_count:,} rows of {made} are restored ({time.monotonic() - began:.1f} s).")
    if keys is not None:
        typer.echo(f"{asyncio.run(restore_keys(keys_url(settings), keys)):,} keys are there.")
