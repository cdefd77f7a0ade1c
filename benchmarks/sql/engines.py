"""Engines as running processes, each answer bounded in time."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.sql.environment import peers_python

ROOT = Path(__file__).parents[2]
OURS = "nexus"
PEERS = ("openlineage", "sqlglot", "sqllineage")
START_SECONDS = 60.0
ANSWER_SECONDS = 20.0
EMPTY: dict[str, Any] = {
    "inputs": [],
    "outputs": [],
    "columns": [],
    "cpu_seconds": 0.0,
    "errors": [{"code": "no_answer", "message": "killed", "statement": 0}],
}


@dataclass(slots=True)
class Engine:
    """One engine; it is started anew after an answer that does not come."""

    command: list[str]
    name: str = ""
    version: str = ""
    unanswered: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _read: bytes = b""

    def start(self) -> None:
        """Start the process and learn its name."""
        line = self._line(self._running(), START_SECONDS)
        if line is None:
            raise RuntimeError(f"{' '.join(self.command)} does not start")
        self.name, self.version = line["engine"], line["version"]

    def ask(self, request: dict[str, Any], seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
        """Give the answer, empty if none comes in time."""
        if self._process is None:
            self.start()
        answer = self._answer(self._running(), json.dumps(request).encode() + b"\n", seconds)
        if answer is None:
            self.unanswered += 1
            self.stop()
        return answer or EMPTY

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process, self._read = None, b""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
            self._process = subprocess.Popen(self.command, cwd=ROOT, bufsize=0, stdin=pipe, stdout=pipe, stderr=nowhere)
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], line: bytes, seconds: float) -> dict[str, Any] | None:
        assert process.stdin is not None
        try:
            process.stdin.write(line)
        except BrokenPipeError:
            return None
        return self._line(process, seconds)

    def _line(self, process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any] | None:
        """Read a line, None if it does not come in time or the process ends."""
        assert process.stdout is not None
        ends_at = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._read:
                ready = selector.select(max(0.0, ends_at - time.monotonic()))
                chunk = process.stdout.read(1 << 20) if ready else b""
                if not chunk:
                    return None
                self._read += chunk
        line, _, self._read = self._read.partition(b"\n")
        return dict(json.loads(line))


@contextmanager
def started(names: tuple[str, ...] = (OURS, *PEERS)) -> Iterator[list[Engine]]:
    """Start engines, ours with this interpreter and others with that of their environment; end them."""
    with ExitStack() as ends:
        engines = []
        for name in names:
            python = sys.executable if name == OURS else str(peers_python())
            engine = Engine([python, "-m", f"benchmarks.sql.peers.{name}"])
            ends.callback(engine.stop)
            engine.start()
            engines.append(engine)
        yield engines
