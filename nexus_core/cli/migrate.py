"""`nexus migrate`: bring the store to the form that this version needs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.settings import Settings


@app.command()
def migrate() -> None:
    """Apply the migrations that the store lacks; `nexus up` does it by itself."""
    from nexus_core.settings import Settings

    settings = Settings.load()
    settings.data_dir.expanduser().mkdir(parents=True, exist_ok=True, mode=0o700)
    asyncio.run(_apply(settings))
    typer.echo("The store is up to date.")


async def _apply(settings: Settings) -> None:
    """Migrate the store, then the ledgers of projections that lie apart from it."""
    from nexus_core.store.database import open_store
    from nexus_core.store.ledger_making import make_ledger
    from nexus_core.store.migration import migrate as apply
    from nexus_core.store.projections import State, projections

    await apply(settings.store_url)
    store = open_store(settings.store_url)
    try:
        apart = [row for row in await projections(store) if row.ledger and row.state is not State.DISCARDED]
    finally:
        await store.dispose()
    for row in apart:
        await make_ledger(settings.store_url, row.ledger)
