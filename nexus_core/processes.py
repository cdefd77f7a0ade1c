"""Child processes that end with this one, whose output goes to a bounded log, and that a crash leaves no trace of."""

from __future__ import annotations

import asyncio
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

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 10 * 2**20
_LOG_FILES = 3


@dataclass(frozen=True, slots=True)
class Command:
    """What a child runs; `name` is its name in logs and in the folder `run` of the data folder."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    data_dir: Path

    @property
    def log(self) -> Path:
        """The file that its output goes to, rotated at 10 MiB."""
        return self.data_dir / "logs" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        """The file that holds its process id while it runs."""
        return self.data_dir / "run" / f"{self.name}.pid"


class Child:
    """A running command, in a session of its own: Ctrl-C reaches the parent, which stops its children in order.

    On Linux the kernel ends it when the thread that made it dies: make it in the main thread. Elsewhere the next
    start ends what a dead parent left.
    """

    def __init__(self, command: Command) -> None:
        self.command = command
        end_leftover(command)
        for path in (command.log, command.pid_file):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.process = subprocess.Popen(  # noqa: S603 our own command lines
            command.argv,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        command.pid_file.write_text(str(self.process.pid))
        self._writer = threading.Thread(target=self._write_log, daemon=True)
        self._writer.start()

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self.process.poll()

    async def stop(self, grace_s: float = 15.0) -> None:
        """Ask it to end, and kill it if it has not after `grace_s` seconds."""
        if self.exit_code is None:
            self.process.terminate()
            try:
                await asyncio.to_thread(self.process.wait, grace_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
        await asyncio.to_thread(self.process.wait)
        await asyncio.to_thread(self._writer.join, 1.0)
        self.command.pid_file.unlink(missing_ok=True)

    def why(self) -> str:
        """Give the last line of its log that tells a failure, and the log's path, for an error message."""
        log = self.command.log
        lines = log.read_text(errors="replace").splitlines()[-50:] if log.exists() else []
        telling = [line for line in lines if "rror" in line or "xception" in line] or lines or ["it said nothing"]
        return f"{telling[-1].strip()[:300]}; log: {log}"

    def _write_log(self) -> None:
        output: IO[bytes] | None = self.process.stdout
        if output is None:
            return
        handler = RotatingFileHandler(self.command.log, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES)
        with output, closing(handler):
            for line in output:
                text = line.decode(errors="replace").rstrip()
                handler.emit(LogRecord(self.command.name, 0, "", 0, text, None, None))


def end_leftover(command: Command) -> None:
    """End the process that a crashed parent left behind, if its pid file still names the same program."""
    leftover = running(command.pid_file)
    if leftover is None or Path(command.argv[0]).name != Path(leftover.name()).name:
        return
    leftover.terminate()
    try:
        leftover.wait(15)
    except psutil.TimeoutExpired:
        leftover.kill()


def running(pid_file: Path) -> psutil.Process | None:
    """Give the live process that a pid file names and that started before the file was written."""
    try:
        process = psutil.Process(int(pid_file.read_text()))
        started_before = process.create_time() <= pid_file.stat().st_mtime + 1
        return process if started_before and process.status() != psutil.STATUS_ZOMBIE else None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:  # the parent died before the line above
        os._exit(1)
