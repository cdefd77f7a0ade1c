"""The processes of one deployment, each of which a drill kills, stops and starts by itself."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from nexus_core.processes import Child
from nexus_core.settings import GraphSettings
from tests import services

STOPPED = (0, -signal.SIGTERM)
"""How processes end that were asked to: uvicorn ends by the signal that it was given."""

_AGAIN_SECONDS = 1.0
_STOP_SECONDS = 400  # a worker ends the writes that it began, which wait for a Neo4j that hangs for 120 s each


@dataclass
class Nexus:
    """One `nexus …` process, of the code in a folder of its own if one is named.

    Where it says that something it needs is away and ends, it is started again, as whoever runs it does.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    output: Path
    code: Path | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _unwanted: threading.Event = field(default_factory=threading.Event, init=False)
    _keeper: threading.Thread | None = field(default=None, init=False)

    def start(self) -> None:
        self._unwanted.clear()
        self.process = self._spawned()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def run(self) -> str:
        """Run it to its end; what it prints."""
        done = subprocess.run(
            self._argv, env=self.environment, cwd=self.code, capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        self._let_go()
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> int:
        """End it as an operator does; its exit status."""
        self._let_go()
        if self.process is None or self._waits_to_start():
            return 0
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            return self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def cpu_seconds(self) -> float:
        assert self.process is not None
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def _argv(self) -> list[str]:
        return [sys.executable, "-m", "nexus_core", *self.arguments]

    def _spawned(self) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as file:
            return subprocess.Popen(self._argv, env=self.environment, cwd=self.code, stdout=file, stderr=file)

    def _keep(self) -> None:
        while not self._unwanted.wait(_AGAIN_SECONDS):
            if self._waits_to_start():
                self.process = self._spawned()

    def _waits_to_start(self) -> bool:
        """Whether it ended with a sentence for its operator, and not by an error of ours."""
        if self.process is None or self.process.poll() != 1:
            return False
        return self.output.read_text().rstrip().rpartition("\n")[2].startswith("nexus: ")

    def _let_go(self) -> None:
        """Let nobody start it again; whoever was about to has done it."""
        self._unwanted.set()
        if self._keeper is not None:
            self._keeper.join()


class Neo4j:
    """A Neo4j of the drill's own; make and start it in the main thread."""

    def __init__(self, home: Path, **java: str) -> None:
        self._server = services.embedded_neo4j(home, **java)
        self._child: Child | None = None

    def start(self) -> None:
        self._child = self._server.spawn()
        services.answering(self._server, self._child)

    @property
    def connection(self) -> GraphSettings:
        return self._server.connection

    @property
    def port(self) -> int:
        return int((self.connection.uri or "").rpartition(":")[2])

    def kill(self) -> None:
        assert self._child is not None
        self._child.process.kill()
        self._child.stop()

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()


@contextmanager
def neo4j(home: Path, **java: str) -> Iterator[Neo4j]:
    server = Neo4j(home, **java)
    try:
        server.start()
        yield server
    finally:
        server.stop()


class PostgreSQL:
    """A store of the drill's own, killed with all that it is."""

    def __init__(self, running: services.PostgreSQL) -> None:
        self.port, self._data = running.port, running.data

    def kill(self) -> None:
        postmaster = psutil.Process(int((self._data / "postmaster.pid").read_text().split()[0]))
        everyone = [postmaster, *postmaster.children(recursive=True)]
        for process in everyone:
            process.kill()
        psutil.wait_procs(everyone, 30)

    def start(self) -> None:
        control = [services.POSTGRESQL_BIN / "pg_ctl", "-D", self._data, "-w", "-s", "-t", "60"]
        services.run_as_postgres(self._data.parent, *control, "-l", self._data.parent / "start.log", "start")

    @staticmethod
    def url(port: int) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
