"""The worker's memory stays where it is, however many events it has merged."""

from __future__ import annotations

import os
import time

import pytest

from benchmarks.stack import running
from benchmarks.steady import memory_by_part

EVENTS = int(os.environ.get("SOAK_EVENTS", "1000000"))
PARTS = 10
MOST_MB = 400
MOST_GROWTH = 1.15
"""From the half to the end."""

pytestmark = [pytest.mark.soak, pytest.mark.service, pytest.mark.timeout(4 * 3600)]


def test_memory_stays_flat_over_many_events() -> None:
    seen: list[float] = []
    with running() as stack:
        began = time.monotonic()
        for memory in memory_by_part(stack, EVENTS, PARTS):
            seen.append(memory)
            print(
                f"{EVENTS * len(seen) // PARTS:,} events, {time.monotonic() - began:.0f} s: {memory:.0f} MiB",
                flush=True,
            )
    assert max(seen) <= MOST_MB, seen
    assert seen[-1] <= seen[PARTS // 2 - 1] * MOST_GROWTH, seen
