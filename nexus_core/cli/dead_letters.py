"""`nexus dead-letters`: events that wait for a person."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from nexus_core.cli.app import app


@app.command("dead-letters")
def dead_letters(
    limit: Annotated[int, typer.Option(help="Most events to list, newest first.")] = 20,
    events: Annotated[bool, typer.Option(help="Show the events too, redacted, as JSON.")] = False,
) -> None:
    """List events that could not be merged, or are quarantined, with the reason."""
    asyncio.run(_list(limit, events))


async def _list(limit: int, with_events: bool) -> None:
    from contextlib import aclosing

    import orjson

    from nexus_core.eventlog.opening import open_log
    from nexus_core.settings import Settings
    from nexus_core.store.database import open_store

    settings = Settings.load()
    store = open_store(settings.store_url)
    try:
        async with aclosing(await open_log(store, settings)) as log:
            letters = await log.dead_letters(limit)
    finally:
        await store.dispose()
    for envelope, reason in letters:
        typer.echo(f"{envelope.accepted_at:%Y-%m-%d %H:%M:%S}  {envelope.id}\n    {reason}")
        if with_events:
            typer.echo(orjson.dumps(envelope.event, option=orjson.OPT_INDENT_2).decode())
    typer.echo(f"{len(letters)} events wait for a person." if letters else "No event waits for a person.")
