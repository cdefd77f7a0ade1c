"""Where the embedded Neo4j listens, start after start."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from nexus_core.graph.embedded.java import Java
from nexus_core.graph.embedded.runtime import Runtime
from nexus_core.graph.embedded.server import EmbeddedNeo4j
from nexus_core.settings import GraphSettings


def test_a_start_after_a_crash_keeps_the_port_that_clients_were_told(tmp_path: Path) -> None:
    runtime = Runtime(Java(Path("/bin/true"), 17), "", tmp_path / "classes.jsa")
    server = EmbeddedNeo4j(tmp_path, runtime, GraphSettings(), os.environ)
    server.spawn().stop()
    told = server.connection.uri
    assert told is not None
    with socket.create_server(("127.0.0.1", int(told.rpartition(":")[2]))):
        server.spawn().stop()
    assert server.connection.uri == told
