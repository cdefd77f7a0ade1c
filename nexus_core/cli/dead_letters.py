"""`nexus dead-letters`: events that wait for a person."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.eventlog.log import EventLog

letters = typer.Typer(help="Events that could not be merged, or are quarantined: list, show, replay, edit.")
app.add_typer(letters, name="dead-letters")

_Id = Annotated[str, typer.Argument(metavar="ID", help="The event's id, as listed.")]


@letters.callback(invoke_without_command=True)
def dead_letters(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="Most events to list, newest first.")] = 20,
    events: Annotated[bool, typer.Option(help="Show the events too, redacted, as JSON.")] = False,
    discarded: Annotated[bool, typer.Option(help="List those that were discarded instead.")] = False,
) -> None:
    """List events that could not be merged, or are quarantined, with the reason."""
    if context.invoked_subcommand is None:
        asyncio.run(_list_discarded(limit) if discarded else _list(limit, events))


@letters.command()
def show(event_id: _Id) -> None:
    """Print one event, redacted, as JSON; `edit` takes it back with changes."""

    async def run() -> None:
        from nexus_core.governance.dead_letters import DeadLetters

        async with _log() as log:
            typer.echo(_json((await DeadLetters(log).show(event_id)).event))

    asyncio.run(run())


@letters.command()
def replay(event_ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Ids, as listed.")]) -> None:
    """Let events be merged: dead ones again, quarantined ones as if they had come now."""

    async def run() -> None:
        from nexus_core.governance.dead_letters import DeadLetters

        kept_from = await _kept_from()
        async with _log() as log:
            for event_id in event_ids:
                await DeadLetters(log, kept_from).retry(event_id)
                typer.echo(f"{event_id} waits for the worker")

    asyncio.run(run())


@letters.command()
def discard(
    event_ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Ids, as listed.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the event.")],
) -> None:
    """Put events aside: they stay in the log and are merged by nothing, until `restore`."""

    async def run() -> None:
        from nexus_core.governance.dead_letters import DeadLetters

        async with _log() as log:
            for event_id in event_ids:
                await DeadLetters(log).discard(event_id, reason)
                typer.echo(f"{event_id} is discarded")

    asyncio.run(run())


@letters.command()
def restore(event_ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Ids of discarded events.")]) -> None:
    """Let discarded events wait for a person again."""

    async def run() -> None:
        from nexus_core.governance.dead_letters import DeadLetters

        async with _log() as log:
            for event_id in event_ids:
                await DeadLetters(log).restore(event_id)
                typer.echo(f"{event_id} waits for a person")

    asyncio.run(run())


@letters.command()
def edit(
    event_id: _Id,
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="The edited event as JSON; `-` reads standard input.")],
) -> None:
    """Send an edited event in place of one; texts that are left hidden become the originals again."""

    async def run() -> None:
        from nexus_core.events.check import decode
        from nexus_core.governance.dead_letters import DeadLetters

        async with _log() as log:
            letters = DeadLetters(log, await _kept_from())
            successor = await letters.edit(event_id, decode(file.read()), f"{getpass.getuser()} (nexus)")
        typer.echo(f"{successor} takes its place")

    asyncio.run(run())


async def _kept_from() -> datetime | None:
    """Give since when the active projection keeps history, from its ledger alone: Neo4j may be away."""
    from nexus_core.model.moments import moment
    from nexus_core.settings import Settings
    from nexus_core.store.database import open_store
    from nexus_core.store.ledger_place import ledger_url
    from nexus_core.store.projections import active_projection
    from nexus_core.store.retention import read_horizon

    settings = Settings.load()
    main = open_store(settings.store_url)
    try:
        row = await active_projection(main)
    finally:
        await main.dispose()
    ledger = open_store(ledger_url(settings.store_url, row.ledger))
    try:
        horizon = await read_horizon(ledger)
    finally:
        await ledger.dispose()
    return moment(horizon.valid_from) if horizon.valid_from else None


@asynccontextmanager
async def _log() -> AsyncIterator[EventLog]:
    from nexus_core.eventlog.opening import open_log
    from nexus_core.settings import Settings
    from nexus_core.store.database import open_store

    settings = Settings.load()
    store = open_store(settings.store_url)
    try:
        async with aclosing(await open_log(store, settings)) as log:
            yield log
    finally:
        await store.dispose()


async def _list(limit: int, with_events: bool) -> None:
    async with _log() as log:
        found = await log.dead_letters(limit)
    for envelope, reason in found:
        typer.echo(f"{envelope.accepted_at:%Y-%m-%d %H:%M:%S}  {envelope.id}\n    {reason}")
        if with_events:
            typer.echo(_json(envelope.event))
    typer.echo(f"{len(found)} events wait for a person." if found else "No event waits for a person.")


async def _list_discarded(limit: int) -> None:
    async with _log() as log:
        found = await log.discarded(limit)
    for envelope, reason, why in found:
        typer.echo(f"{envelope.accepted_at:%Y-%m-%d %H:%M:%S}  {envelope.id}\n    {reason}\n    discarded: {why}")
    typer.echo(f"{len(found)} events are discarded." if found else "No event is discarded.")


def _json(event: object) -> str:
    import orjson

    return orjson.dumps(event, option=orjson.OPT_INDENT_2).decode()
