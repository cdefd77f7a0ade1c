"""What `nexus replay` does, on the store and the graphs of the settings."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import typer

from nexus_core.cli.graphs import remove_graph, running_graphs
from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.opening import open_log
from nexus_core.graph.embedded.wanted import FIRST
from nexus_core.projection.making import prepare_ledger, projection_to_build, remove_projection, take_graph
from nexus_core.projection.opening import open_projection
from nexus_core.settings import Settings
from nexus_core.sql import DERIVATION_VERSION
from nexus_core.store.database import Store, open_store
from nexus_core.store.projections import Projection, State, active_projection, projections
from nexus_core.store.taken import left_out
from nexus_core.worker.opening import open_parser
from nexus_core.worker.replay import Comparison, Replay

_SHOWN = 5
_ALL_MOVED_S = 1.0  # every API looks more often than that


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for; `place` is URI, user and password reference of the second Neo4j, empty for an embedded."""

    place: tuple[str, str, str]
    until: datetime | None
    switch: bool
    back: bool
    accept_difference: bool


async def run_replay(settings: Settings, options: Options) -> bool:
    """Catch up, compare, and switch if asked; False if the graphs differ and that was not accepted."""
    async with _store(settings) as main:
        active = await active_projection(main)
        target = await (_kept(main) if options.back else _to_build(settings, main, options))
        with running_graphs(settings, [name for row in (active, target) if (name := embedded_name(settings, row))]):
            await prepare_ledger(settings, target)
            await take_graph(settings, main, target)
            async with _replay(settings, main, active, target) as replay:
                typer.echo(f"Replaying into projection {target.id} ({_place(settings, target)}).")
                sys.stdout.flush()  # else it is buffered in a log
                await replay.catch_up(_Progress().tell)
                await _tell_left_out(replay)
                if options.until is not None:
                    typer.echo(f"Projection {target.id} holds what was known at {options.until:%Y-%m-%d %H:%M:%S%z}.")
                    return True
                return await _finish(replay, options)


async def run_discard(settings: Settings) -> None:
    """Remove the projection that a replay began, else the oldest one that is kept."""
    async with _store(settings) as main:
        order = {State.DISCARDED: 0, State.NEW: 1, State.BUILDING: 1, State.READY: 1, State.KEPT: 2}
        rows = [row for row in await projections(main) if row.state in order]
        if not rows:
            raise ConfigurationError("There is no projection but the active one", "See `nexus graph list`")
        row = min(rows, key=lambda row: (order[row.state], row.epoch))
        name = embedded_name(settings, row)
        await remove_projection(settings, main, row, empties_graph=name is None)
        if name is not None:
            remove_graph(settings, name)
        typer.echo(f"Projection {row.id} ({_place(settings, row)}) is removed.")


def embedded_name(settings: Settings, row: Projection) -> str | None:
    """Give the folder of a projection's embedded Neo4j, None if its Neo4j is given by URI."""
    if "://" in row.graph or (not row.graph and settings.graph.uri is not None):
        return None
    return row.graph or FIRST


async def _finish(replay: Replay, options: Options) -> bool:
    if not options.switch:
        found = await replay.compare()
        typer.echo(_verdict(found, replay))
        if found.is_equal:
            typer.echo("`nexus replay --switch` reads from it.")
        return found.is_equal
    found = await replay.switch(accept_difference=options.accept_difference)
    typer.echo(_verdict(found, replay))
    if not found.is_equal and not options.accept_difference:
        typer.echo(
            f"Nothing is switched. `nexus graph diff {replay.active.row.id} {replay.target.row.id}` shows where they "
            "differ; `--accept-difference` switches all the same."
        )
        return False
    await asyncio.sleep(_ALL_MOVED_S)
    typer.echo(f"Projection {replay.target.row.id} is read now; `nexus replay --back` reads from the former again.")
    return True


def _verdict(found: Comparison, replay: Replay) -> str:
    if found.is_equal:
        return f"Both graphs hash to {found.active}."
    versions = {replay.active.row.derivation_version, replay.target.row.derivation_version}
    why = "their derivation versions differ" if len(versions) > 1 else "though both rest on the same version"
    return f"The graphs differ, {why}: {found.active} is read, {found.target} is new."


async def _tell_left_out(replay: Replay) -> None:
    for event_id, reason in await left_out(replay.target.store, _SHOWN):
        typer.echo(f"Left out: {event_id}\n    {reason}")


async def _kept(main: Store) -> Projection:
    kept = [row for row in await projections(main) if row.state is State.KEPT]
    if not kept:
        raise ConfigurationError("No former projection is kept", "See `nexus graph list`")
    return max(kept, key=lambda row: row.epoch)


async def _to_build(settings: Settings, main: Store, options: Options) -> Projection:
    if settings.graph.uri is not None and not options.place[0]:
        raise ConfigurationError("NEXUS_GRAPH__URI names a Neo4j of yours", "Name a second, empty one with --into URI")
    return await projection_to_build(settings, main, options.place, options.until, DERIVATION_VERSION)


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[Store]:
    main = open_store(settings.store_url)
    try:
        yield main
    finally:
        await main.dispose()


@asynccontextmanager
async def _replay(settings: Settings, main: Store, active: Projection, target: Projection) -> AsyncIterator[Replay]:
    opened = [open_projection(settings, main, row) for row in (active, target)]
    try:
        async with open_parser(settings) as parser, aclosing(await open_log(main, settings)) as log:
            yield Replay.of(main, log, parser, *opened)
    finally:
        for projection in opened:
            await projection.close()


def _place(settings: Settings, row: Projection) -> str:
    return embedded_name(settings, row) or row.graph or settings.graph.uri or ""


class _Progress:
    """Tells the state and the rate since the start."""

    def __init__(self) -> None:
        self._began, self._first = time.monotonic(), -1

    def tell(self, done: int, total: int) -> None:
        """Print a line."""
        if self._first < 0:
            self._first = done
        seconds = time.monotonic() - self._began
        rate = (done - self._first) / seconds if seconds > 1 else 0.0
        typer.echo(f"  {done:,} of {total:,} events" + (f", {rate:,.0f}/s" if rate else ""))
        sys.stdout.flush()
