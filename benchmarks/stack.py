"""A real `nexus up` on a folder of its own, with the CPU and memory of its whole family of processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

START_SECONDS = 300
_LOOK_SECONDS = 0.25  # a look takes the API 11 ms
_OTHERS = "others"
_PARTS = ("api", "worker", "Neo4j", "SQL", _OTHERS)


@dataclass(frozen=True, slots=True)
class Stack:
    """A running product."""

    url: str
    token: str
    process: psutil.Process
    folder: Path
    _client: httpx.Client  # one for all: making one costs 40 ms of CPU, which is no part of what is measured

    @property
    def headers(self) -> dict[str, str]:
        """What each request carries."""
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    def family(self) -> list[psutil.Process]:
        """The supervisor, API, worker, parse process and Neo4j."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """CPU time that all of them have used."""
        return sum(self.cpu_by_part().values())

    def cpu_by_part(self) -> dict[str, float]:
        """CPU time in seconds of API, worker, Neo4j, the parse processes and all others together."""
        used = dict.fromkeys(_PARTS, 0.0)
        for member in self.family():
            with suppress(psutil.NoSuchProcess):
                used[_part(member)] += sum(member.cpu_times()[:2])
        return used

    def pss_mb(self) -> float:
        """Memory of all of them, shared pages counted once."""
        return sum(member.memory_full_info().pss for member in self.family()) / 2**20

    def worker_mb(self) -> float:
        """Resident memory of the worker."""
        [worker] = [member for member in self.family() if "worker" in member.cmdline()]
        return worker.memory_info().rss / 2**20

    def metric(self, name: str) -> float:
        """Give the value of a metric without labels."""
        for line in self._client.get(f"{self.url}/metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        raise LookupError(f"{name} is not in /metrics")

    def wait_merged(self) -> None:
        """Return once everything accepted is in the graph."""
        while self.metric("nexus_eventlog_lag_events"):
            time.sleep(_LOOK_SECONDS)


@contextmanager
def running(
    before: Callable[[Path], None] = lambda _folder: None, settings: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """Start it, wait until it is ready, end it; `before` fills the data folder, `settings` are variables."""
    with tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        before(Path(folder))
        command: list[str | Path] = [Path(sys.executable).parent / "nexus", "up", "--port", str(port), "--data", folder]
        with (Path(folder) / "bench.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | (settings or {}))
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, Path(folder) / "bench.log")
            token = (Path(folder) / "admin-token").read_text().strip()
            with httpx.Client() as client:
                yield Stack(url, token, psutil.Process(process.pid), Path(folder), client)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _part(member: psutil.Process) -> str:
    command = member.cmdline()
    if "org.neo4j.server.CommunityEntryPoint" in command:
        return "Neo4j"
    if "nexus_core.sql.child" in command:
        return "SQL"
    return next((part for part in _PARTS if part in command), _OTHERS)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 4):
        try:
            if httpx.get(f"{url}/health/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            if process.poll() is not None:
                break
        time.sleep(0.25)
    raise TimeoutError(f"nexus up is not ready at {url}: {log.read_text()}")
