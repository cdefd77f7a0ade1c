"""What lasts: merge lag under a steady stream, the rate of a replay, and the worker's memory over many events."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.events import runs
from benchmarks.load import post
from benchmarks.stack import Stack

EVENTS_A_MINUTE = 5000
SECONDS = 60
TABLES = 1000
BATCH = 500
MANY = 100_000

_LOOK_SECONDS = 0.5
_RATE = re.compile(r"^  [\d,]+ of [\d,]+ events, ([\d,]+)/s", re.MULTILINE)


def measure(stack: Stack) -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows of a stack that has merged the runs of `benchmarks.ingest`."""
    lags = _steady(stack)
    share = lags[int(0.95 * len(lags))]
    yield (
        f"{EVENTS_A_MINUTE} events a minute for {SECONDS} s: age of the oldest event that waits",
        f"p95 {share:.1f} s, at most {lags[-1]:.1f} s",
    )
    yield "memory of the worker", f"{stack.worker_mb():.0f} MiB RSS"


def measure_memory(stack: Stack, events: int = MANY) -> Iterator[tuple[str, str]]:
    """Give the worker's memory at each quarter of many events, then the rate at which a replay takes them all.

    A tenth of them is new lineage, the rest are runs that repeat it.
    """
    for quarter, memory in enumerate(memory_by_part(stack, events, parts=4), start=1):
        yield f"worker after {events * quarter // 4:,} events", f"{memory:.0f} MiB RSS"
    yield f"replay of these {events:,} events into a second Neo4j, from its cold start", f"{_replay(stack)} events/s"


def memory_by_part(stack: Stack, events: int, parts: int) -> Iterator[float]:
    """Send events in batches and give the worker's MiB after each of so many equal parts, once all are merged."""
    first = datetime.now(UTC) - timedelta(hours=6)
    rounds = max(events // (2 * TABLES), parts)
    for number in range(rounds):
        body = runs(TABLES, first + timedelta(milliseconds=1500 * number), f"many{number // 10}")
        _send(stack, body)
        if (number + 1) * parts % rounds < parts:
            stack.wait_merged()
            yield stack.worker_mb()


def _send(stack: Stack, events: list[bytes]) -> None:
    bodies = [b"[" + b",".join(events[n : n + BATCH]) + b"]" for n in range(0, len(events), BATCH)]
    while post(stack.url, "/api/v1/lineage/batch", stack.headers, bodies).refused:
        time.sleep(2)  # the backlog is full; what was accepted is known the second time


def _steady(stack: Stack) -> list[float]:
    """Send events at an even pace; gives the ages seen meanwhile, ascending."""
    now = datetime.now(UTC) - timedelta(minutes=5)
    events = runs(TABLES, now) + runs(TABLES, now + timedelta(minutes=1)) + runs(TABLES, now, "steady")
    a_second = EVENTS_A_MINUTE / 60
    lags: list[float] = []
    with ThreadPoolExecutor(1) as pool:
        wanted = events[: int(a_second * SECONDS)]
        sending = pool.submit(post, stack.url, "/api/v1/lineage", stack.headers, wanted, a_second)
        while not sending.done():
            lags.append(stack.metric("nexus_eventlog_oldest_pending_seconds"))
            time.sleep(_LOOK_SECONDS)
        sending.result()
    stack.wait_merged()
    return sorted(lags)


def _replay(stack: Stack) -> str:
    """Run `nexus replay` beside the stack; gives the rate that it tells in the end, the graph's part included."""
    command: list[str | Path] = [Path(sys.executable).parent / "nexus", "replay"]
    variables = os.environ | {"NEXUS_DATA_DIR": str(stack.folder)}
    said = subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout
    rates: list[str] = _RATE.findall(said)
    return rates[-1]
