"""dbt's artifacts from a web server, as dbt Cloud has them behind a token."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from nexus_core.connectors import open_connector
from nexus_core.errors import CredentialsRefusedError, SourceDataError, SourceDeniedError, SourceError
from nexus_core.harvest import harvest
from tests.sources.dbt import TARGET

TOKEN = "s3cret-canary"


class Artifacts(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        told = {"/refused": (401, b""), "/denied": (403, b""), "/busy": (503, b""), "/text": (200, b"<html>")}
        folder, _, name = self.path.rpartition("/")
        status, body = told.get(folder, (404, b""))
        if folder == "/artifacts" and self.headers["Authorization"] == f"Bearer {TOKEN}" and (TARGET / name).exists():
            status, body = 200, (TARGET / name).read_bytes()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Artifacts) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def opened(port: int, folder: str) -> Any:
    url = f"dbt://127.0.0.1:{port}/{folder}?https=false&warehouse=postgres://w:5432"
    return open_connector(url, password=TOKEN)


def test_a_token_opens_what_a_web_server_has(port: int) -> None:
    events: list[dict[str, Any]] = []
    report = harvest(opened(port, "artifacts"), events.extend)
    assert (report.source, report.counts["MODEL"], report.counts["RUN"]) == ("dbt://shop", 3, 12)
    assert TOKEN not in f"{events} {report}"


@pytest.mark.parametrize(
    ("folder", "expected", "transient"),
    [
        ("refused", CredentialsRefusedError, False),
        ("denied", SourceDeniedError, False),
        ("busy", SourceError, True),
        ("text", SourceDataError, False),
        ("missing", SourceError, False),
    ],
)
def test_what_a_web_server_answers_is_explained(
    port: int, folder: str, expected: type[SourceError], transient: bool
) -> None:
    with pytest.raises(expected) as raised:
        next(opened(port, folder).datasets())
    assert raised.value.transient is transient
    assert TOKEN not in f"{raised.value} {opened(port, folder)!r}"
