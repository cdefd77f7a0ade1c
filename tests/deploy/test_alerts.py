"""Alerts fire in a real Prometheus, with the chart's own rules, when their faults are caused."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests import helm, services
from tests.deploy.containers import Container, run, running
from tests.drills.network import Cut, Proxy
from tests.stores import keys_in, postgresql_settings

SECONDS = 240.0

BUDGET = {f"NexusErrorBudgetBurns{how}" for how in ("VeryFast", "Fast", "", "Slowly")}
EMERGENCY = {"role": "steward", "reason": "the shop is down", "minutes": 30}
MANY = """
    INSERT INTO events (id, principal, authority, accepted_at, valid_at, kind, partition, status, event)
    SELECT id || n, principal, authority, accepted_at, valid_at, kind, partition, status, event
    FROM events, generate_series(1, 150001) AS n WHERE status = 'pending'
"""


def event(days_ago: float = 0) -> dict[str, object]:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return {
        "eventTime": at.isoformat(),
        "dataset": {"namespace": "postgres://h:5432", "name": "d.s.a", "facets": {}},
        "producer": "https://example.com/deploy",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
    }


def at_once() -> str:
    """The rules, with seconds in place of the minutes that a fault must last."""
    rules = (helm.CHART / "rules" / "lineage-nexus.yaml").read_text()
    return re.sub(r"> (?:300|900)$", "> 3", re.sub(r"for: \S+", "for: 0s", rules), flags=re.MULTILINE)


@contextmanager
def prometheus(folder: Path, targets: Mapping[str, int]) -> Iterator[str]:
    """A Prometheus that asks processes by name each second; its URL."""
    (folder / "rules.yaml").write_text(at_once())
    configured = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(folder / "rules.yaml")],
        "scrape_configs": [
            {
                "job_name": "lineage-nexus",
                "static_configs": [
                    {"targets": [f"127.0.0.1:{port}"], "labels": {"component": name}} for name, port in targets.items()
                ],
            }
        ],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(configured))
    port = services.free_port()
    command = [
        services.program("prometheus", "apt install prometheus"),
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def firing(url: str) -> set[str]:
    try:
        answer = httpx.get(f"{url}/api/v1/alerts", timeout=10).json()
    except (httpx.TransportError, ValueError):
        return set()
    return {each["labels"]["alertname"] for each in answer["data"]["alerts"] if each["state"] == "firing"}


def fire(url: str, wanted: set[str], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not wanted <= (found := firing(url)):
        assert time.monotonic() < deadline, (wanted - found, found)
        time.sleep(0.5)


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


def containers(folder: Path, store: str, api_port: int) -> list[Container]:
    """An API without Neo4j, a signer whose only witness takes nothing; no worker runs."""
    common = {
        "NEXUS_DATA_DIR": str(folder),
        "NEXUS_STORE__URL": store,
        "NEXUS_SECRETS__KEY": base64.b64encode(b"k" * 32).decode(),
        "NEXUS_SECRETS__KEYS_URL": keys_in(folder),
        "NEXUS_GRAPH__URI": f"bolt://127.0.0.1:{services.free_port()}",
        "NEXUS_GRAPH__PASSWORD": "none",
    }
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
    store: str, network: Proxy, api_network: Proxy, postgresql: services.PostgreSQL, tmp_path: Path
) -> None:
    through = store.replace(f":{postgresql.port}/", f":{network.port}/")
    made = containers(tmp_path, through, api_network.targets[0])
    admin, producer = (
        run(replace(made[0], arguments=("token", "create", name, "--authority", name))).strip()
        for name in ("admin", "producer:*")
    )
    made.append(forwarding(tmp_path, api_network.port, admin))
    ports = {each.name: each.port for each in made} | {"worker": services.free_port()}
    with (
        running(tmp_path, *made),
        prometheus(tmp_path, ports) as url,
        httpx.Client(base_url=f"http://127.0.0.1:{made[0].port}/api/v1", timeout=60) as asking,
    ):
        asking.headers["Authorization"] = f"Bearer {admin}"
        events_wait(url, asking, producer, api_network)
        reads_fail(url, asking)
        with psycopg.connect(store) as connection:
            connection.execute(MANY)
        fire(url, {"NexusBacklogNearlyFull"})
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
        answer = asking.get("/lineage/graph", params={"namespace": "postgres://h:5432", "name": "d.s.a"})
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        time.sleep(1.2)
    fire(url, BUDGET)


def audit_is_harmed(url: str, asking: httpx.Client, network: Proxy, store: str) -> None:
    network.cut = Cut.REFUSED
    fire(url, {"NexusAuditUnsigned"})
    network.cut = Cut.NONE
    tampered(store)
    assert asking.post("/requests/break-glass", json=EMERGENCY).status_code == httpx.codes.CREATED  # is to be signed
    fire(url, {"NexusAuditBroken"})
