"""Events as files in a folder: durable once `put` returns, and there until the forwarder takes them away."""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.spool.durable import size_of, sync_folder, write_all_durably, write_durably
from nexus_core.spool.filesystem import volatile_filesystem

_MEASURE_AGAIN_S = 5.0
_ABANDONED_S = 3600.0


@dataclass(frozen=True, slots=True)
class SpoolState:
    """How much waits; `oldest_at` is when the first of it arrived."""

    pending_count: int
    pending_bytes: int
    rejected_count: int
    oldest_at: datetime | None


class SpoolFolder:
    """A spool: `writing/` holds unacknowledged files, `new/` events, `rejected/` refused ones with their reasons.

    Names begin with the nanosecond of arrival, so their order is the order of arrival. The size limit holds to
    within what other processes write in 5 s. Raises ConfigurationError for a folder that is open to others or,
    unless `ephemeral`, lost with the container.
    """

    def __init__(self, path: Path, *, max_bytes: int = 2**30, ephemeral: bool = False) -> None:
        self.path = path.expanduser().absolute()
        self._max_bytes = max_bytes
        self._writing, self._new, self._rejected = (self.path / name for name in ("writing", "new", "rejected"))
        self._size, self._measured_at, self._last_ns = 0, float("-inf"), 0
        self._open()
        if not ephemeral:
            _require_persistent(self.path)

    def put(self, *events: bytes) -> list[str]:
        """Store events, each a JSON object; they are on disk when this returns their names.

        Raises UnavailableError if the spool is full or the disk refuses.
        """
        names, size = [self._next_name() for _ in events], sum(map(len, events))
        with self._explained():
            self._require_room(size)
            write_all_durably({self._writing / name: event for name, event in zip(names, events, strict=True)})
            for name in names:
                (self._writing / name).rename(self._new / name)
            sync_folder(self._new)
        self._size += size
        return names

    def pending(self) -> list[str]:
        """Name the events that wait, in order of arrival."""
        with self._explained():
            return sorted(entry.name for entry in os.scandir(self._new))

    def read(self, name: str) -> bytes:
        """Give the bytes of an event."""
        with self._explained():
            return (self._new / name).read_bytes()

    def remove(self, name: str) -> None:
        """Forget an event that the API has; a crash before this only sends it twice."""
        with self._explained():
            (self._new / name).unlink()

    def reject(self, name: str, reason: bytes) -> None:
        """Put an event aside with the reason beside it (`NAME.reason`), written first so that none lacks its own."""
        with self._explained():
            write_durably(self._writing / f"{name}.reason", reason)
            (self._writing / f"{name}.reason").rename(self._rejected / f"{name}.reason")
            (self._new / name).rename(self._rejected / name)
            sync_folder(self._rejected)

    def rejection(self, name: str) -> bytes | None:
        """Give the reason for which an event was put aside; None if it was not."""
        if not (self._rejected / name).exists():
            return None
        with self._explained():
            return (self._rejected / f"{name}.reason").read_bytes()

    def state(self) -> SpoolState:
        """Count what waits and what was refused; costs a walk over both folders."""
        names = self.pending()
        with self._explained():
            rejected = sum(entry.name.endswith(".json") for entry in os.scandir(self._rejected))
            return SpoolState(len(names), size_of(self._new), rejected, _arrived_at(names[0]) if names else None)

    @contextmanager
    def exclusive(self, wait_s: float = 0.0) -> Iterator[None]:
        """Hold the forwarder's lock, and clear files whose writers died. Raises UnavailableError if another has it."""
        with self._explained():
            lock = os.open(self.path / "forwarder.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(lock, time.monotonic() + wait_s, self.path)
            self._clear_abandoned()
            yield
        finally:
            os.close(lock)

    def _open(self) -> None:
        with self._explained():
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.path.stat().st_mode & 0o077 or self.path.stat().st_uid != os.geteuid():
                raise ConfigurationError(
                    f"The spool {self.path} is open to other users",
                    "Name a folder that does not exist yet (it is made with mode 0700), or run chmod 700 as its owner",
                )
            for folder in (self._writing, self._new, self._rejected):
                folder.mkdir(mode=0o700, exist_ok=True)

    def _next_name(self) -> str:
        self._last_ns = max(self._last_ns + 1, time.time_ns())
        return f"{self._last_ns:020d}-{uuid.uuid4().hex[:12]}.json"

    def _require_room(self, size: int) -> None:
        if time.monotonic() - self._measured_at > _MEASURE_AGAIN_S:
            self._size, self._measured_at = size_of(self._new), time.monotonic()
        if self._size + size > self._max_bytes:
            raise UnavailableError(
                f"The spool {self.path}",
                f"{self._size:,} bytes wait in it, its limit is {self._max_bytes:,}",
                "See that `nexus forward` runs and reaches the API.",
            )

    def _clear_abandoned(self) -> None:
        for entry in os.scandir(self._writing):
            if time.time() - entry.stat().st_mtime > _ABANDONED_S:
                Path(entry).unlink()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UnavailableError(
                f"The spool {self.path}", error.strerror or str(error), "Check its disk and its owner."
            ) from error


def _require_persistent(path: Path) -> None:
    if kind := volatile_filesystem(path):
        raise ConfigurationError(
            f"The spool {path} lies on {kind}, which is lost with the container",
            "Mount a persistent volume there, or set `ephemeral` so that events are shipped before the task ends",
        )


def _arrived_at(name: str) -> datetime | None:
    stamp = name.partition("-")[0]
    return datetime.fromtimestamp(int(stamp) / 1e9, UTC) if stamp.isdigit() else None


def _lock(descriptor: int, deadline: float, path: Path) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise UnavailableError(
                    f"The lock on {path}", "another forwarder holds it", "One `nexus forward` a volume is enough."
                ) from error
            time.sleep(0.05)
        else:
            return
