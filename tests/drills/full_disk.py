"""The drill of a full disk under a log, whatever keeps it."""

from __future__ import annotations

import random
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from tests.drills.disk import fill
from tests.drills.estate import Estate, wait_for
from tests.drills.load import Promises, run_events
from tests.drills.verdict import judge

_REFUSALS = 10
_PADDING = "x" * 60_000


def refuses_and_recovers(estate: Estate, disk: Path) -> None:
    """Fill the disk under load: the API refuses with 503 and nothing else, and accepts again once there is room."""
    promises, numbers = Promises(), count()
    with httpx.Client(base_url=estate.url, headers=estate.admin, timeout=60) as http:
        for _ in range(5):
            assert _send(http, _event(next(numbers)), promises)
        estate.wait_until_merged()
        ballast = fill(disk)
        refused: list[dict[str, Any]] = []
        while len(refused) < _REFUSALS:
            event = _event(next(numbers))
            refused += [] if _send(http, event, promises) else [event]
        ballast.unlink()
        wait_for(lambda: _send(http, refused[0], promises), 60, estate.told)
        for event in refused[1:]:
            assert _send(http, event, promises)
    estate.wait_until_ready()
    estate.wait_until_merged()
    judge(estate, promises)


def _event(number: int) -> dict[str, Any]:
    padded = {"pad": {"_producer": "https://example.org", "_schemaURL": "https://example.org", "text": _PADDING}}
    event = run_events(number % 3, number, random.Random(number))[number % 2]
    return {**event, "run": {**event["run"], "facets": padded}}


def _send(http: httpx.Client, event: dict[str, Any], promises: Promises) -> bool:
    answer = http.post("/api/v1/lineage", json=event)
    assert answer.status_code in (200, 201, 503), answer.text
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        assert "Retry-After" in answer.headers
        return False
    promises.acknowledged.add(answer.json()["id"])
    return True
