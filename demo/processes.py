"""Processes that outlive `make demo`: started detached, remembered by pid and start time, ended by `make demo-stop`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from nexus_core.files import write_whole

STOP_SECONDS = 30
_REMEMBERING = threading.Lock()


class DemoError(Exception):
    """A step failed; the sentence says what to do, the log file has the rest."""


@dataclass(frozen=True, slots=True)
class Processes:
    """The demo's own processes, in `folder/processes.json`; logs in `folder/logs`."""

    folder: Path

    @property
    def _file(self) -> Path:
        return self.folder / "processes.json"

    def log(self, name: str) -> Path:
        """Give the log file of a process, its folder made."""
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        return self.folder / "logs" / f"{name}.log"

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        env: Mapping[str, str],
        user: str | None = None,
        ends_at: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Start a process in a session of its own, unless it runs already; it ends at the signal `ends_at`."""
        if self.alive(name):
            return
        with self.log(name).open("ab") as log:
            child = subprocess.Popen(  # noqa: S603
                [str(part) for part in command],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=user,
                cwd=self.folder,
            )
        self._remember(name, child.pid, ends_at)

    def _remember(self, name: str, pid: int, ends_at: signal.Signals) -> None:
        """Note a process as ours; two may be started at once."""
        noted = {"pid": pid, "started": psutil.Process(pid).create_time(), "ends_at": ends_at}
        with _REMEMBERING:
            write_whole(self._file, json.dumps(self._read() | {name: noted}, indent=1))

    def alive(self, name: str) -> bool:
        """Whether the process still runs; a pid that another process took over does not count."""
        return self._find(self._read().get(name)) is not None

    def stop_all(self) -> list[str]:
        """End all of them at once, and give their names, the last started first."""
        stopped, families = [], []
        for name, noted in reversed(self._read().items()):
            with contextlib.suppress(psutil.NoSuchProcess):
                if process := self._find(noted):
                    families += [*process.children(recursive=True), process]
                    process.send_signal(int(noted.get("ends_at", signal.SIGTERM)))
                    stopped.append(name)
        _await_end(families)
        self._file.unlink(missing_ok=True)
        return stopped

    def _read(self) -> dict[str, dict[str, float]]:
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    @staticmethod
    def _find(noted: Mapping[str, float] | None) -> psutil.Process | None:
        if noted is None:
            return None
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(noted["pid"]))
            if abs(process.create_time() - noted["started"]) < 1 and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None


def _await_end(processes: Sequence[psutil.Process]) -> None:
    _, left = psutil.wait_procs(processes, timeout=STOP_SECONDS)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def free_ports(first: int) -> Iterator[int]:
    """Give ports of the loopback address that nothing listens on, from `first` upwards."""
    for port in range(first, first + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                with contextlib.suppress(OSError):
                    probe.close()
                    yield port


def remembered_port(folder: Path, name: str, default: int) -> int:
    """Give the port that `name` had at its last start, else the default or the next free one."""
    file = folder / "ports.json"
    ports: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    if name not in ports:
        ports[name] = next(port for port in free_ports(default) if port not in ports.values())
        write_whole(file, json.dumps(ports))  # another step may read it
    return ports[name]


def clean_environment() -> dict[str, str]:
    """Give our environment without settings of another Airflow, LineageNexus or PostgreSQL."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "NEXUS_", "PG"))}
