"""Every container of the chart and of the compose file starts, works together and ends, as it is written there."""

from __future__ import annotations

import base64
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from nexus_core.settings import GraphSettings
from tests import helm, otlp, services
from tests.deploy.composed import composed
from tests.deploy.containers import Container, Running, of_manifest, run, running
from tests.kafka_broker import Kafka

SECURITY = Path(__file__).parents[2] / "docs" / "security.md"
EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-11-30T00:00:00Z",
    "run": {"runId": "0195f3f0-0000-7000-8000-000000000001"},
    "job": {"namespace": "deploy", "name": "load"},
    "inputs": [{"namespace": "postgres://h:5432", "name": "d.s.a"}],
    "outputs": [{"namespace": "postgres://h:5432", "name": "d.s.b"}],
    "producer": "https://example.com/deploy",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
}


def database(server: services.PostgreSQL, name: str) -> str:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.url(name)


def grant(secrets: dict[str, str]) -> None:
    """As the owner of the tables, make the role with fewer rights that docs/security.md describes."""
    role = secrets["store-url"].partition("//")[2].partition("@")[0]
    statements = re.search(r"```sql\n(.*?)```", SECURITY.read_text(), re.DOTALL)[1]
    with psycopg.connect(secrets["owner-url"], autocommit=True) as connection:
        connection.execute(re.sub(r"\bnexus\b", role, statements))


def placed(
    folder: Path, make: Callable[[str], Container], names: tuple[str, ...], places: dict[str, str]
) -> dict[str, Container]:
    """Each by name, with a port and a data folder of its own."""
    made = {}
    for name in names:
        port, container = services.free_port(), make(name)
        own = {"NEXUS_DATA_DIR": str(folder / name)}
        own["NEXUS_API__PORT" if name == "api" else "NEXUS_METRICS__PORT"] = str(port)
        made[name] = replace(container.placed(places, **own), port=port)
    return made


def lineage_shows(started: dict[str, Running]) -> str:
    """Send an event with a token made in the API's container, and wait until lineage and figures have it; its id."""
    api = started["api"]
    made = run(replace(api.container, arguments=("token", "create", "deploy", "--authority", "admin")))
    headers = {"Authorization": f"Bearer {made.strip()}"}
    answer = httpx.post(api.url("/api/v1/lineage"), json=EVENT, headers=headers, timeout=30)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    deadline = time.monotonic() + 120
    while figure(api, "nexus_eventlog_lag_events") or not figure(
        started["worker"], "nexus_event_latency_seconds_count"
    ):
        assert time.monotonic() < deadline, started["worker"].told()
        time.sleep(0.2)
    asked = {"namespace": "postgres://h:5432", "name": "d.s.b", "direction": "upstream"}
    graph = httpx.get(api.url("/api/v1/lineage/graph"), params=asked, headers=headers, timeout=30)
    assert "d.s.a" in graph.text
    assert figure(api, 'nexus_http_requests_total{method="POST",route="/api/v1/lineage",status="2xx"}') == 1
    return str(answer.json()["id"])


def figure(process: Running, name: str) -> float:
    lines = httpx.get(process.url("/metrics"), timeout=30).text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.rpartition(" ")[0] == name), 0.0)


def all_end_well(started: dict[str, Running]) -> None:
    """The API's server hands the signal on once it has stopped, so that it ends by that."""
    assert {name: each.stop() for name, each in started.items()} in (
        {name: -signal.SIGTERM if name == "api" else 0 for name in started},
        dict.fromkeys(started, 0),
    )


@pytest.fixture
def audit_key(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem)
    return path


@pytest.fixture
def secrets(postgresql: services.PostgreSQL, neo4j: GraphSettings, request: pytest.FixtureRequest) -> dict[str, str]:
    """What the Secret of the chart holds, by key; its databases are new."""
    name = re.sub(r"\W", "_", request.node.name)
    assert neo4j.password is not None
    return {
        "owner-url": database(postgresql, name),
        "store-url": postgresql.url(name, f"{name}_role"),
        "keys-url": database(postgresql, f"{name}_keys"),
        "secrets-key": base64.b64encode(b"k" * 32).decode(),
        "graph-password": neo4j.password.get_secret_value(),
    }


def trace_goes_from_api_to_graph(spans: list[otlp.Span], event_id: str) -> None:
    """The event's trace has its id, began in the API and ended in the worker; both know what they did it in."""
    digits = event_id.removeprefix("sha256:")
    of_event = {each.name: each for each in spans if each.trace_id == digits[:32]}
    assert {name: each.service for name, each in of_event.items()} == {
        "accept": "lineage-nexus-api",
        "merge": "lineage-nexus-worker",
    }
    assert of_event["merge"].parent_id == of_event["accept"].span_id == digits[32:48]
    named = {each.name: each for each in spans}
    assert named["POST /api/v1/lineage"].trace_id in of_event["accept"].linked
    assert {each.trace_id for each in spans if each.name == "round"} & of_event["merge"].linked
    rounds = {each.span_id for each in spans if each.name == "round"}
    assert any(each.parent_id in rounds for each in spans if each.name == "tell the graph")


@pytest.fixture
def collector() -> Iterator[otlp.Receiver]:
    with otlp.receiver() as running:
        yield running


def test_the_chart(secrets, neo4j, clean_graph, audit_key, collector, tmp_path) -> None:
    given = [
        f"graph.uri={neo4j.uri}",
        f"monitoring.traces.endpoint={collector.url}",
        "settings.NEXUS_TRACES__RATIO=1",
        "store.migrationSecret.name=owner",
        "store.migrationSecret.key=owner-url",
    ]
    values = Path(__file__).parent / "values" / "least.yaml"
    templates = {
        each["spec"]["template"]["spec"]["containers"][0]["name"]: each["spec"]["template"]
        for each in helm.render("--values", values, *(part for each in given for part in ("--set", each)))
        if each["kind"] in ("Deployment", "Job")
    }
    places = {"/etc/lineage-nexus/audit/key.pem": str(audit_key), "0.0.0.0": "127.0.0.1", "/tmp/cache": str(tmp_path)}
    names = ("migration", "api", "worker", "signer")
    made = placed(tmp_path, lambda name: of_manifest(templates[name], secrets), names, places)
    assert "up to date" in run(made.pop("migration"))
    grant(secrets)
    with running(tmp_path, *made.values()) as started:
        event_id = lineage_shows(started)
        assert figure(started["signer"], "nexus_audit_broken") == 0
        probe = replace(made["signer"], arguments=("probe",))
        assert '"ok":true' in run(probe)
        all_end_well(started)
    trace_goes_from_api_to_graph(collector.spans, event_id)
    done = subprocess.run([sys.executable, "-m", "nexus_core", "probe"], env=dict(probe.environment), timeout=60)
    assert done.returncode == 1


def test_the_compose_file(secrets, neo4j, clean_graph, audit_key, kafka: Kafka, tmp_path) -> None:
    variables = {
        "STORE_URL": secrets["owner-url"],
        "KEYS_URL": secrets["keys-url"],
        "SECRETS_KEY": secrets["secrets-key"],
        "GRAPH_PASSWORD": secrets["graph-password"],
    }
    described = composed(variables).services
    assertions = tmp_path / "assertions"
    assertions.mkdir()
    places = {
        "neo4j:7687": str(neo4j.uri).removeprefix("bolt://"),
        "kafka:9092": kafka.bootstrap,
        "/run/secrets/audit-key": str(audit_key),
        "/etc/lineage-nexus/assertions": str(assertions),
        "/run/secrets/ca": "/etc/ssl/certs/ca-certificates.crt",
        "0.0.0.0": "127.0.0.1",
    }

    def container(name: str) -> Container:
        probes = ("/health/live", "/health/ready") if name == "api" else ("/health/live",)
        service = described[name]
        return Container(name, tuple(service["command"]), service["environment"], probes=probes)

    made = placed(tmp_path, container, ("migrate", "api", "worker", "signer"), places)
    assert "up to date" in run(made.pop("migrate"))
    with running(tmp_path, *made.values()) as started:
        lineage_shows(started)
        all_end_well(started)
