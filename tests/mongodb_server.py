"""A MongoDB for tests: mongo-java-server, and before it an overlay for what it lacks.

The overlay answers `hello` as MongoDB 7, keeps views and collection options, rewrites reads of views as MongoDB does,
answers `$collStats`, refuses what a test denies, and records what runs in `system.profile`. Everything else the real
thing behind it answers.
"""

from __future__ import annotations

import os
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nexus_core.graph.embedded.fetch import fetch
from nexus_core.graph.embedded.jars import missing, read_list
from nexus_core.graph.embedded.java import find_java
from nexus_core.graph.embedded.maven import find_repository
from nexus_core.settings import Settings
from tests import mongodb_wire as wire

_DATA = Path(__file__).parent / "data"
_READY_WITHIN_S = 60.0
_HELLO = {
    "helloOk": True,
    "ismaster": True,
    "isWritablePrimary": True,
    "maxBsonObjectSize": 16 * 2**20,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "minWireVersion": 0,
    "maxWireVersion": 21,
    "readOnly": False,
    "ok": 1.0,
}
_PROFILED = {"find": "query", "aggregate": "command", "count": "command", "distinct": "command"}
_DRIVERS_OWN = {"lsid", "$readPreference", "$clusterTime", "maxTimeMS", "apiVersion"}

Document = dict[str, Any]


@dataclass
class MongoDB:
    """What the overlay knows; tests set `denied` (a database or `db.collection`) and `failing` (a code by `db.coll`).

    With `allowed`, names of commands in lower case, it refuses all others.

    `before` is called with each command's name, so that a test can stop or hold the server in the middle.
    """

    port: int
    upstream: int
    entries: dict[tuple[str, str], Document] = field(default_factory=dict)
    profiled: dict[str, list[Document]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    failing: dict[str, int] = field(default_factory=dict)
    generated: dict[str, int] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()
    reason: str = "as the test told"
    seen: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None

    def url(self, database: str = "") -> str:
        return f"mongodb://127.0.0.1:{self.port}/{database}"

    def record(self, database: str, **entry: Any) -> None:
        """Write an entry of system.profile."""
        self.profiled.setdefault(database, []).append({"ts": datetime.now(UTC), "op": "command", **entry})

    def forbidden(self, command: Document) -> Document | None:
        """Give the error for a command that is not among those allowed, or that writes by a stage of a pipeline."""
        name = next(iter(command))
        writes = any(stage.keys() & {"$out", "$merge"} for stage in command.get("pipeline", ()))
        if self.allowed and (name.lower() not in self.allowed or writes):
            return _error(13, f"not authorized on {command.get('$db')} to execute command {name}")
        return None

    def refusal(self, database: str, collection: str) -> Document | None:
        """Give the error that a test asks for."""
        name = f"{database}.{collection}"
        if database in self.denied or name in self.denied:
            return _error(13, f"not authorized on {database} to execute command")
        return _error(self.failing[name], self.reason) if name in self.failing else None


class _Overlay(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    state: MongoDB


class _Conversation(socketserver.BaseRequestHandler):
    server: _Overlay

    def handle(self) -> None:
        self.state, self.application = self.server.state, ""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.state.upstream)) as self.behind:
            while (message := wire.read(self.request)) is not None:
                name = next(iter(message.command))
                self.state.seen.append(name)
                self.state.before(name)
                known = getattr(self, f"_on_{name.lower()}", None)
                reply = self.state.forbidden(message.command)
                if known and reply is None:
                    reply = known(message.command, message.command.get("$db", "admin"))
                self.request.sendall(wire.answer(message, reply) if reply else self._passed_on(message))

    def _passed_on(self, message: wire.Message) -> bytes:
        if message.has_sequences:
            self.behind.sendall(message.raw)
            return self._reply().raw
        return wire.answer(message, self._ask(message.command))

    def _ask(self, command: Document) -> Document:
        kept = {name: value for name, value in command.items() if name not in _DRIVERS_OWN}
        self.behind.sendall(wire.request(kept, 1))
        return self._reply().command

    def _reply(self) -> wire.Message:
        message = wire.read(self.behind)
        if message is None:
            raise OSError("the server behind is gone")
        return message

    def _on_hello(self, command: Document, _: str) -> Document:
        named = (command.get("client") or {}).get("application", {}).get("name")
        self.application = named or self.application
        return _HELLO | {"localTime": datetime.now(UTC), "connectionId": 1}

    _on_ismaster = _on_hello

    def _on_buildinfo(self, command: Document, _: str) -> Document:
        return {"version": "7.0.0", "ok": 1.0}

    def _on_saslstart(self, command: Document, _: str) -> Document:
        return _error(18, "Authentication failed.")

    def _on_profile(self, command: Document, database: str) -> Document:
        if command["profile"]:
            self.state.profiled.setdefault(database, [])
        return {"was": 0, "slowms": 100, "ok": 1.0}

    def _on_create(self, command: Document, database: str) -> Document:
        name = command["create"]
        options = {key: value for key, value in command.items() if key not in ("create", "$db", *_DRIVERS_OWN)}
        kind = "view" if "viewOn" in options else "timeseries" if "timeseries" in options else "collection"
        self.state.entries[database, name] = {"name": name, "type": kind, "options": options}
        return {"ok": 1.0} if kind == "view" else self._ask({"create": name, "$db": database})

    def _on_listdatabases(self, command: Document, database: str) -> Document:
        found = self._ask({"listDatabases": 1, "$db": "admin"})
        found["databases"] += [{"name": name, "empty": False} for name in self.state.generated]
        return found

    def _on_listcollections(self, command: Document, database: str) -> Document:
        wanted = command.get("filter", {}).get("name", {})
        if refused := self.state.refusal(database, ""):
            return refused
        if database in self.state.generated:
            names = wanted.get("$in") or [f"c{number:06}" for number in range(self.state.generated[database])]
            return _cursor(database, [{"name": name, "type": "collection", "options": {}} for name in names])
        held = self._ask({"listCollections": 1, "$db": database})["cursor"]["firstBatch"]
        found = {each["name"]: {"type": "collection", "options": {}, **each} for each in held}
        found |= {name: entry for (where, name), entry in self.state.entries.items() if where == database}
        names = wanted.get("$in", found)
        return _cursor(database, [found[name] for name in names if name in found])

    def _on_listindexes(self, command: Document, database: str) -> Document | None:
        if database in self.state.generated:
            return _cursor(database, [{"v": 2, "key": {"_id": 1}, "name": "_id_"}])
        return self.state.refusal(database, command["listIndexes"])

    def _on_find(self, command: Document, database: str) -> Document | None:
        name = command["find"]
        if refused := self.state.refusal(database, name):
            return refused
        if name == "system.profile":
            return _cursor(f"{database}.{name}", self._entries(database, command))
        self._note(database, command)
        source, stages = self._source(database, name)
        if not stages:
            return None
        stages += [{"$match": command["filter"]}] if command.get("filter") else []
        return self._ask({"aggregate": source, "pipeline": stages, "cursor": {}, "$db": database})

    def _entries(self, database: str, command: Document) -> list[Document]:
        wanted = command.get("filter") or {}
        since = wanted.get("ts", {}).get("$gte", datetime(1970, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001 as BSON has it
        found = [each for each in self.state.profiled.get(database, []) if each["ts"] >= since]
        if "appName" in wanted:
            found = [each for each in found if each.get("appName") != wanted["appName"]["$ne"]]
        return found[: command["limit"]] if command.get("limit") else found

    def _on_aggregate(self, command: Document, database: str) -> Document | None:
        name, stages = command["aggregate"], command["pipeline"]
        if refused := self.state.refusal(database, str(name)):
            return refused
        if database in self.state.generated:
            told = {"storageStats": {"count": 1, "size": 20}}
            return _cursor(database, [told if "$collStats" in stages[0] else {"_id": 1, "name": "x"}])
        if stages and "$collStats" in stages[0]:
            found = self._ask({"collStats": name, "$db": database})
            return _cursor(f"{database}.{name}", [{"storageStats": {"count": found["count"], "size": found["size"]}}])
        self._note(database, command)
        source, before = self._source(database, str(name))
        return self._ask({**command, "aggregate": source, "pipeline": [*before, *stages]})

    def _on_count(self, command: Document, database: str) -> Document | None:
        self._note(database, command)
        return self.state.refusal(database, command["count"])

    def _source(self, database: str, name: str) -> tuple[str, list[Document]]:
        """Give the collection below a view, and the stages of all views on the way."""
        entry = self.state.entries.get((database, name))
        if entry is None or entry["type"] != "view":
            return name, []
        source, stages = self._source(database, entry["options"]["viewOn"])
        return source, [*stages, *entry["options"].get("pipeline", [])]

    def _note(self, database: str, command: Document) -> None:
        if database in self.state.profiled:
            name = next(iter(command))
            user = f"{self.application}@admin" if self.application else ""
            kept = {key: value for key, value in command.items() if key not in _DRIVERS_OWN}
            self.state.record(database, op=_PROFILED[name], command=kept, user=user, appName=self.application)


def _error(code: int, message: str) -> Document:
    return {"ok": 0.0, "errmsg": message, "code": code, "codeName": "Told"}


def _cursor(namespace: str, batch: list[Document]) -> Document:
    return {"cursor": {"id": 0, "ns": f"{namespace}.$cmd", "firstBatch": batch}, "ok": 1.0}


@contextmanager
def mongodb(free_port: Callable[[], int]) -> Iterator[MongoDB]:
    """Start both; the jars come from the user's cache, or are fetched into it (3 MB, once)."""
    behind, home = free_port(), Path(tempfile.mkdtemp(prefix="nexus-mongodb-"))
    java = str(find_java(os.environ).executable)
    argv = [java, "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{_jars_folder()}/*"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([*argv, str(_DATA / "MongoServerMain.java"), str(behind)], stdout=log, stderr=log)
    try:
        _wait(behind, process, home / "log")
        with overlay(behind) as running:
            yield running
    finally:
        process.kill()
        process.wait(10)
        shutil.rmtree(home)


@contextmanager
def overlay(behind: int) -> Iterator[MongoDB]:
    """Start an overlay of its own before a running server."""
    with _Overlay(("127.0.0.1", 0), _Conversation) as server:
        server.state = MongoDB(server.server_address[1], behind)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server.state
        finally:
            server.shutdown()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def _jars_folder() -> Path:
    settings = Settings.load()
    listed = (_DATA / "mongodb_jars.txt").read_text()
    folder = settings.cache_dir.expanduser().absolute() / f"mongo-java-server-{listed.split()[2].rstrip(';')}"
    jars = read_list(listed)
    if missing(jars, folder):
        fetch(jars, folder, find_repository(settings.graph.jars_url, os.environ), lambda _bytes: None)
    return folder
