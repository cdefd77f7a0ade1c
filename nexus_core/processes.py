"""Child processes that end with this one, with their output in a bounded log."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from logging import LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

import psutil

from nexus_core.files import write_whole

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 10 * 2**20
_LOG_FILES = 3
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Command:
    """What a child runs; `name` is its name in the folders `logs` and `run` of the data folder."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    data_dir: Path

    @property
    def log(self) -> Path:
        """The file of its output: rotated at 10 MiB, with three older ones beside it."""
        return self.data_dir / "logs" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        """The file that tells its process while it runs."""
        return self.data_dir / "run" / f"{self.name}.pid"


class Child:
    """A running command, in a session of its own: Ctrl-C reaches the parent, which stops its children in order.

    On Linux the kernel ends it when the thread that made it dies: make it in the main thread. Elsewhere the next
    start ends what a dead parent left.
    """

    def __init__(self, command: Command) -> None:
        self.command = command
        for path in (command.log, command.pid_file):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _end_leftover(command.pid_file)
        self.process = subprocess.Popen(  # noqa: S603 our own command lines
            command.argv,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent if _libc is not None else None,
        )
        write_whole(command.pid_file, f"{self.process.pid} {psutil.Process(self.process.pid).create_time()}")
        self._writer = threading.Thread(target=_write_log, args=(self.process.stdout, command.log), daemon=True)
        self._writer.start()

    @property
    def exit_code(self) -> int | None:
        """How it ended (minus the signal that killed it); None while it runs."""
        return self.process.poll()

    def stop(self, grace_s: float = 30.0) -> None:
        """Ask it to end, and kill it if it has not after `grace_s` seconds."""
        if self.exit_code is None:
            self.process.terminate()
            try:
                self.process.wait(grace_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self._writer.join(1.0)
        self.command.pid_file.unlink(missing_ok=True)

    def why(self) -> str:
        """Give the last line of its log that tells a failure, and the log's path, for an error message."""
        self._writer.join(1.0)
        log = self.command.log
        lines = log.read_text(errors="replace").splitlines()[-50:] if log.exists() else []
        said = [line.strip("│─╭╮╰╯ ") for line in lines if any(map(str.isalnum, line))]
        telling = [line for line in said if "rror:" in line or "xception:" in line] or said or ["it said nothing"]
        return f"{telling[-1][:300]}; log: {log}"


def running(pid_file: Path) -> psutil.Process | None:
    """Give the live process that a pid file tells; a later process of the same number is not taken for it."""
    try:
        pid, created_at = pid_file.read_text().split()
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(created_at)) < 1
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None


def _end_leftover(pid_file: Path) -> None:
    leftover = running(pid_file)
    if leftover is None:
        return
    leftover.terminate()
    _, alive = psutil.wait_procs([leftover], timeout=15)
    for process in alive:
        process.kill()


def _end_with_parent() -> None:
    """Run in the child before its program; the parent may have died before the first line."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        os._exit(1)


def _write_log(output: IO[bytes], log: Path) -> None:
    handler = RotatingFileHandler(log, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES)
    with output, closing(handler):
        for line in output:
            handler.emit(LogRecord(log.stem, 0, "", 0, line.decode(errors="replace").rstrip(), None, None))
