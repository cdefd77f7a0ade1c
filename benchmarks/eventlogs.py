"""The event logs by themselves, in turns: events a second that SQLite and Kafka take durably and hand to a worker.

Kafka is a broker of its own on this machine (tests/kafka_broker.py), its index a SQLite store; both logs seal what they
must. `python -m benchmarks eventlogs` runs it.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime
from pathlib import Path

import orjson

from benchmarks.events import runs
from nexus_core.eventlog.log import EventLog
from nexus_core.eventlog.opening import open_log
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.events.identity import event_id
from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.settings import EventLogSettings, Settings
from nexus_core.store.database import open_store
from nexus_core.store.migration import migrate
from tests import services
from tests.kafka_broker import Kafka

CLIENTS = 8
BATCH = 500
ROUND = 256  # events of one round of a worker
TURNS = 5
TABLES = 500  # of one turn: 1,000 events


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    with services.kafka() as broker, tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        for what, rates in asyncio.run(_measure(broker, Path(folder))).items():
            yield what, f"{statistics.median(rates):.0f} events/s ({min(rates):.0f} to {max(rates):.0f})"


async def _measure(broker: Kafka, folder: Path) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = defaultdict(list)
    async with AsyncExitStack() as stack:
        logs = {kind: await _open(stack, _settings(kind, folder, broker)) for kind in ("sql", "kafka")}
        for turn in range(TURNS):
            single, batched = _envelopes(2 * turn), _envelopes(2 * turn + 1)
            for kind, log in logs.items():
                rates[f"{kind} log, one a call, {CLIENTS} clients"].append(await _append(log, single, 1))
                rates[f"{kind} log, batches of {BATCH}"].append(await _append(log, batched, BATCH))
                rates[f"{kind} log, handed out and marked merged"].append(await _drain(log))
    return rates


def _settings(kind: str, folder: Path, broker: Kafka) -> Settings:
    given = {} if kind == "sql" else {"bootstrap_servers": broker.bootstrap}
    log = EventLogSettings(kind=kind, replication_factor=1, min_insync_replicas=1, **given)
    return Settings(data_dir=folder / kind, eventlog=log)


async def _open(stack: AsyncExitStack, settings: Settings) -> EventLog:
    settings.data_dir.mkdir()
    await migrate(settings.store_url)
    store = open_store(settings.store_url)
    stack.push_async_callback(store.dispose)
    return await stack.enter_async_context(aclosing(await open_log(store, settings)))


def _envelopes(turn: int) -> list[Envelope]:
    now, authority = datetime.now(UTC), Authority(jobs=("*",), outputs=("*",))
    events = [orjson.loads(event) for event in runs(TABLES, datetime.fromtimestamp(turn * 10_000, UTC))]
    return [Envelope(event_id("bench", event), "bench", authority, now, now, EventKind.RUN, event) for event in events]


async def _append(log: EventLog, envelopes: Sequence[Envelope], batch: int) -> float:
    """Store events by several clients; gives events a second."""
    calls = iter([envelopes[start : start + batch] for start in range(0, len(envelopes), batch)])

    async def client() -> None:
        for call in calls:
            await log.append(call)

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return len(envelopes) / (time.perf_counter() - began)


async def _drain(log: EventLog) -> float:
    """Take and mark what is pending, as a worker does."""
    count, began = 0, time.perf_counter()
    while envelopes := await log.pending(ALL_PARTITIONS, ROUND):
        await log.mark_merged([envelope.id for envelope in envelopes])
        count += len(envelopes)
    return count / (time.perf_counter() - began)
