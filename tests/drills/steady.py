"""A steady load for hours: a warehouse's events at an even pace, and readers whose waiting times are noted."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import orjson

from benchmarks.events import NAMESPACE, run, table
from tests.drills.load import Load

TABLES = 1000
ROUNDS_OF_A_DATABASE = 10
"""Runs of all jobs after which a new database begins: a tenth of the events is new lineage."""


@dataclass(frozen=True)
class Read:
    """One question about lineage: seconds since the load began, how long it took, and its status, 0 for no answer."""

    at: float
    seconds: float
    status: int


@dataclass
class Steady(Load):
    """Clients that send so many events a minute together, and more after an outage, until they have caught up."""

    events_a_minute: float = 5000
    clients: int = 6
    reads: list[Read] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def client(self, number: int) -> None:
        """Send the runs that fall to this client, each when it is due; START and COMPLETE are two events."""
        dice, every = random.Random(number), 60 / (self.events_a_minute / 2)
        with httpx.Client(base_url=self.url, headers=self.headers, timeout=10) as http:
            index = number
            while not self.over.wait(max(0.0, self.began + index * every - time.monotonic())):
                database = f"shop{index // TABLES // ROUNDS_OF_A_DATABASE}"
                for event in run(index % TABLES, datetime.now(UTC), database):
                    self._send(http, [orjson.loads(event)], dice)
                index += self.clients

    def reader(self, number: int) -> None:
        """Ask for the lineage of one table after another, five times a second."""
        dice = random.Random(number)
        with httpx.Client(base_url=self.url, headers=self.headers, timeout=10) as http:
            while not self.over.wait(0.2):
                asked = {"namespace": NAMESPACE, "name": table(dice.randrange(TABLES), "shop0"), "depth": "10"}
                self.reads.append(self._read(http, asked))

    def _read(self, http: httpx.Client, asked: dict[str, str]) -> Read:
        began = time.monotonic()
        try:
            status = http.get("/api/v1/lineage/graph", params=asked).status_code
        except httpx.TransportError:
            status = 0
        if status not in (0, 200, 404, 503):
            self.promises.broken.append(f"read: {status}")
        return Read(began - self.began, time.monotonic() - began, status)


@contextmanager
def steady(url: str, headers: dict[str, str], events_a_minute: float = 5000, readers: int = 2) -> Iterator[Steady]:
    """Run clients and readers while the block runs, and then until every event that was begun is acknowledged."""
    running = Steady(url, headers, 1, (0, 0), events_a_minute=events_a_minute)
    with ThreadPoolExecutor(running.clients + readers) as pool:
        tasks: list[Future[None]] = [pool.submit(running.client, number) for number in range(running.clients)]
        tasks += [pool.submit(running.reader, number) for number in range(readers)]
        try:
            yield running
        finally:
            running.over.set()
        for task in tasks:
            task.result()


def percentile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
