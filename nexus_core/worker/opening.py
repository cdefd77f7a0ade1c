"""Puts a worker together from settings."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial

from nexus_core.catalogue.record import record
from nexus_core.eventlog.log import EventLog
from nexus_core.eventlog.opening import open_log
from nexus_core.graph.connection import Graph, open_graph
from nexus_core.model.aliases import Aliases
from nexus_core.model.envelope import Envelope
from nexus_core.settings import Settings
from nexus_core.sql import ParsePool
from nexus_core.store.database import Store, open_store
from nexus_core.store.ledger import Ledger, Record
from nexus_core.worker.cache import Cache
from nexus_core.worker.datasets import Contents
from nexus_core.worker.lifecycle_source import Sources
from nexus_core.worker.loop import Worker
from nexus_core.worker.merge import Merger
from nexus_core.worker.statements import Parser, Statements

_EVENTS_KEPT = 2048
_PARSE_PROCESSES = 4


@asynccontextmanager
async def open_worker(settings: Settings) -> AsyncIterator[Worker]:
    """Give a worker on the store and graph of the settings, with parse processes of its own; closes all in the end."""
    store = open_store(settings.store_url)
    worker = settings.worker
    processes = worker.parse_processes or min(os.cpu_count() or 1, _PARSE_PROCESSES)
    parser = ParsePool(worker.parse_seconds, worker.parse_memory_mb, processes)
    try:
        async with open_graph(settings.graph) as graph, parser, aclosing(await open_log(store, settings)) as log:
            yield Worker(store, make_merger(store, log, graph, parser), worker.batch_events)
    finally:
        await store.dispose()


def make_merger(store: Store, log: EventLog, graph: Graph, parser: Parser) -> Merger:
    """Give a merger with empty caches."""
    return Merger(log, Ledger(store), graph, Statements(parser), _record, Contents(), Cache(_EVENTS_KEPT), Sources())


def _record(envelopes: Sequence[Envelope], aliases: Aliases) -> Record:
    return partial(record, envelopes=envelopes, aliases=aliases)
