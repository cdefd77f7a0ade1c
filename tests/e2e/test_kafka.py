"""API and workers as processes of their own, with the log in Kafka and its index in PostgreSQL: from POST to graph."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.graph.connection import Graph
from nexus_core.settings import GraphSettings
from tests import services
from tests.eventlogs import environment_of, kafka_settings
from tests.kafka_broker import Kafka
from tests.stores import postgresql_settings

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

NAMESPACE = "postgres://kafka.example:5432"


def event(number: int) -> dict[str, Any]:
    """The run that makes table N from table N - 1."""
    query = f"insert into t{number} (id) select id from t{number - 1}"
    facet = {"_producer": "https://example.org", "_schemaURL": "https://openlineage.io/spec/facets/1-0-0/F.json"}
    schema = {"schema": facet | {"fields": [{"name": "id", "type": "int"}]}}
    return {
        "eventType": "COMPLETE",
        "eventTime": f"2026-11-29T08:{number:02}:00Z",
        "producer": "https://example.org",
        "run": {"runId": f"0190f8a0-0000-7000-8000-{number:012x}"},
        "job": {
            "namespace": "kafka",
            "name": f"load_{number}",
            "facets": {"sql": facet | {"query": query, "dialect": "postgres"}},
        },
        "inputs": [{"namespace": NAMESPACE, "name": f"shop.public.t{number - 1}", "facets": schema}],
        "outputs": [{"namespace": NAMESPACE, "name": f"shop.public.t{number}", "facets": schema}],
    }


@contextmanager
def process(name: str, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as file:
        running = subprocess.Popen(
            [sys.executable, "-m", "nexus_core", name], env=environment, stdout=file, stderr=file
        )
    try:
        yield running
    finally:
        running.terminate()
        running.wait(30)


def command(environment: dict[str, str], *arguments: str) -> str:
    argv = [sys.executable, "-m", "nexus_core", *arguments]
    return subprocess.run(argv, env=environment, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


async def test_events_reach_the_graph_over_kafka_whoever_dies(
    kafka: Kafka, postgresql: services.PostgreSQL, neo4j: GraphSettings, clean_graph: Graph, tmp_path: Path
) -> None:
    settings = await postgresql_settings(postgresql, tmp_path)
    settings = settings.model_copy(update={"eventlog": kafka_settings(kafka, f"e2e-{tmp_path.name}")})
    port = services.free_port()
    assert neo4j.uri is not None
    assert neo4j.password is not None
    environment = os.environ | environment_of(settings)
    environment |= {"NEXUS_GRAPH__URI": neo4j.uri, "NEXUS_GRAPH__PASSWORD": neo4j.password.get_secret_value()}
    environment |= {"NEXUS_API__PORT": str(port)}
    token = command(
        environment,
        "token",
        "create",
        "e2e",
        "--authority",
        "producer:*",
        "--authority",
        "viewer",
        "--authority",
        "backfill",
    )
    headers = {"Authorization": f"Bearer {token}"}
    log = tmp_path / "processes.log"
    with (
        process("api", environment, log) as api,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as http,
    ):
        wait(lambda: http.get("/health/live").status_code == httpx.codes.OK, log)
        send(http, range(1, 10))
        with process("worker", environment, log) as worker:
            wait(lambda: datasets(http) == 10, log)
            worker.kill()
        send(http, range(10, 15))
        api.kill()
        api.wait()
    with (
        process("worker", environment, log),
        process("api", environment, log),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as http,
    ):
        wait(lambda: http.get("/health/ready").status_code == httpx.codes.OK, log)
        wait(lambda: datasets(http) == 15, log)
        send(http, range(1, 10), httpx.codes.OK)
        assert "nexus_eventlog_lag_events 0.0" in http.get("/metrics").text


def send(http: httpx.Client, numbers: range, status: int = httpx.codes.CREATED) -> None:
    results = http.post("/api/v1/lineage/batch", json=[event(number) for number in numbers], timeout=30).json()[
        "results"
    ]
    assert [result["status"] for result in results] == [status] * len(numbers), results


def datasets(http: httpx.Client) -> int:
    """How many datasets lie downstream of table 0, itself included."""
    asked = {"namespace": NAMESPACE, "name": "shop.public.t0", "direction": "downstream", "depth": 50}
    answer = http.get("/api/v1/lineage/graph", params=asked | {"granularity": "dataset"})
    return len(answer.json()["nodes"]) if answer.status_code == httpx.codes.OK else 0


def wait(holds: Any, log: Path) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            if holds():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, log.read_text()[-5000:]
        time.sleep(0.2)
