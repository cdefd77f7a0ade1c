"""`nexus migrate`: bring the store to the form that this version needs."""

from __future__ import annotations

import asyncio

import typer

from nexus_core.cli.app import app


@app.command()
def migrate() -> None:
    """Apply the migrations that the store lacks; `nexus up` does it by itself."""
    from nexus_core.settings import Settings
    from nexus_core.store.migration import migrate as apply

    settings = Settings.load()
    settings.data_dir.expanduser().mkdir(parents=True, exist_ok=True, mode=0o700)
    asyncio.run(apply(settings.store_url))
    typer.echo("The store is up to date.")
