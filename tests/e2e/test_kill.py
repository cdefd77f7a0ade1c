"""kill -9 of the API and the worker at random moments: nothing acknowledged is lost, and the graph is the same."""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
import threading
import time
from collections.abc import Sized
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.processes import running
from nexus_core.settings import Settings
from tests import services
from tests.drills.estate import prepare_store

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

NAMESPACE = "postgres://kill.example:5432"
PRODUCER = "https://example.org/kill"
CLIENTS = 8
STORM_S = 8.0  # at least; a slow machine needs longer for so many kills, then for so many events
LEAST_KILLS, LEAST_EVENTS = 4, 51
BETWEEN_KILLS_S = (0.5, 2.0)
PAUSE_S = 0.1  # between events of one client: the clean run takes them all, too


def facet(**fields: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": "https://openlineage.io/spec/facets/1-0-0/Facet.json", **fields}


def event(client: int, index: int) -> dict[str, Any]:
    """One load of a table: clients share sources, and each rewrites its targets with other columns now and then."""
    columns = ["id", "amount", *(["extra"] if index % 3 else [])]
    source, target = f"raw.s{index % 5}", f"core.t{client}_{index % 4}"
    schema = {"schema": facet(fields=[{"name": name, "type": "int"} for name in columns])}
    listed = ", ".join(columns)
    sql = f"insert into {target} ({listed}) select {listed} from {source}"
    return {
        "eventType": "COMPLETE",
        "eventTime": f"2026-01-{1 + index // 1440 % 28:02}T{index // 60 % 24:02}:{index % 60:02}:00Z",
        "producer": PRODUCER,
        "run": {"runId": f"0190f8a0-0000-7000-8000-{client:04x}{index:08x}"},
        "job": {
            "namespace": "kill",
            "name": f"load_{client}_{index % 4}",
            "facets": {"sql": facet(query=sql, dialect="postgres")},
        },
        "inputs": [{"namespace": NAMESPACE, "name": f"shop.{source}", "facets": schema}],
        "outputs": [{"namespace": NAMESPACE, "name": f"shop.{target}", "facets": schema}],
    }


def send(nexus: services.Nexus, number: int, over: threading.Event, acknowledged: list[dict[str, Any]]) -> None:
    """Send event after event until the storm is over; each is sent until it is answered, as producers do."""
    with httpx.Client(base_url=nexus.url, headers=nexus.admin, timeout=10) as http:
        for index in itertools.count():
            body = event(number, index)
            while not is_accepted(http, body):
                time.sleep(0.2)
            acknowledged.append(body)
            if over.wait(PAUSE_S):
                return


def is_accepted(http: httpx.Client, body: dict[str, Any]) -> bool:
    try:
        answer = http.post("/api/v1/lineage", json=body)
    except httpx.TransportError:
        return False
    assert answer.status_code in (200, 201, 503), answer.text
    return answer.status_code != httpx.codes.SERVICE_UNAVAILABLE


def kill_at_random(nexus: services.Nexus) -> None:
    dice, killed_count, end = random.Random(7), 0, time.monotonic() + STORM_S
    while time.monotonic() < end or killed_count < LEAST_KILLS:
        time.sleep(dice.uniform(*BETWEEN_KILLS_S))
        process = running(nexus.data / "run" / f"{dice.choice(['api', 'worker'])}.pid")
        if process is not None:
            process.kill()
            killed_count += 1


def wait_for(acknowledged: Sized, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while len(acknowledged) < LEAST_EVENTS:
        assert time.monotonic() < deadline, f"{len(acknowledged)} events accepted in {seconds} s after the last kill"
        time.sleep(PAUSE_S)


def wait_until_merged(nexus: services.Nexus, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if "nexus_eventlog_lag_events 0.0" in httpx.get(f"{nexus.url}/metrics", timeout=10).text:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"not merged in time\n{nexus.output.read_text()}")


def test_every_acknowledged_event_is_in_the_graph_after_kills(tmp_path: Path) -> None:
    asyncio.run(prepare_store(Settings.load(data_dir=tmp_path / "clean")))
    shutil.copytree(tmp_path / "clean", tmp_path / "storm")  # the same account, hence the same ids of events
    over, sent = threading.Event(), list[dict[str, Any]]()
    with services.nexus(tmp_path / "storm", **services.BRIEF_JAVA) as nexus, ThreadPoolExecutor(CLIENTS) as clients:
        sending = [clients.submit(send, nexus, number, over, sent) for number in range(CLIENTS)]
        try:
            kill_at_random(nexus)
            wait_for(sent)
        finally:
            over.set()
        for each in sending:
            each.result()
        wait_until_merged(nexus)
        stormy = services.nexus_command("graph", "hash", data=nexus.data)
    with services.nexus(tmp_path / "clean", **services.BRIEF_JAVA) as nexus:
        for start in range(0, len(sent), 500):
            answer = httpx.post(
                f"{nexus.url}/api/v1/lineage/batch", json=sent[start : start + 500], headers=nexus.admin, timeout=60
            )
            assert {result["status"] for result in answer.json()["results"]} == {201}
        wait_until_merged(nexus)
        clean = services.nexus_command("graph", "hash", data=nexus.data)
    assert stormy == clean
