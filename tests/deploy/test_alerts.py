"""Alerts fire in a real Prometheus, with the chart's own rules, when their faults are caused."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from nexus_core.harvest.manifest import Manifest
from nexus_core.settings import GraphSettings
from tests import services
from tests.deploy.alerting import fire, firing, prometheus, seen
from tests.deploy.containers import Container, run, running
from tests.drills import load
from tests.drills.network import Cut, Proxy
from tests.stores import keys_in, postgresql_settings

SPACE = "postgres://h:5432"
NAMED = {"namespace": SPACE, "name": "d.s.a"}
BUDGET = {f"NexusErrorBudgetBurns{how}" for how in ("VeryFast", "Fast", "", "Slowly")}
EMERGENCY = {"role": "steward", "reason": "the shop is down", "minutes": 30}
UNREADABLE = """
    INSERT INTO class_statement VALUES ('', 'Secret', 'event', '', '', 'define', 'Secret', 'steward', 0, '{');
    INSERT INTO class_dirty (namespace, name, readers) VALUES ('postgres://h:5432', 'd.s.a', false)
"""
MANY = """
    INSERT INTO events (id, principal, authority, accepted_at, valid_at, kind, partition, status, event)
    SELECT id || n, principal, authority, accepted_at, valid_at, kind, partition, status, event
    FROM events, generate_series(1, 150001) AS n WHERE status = 'pending'
"""


def event(days_ago: float = 0) -> dict[str, object]:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return {
        "eventTime": at.isoformat(),
        "dataset": {**NAMED, "facets": {}},
        "producer": "https://example.com/deploy",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
    }


def harvest(days_ago: float) -> dict[str, object]:
    """The end of a whole harvest that found nothing."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    told = {"source": SPACE, "scope": "d.*", "chunk_count": 0, "digest": Manifest().digest, "partial": False}
    return {
        "eventType": "COMPLETE",
        "eventTime": at.isoformat(),
        "run": {
            "runId": "0190f8a0-0000-7000-a000-000000000001",
            "facets": {"lineageNexus_harvest": load.facet(**told)},
        },
        "job": {"namespace": SPACE, "name": "harvest:d"},
        "producer": "https://example.com/deploy",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }


def tampered(store: str) -> None:
    """Change what was signed, as the administrator of the database could."""
    with psycopg.connect(store) as connection:
        connection.execute("SET session_replication_role = replica")  # without triggers
        connection.execute("UPDATE audit_node SET hash = '\\x00'")
        connection.execute("UPDATE audit_leaf SET leaf = '\\x00'")


def spool_with_an_old_event(folder: Path) -> Path:
    """A spool with one that its API will refuse."""
    path = folder / "spool"
    for name in ("writing", "new", "rejected"):
        (path / name).mkdir(parents=True, mode=0o700)
    path.chmod(0o700)
    hour_ago = time.time_ns() - 3600 * 10**9
    (path / "new" / f"{hour_ago:020}-0-0.json").write_text("{}")
    return path


@pytest.fixture
async def store(postgresql: services.PostgreSQL, tmp_path: Path) -> str:
    """The URL of a migrated store."""
    return str((await postgresql_settings(postgresql, tmp_path)).store_url).replace("+psycopg", "")


@pytest.fixture
def network(postgresql: services.PostgreSQL) -> Iterator[Proxy]:
    """The way to PostgreSQL."""
    with Proxy(postgresql.port).running() as between:
        yield between


@pytest.fixture
def api_network() -> Iterator[Proxy]:
    """The way from the spool to the API, which is cut."""
    with Proxy(services.free_port()).running() as between:
        between.cut = Cut.REFUSED
        yield between


@pytest.fixture
def graph_network(neo4j: GraphSettings, clean_graph: object) -> Iterator[Proxy]:
    """The way to Neo4j, which is cut."""
    with Proxy(int(str(neo4j.uri).rpartition(":")[2])).running() as between:
        between.cut = Cut.REFUSED
        yield between


@pytest.fixture
def common(
    store: str,
    network: Proxy,
    graph_network: Proxy,
    postgresql: services.PostgreSQL,
    neo4j: GraphSettings,
    tmp_path: Path,
) -> dict[str, str]:
    """The environment that processes share."""
    assert neo4j.password is not None
    return {
        "NEXUS_DATA_DIR": str(tmp_path),
        "NEXUS_STORE__URL": store.replace(f":{postgresql.port}/", f":{network.port}/"),
        "NEXUS_SECRETS__KEY": base64.b64encode(b"k" * 32).decode(),
        "NEXUS_SECRETS__KEYS_URL": keys_in(tmp_path),
        "NEXUS_GRAPH__URI": f"bolt://127.0.0.1:{graph_network.port}",
        "NEXUS_GRAPH__PASSWORD": neo4j.password.get_secret_value(),
    }


def containers(folder: Path, common: dict[str, str], api_port: int) -> list[Container]:
    """An API, and a signer whose only witness takes nothing."""
    port, key = services.free_port(), Ed25519PrivateKey.generate()
    (folder / "file").touch()
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "key.pem").chmod(0o600)
    signing = {
        "NEXUS_AUDIT__KEY": str(folder / "key.pem"),
        "NEXUS_METRICS__PORT": str(port),
        "NEXUS_AUDIT__CHECKPOINT_SECONDS": "1",
        "NEXUS_AUDIT__WITNESSES": json.dumps([f"file:{folder / 'file' / 'witness'}"]),
    }
    return [
        Container("api", ("api",), {**common, "NEXUS_API__PORT": str(api_port)}, api_port, ("/health/live",)),
        Container("signer", ("signer",), {**common, **signing}, port, ("/health/live",)),
    ]


def working(common: dict[str, str]) -> Container:
    """A worker that has little memory for parses."""
    port = services.free_port()
    own = {"NEXUS_METRICS__PORT": str(port), "NEXUS_WORKER__PARSE_MEMORY_MB": str(load.PARSE_MEMORY_MB)}
    return Container("worker", ("worker",), {**common, **own}, port)


def forwarding(folder: Path, api_port: int, token: str) -> Container:
    port = services.free_port()
    environment = {
        "NEXUS_METRICS__PORT": str(port),
        "NEXUS_SPOOL__PATH": str(spool_with_an_old_event(folder)),
        "NEXUS_SPOOL__EPHEMERAL": "true",
        "NEXUS_SPOOL__URL": f"http://127.0.0.1:{api_port}",
        "NEXUS_SPOOL__TOKEN": "env:TOKEN",
        "TOKEN": token,
    }
    return Container("forward", ("forward",), environment, port, ("/metrics",))


@pytest.mark.service
def test_faults_make_their_alerts_fire(
    common: dict[str, str], store: str, network: Proxy, api_network: Proxy, graph_network: Proxy, tmp_path: Path
) -> None:
    made, worker = containers(tmp_path, common, api_network.targets[0]), working(common)
    admin, producer = (
        run(replace(made[0], arguments=("token", "create", name, "--authority", name))).strip()
        for name in ("admin", "producer:*")
    )
    made.append(forwarding(tmp_path, api_network.port, admin))
    with (
        running(tmp_path, *made),
        prometheus(tmp_path, {each.name: each.port for each in (*made, worker)}) as url,
        httpx.Client(base_url=f"http://127.0.0.1:{made[0].port}/api/v1", timeout=60) as asking,
    ):
        asking.headers["Authorization"] = f"Bearer {admin}"
        events_wait(url, asking, producer, api_network)
        reads_fail(url, asking)
        with running(tmp_path, worker):
            work_is_harmed(url, asking, graph_network)
            reads_are_slow(url, asking, graph_network)
            classes_stand_still(url, store)
        backlog_fills(url, asking, store)
        audit_is_harmed(url, asking, network, store)


def events_wait(url: str, asking: httpx.Client, producer: str, api_network: Proxy) -> None:
    """Nobody takes checkpoints, nor the spool's event, nor what the API accepts; and somebody breaks the glass."""
    fire(url, {"NexusWitnessLags", "NexusDown", "NexusSpoolOld"})
    assert not {"NexusBreakGlass", "NexusAuditBroken", "NexusQuarantineWaits"} & firing(url)
    api_network.cut = Cut.NONE
    old, by_producer = event(days_ago=30), {"Authorization": f"Bearer {producer}"}
    assert asking.post("/lineage", json=event()).status_code == httpx.codes.CREATED
    assert asking.post("/lineage", json=old, headers=by_producer).status_code == httpx.codes.CREATED
    assert asking.post("/requests/break-glass", json=EMERGENCY).status_code == httpx.codes.CREATED
    fire(url, {"NexusQuarantineWaits", "NexusBreakGlass", "NexusSpoolRejects", "NexusNoWorker", "NexusLagGrows"})


def reads_fail(url: str, asking: httpx.Client) -> None:
    for _ in range(4):
        answer = asking.get("/lineage/graph", params=NAMED)
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        time.sleep(1.2)
    fire(url, BUDGET)


def work_is_harmed(url: str, asking: httpx.Client, graph_network: Proxy) -> None:
    """The worker finds what waited for Neo4j, what no parse process holds, and a harvest of long ago."""
    for each in (load.poison(1), harvest(days_ago=30)):
        assert asking.post("/lineage", json=each).status_code == httpx.codes.CREATED
    seen(url, "worker")
    time.sleep(1.2)
    graph_network.cut = Cut.NONE
    fire(url, {"NexusLatencyHigh", "NexusParsesStopped", "NexusDeadLetters", "NexusHarvestOverdue"})


def reads_are_slow(url: str, asking: httpx.Client, graph_network: Proxy) -> None:
    for _ in range(2):
        graph_network.cut = Cut.STALLED
        later = threading.Timer(1.0, setattr, (graph_network, "cut", Cut.NONE))
        later.start()
        assert asking.get("/lineage/graph", params=NAMED).status_code == httpx.codes.OK
        later.join()
    fire(url, {"NexusReadsSlow"})


def classes_stand_still(url: str, store: str) -> None:
    """Let the ledger have what nobody can read."""
    with psycopg.connect(store) as connection:
        connection.execute(UNREADABLE)
    fire(url, {"NexusClassesStandStill"})


def backlog_fills(url: str, asking: httpx.Client, store: str) -> None:
    assert asking.post("/lineage", json=event()).status_code == httpx.codes.CREATED
    with psycopg.connect(store) as connection:
        connection.execute(MANY)
    fire(url, {"NexusBacklogNearlyFull"})


def audit_is_harmed(url: str, asking: httpx.Client, network: Proxy, store: str) -> None:
    network.cut = Cut.REFUSED
    fire(url, {"NexusAuditUnsigned"})
    network.cut = Cut.NONE
    tampered(store)
    assert asking.post("/requests/break-glass", json=EMERGENCY).status_code == httpx.codes.CREATED  # is to be signed
    fire(url, {"NexusAuditBroken"})
