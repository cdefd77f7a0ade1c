"""`nexus export` and `nexus import`: the event log as a file."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from nexus_core.cli.app import app


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="File to write; replaced when it is whole.")],
    until: Annotated[
        str | None, typer.Option(help="Only events accepted up to this time (RFC 3339); absent: now.")
    ] = None,
) -> None:
    """Write all events of the log into one file; what is sealed in the store is sealed in it."""
    from nexus_core.eventlog.archiving import export_log
    from nexus_core.settings import Settings
    from nexus_core.store.database import open_store

    moment = _moment(until) if until else datetime.now(UTC)

    async def run() -> int:
        settings = Settings.load()
        store = open_store(settings.store_url)
        try:
            return await export_log(store, settings, file, moment)
        finally:
            await store.dispose()

    count = asyncio.run(run())
    typer.echo(f"{count:,} events accepted up to {moment.isoformat(timespec='seconds')} are in {file}.")


@app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="File that `nexus export` wrote.")]) -> None:
    """Add the events of a file to the log, of a new store too; those that it has already stay as they are."""
    from nexus_core.eventlog.archiving import import_log
    from nexus_core.settings import Settings
    from nexus_core.store.database import open_store
    from nexus_core.store.migration import migrate

    settings = Settings.load()
    settings.data_dir.expanduser().mkdir(parents=True, exist_ok=True, mode=0o700)

    async def run() -> tuple[int, int]:
        await migrate(settings.store_url)
        store = open_store(settings.store_url)
        try:
            return await import_log(store, settings, file)
        finally:
            await store.dispose()

    total, new = asyncio.run(run())
    typer.echo(f"{new:,} of {total:,} events are new here; the worker merges them.")


def _moment(text: str) -> datetime:
    from nexus_core.errors import ConfigurationError

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{text} is no time", "Write it as 2026-01-01T00:00:00Z") from error
    if moment.tzinfo is None:
        raise ConfigurationError(f"{text} lacks its offset", "Write it as 2026-01-01T00:00:00Z")
    return moment
