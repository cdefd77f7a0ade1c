"""Producers: clients that send events until each is acknowledged, and note what the API promised."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

NAMESPACE = "postgres://drill.example:5432"
PRODUCER = "https://example.org/drill"
SKEWS = (timedelta(), timedelta(hours=-5), timedelta(days=3), timedelta(days=-6), timedelta(minutes=4))
"""How wrong the clocks of producers are, in turn."""

POISON_COLUMNS = 20_000
"""A statement that no parse process of `PARSE_MEMORY_MB` holds: it is acceptable, and can never be merged."""
PARSE_MEMORY_MB = 104

_ACCEPTED = (httpx.codes.OK, httpx.codes.CREATED)


def facet(**fields: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": "https://openlineage.io/spec/facets/1-0-0/Facet.json", **fields}


def run_events(client: int, index: int, dice: random.Random, shop: str = "shop") -> list[dict[str, Any]]:
    """START and end of one load: clients share sources and targets, columns change, some runs fail, some are late.

    Runs, jobs and tables of another shop are others.
    """
    columns = ["id", "amount", *(["extra"] if index // 12 % 2 else []), *(["note"] if index % 19 == 18 else [])]
    source, target = f"raw.s{index % 5}", f"core.t{client % 3}_{index % 4}"
    schema = {"schema": facet(fields=[{"name": name, "type": "int"} for name in columns])}
    began_at = datetime.now(UTC) + SKEWS[client % len(SKEWS)] - timedelta(seconds=dice.randrange(7200))
    job: dict[str, Any] = {"namespace": shop, "name": f"load_{client % 3}_{index % 4}", "facets": {}}
    output: dict[str, Any] = {"namespace": NAMESPACE, "name": f"{shop}.{target}", "facets": dict(schema)}
    if index % 2:
        listed = ", ".join(columns)
        sql = f"insert into {target} ({listed}) select {listed} from {source} where id > {index}"
        job["facets"]["sql"] = facet(query=sql, dialect="postgres")
    else:
        output["facets"]["columnLineage"] = facet(fields={name: _from(f"{shop}.{source}", name) for name in columns})
    event = {
        "producer": PRODUCER,
        "run": {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{shop}/{client}/{index}"))},
        "job": job,
        "inputs": [{"namespace": NAMESPACE, "name": f"{shop}.{source}", "facets": schema}],
    }
    end = {"eventType": "FAIL" if index % 11 == 7 else "COMPLETE", "outputs": [output]}
    return [
        {**event, "eventType": "START", "eventTime": began_at.isoformat(), "outputs": []},
        {**event, **end, "eventTime": (began_at + timedelta(seconds=dice.randrange(90))).isoformat()},
    ]


def _from(table: str, column: str) -> dict[str, Any]:
    return {"inputFields": [{"namespace": NAMESPACE, "name": table, "field": column}]}


def dataset_event(client: int, index: int, shop: str) -> dict[str, Any]:
    """A schema that a catalogue tells by itself, or that a table was dropped: later runs bring it back."""
    fields = [{"name": name, "type": ("int", "bigint")[index % 2]} for name in ("id", "amount", "extra")]
    named = {"namespace": NAMESPACE, "name": f"{shop}.raw.s{index % 5}", "facets": {"schema": facet(fields=fields)}}
    if index % 8 == 7:
        dropped = {"lifecycleStateChange": facet(lifecycleStateChange="DROP")}
        named |= {"name": f"{shop}.core.t{client % 3}_{index // 8 % 4}", "facets": dropped}
    at = datetime.now(UTC) + SKEWS[client % len(SKEWS)]
    return {"producer": PRODUCER, "eventTime": at.isoformat(), "dataset": named}


def poison(number: int) -> dict[str, Any]:
    """An event that costs the worker a parse process, and is for the dead letters."""
    listed = ", ".join(f"a{column}" for column in range(POISON_COLUMNS))
    sql = f"insert into core.boom{number} select {listed} from raw.s0"
    return {
        "eventType": "COMPLETE",
        "eventTime": datetime.now(UTC).isoformat(),
        "producer": PRODUCER,
        "run": {"runId": f"0190f8a0-0000-7000-9000-{number:012x}"},
        "job": {"namespace": "drill", "name": f"boom{number}", "facets": {"sql": facet(query=sql, dialect="postgres")}},
        "inputs": [],
        "outputs": [{"namespace": NAMESPACE, "name": f"shop.core.boom{number}", "facets": {}}],
    }


@dataclass
class Promises:
    """What the API answered: ids of acknowledged events, poison among them, and answers that it must never give.

    `failures` are requests without an answer, `refusals` those that were answered 503.
    """

    acknowledged: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    duplicates: int = 0
    requests: int = 0
    refusals: int = 0
    failures: int = 0


@dataclass
class Load:
    """Clients that send until `over`; a parcel that is under way then is still sent until it is acknowledged."""

    url: str
    headers: dict[str, str]
    seed: int
    pace: tuple[float, float]
    patience: float = 5  # seconds after which a client gives up on an answer
    shop: str = "shop"
    promises: Promises = field(default_factory=Promises)
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, number: int) -> None:
        dice, index = random.Random(f"{self.seed}:{number}"), 0
        with httpx.Client(base_url=self.url, headers=self.headers, timeout=self.patience) as http:
            while not self.over.is_set():
                for parcel in self._parcels(number, index, dice):
                    self._send(http, parcel, dice)
                index += 1
                time.sleep(dice.uniform(*self.pace))

    def _parcels(self, number: int, index: int, dice: random.Random) -> Iterator[list[dict[str, Any]]]:
        """Give what is sent in one request each: single events, batches, duplicates, now and then poison."""
        events = run_events(number, index, dice, self.shop)
        if index % 4 == 3:
            events.append(dataset_event(number, index, self.shop))
        if dice.random() < 0.3:
            dice.shuffle(events)
        if dice.random() < 0.3:
            yield [*events, *events[:1]]
        else:
            yield from ([event] for event in events)
        if dice.random() < 0.1:
            yield events[:1]  # it is there already
        if number == 0 and index in (5, 40):
            yield [poison(index)]

    def _send(self, http: httpx.Client, events: list[dict[str, Any]], dice: random.Random) -> None:
        deadline = time.monotonic() + 600
        while not self._is_acknowledged(http, events):
            assert time.monotonic() < deadline, "no answer in ten minutes"
            time.sleep(dice.uniform(0.05, 0.4))

    def _is_acknowledged(self, http: httpx.Client, events: list[dict[str, Any]]) -> bool:
        self.promises.requests += 1
        try:
            if len(events) == 1:
                answer = http.post("/api/v1/lineage", json=events[0])
            else:
                answer = http.post("/api/v1/lineage/batch", json=events)
        except httpx.TransportError:
            self.promises.failures += 1
            return False
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self.promises.refusals += 1
            if "Retry-After" not in answer.headers:
                self.promises.broken.append(f"503 without Retry-After: {answer.text[:200]}")
            return False
        if answer.status_code not in _ACCEPTED:
            self.promises.broken.append(f"{answer.status_code} {answer.text[:300]}")
            return True
        told = answer.json().get("results") or [{"status": answer.status_code, **answer.json()}]
        return self._note(events, told)

    def _note(self, events: list[dict[str, Any]], told: Sequence[dict[str, Any]]) -> bool:
        with self._lock:
            for event, result in zip(events, told, strict=True):
                if result["status"] in _ACCEPTED:
                    self.promises.acknowledged.add(result["id"])
                    self.promises.duplicates += result["status"] == httpx.codes.OK
                    if "job" in event and event["job"]["name"].startswith("boom"):
                        self.promises.poison.add(result["id"])
                elif result["status"] != httpx.codes.SERVICE_UNAVAILABLE:
                    self.promises.broken.append(str(result)[:300])
        return all(result["status"] in _ACCEPTED for result in told)

    def reader(self, number: int) -> None:
        """Ask for lineage all the time: an answer or an honest refusal, never a failure of ours."""
        dice = random.Random(f"{self.seed}:reader:{number}")
        with httpx.Client(base_url=self.url, headers=self.headers, timeout=self.patience) as http:
            while not self.over.is_set():
                name = f"{self.shop}.raw.s{dice.randrange(5)}"
                asked = {"namespace": NAMESPACE, "name": name, "granularity": "field", "direction": "both"}
                self.promises.requests += 1
                try:
                    answer = http.get("/api/v1/lineage/graph", params=asked)
                    self.promises.refusals += answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
                    if answer.status_code not in (200, 404, 503):
                        self.promises.broken.append(f"read: {answer.status_code} {answer.text[:300]}")
                except httpx.TransportError:
                    self.promises.failures += 1
                time.sleep(0.1)


@contextmanager
def load(
    url: str,
    headers: dict[str, str],
    seed: int,
    pace: tuple[float, float] = (0.1, 0.5),
    clients: int = 6,
    patience: float = 5,
    shop: str = "shop",
    promises: Promises | None = None,
) -> Iterator[Load]:
    """Run clients while the block runs, and then until they hold an acknowledgement for all that they sent.

    Each sends one run, waits so many seconds (at random within `pace`), and sends the next. What is promised is added
    to `promises`, if given.
    """
    running, readers = Load(url, headers, seed, pace, patience, shop, promises or Promises()), 1
    with ThreadPoolExecutor(clients + readers) as pool:
        tasks: list[Future[None]] = [pool.submit(running.client, number) for number in range(clients)]
        tasks += [pool.submit(running.reader, number) for number in range(readers)]
        try:
            yield running
        finally:
            running.over.set()
        for task in tasks:
            task.result()
