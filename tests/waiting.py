"""Waits for a service that a test started."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from nexus_core.processes import Child

_WITHIN_S = 90.0


def wait_for(answers: Callable[[], bool], child: Child) -> None:
    """Wait until a service answers; fails when its process ends, or with time."""
    deadline = time.monotonic() + _WITHIN_S
    while True:
        try:
            if answers():
                return
        except httpx.TransportError:
            pass
        assert child.exit_code is None, child.why()
        assert time.monotonic() < deadline, child.why()
        time.sleep(0.2)
