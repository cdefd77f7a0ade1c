"""Where the embedded Neo4j listens, start after start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from nexus_core.graph.embedded.java import Java
from nexus_core.graph.embedded.runtime import Runtime
from nexus_core.graph.embedded.server import EmbeddedNeo4j
from nexus_core.settings import GraphSettings

START = """
import os, sys
from pathlib import Path
from tests.unit.graph.embedded.test_server import spawned
print(spawned(Path(sys.argv[1]), Path(sys.argv[2])).connection.uri, flush=True)
sys.stdin.read()
"""


def spawned(data: Path, cache: Path) -> EmbeddedNeo4j:
    """One whose process has ended by now, so that nobody listens."""
    runtime = Runtime(Java(Path("/bin/true"), 17), "", cache / "classes.jsa")
    server = EmbeddedNeo4j(data, runtime, GraphSettings(), os.environ)
    server.spawn().stop()
    return server


def test_two_that_start_at_once_choose_different_ports(tmp_path: Path) -> None:
    """Nobody listens on Bolt's own port yet when the second chooses."""
    first = spawned(tmp_path / "a", tmp_path)
    second = spawned(tmp_path / "b", tmp_path)
    argv = [sys.executable, "-c", START, str(tmp_path / "c"), str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as elsewhere:
        assert elsewhere.stdout is not None
        third = elsewhere.stdout.readline().strip()
        own = spawned(tmp_path / "d", tmp_path).connection.uri
        elsewhere.communicate("")
    assert third.startswith("bolt://127.0.0.1:")
    assert len({first.connection.uri, second.connection.uri, third, own}) == 4


def test_a_port_is_promised_until_its_server_is_gone(tmp_path: Path) -> None:
    first = spawned(tmp_path / "a", tmp_path)
    told = first.connection.uri
    assert spawned(tmp_path / "b", tmp_path).connection.uri != told
    del first
    assert spawned(tmp_path / "a", tmp_path).connection.uri == told


def test_a_start_after_a_crash_keeps_the_port_that_clients_were_told(tmp_path: Path) -> None:
    server = spawned(tmp_path, tmp_path)
    told = server.connection.uri
    assert told is not None
    with socket.create_server(("127.0.0.1", int(told.rpartition(":")[2]))):
        server.spawn().stop()
    assert server.connection.uri == told
