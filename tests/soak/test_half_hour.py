"""Half an hour of 5,000 events a minute with reads, while one thing after another fails.

`SOAK_MINUTES=2 SOAK_EVENTS_A_MINUTE=500 pytest tests/soak/test_half_hour.py -s` tries it for shorter with less. One API
and one worker are never killed: their memory must stay flat. Everything else dies, restarts or is cut off in turn.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from nexus_core.eventlog.opening import open_log
from nexus_core.store.database import open_store
from tests import services
from tests.drills.estate import Estate, estate
from tests.drills.network import Cut
from tests.drills.processes import Nexus, neo4j
from tests.drills.rolling import Fleet, fleet
from tests.drills.steady import Steady, percentile, steady
from tests.drills.storm import Fault, cut, killed, reset

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
EVENTS_A_MINUTE = float(os.environ.get("SOAK_EVENTS_A_MINUTE", "5000"))
MOST_SECONDS = 0.5
MOST_GROWTH = 1.15
FAULT_EVERY = 60.0
LOOK_EVERY = 2.0

pytestmark = [pytest.mark.soak, pytest.mark.service, pytest.mark.timeout(MINUTES * 60 + 3600)]


def test_half_an_hour_of_load_and_faults(tmp_path: Path) -> None:
    with (
        services.postgresql() as store,
        neo4j(tmp_path) as graph,
        estate(tmp_path / "estate", graph, store) as drilled,
        fleet(drilled) as running,
    ):
        with steady(drilled.url, drilled.admin, EVENTS_A_MINUTE) as sent:
            memory = endure(drilled, faults(drilled, running), MINUTES * 60)
        ended = time.monotonic()
        drilled.wait_until_merged(1200)
        told(sent, memory, time.monotonic() - ended)
        assert not sent.promises.broken, sent.promises.broken[:5]
        assert asyncio.run(lost(drilled, sent.promises.acknowledged)) == 0
        assert percentile([read.seconds for read in sent.reads if read.status == 200], 0.95) < MOST_SECONDS
        for name, seen in memory.items():
            middle, end = seen[len(seen) // 2 : -len(seen) // 4 or None], seen[-len(seen) // 4 :]
            assert max(end) <= max(middle) * MOST_GROWTH, (name, seen[:: max(1, len(seen) // 20)])


def faults(drilled: Estate, running: Fleet) -> Iterator[Fault]:
    """Give one fault after another, for ever; what is killed is not what survives."""
    assert drilled.store is not None
    assert drilled.store_network is not None
    mortal = list(running.apis.values())[-1]
    yield from itertools.cycle(
        (
            killed("worker 1", drilled.workers[1]),
            killed("an API", mortal),
            cut("Neo4j", drilled.graph_network, Cut.LOST, (3.0, 6.0)),
            killed("PostgreSQL", drilled.store),
            cut("the API", drilled.api_network, Cut.DEAF, (1.0, 3.0)),
            killed("Neo4j", drilled.neo4j),
            cut("PostgreSQL", drilled.store_network, Cut.STALLED, (3.0, 6.0)),
            reset("the API", drilled.api_network),
        )
    )


def endure(drilled: Estate, given: Iterator[Fault], seconds: float) -> dict[str, list[float]]:
    """Let a fault happen each minute; gives the MiB of the processes that survive, over time."""
    survivors, memory = {"api": drilled.api, "worker": drilled.workers[0]}, defaultdict(list)
    began = time.monotonic()
    due = began + min(FAULT_EVERY, seconds / 4)
    while (now := time.monotonic()) < began + seconds:
        if now >= due:
            happen(next(given), now - began)
            due += min(FAULT_EVERY, seconds / 4)
        for name, process in survivors.items():
            memory[name].append(mebibytes(process))
        time.sleep(LOOK_EVERY)
    return memory


def happen(fault: Fault, at: float) -> None:
    print(f"{at:6.0f} s  {fault.name}", flush=True)
    fault.begin()
    try:
        time.sleep(sum(fault.lasts) / 2)
    finally:
        fault.end()


def mebibytes(process: Nexus) -> float:
    """Resident memory of a process without its children, whose size is that of the statements that they parse."""
    assert process.process is not None
    return float(psutil.Process(process.process.pid).memory_info().rss / 2**20)


async def lost(drilled: Estate, acknowledged: set[str]) -> int:
    """Count acknowledged events that the log does not have, or that went to the dead letters."""
    store = open_store(drilled.settings.store_url)
    try:
        log = await open_log(store, drilled.settings)
        ids, found = sorted(acknowledged), 0
        for start in range(0, len(ids), 1000):
            found += len(await log.read(ids[start : start + 1000]))
        dead = await log.dead_letters(1000)
        await log.aclose()
    finally:
        await store.dispose()
    return len(acknowledged) - found + len(dead)


def told(sent: Steady, memory: dict[str, list[float]], merging: float) -> None:
    """Print what docs/benchmarks.md tells: rates, waiting times by minute, answers that failed, memory."""
    promises, answered = sent.promises, [read for read in sent.reads if read.status == 200]
    by_minute: dict[int, list[float]] = defaultdict(list)
    for read in answered:
        by_minute[int(read.at // 60)].append(read.seconds)
    count, again = len(promises.acknowledged), promises.duplicates
    print(f"{count} acknowledged, {again} of them sent again, merged {merging:.0f} s later")
    print(f"{promises.requests} requests, {promises.failures} without an answer, {promises.refusals} refused")
    print(f"{len(sent.reads)} reads, {len(sent.reads) - len(answered)} without lineage")
    for share in (0.5, 0.95, 0.99):
        print(f"p{share * 100:.0f} of reads: {percentile([read.seconds for read in answered], share) * 1000:.0f} ms")
    print("p95 by minute:", " ".join(f"{percentile(seen, 0.95) * 1000:.0f}" for _, seen in sorted(by_minute.items())))
    for name, seen in memory.items():
        print(f"{name}: " + " ".join(f"{each:.0f}" for each in seen[:: max(1, len(seen) // 12)]) + " MiB")
