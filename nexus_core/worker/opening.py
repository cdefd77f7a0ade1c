"""Puts a worker together from settings, on the active projection, and moves it to another one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial

import structlog

from nexus_core.catalogue import record as catalogue
from nexus_core.classification.step import Classification
from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.eventlog.log import Unmerged
from nexus_core.eventlog.opening import open_log
from nexus_core.graph.connection import Graph
from nexus_core.model.aliases import Aliases
from nexus_core.model.envelope import Envelope
from nexus_core.projection.opening import open_projection
from nexus_core.quality import recording as quality
from nexus_core.settings import Settings
from nexus_core.sql import DERIVATION_VERSION, ParsePool
from nexus_core.store.database import Store, open_store
from nexus_core.store.ledger import Ledger, Record
from nexus_core.store.projections import Projection, active_projection, note_projection
from nexus_core.store.taken import count_taken, note_taken
from nexus_core.store.usage import USAGE_DAYS
from nexus_core.trends.proxied import ServedSource
from nexus_core.worker.cache import Cache
from nexus_core.worker.datasets import Contents
from nexus_core.worker.lifecycle_source import Sources
from nexus_core.worker.loop import Worker
from nexus_core.worker.merge import Merger
from nexus_core.worker.statements import Parser, Statements
from nexus_core.worker.steward import Steward

_EVENTS_KEPT = 2048
_PARSE_PROCESSES = 4
_LOOK_SECONDS = 0.5

_log = structlog.get_logger()


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Feed the active projection until told to stop; follows a switch, and steps aside while it is paused."""
    main = open_store(settings.store_url)
    try:
        await active_projection(main)  # a store that was never there is told, not waited for
        async with open_parser(settings) as parser:
            while not stop.is_set():
                try:
                    row = await active_projection(main)
                    if not row.is_paused:
                        await _feed(settings, main, row, parser, stop)
                        continue
                except UnavailableError as error:
                    _log.warning("merging waits", reason=str(error), seconds=_LOOK_SECONDS)
                await asyncio.sleep(_LOOK_SECONDS)
    finally:
        await main.dispose()


async def _feed(settings: Settings, main: Store, row: Projection, parser: Parser, stop: asyncio.Event) -> None:
    projection = open_projection(settings, main, row)
    leave = asyncio.Event()
    watching = asyncio.create_task(_watch(main, row, stop, leave))
    try:
        await _note_version(main, row, projection.store)
        async with aclosing(await open_log(main, settings, row.epoch)) as log:
            merger = make_merger(projection.store, log, projection.graph, parser, settings.worker.usage_days)
            classes = Classification(main, projection.store, log, row.id)
            steward = Steward(main, projection.store, projection.graph, _served(settings))
            worker = Worker(
                projection.store, merger, settings.worker.batch_events, classifying=classes, stewarding=steward
            )
            await worker.run(leave)
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        await projection.close()


def _served(settings: Settings) -> dict[str, ServedSource]:
    """Give the sources that masking proxies serve; whoever serves none needs no driver of theirs.

    Merging does not end for sources that cannot be read: reads of them are not counted then.
    """
    if not settings.proxy.sources:
        return {}
    try:
        from nexus_core.masking.sources import sources_of

        return {name: ServedSource(each.namespace, each.database) for name, each in sources_of(settings).items()}
    except (ConfigurationError, ModuleNotFoundError) as error:
        _log.warning("reads through the masking proxy are not counted", reason=str(error))
        return {}


async def _watch(main: Store, row: Projection, stop: asyncio.Event, leave: asyncio.Event) -> None:
    """Set `leave` once the worker is to stop, or to feed another projection, or none for a while."""
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stopping.done():
            await asyncio.wait([stopping], timeout=_LOOK_SECONDS)
            try:
                now = await active_projection(main)
            except UnavailableError as error:
                _log.warning("the active projection is not known", reason=str(error))
                continue
            if now.is_paused or (now.id, now.epoch) != (row.id, row.epoch):
                _log.info("leaving the projection", projection=row.id, active=now.id, paused=now.is_paused)
                break
    finally:
        stopping.cancel()
        leave.set()


async def _note_version(main: Store, row: Projection, ledger: Store) -> None:
    """Note which derivations a projection rests on; "" once it is more than one version, or unknown."""
    if row.derivation_version == DERIVATION_VERSION:
        return
    version = DERIVATION_VERSION if not row.derivation_version and not await count_taken(ledger) else ""
    if version != row.derivation_version:
        await note_projection(main, row.id, derivation_version=version)


@asynccontextmanager
async def open_parser(settings: Settings) -> AsyncIterator[Parser]:
    """Give parse processes, and end them."""
    worker = settings.worker
    processes = worker.parse_processes or min(os.cpu_count() or 1, _PARSE_PROCESSES)
    async with ParsePool(worker.parse_seconds, worker.parse_memory_mb, processes) as parser:
        yield parser


def make_merger(store: Store, log: Unmerged, graph: Graph, parser: Parser, usage_days: int = USAGE_DAYS) -> Merger:
    """Give a merger with empty caches."""
    return Merger(
        log,
        Ledger(store),
        graph,
        Statements(parser),
        _records,
        Contents(),
        Cache(_EVENTS_KEPT),
        Sources(),
        usage_days=usage_days,
    )


def _records(envelopes: Sequence[Envelope], aliases: Aliases) -> list[Record]:
    return [
        partial(note_taken, envelopes=envelopes),
        catalogue.record_of(envelopes, aliases),
        quality.record_of(envelopes),
    ]
