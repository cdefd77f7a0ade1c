"""Keeps the children of `nexus up` running, and stops them in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from nexus_core.processes import Child

_LONGEST_PAUSE_S = 30.0
_STEADY_AFTER_S = 60.0
_LOOK_EVERY_S = 0.5


@dataclass(slots=True)
class _Kept:
    start: Callable[[], Child]
    child: Child
    started_at: float
    crash_count: int = 0
    start_again_at: float | None = None


class Supervisor:
    """Starts children, starts a crashed one again after 1, 2, 4 … 30 s, and stops the last started first."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._kept: list[_Kept] = []

    def keep(self, start: Callable[[], Child]) -> Child:
        """Start a child and keep it running from the next `watch` on."""
        child = start()
        self._kept.append(_Kept(start, child, time.monotonic()))
        return child

    def crashed(self) -> Child | None:
        """Give a child that has ended, if any."""
        return next((kept.child for kept in self._kept if kept.child.exit_code is not None), None)

    def drop(self, child_name: str) -> None:
        """Stop a child and keep it no longer; does nothing if there is none of the name."""
        for kept in [kept for kept in self._kept if kept.child.command.name == child_name]:
            self._kept.remove(kept)
            kept.child.stop()

    def watch(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Start again what crashes, and call `meanwhile` each time, for ever; a signal's exception ends it."""
        while True:
            meanwhile()
            for kept in self._kept:
                self._look_at(kept)
            time.sleep(_LOOK_EVERY_S)

    def stop(self) -> None:
        """Stop all children, the last started first."""
        for kept in reversed(self._kept):
            kept.child.stop()

    def _look_at(self, kept: _Kept) -> None:
        now = time.monotonic()
        if kept.start_again_at is not None:
            if now >= kept.start_again_at:
                self._start_again(kept, now)
        elif kept.child.exit_code is not None:
            code, why = kept.child.exit_code, kept.child.why()
            pause = self._plan(kept, now)
            self._say(f"{kept.child.command.name} ended with status {code} and starts again in {pause:.0f} s ({why})")

    def _start_again(self, kept: _Kept, now: float) -> None:
        """Start a child; what the machine has none of now, such as space on its disk, it may have later."""
        try:
            kept.child, kept.started_at, kept.start_again_at = kept.start(), now, None
        except OSError as error:
            pause = self._plan(kept, now)
            self._say(f"{kept.child.command.name} cannot start ({error}) and is tried again in {pause:.0f} s")

    def _plan(self, kept: _Kept, now: float) -> float:
        steady = now - kept.started_at > _STEADY_AFTER_S and kept.start_again_at is None
        kept.crash_count = 1 if steady else kept.crash_count + 1
        pause = min(2.0 ** (kept.crash_count - 1), _LONGEST_PAUSE_S)
        kept.start_again_at = now + pause
        return pause
