"""Fetching jars from a Maven repository that misbehaves, on loopback."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nexus_core.errors import ConfigurationError
from nexus_core.graph.embedded.fetch import fetch
from nexus_core.graph.embedded.jars import Jar
from nexus_core.graph.embedded.maven import Repository

CONTENT = bytes(range(256)) * 4096
JAR = Jar("org/example/a/1/a-1.jar", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


@dataclass
class Server:
    """Serves CONTENT under any path; each of `faults` spoils one answer, in order."""

    url: str = ""
    faults: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path, wanted))
            fault = state.faults.pop(0) if state.faults else ""
            start = int(wanted.removeprefix("bytes=").rstrip("-") or 0)
            self.send_response({"busy": 503, "gone": 404}.get(fault, 206 if wanted else 200))
            body = b"" if fault in ("busy", "gone") else CONTENT[start:]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if fault == "wrong":
                body = bytes(len(body))
            self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        state.url = f"http://127.0.0.1:{running.server_port}/maven2"
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield state
        running.shutdown()
        thread.join()


def fetched(server: Server, folder: Path, local: Path = Path("/nowhere")) -> list[int]:
    counts: list[int] = []
    fetch([JAR], folder, Repository(server.url, local), counts.append)
    assert (folder / "a-1.jar").read_bytes() == CONTENT
    assert not list(folder.glob("*.part"))
    return counts


def test_a_jar_is_fetched_once(server: Server, tmp_path: Path) -> None:
    assert sum(fetched(server, tmp_path)) == len(CONTENT)
    fetched(server, tmp_path)
    assert server.asked == [("/maven2/org/example/a/1/a-1.jar", "")]


def test_a_cut_connection_goes_on_where_it_ended(server: Server, tmp_path: Path) -> None:
    server.faults = ["cut"]
    fetched(server, tmp_path)
    assert [wanted for _, wanted in server.asked] == ["", f"bytes={len(CONTENT) // 2}-"]


def test_a_wrong_file_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    server.faults = ["wrong", "busy"]
    fetched(server, tmp_path)
    assert [wanted for _, wanted in server.asked] == ["", "", ""]


def test_what_is_not_there_is_told_at_once_with_advice(server: Server, tmp_path: Path) -> None:
    server.faults = ["gone"]
    with pytest.raises(ConfigurationError, match=r"a-1\.jar is refused with 404.*NEO4J_HOME"):
        fetched(server, tmp_path)
    assert len(server.asked) == 1


def test_mavens_own_copy_is_taken_if_it_is_the_right_one(server: Server, tmp_path: Path) -> None:
    copy = tmp_path / "repository" / JAR.path
    copy.parent.mkdir(parents=True)
    copy.write_bytes(CONTENT)
    assert fetched(server, tmp_path / "first", tmp_path / "repository") == [len(CONTENT)]
    assert server.asked == []
    copy.write_bytes(b"another")
    fetched(server, tmp_path / "second", tmp_path / "repository")
    assert len(server.asked) == 1
