"""An emulated Snowflake: fakesnow's server behind a front of ours that adds what it lacks.

The front completes the answer to a login as connector 5 needs it, and answers what fakesnow cannot: `SHOW OBJECTS` and
views of INFORMATION_SCHEMA that lie in the schema SNOWFLAKE.OVERLAY of the emulator, filled by tests by plain SQL.
It can refuse statements, be slow and hang up, as a test says.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from tests.emulators import environment, running

_LOGIN = {
    "sessionId": 1,
    "validityInSeconds": 3600,
    "masterValidityInSeconds": 14400,
    "displayUserName": "NEXUS",
    "idToken": None,
}
_SHOW = re.compile(r"SHOW (?:TERSE )?(?P<what>[A-Z ]+?) IN (?P<where>ACCOUNT|DATABASE|SCHEMA)(?P<rest>.*)", re.DOTALL)
_VIEW = re.compile(r'(?P<database>"(?:[^"]|"")+"|\w+)\.INFORMATION_SCHEMA\.(?P<view>\w+)')
_SHOWN = {"STREAMS", "TASKS", "DYNAMIC TABLES", "PIPES", "EXTERNAL TABLES", "MATERIALIZED VIEWS", "STAGES"}
_SHOWN |= {"PRIMARY KEYS", "UNIQUE KEYS", "IMPORTED KEYS"}
_VIEWS = {"PROCEDURES", "FUNCTIONS"}
_COLUMNS = "TABLE_SCHEMA, TABLE_NAME, TABLE_OWNER, COMMENT"
_OTHERS = ("CLUSTERING_KEY", "RETENTION_TIME", "IS_TRANSIENT")
_TABLES = f"""SELECT {_COLUMNS}, TABLE_TYPE, ROW_COUNT, BYTES, {", ".join(_OTHERS)}
FROM {{database}}.INFORMATION_SCHEMA.TABLES
UNION ALL SELECT {_COLUMNS}, 'VIEW', NULL, NULL, NULL, 1, 'NO' FROM {{database}}.INFORMATION_SCHEMA.VIEWS"""


@dataclass(frozen=True)
class Refusal:
    """What statements get that match, of one user or all; without a code it hangs up, after `seconds`."""

    pattern: str
    code: str | None = None
    message: str = ""
    seconds: float = 0.0
    status: int = 200
    state: str = "42501"
    user: str | None = None


@dataclass
class Snowflake:
    """The front's address, the statements that it got, and what it refuses."""

    port: int
    refusals: list[Refusal] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    logins: list[dict[str, Any]] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)
    overlaid: bool = True

    def url(self, database: str = "", **options: str) -> str:
        """A URL for our connector; the account is `acme-shop`."""
        given = {"protocol": "http", "account": "acme-shop", "role": "HARVESTER", "warehouse": "WH"} | options
        query = "&".join(f"{name}={value}" for name, value in given.items())
        return f"snowflake://nexus:none@127.0.0.1:{self.port}/{database}?{query}"

    def run(self, script: str) -> None:
        """Run statements, separated by `;` at the end of a line, past the front's own answers."""
        import snowflake.connector

        connection = snowflake.connector.connect(
            user="admin",
            password="none",
            account="acme-shop",
            host="127.0.0.1",
            port=self.port,
            protocol="http",
            enable_server_session_keep_alive_auto_detection=False,
        )
        with connection, connection.cursor() as cursor:
            for statement in re.split(r";\s*$", script, flags=re.MULTILINE):
                if statement.strip():
                    cursor.execute(statement)


@contextmanager
def snowflake() -> Iterator[Snowflake]:
    """Start an emulator and the front before it, with the emulated parts of SNOWFLAKE, all empty."""
    home = Path(tempfile.mkdtemp(prefix="nexus-snowflake-"))
    port = _free_port()
    argv = [str(environment("fakesnow") / "bin" / "fakesnow"), "-s", "-p", str(port)]
    try:
        with running(argv, home, f"http://127.0.0.1:{port}"), _front(port) as front:
            front.run((Path(__file__).parent / "data" / "emulators" / "snowflake_overlay.sql").read_text())
            yield front
    finally:
        shutil.rmtree(home)


@contextmanager
def _front(emulator_port: int) -> Iterator[Snowflake]:
    with httpx.Client(base_url=f"http://127.0.0.1:{emulator_port}", timeout=120, trust_env=False) as behind:
        front = Snowflake(0)
        handler = type("Handler", (_Handler,), {"front": front, "behind": behind})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        front.port = server.server_port
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield front
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    front: Snowflake
    behind: httpx.Client

    def log_message(self, *args: object) -> None:
        """Say nothing: requests hold tokens."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        path = self.path.partition("?")[0]
        asked = json.loads(body or b"{}")
        if path.endswith("/login-request"):
            self._login(asked, body)
        elif path.endswith("/query-request"):
            self._query(asked)
        elif path == "/session":
            self._answer(*self._forward(body))
        else:
            self._answer(200, {"success": True, "data": None})  # telemetry and the like

    def _login(self, asked: dict[str, Any], body: bytes) -> None:
        self.front.logins.append(asked["data"])
        if not self._refused("LOGIN"):
            status, answer = self._forward(body)
            self.front.users[answer["data"]["token"]] = str(asked["data"].get("LOGIN_NAME", ""))
            answer["data"] |= _LOGIN | {"masterToken": answer["data"]["token"]}
            self._answer(status, answer)

    def _query(self, asked: dict[str, Any]) -> None:
        self.front.statements.append(asked["sqlText"])
        if not self._refused(asked["sqlText"]):
            asked["sqlText"] = overlaid(asked["sqlText"]) if self.front.overlaid else asked["sqlText"]
            self._answer(*self._forward(json.dumps(asked).encode()))

    def _refused(self, statement: str) -> bool:
        """Answer what a test refuses: with Snowflake's error, else by hanging up."""
        user = self.front.users.get(self.headers.get("Authorization", "")[17:-1])
        for refusal in self.front.refusals:
            if refusal.user in (None, user) and re.search(refusal.pattern, statement):
                time.sleep(refusal.seconds)
                if refusal.code:
                    said = {"code": refusal.code, "message": refusal.message, "success": False}
                    told = {"errorCode": refusal.code, "sqlState": refusal.state}
                    self._answer(refusal.status, said | {"data": told})
                else:
                    self.close_connection = True
                return True
        return False

    def _forward(self, body: bytes) -> tuple[int, dict[str, Any]]:
        kept = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
        answer = self.behind.post(self.path, content=body, headers=kept)
        return answer.status_code, answer.json()

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def overlaid(sql: str) -> str:
    """Lead to SNOWFLAKE.OVERLAY what the emulator cannot tell; it lists views apart from tables."""
    if match := _SHOW.match(sql):
        what = match["what"]
        if what not in _SHOWN:
            return sql
        names = [part.replace('""', '"') for part in re.findall(r'"((?:[^"]|"")*)"', match["rest"])]
        columns = (
            ("database_name", "schema_name") if what != "IMPORTED KEYS" else ("fk_database_name", "fk_schema_name")
        )
        tests = [f"\"{column}\" = '{name}'" for column, name in zip(columns, names, strict=False)]
        return f"SELECT * FROM SNOWFLAKE.OVERLAY.SHOW_{what.replace(' ', '_')} WHERE {' AND '.join(tests)}"
    return _VIEW.sub(_view, sql)


def _view(match: re.Match[str]) -> str:
    database, view = match["database"], match["view"]
    if view in _VIEWS:
        return f"SNOWFLAKE.OVERLAY.{view}"
    if view == "TABLES":
        return f"({_TABLES.format(database=database)})"
    return match.group()


def _free_port() -> int:
    from tests.services import free_port

    return free_port()
