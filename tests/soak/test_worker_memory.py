"""The worker's memory stays where it is, however many events it has merged."""

from __future__ import annotations

import os

import pytest

from benchmarks.stack import running
from benchmarks.steady import memory_by_quarter

EVENTS = int(os.environ.get("SOAK_EVENTS", "1000000"))
MOST_MB = 400

pytestmark = [pytest.mark.soak, pytest.mark.service, pytest.mark.timeout(4 * 3600)]


def test_memory_stays_flat_over_many_events() -> None:
    with running() as stack:
        quarters = list(memory_by_quarter(stack, EVENTS))
    assert max(quarters) <= MOST_MB, quarters
    assert quarters[-1] <= quarters[1] * 1.15, quarters
