"""A server of Microsoft's wire protocol (MS-TDS 7.4) over catalogues of ours, for drivers of SQL Server.

It knows log-in, batches, errors and attention; statements are translated to SQLite, which holds the views of `sys`
with what a test put into them. So drivers and statements are real, and what they find is not.
"""

from __future__ import annotations

import re
import socket
import socketserver
import sqlite3
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlglot

_CATALOGUE = Path(__file__).parent / "data" / "sqlserver_catalogue.sql"
_PRELOGIN, _LOGIN, _BATCH, _ATTENTION, _REPLY = 0x12, 0x10, 0x01, 0x06, 0x04
_DONE_ERROR, _DONE_COUNT, _DONE_ATTENTION = 0x02, 0x10, 0x20
_SETTING = re.compile(r"\s*(?:set|begin tran|commit|rollback|use)\b", re.IGNORECASE)
_USE = re.compile(r"\s*use\s+\[?(?P<name>[^\]\s;]+)", re.IGNORECASE)


@dataclass
class SqlServer:
    """Databases by name, logins with passwords, and which of them is refused what."""

    port: int = 0
    host: str = "127.0.0.1"
    databases: dict[str, sqlite3.Connection] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=lambda: {"sa": ""})
    refused: dict[str, set[str]] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    sockets: list[Any] = field(default_factory=list, repr=False)

    def url(self, database: str = "", user: str = "sa") -> str:
        return f"sqlserver://{user}@{self.host}:{self.port}/{database}"

    def add(self, name: str, *contents: str) -> None:
        """Make a database whose views of `sys` (and `dbo` of msdb) hold what INSERTs say."""
        made = sqlite3.connect(":memory:", check_same_thread=False)
        made.executescript("ATTACH ':memory:' AS sys; ATTACH ':memory:' AS dbo;")
        for script in (_CATALOGUE.read_text(encoding="utf-8"), *contents):
            made.executescript(script)
        self.databases[name] = made

    def cut(self) -> None:
        """End all conversations as a server that crashes does."""
        for each in self.sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def answer(self, sql: str, database: str, user: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run a statement; raises TdsError as SQL Server would."""
        with self.lock:
            self.statements.append(sql)
            for view in self.refused.get(user, ()):
                if view.startswith("sys.") and view in sql:
                    raise TdsError(229, f"The SELECT permission was denied on the object '{view}'")
            connection = self.databases[database]
            self._define(connection, database, user)
            try:
                cursor = connection.execute(_translated(sql))
                return [column[0] for column in cursor.description or ()], cursor.fetchall()
            except sqlite3.OperationalError as error:
                raise TdsError(208, f"Invalid object name: {error}") from error

    def _define(self, connection: sqlite3.Connection, database: str, user: str) -> None:
        refused = self.refused.get(user, set())
        about = {"ProductVersion": "16.0.1000.6", "Edition": "Test catalogue (no SQL Server)"}
        answers = {
            "DB_NAME": (0, lambda: database),
            "DB_ID": (0, lambda: 5),
            "SERVERPROPERTY": (1, about.get),
            "LOGIN_NAME": (-1, lambda *given: "sa" if given else user),
            "HAS_DBACCESS": (1, lambda name: int(name in self.databases and name not in refused)),
            "HAS_PERMS_BY_NAME": (3, lambda on, kind, right: int(right not in refused and on not in refused)),
            "TIME_HERE": (0, lambda: "2026-01-01 00:00:00 +00:00"),
            "DATALENGTH": (1, lambda text: 2 * len(text)),
            "OBJECT_ID": (1, lambda name: self._object_id(connection, name)),
        }
        for name, (count, answer) in answers.items():
            connection.create_function(name, count, answer)

    @staticmethod
    def _object_id(connection: sqlite3.Connection, name: str) -> int | None:
        parts = [part.strip("[]") for part in name.split(".")]
        named = (
            "SELECT object_id FROM sys.objects o JOIN sys.schemas s USING (schema_id) WHERE (s.name, o.name) = (?, ?)"
        )
        found = connection.execute(named, parts).fetchone() if len(parts) == 2 else None
        return int(found[0]) if found else None


class TdsError(Exception):
    """An error that the server tells its client."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number, self.text = number, text


@contextmanager
def sqlserver(port: int = 0) -> Iterator[SqlServer]:
    """Serve on 127.0.0.1 until the end of the context."""
    served = SqlServer()
    served.add("master")

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            served.sockets.append(self.request)
            _Conversation(self.request, served).run()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server((served.host, port), Handler) as server:
        served.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
            for database in served.databases.values():
                database.close()


class _Conversation:
    def __init__(self, request: Any, served: SqlServer) -> None:
        self._socket, self._served = request, served
        self._database, self._user = "master", ""

    def run(self) -> None:
        """Answer messages until the client leaves or may not come in."""
        while (message := self._receive()) is not None:
            kind, content = message
            if kind == _PRELOGIN:
                self._send(_prelogin())
            elif kind == _LOGIN:
                reply, let_in = self._login(content)
                self._send(reply)
                if not let_in:
                    return
            elif kind == _BATCH:
                headers = struct.unpack_from("<I", content)[0]
                self._send(self._batch(content[headers:].decode("utf-16-le")))
            elif kind == _ATTENTION:
                self._send(_done(_DONE_ATTENTION))

    def _login(self, content: bytes) -> tuple[bytes, bool]:
        user, password, database = (_login_text(content, at) for at in (40, 44, 68))
        secret = bytes(((byte ^ 0xA5) >> 4 | (byte ^ 0xA5) << 4) & 0xFF for byte in password).decode("utf-16-le")
        self._user, wanted = user.decode("utf-16-le"), database.decode("utf-16-le") or "master"
        if self._served.logins.get(self._user) != secret:
            return _error(18456, f"Login failed for user '{self._user}'.") + _done(_DONE_ERROR), False
        if wanted not in self._served.databases or wanted in self._served.refused.get(self._user, ()):
            return _error(4060, f'Cannot open database "{wanted}" requested by the login.') + _done(_DONE_ERROR), False
        self._database = wanted
        name = "Test catalogue".encode("utf-16-le")
        acknowledged = b"\x01\x74\x00\x00\x04" + bytes([len(name) // 2]) + name + b"\x10\x00\x03\xe8"
        return _in_database(wanted) + b"\xad" + struct.pack("<H", len(acknowledged)) + acknowledged + _done(), True

    def _batch(self, sql: str) -> bytes:
        if used := _USE.match(sql):
            self._database = used["name"]
            return _in_database(self._database) + _done()
        if _SETTING.match(sql):
            return _done()
        try:
            names, rows = self._served.answer(sql, self._database, self._user)
        except TdsError as error:
            return _error(error.number, error.text) + _done(_DONE_ERROR)
        return _result(names, rows)

    def _receive(self) -> tuple[int, bytes] | None:
        content, last = b"", False
        kind = 0
        while not last:
            header = self._exactly(8)
            if header is None:
                return None
            kind, status, length = struct.unpack(">BBH", header[:4])
            content += self._exactly(length - 8) or b""
            last = bool(status & 1)
        return kind, content

    def _exactly(self, count: int) -> bytes | None:
        found = b""
        while len(found) < count:
            try:
                more = self._socket.recv(count - len(found))
            except OSError:
                return None
            if not more:
                return None
            found += more
        return found

    def _send(self, content: bytes) -> None:
        pieces = [content[at : at + 4000] for at in range(0, len(content), 4000)] or [b""]
        try:
            for number, piece in enumerate(pieces, start=1):
                header = struct.pack(">BBHHBB", _REPLY, number == len(pieces), len(piece) + 8, 0, number % 256, 0)
                self._socket.sendall(header + piece)
        except OSError:
            return  # the client has left


def _translated(sql: str) -> str:
    """Write T-SQL as SQLite's; what no translator knows is written first in words that one does."""
    text = re.sub(r"CONVERT\(varchar\(\d+\), (.+?), (?:126|1)\) AS", r"\1 AS", sql)
    text = re.sub(r"CAST\((N?'[^']*') AS (?:datetimeoffset|datetime)\)", r"\1", text)
    text = re.sub(r"CAST\((i\.start_time) AS date\)", r"substr(\1, 1, 10)", text)
    joined = r"JOIN sys.dm_exec_sql_text t ON t.sql_handle = \1"
    text = re.sub(r"CROSS APPLY sys\.dm_exec_sql_text\((.+?)\) t", joined, text)
    text = re.sub(r"\bN'", "'", text)
    text = text.replace("SUSER_SNAME(", "LOGIN_NAME(").replace("SYSDATETIMEOFFSET(", "TIME_HERE(")
    return sqlglot.transpile(text, read="tsql", write="sqlite")[0]


def _prelogin() -> bytes:
    options = b"\x00\x00\x0b\x00\x06" + b"\x01\x00\x11\x00\x01" + b"\xff"
    return options + b"\x10\x00\x03\xe8\x00\x00" + b"\x02"  # a version, and: no encryption here


def _login_text(content: bytes, at: int) -> bytes:
    offset, chars = struct.unpack_from("<HH", content, at)
    return content[offset : offset + 2 * chars]


def _in_database(name: str) -> bytes:
    new = name.encode("utf-16-le")
    changed = b"\x01" + bytes([len(name)]) + new + b"\x00"
    return b"\xe3" + struct.pack("<H", len(changed)) + changed


def _done(status: int = 0, count: int = 0) -> bytes:
    return b"\xfd" + struct.pack("<HHQ", status, 0, count)


def _error(number: int, text: str) -> bytes:
    said = text.encode("utf-16-le")
    content = struct.pack("<IBBH", number, 1, 14, len(text)) + said + b"\x00\x00" + struct.pack("<I", 1)
    return b"\xaa" + struct.pack("<H", len(content)) + content


def _result(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> bytes:
    whole = [all(row[at] is None or isinstance(row[at], int) for row in rows) for at in range(len(names))]
    parts = [b"\x81" + struct.pack("<H", len(names))]
    for name, is_whole in zip(names, whole, strict=True):
        kind = b"\x26\x08" if is_whole else b"\xe7\xff\xff" + b"\x09\x04\xd0\x00\x34"
        parts.append(struct.pack("<IH", 0, 1) + kind + bytes([len(name)]) + name.encode("utf-16-le"))
    parts += [b"\xd1" + b"".join(map(_value, row, whole)) for row in rows]
    return b"".join(parts) + _done(_DONE_COUNT, len(rows))


def _value(value: Any, is_whole: bool) -> bytes:
    if is_whole:
        return b"\x00" if value is None else b"\x08" + struct.pack("<q", value)
    if value is None:
        return b"\xff" * 8
    text = str(value).encode("utf-16-le")
    return struct.pack("<Q", len(text)) + (struct.pack("<I", len(text)) + text if text else b"") + b"\x00" * 4
