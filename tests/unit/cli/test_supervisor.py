"""Children that crash start again, and all stop in order."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from nexus_core.cli.supervisor import Supervisor
from nexus_core.processes import Child, Command, running


def child(data: Path, name: str, script: str) -> Callable[[], Child]:
    return lambda: Child(Command(name, [sys.executable, "-c", script], os.environ, data))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class EnoughError(Exception):
    """Ends a watch."""


def test_a_crashed_child_is_told_and_starts_again_after_a_longer_pause_each_time(tmp_path: Path) -> None:
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if len(said) == 2:
            raise EnoughError

    supervisor = Supervisor(say)
    first = supervisor.keep(child(tmp_path, "worker", "print('ValueError: no'); raise SystemExit(3)"))
    wait_for(lambda: supervisor.crashed() is first)
    with pytest.raises(EnoughError):
        supervisor.watch()
    supervisor.stop()
    ended = "worker ended with status 3 and starts again in {} s (ValueError: no; log: {})"
    assert said == [ended.format(pause, tmp_path / "logs" / "worker.log") for pause in (1, 2)]


def test_a_child_that_the_machine_cannot_start_now_is_tried_again(tmp_path: Path) -> None:
    said: list[str] = []
    start = child(tmp_path, "worker", "raise SystemExit(3)")
    starts = iter([start, _no_space, start])
    supervisor = Supervisor(said.append)
    first = supervisor.keep(lambda: next(starts)())
    wait_for(lambda: supervisor.crashed() is first)
    with pytest.raises(StopIteration):  # three starts, and a fourth that there is none for
        supervisor.watch()
    supervisor.stop()
    assert "No space left" in said[1]
    assert said[1].endswith("is tried again in 2 s")


def _no_space() -> Child:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_last_started_stops_first(tmp_path: Path) -> None:
    order = tmp_path / "order"
    script = f"""
import signal, sys, time
def end(*_):
    open({str(order)!r}, "a").write(sys.argv[1])
    sys.exit()
signal.signal(15, end)
print("up", flush=True)
time.sleep(60)
"""
    supervisor = Supervisor(print)
    for name in "ab":
        command = Command(name, [sys.executable, "-c", script, name], os.environ, tmp_path)
        kept = supervisor.keep(lambda command=command: Child(command))
        wait_for(lambda kept=kept: kept.command.log.exists() and "up" in kept.command.log.read_text())
        assert running(kept.command.pid_file) is not None
    supervisor.stop()
    assert order.read_text() == "ba"
    assert not any((tmp_path / "run").iterdir())


def test_what_a_dead_parent_left_is_ended_by_the_next_start(tmp_path: Path) -> None:
    start = child(tmp_path, "api", "import time; time.sleep(60)")
    left, again = start(), start()
    assert not psutil.pid_exists(left.process.pid)
    assert again.exit_code is None
    again.stop()
    left.stop()
