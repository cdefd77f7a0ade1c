"""Alerts fire in a real Prometheus, with the chart's own rules, when their faults are caused."""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from tests import helm, services
from tests.deploy.containers import Container, running

EVENT = {
    "eventTime": "2026-11-30T00:00:00Z",
    "dataset": {"namespace": "postgres://h:5432", "name": "d.s.a", "facets": {}},
    "producer": "https://example.com/deploy",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
}


def at_once() -> str:
    """The rules, without the time that a fault must last."""
    return re.sub(r"for: \S+", "for: 0s", (helm.CHART / "rules" / "lineage-nexus.yaml").read_text())


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


def fire(url: str, wanted: set[str], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not wanted <= (found := firing(url)):
        assert time.monotonic() < deadline, (wanted - found, found)
        time.sleep(0.5)


def tampered(store: Path) -> None:
    """Take away what was signed, as someone with the database's password could."""
    with sqlite3.connect(store) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE audit_node SET hash = x'00'")
        connection.execute("UPDATE audit_leaf SET leaf = x'00'")


def spool_with_an_old_event(folder: Path) -> Path:
    path = folder / "spool"
    for name in ("writing", "new", "rejected"):
        (path / name).mkdir(parents=True, mode=0o700)
    path.chmod(0o700)
    hour_ago = time.time_ns() - 3600 * 10**9
    (path / "new" / f"{hour_ago:020}-0-0.json").write_text("{}")
    return path


@pytest.mark.service
def test_faults_make_their_alerts_fire(tmp_path: Path) -> None:
    data = tmp_path / "data"
    services.nexus_command("migrate", data=data)
    token = services.nexus_command("token", "create", "deploy", "--authority", "admin", data=data).strip()
    ports = {name: services.free_port() for name in ("api", "signer", "forward", "worker")}
    common = {"NEXUS_DATA_DIR": str(data)}
    away = {"NEXUS_GRAPH__URI": f"bolt://127.0.0.1:{closed_port()}", "NEXUS_GRAPH__PASSWORD": "none"}
    api = Container(
        "api", ("api",), {**common, **away, "NEXUS_API__PORT": str(ports["api"])}, ports["api"], ("/health/live",)
    )
    signer = Container(
        "signer",
        ("signer",),
        {**common, "NEXUS_METRICS__PORT": str(ports["signer"]), "NEXUS_AUDIT__CHECKPOINT_SECONDS": "1"},
        ports["signer"],
        ("/health/live",),
    )
    forward = Container(
        "forward",
        ("forward",),
        {
            "NEXUS_METRICS__PORT": str(ports["forward"]),
            "NEXUS_SPOOL__PATH": str(spool_with_an_old_event(tmp_path)),
            "NEXUS_SPOOL__EPHEMERAL": "true",
            "NEXUS_SPOOL__URL": f"http://127.0.0.1:{closed_port()}",
            "NEXUS_SPOOL__TOKEN": "env:TOKEN",
            "TOKEN": "none",
        },
        ports["forward"],
        ("/metrics",),
    )
    headers = {"Authorization": f"Bearer {token}"}
    with running(tmp_path, api, signer, forward), prometheus(tmp_path, ports) as url:
        base = f"http://127.0.0.1:{ports['api']}"
        assert httpx.post(f"{base}/api/v1/lineage", json=EVENT, headers=headers, timeout=30).status_code == 201
        fire(url, {"NexusNoWorker", "NexusDown", "NexusSpoolOld"})  # no worker runs, and nobody takes the spool's event
        assert "NexusAuditBroken" not in firing(url)
        for _ in range(4):  # Neo4j is away, so reads fail
            asked = {"namespace": "postgres://h:5432", "name": "d.s.a"}
            answer = httpx.get(f"{base}/api/v1/lineage/graph", params=asked, headers=headers, timeout=60)
            assert answer.status_code == 503
            time.sleep(1.2)
        fire(url, {"NexusErrorBudgetBurnsVeryFast", "NexusErrorBudgetBurnsFast"})
        tampered(data / "nexus.db")
        services.nexus_command("token", "create", "other", "--authority", "viewer:*", data=data)  # something to sign
        fire(url, {"NexusAuditBroken"})


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
