"""kill -9 of the API and the worker at random moments: nothing acknowledged is lost, and the graph is the same."""

from __future__ import annotations

import random
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests import services

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

NAMESPACE = "postgres://kill.example:5432"
PRODUCER = "https://example.org/kill"
CLIENTS = 8
STORM_S = 8.0
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


def acknowledged(nexus: services.Nexus, number: int, over: threading.Event) -> list[dict[str, Any]]:
    """Send event after event until the storm is over; each is sent until it is answered, as producers do."""
    sent: list[dict[str, Any]] = []
    with httpx.Client(base_url=nexus.url, headers=nexus.admin, timeout=10) as http:
        while not over.is_set():
            body = event(number, len(sent))
            while not is_accepted(http, body):
                time.sleep(0.2)
            sent.append(body)
            time.sleep(PAUSE_S)
    return sent


def is_accepted(http: httpx.Client, body: dict[str, Any]) -> bool:
    try:
        answer = http.post("/api/v1/lineage", json=body)
    except httpx.TransportError:
        return False
    assert answer.status_code in (200, 201, 503), answer.text
    return answer.status_code != httpx.codes.SERVICE_UNAVAILABLE


def kill_at_random(nexus: services.Nexus, over: threading.Event) -> int:
    dice, count, end = random.Random(7), 0, time.monotonic() + STORM_S
    while time.monotonic() < end:
        time.sleep(dice.uniform(*BETWEEN_KILLS_S))
        pid = (nexus.data / "run" / f"{dice.choice(['api', 'worker'])}.pid").read_text().split()[0]
        if psutil.pid_exists(int(pid)):
            psutil.Process(int(pid)).kill()
            count += 1
    over.set()
    return count


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
    with services.nexus(tmp_path / "clean"):
        pass
    shutil.copytree(tmp_path / "clean", tmp_path / "storm")  # the same account, hence the same ids of events
    over = threading.Event()
    with services.nexus(tmp_path / "storm") as nexus, ThreadPoolExecutor(CLIENTS) as clients:
        running = [clients.submit(acknowledged, nexus, number, over) for number in range(CLIENTS)]
        killed_count = kill_at_random(nexus, over)
        sent = [body for each in running for body in each.result()]
        wait_until_merged(nexus)
        stormy = services.nexus_command("graph", "hash", data=nexus.data)
    assert killed_count >= 4
    assert len(sent) > 50
    with services.nexus(tmp_path / "clean") as nexus:
        for start in range(0, len(sent), 500):
            answer = httpx.post(
                f"{nexus.url}/api/v1/lineage/batch", json=sent[start : start + 500], headers=nexus.admin, timeout=60
            )
            assert {result["status"] for result in answer.json()["results"]} == {201}
        wait_until_merged(nexus)
        clean = services.nexus_command("graph", "hash", data=nexus.data)
    assert stormy == clean
