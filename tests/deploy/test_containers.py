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

from nexus_core.settings import GraphSettings
from tests import helm, otlp, services
from tests.deploy.alerting import fire, prometheus, quiet, seen
from tests.deploy.composed import composed
from tests.deploy.containers import Container, Running, of_manifest, run, running
from tests.deploy.masked import Source, a_person_is_told, offboard, onboard, prepared, source
from tests.kafka_broker import Kafka

ROOT = Path(__file__).parents[2]
SECURITY = ROOT / "docs" / "security.md"
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
        if name == "proxy":
            own["NEXUS_PROXY__PORT"] = str(services.free_port())
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


def a_proxy_is_blind(folder: Path, started: dict[str, Running]) -> None:
    """Nobody looks any more whether what is in force at the source is what policies say."""
    with prometheus(folder, {"proxy": started["proxy"].container.port}) as url:
        seen(url, "proxy")
        quiet(url, "NexusProxyBlind")
        started["reconciler"].stop()
        fire(url, {"NexusProxyBlind"})


def all_end_well(started: dict[str, Running]) -> None:
    """The API's server hands the signal on once it has stopped, so that it ends by that."""
    assert {name: each.stop() for name, each in started.items()} in (
        {name: -signal.SIGTERM if name == "api" else 0 for name in started},
        dict.fromkeys(started, 0),
    )


@pytest.fixture
def prepare(tmp_path: Path) -> Path:
    """The folder of keys and certificates that `docker/prepare` makes."""
    return prepared(ROOT, tmp_path / "docker")


@pytest.fixture
def box(postgresql: services.PostgreSQL, request: pytest.FixtureRequest) -> Iterator[Source]:
    """A source of the masking proxy."""
    with source(postgresql, re.sub(r"\W", "_", f"{request.node.name}_box")) as made:
        yield made


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
        "box-password": "password-of-the-reconciler",
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


def test_the_chart(secrets, neo4j, clean_graph, prepare, box, collector, tmp_path) -> None:
    given = [
        f"graph.uri={neo4j.uri}",
        f"monitoring.traces.endpoint={collector.url}",
        "settings.NEXUS_TRACES__RATIO=1",
        "store.migrationSecret.name=owner",
        "store.migrationSecret.key=owner-url",
        "proxy.enabled=true",
        "proxy.tlsSecret=tls",
        f"proxy.sources.box.url={box.url}",
        "proxy.sources.box.passwordSecret.name=box",
        "proxy.sources.box.passwordSecret.key=box-password",
        "reconciler.enabled=true",
    ]
    values = Path(__file__).parent / "values" / "least.yaml"
    templates = {
        each["spec"]["template"]["spec"]["containers"][0]["name"]: each["spec"]["template"]
        for each in helm.render("--values", values, *(part for each in given for part in ("--set", each)))
        if each["kind"] in ("Deployment", "Job")
    }
    places = {
        "/etc/lineage-nexus/audit/key.pem": str(prepare / "audit-key.pem"),
        "/etc/lineage-nexus/proxy/key": str(prepare / "proxy-key"),
        "/etc/lineage-nexus/tls/tls.crt": str(prepare / "tls.pem"),
        "/etc/lineage-nexus/tls/tls.key": str(prepare / "tls-key.pem"),
        "0.0.0.0": "127.0.0.1",
        "/tmp/cache": str(tmp_path),
    }
    names = ("migration", "api", "worker", "signer", "proxy", "reconciler")
    made = placed(tmp_path, lambda name: of_manifest(templates[name], secrets), names, places)
    assert "up to date" in run(made.pop("migration"))
    grant(secrets)
    onboard(made["reconciler"], box)
    with running(tmp_path, *made.values()) as started:
        event_id = lineage_shows(started)
        assert figure(started["signer"], "nexus_audit_broken") == 0
        a_person_is_told(started, prepare / "ca.pem")
        assert figure(started["proxy"], 'nexus_proxy_logins_total{outcome="refused"}') >= 1
        probe = replace(made["signer"], arguments=("probe",))
        assert '"ok":true' in run(probe)
        a_proxy_is_blind(tmp_path, started)
        all_end_well(started)
    offboard(made["reconciler"], box)
    trace_goes_from_api_to_graph(collector.spans, event_id)
    done = subprocess.run([sys.executable, "-m", "nexus_core", "probe"], env=dict(probe.environment), timeout=60)
    assert done.returncode == 1


def test_the_compose_file(secrets, neo4j, clean_graph, prepare, box, kafka: Kafka, tmp_path) -> None:
    variables = {
        "STORE_URL": secrets["owner-url"],
        "KEYS_URL": secrets["keys-url"],
        "SECRETS_KEY": secrets["secrets-key"],
        "GRAPH_PASSWORD": secrets["graph-password"],
    }
    described = composed(variables).services
    files = {
        "proxy.env": {"NEXUS_PROXY__SOURCES__BOX__URL": box.url},
        "reconciler.env": {"NEXUS_PROXY__SOURCES__BOX__PASSWORD": "env:PASSWORD", "PASSWORD": box.password},
    }
    places = {
        "neo4j:7687": str(neo4j.uri).removeprefix("bolt://"),
        "kafka:9092": kafka.bootstrap,
        "/run/secrets/audit-key": str(prepare / "audit-key.pem"),
        "/run/secrets/proxy-key": str(prepare / "proxy-key"),
        "/run/secrets/tls-key": str(prepare / "tls-key.pem"),
        "/run/secrets/tls": str(prepare / "tls.pem"),
        "/etc/lineage-nexus/assertions": str(prepare / "assertions"),
        "/run/secrets/ca": "/etc/ssl/certs/ca-certificates.crt",
        "0.0.0.0": "127.0.0.1",
    }

    def container(name: str) -> Container:
        probes = ("/health/live", "/health/ready") if name == "api" else ("/health/live",)
        service = described[name]
        named = [files[each["path"]] for each in service.get("env_file", [])]
        environment = {key: value for each in (*named, service["environment"]) for key, value in each.items()}
        return Container(name, tuple(service["command"]), environment, probes=probes)

    names = ("migrate", "api", "worker", "signer", "proxy", "reconciler")
    made = placed(tmp_path, container, names, places)
    assert "up to date" in run(made.pop("migrate"))
    onboard(made["reconciler"], box)
    with running(tmp_path, *made.values()) as started:
        lineage_shows(started)
        a_person_is_told(started, prepare / "ca.pem")
        all_end_well(started)
    offboard(made["reconciler"], box)
