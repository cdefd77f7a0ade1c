"""`nexus retirements`: what it asks of the API, and what it prints, against a real HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from nexus_core.cli import app

SPACE = "postgres://db:5432"
HOLD = {
    "id": "sha256:1",
    "by": "harvest",
    "source": SPACE,
    "scope": "shop.*",
    "at": "2026-01-01T00:10:00Z",
    "known_at": "2026-01-01T00:11:00Z",
    "covered_count": 100,
    "counts": {"held": 25, "returned": 1},
    "object_count": 26,
    "objects": [
        {"namespace": SPACE, "name": f"shop.t{number}", "kind": "object", "state": "held" if number else "returned"}
        for number in range(26)
    ],
}


STALE = {
    "job": {"namespace": "airflow", "name": "load"},
    "outputs": [
        {
            "namespace": SPACE,
            "name": "shop.old",
            "seen_at": "2026-01-01T00:10:00Z",
            "run_count": 12,
            "last_run_at": "2026-02-01T00:10:00Z",
        }
    ],
}


class _Api:
    """Answers the routes of retirements and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stale = [STALE] if self.path.startswith("/api/v1/retirements/stale") else []
                self._answer([HOLD] if "state=held" in self.path else stale)

            def do_POST(self) -> None:
                self._answer({"id": "sha256:2", "object_count": 3})

            def do_PUT(self) -> None:
                self.do_POST()

            def log_message(self, *_: Any) -> None: ...

            def _answer(self, content: Any) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                api.asked.append((self.command, self.path.removeprefix("/api/v1/"), body))
                said = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def api() -> Iterator[_Api]:
    serving = _Api()
    with serving.server as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield serving
        server.shutdown()
        thread.join()


def _run(api: _Api, folder: Path, *arguments: str) -> Result:
    token = folder / "token"
    token.write_text("secret")
    where = ["--api", f"http://127.0.0.1:{api.server.server_port}", "--token-file", str(token)]
    result = CliRunner().invoke(app, ["retirements", *arguments, *where])
    assert result.exit_code == 0, result.output
    return result


def test_what_is_held_is_listed_up_to_a_limit(api: _Api, tmp_path: Path) -> None:
    shown = _run(api, tmp_path, "list").output
    assert "sha256:1" in shown
    assert "25 held, 1 returned of 100 in shop.*" in shown
    assert "shop.t20\n" in shown
    assert "shop.t0\n" not in shown
    assert "and 5 more" in shown


def test_nothing_to_list_is_said(api: _Api, tmp_path: Path) -> None:
    assert _run(api, tmp_path, "list", "--state", "undone", "--source", SPACE).output == "Nothing is undone.\n"
    assert api.asked[0][1] == "retirements?state=undone&source=postgres%3A%2F%2Fdb%3A5432"


def test_stale_outputs_are_listed_and_closed_only_if_asked(api: _Api, tmp_path: Path) -> None:
    shown = _run(api, tmp_path, "stale", "--runs", "5").output
    assert f"shop.old in {SPACE}: last 2026-01-01T00:10:00Z, not in 12 runs" in shown
    assert "`--apply` closes them." in shown
    assert [asked[:2] for asked in api.asked] == [("GET", "retirements/stale?runs=5")]
    assert "closed by sha256:2" in _run(api, tmp_path, "stale", "--apply").output
    closing = {"job": STALE["job"], "outputs": [{"namespace": SPACE, "name": "shop.old"}]}
    assert api.asked[-1] == ("POST", "retirements/outputs", closing)


def test_decisions_name_what_they_are_about(api: _Api, tmp_path: Path) -> None:
    _run(api, tmp_path, "confirm", "sha256:1", "--object", f"{SPACE} shop.t1")
    _run(api, tmp_path, "undo", "sha256:1")
    _run(api, tmp_path, "retire", SPACE, "shop.t1")
    _run(api, tmp_path, "restore", "airflow", "daily", "--job")
    _run(api, tmp_path, "guard", SPACE, "--share", "0.4", "--least", "50")
    table, job = {"namespace": SPACE, "name": "shop.t1"}, {"namespace": "airflow", "name": "daily", "kind": "job"}
    assert api.asked == [
        ("POST", "retirements/sha256:1/confirm", {"objects": [table]}),
        ("POST", "retirements/sha256:1/undo", {}),
        ("POST", "retirements", {"action": "retire", "objects": [table | {"kind": "dataset"}]}),
        ("POST", "retirements", {"action": "restore", "objects": [job]}),
        ("PUT", "retirements/guard", {"source": SPACE, "share": 0.4, "least": 50}),
    ]
