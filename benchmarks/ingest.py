"""Ingestion: accepted and merged events a second, and CPU an event over all processes, Neo4j included."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from benchmarks.events import runs
from benchmarks.load import Load, post
from benchmarks.stack import Stack

TABLES = 1000
BATCH = 500
WARMING = 4
"""Rounds of new lineage, until Java's compilers have little left to do: they took half of the CPU before."""
TIMES = 3
"""Rounds that are measured then: a shared machine is faster and slower by a third within a minute."""


def measure(stack: Stack) -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    now = datetime.now(UTC) - timedelta(hours=2)
    before = runs(TABLES, now, "before")
    yield from _rows("the first events of a new installation", stack, len(before), lambda: _one_by_one(stack, before))
    first, repeated = runs(TABLES, now), runs(TABLES, now + timedelta(hours=1))
    yield from _rows("one by one, new lineage", stack, len(first), lambda: _one_by_one(stack, first))
    yield from _rows("one by one, nothing changes", stack, len(repeated), lambda: _one_by_one(stack, repeated))
    batches = runs(TABLES, now + timedelta(minutes=90))
    yield from _rows(f"batches of {BATCH}, nothing changes", stack, len(batches), lambda: _batched(stack, batches))
    for number in range(WARMING):
        _one_by_one(stack, runs(TABLES, now, f"warming{number}"))
        stack.wait_merged()
    for number in range(TIMES):
        later = runs(TABLES, now, f"later{number}")
        title = f"one by one, new lineage after {2 * TABLES * (WARMING + 4 + number):,} events"
        yield from _rows(title, stack, len(later), partial(_one_by_one, stack, later))
    yield "memory of all processes", f"{stack.pss_mb():.0f} MiB PSS"


def _one_by_one(stack: Stack, events: list[bytes]) -> Load:
    """Send events of runs, each run's START and then its COMPLETE by one client, as an emitter does."""
    return post(stack.url, "/api/v1/lineage", stack.headers, events, in_row=2)


def _batched(stack: Stack, events: list[bytes]) -> Load:
    bodies = [b"[" + b",".join(events[n : n + BATCH]) + b"]" for n in range(0, len(events), BATCH)]
    return post(stack.url, "/api/v1/lineage/batch", stack.headers, bodies)


def _rows(title: str, stack: Stack, count: int, send: Callable[[], Load]) -> Iterator[tuple[str, str]]:
    before = stack.cpu_by_part()
    load = send()
    stack.wait_merged()
    merged_s, after = time.perf_counter() - load.began, stack.cpu_by_part()
    if load.refused:
        raise RuntimeError(f"{load.refused} requests were refused")
    yield f"{title}: accepted", f"{count / load.wall_s:.0f} events/s (p95 {load.percentile_ms(0.95):.0f} ms)"
    yield f"{title}: accepted and merged", f"{count / merged_s:.0f} events/s"
    spent = {part: (after[part] - before[part]) / count * 1000 for part in after}
    parts = ", ".join(f"{part} {ms:.2f}" for part, ms in spent.items())
    yield (
        f"{title}: CPU",
        f"{sum(spent.values()):.2f} ms an event ({parts}; beside them the generator {load.cpu_s / count * 1000:.2f})",
    )
