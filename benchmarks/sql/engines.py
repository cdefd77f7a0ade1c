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
EMPTY: dict[str, Any] = {"inputs": [], "outputs": [], "columns": [], "errors": [{"code": "no answer"}], "cpu_seconds": 0.0}


@dataclass(slots=True)
class Engine:
    """One engine; it is started anew after an answer that does not come in time."""

    command: list[str]
    name: str = ""
    version: str = ""
    unanswered: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _read: bytes = b""

    def start(self) -> None:
        """Start the process and learn its name."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._process, self._read = subprocess.Popen(self.command, cwd=ROOT, bufsize=0, **pipes), b""
        line = self._line(START_SECONDS)
        if line is None:
            raise RuntimeError(f"{' '.join(self.command)} does not start")
        self.name, self.version = line["engine"], line["version"]

    def ask(self, request: dict[str, Any], seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
        """Give the answer, empty if none comes in time."""
        if self._process is None:
            self.start()
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        answer = self._line(seconds)
        if answer is None:
            self.unanswered += 1
            self.stop()
        return answer or EMPTY

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process = None

    def _line(self, seconds: float) -> dict[str, Any] | None:
        assert self._process is not None and self._process.stdout is not None
        ends_at = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._read:
                if not selector.select(ends_at - time.monotonic()):
                    return None
                if not (chunk := self._process.stdout.read(1 << 20)):
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
