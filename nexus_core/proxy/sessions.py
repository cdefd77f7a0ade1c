"""The sessions of one process: who has them, by which numbers they are cancelled, and when they are enough."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from nexus_core.model.access import Caller
from nexus_core.model.masked import Profile
from nexus_core.proxy.protocol import messages
from nexus_core.proxy.protocol.messages import Complaint, fatal
from nexus_core.proxy.relay import Relay
from nexus_core.proxy.upstream import Upstream

_COUNTER_BITS = 22
WORKERS_MAX = 256
"""Processes that share a port; a session's number tells which of them has it."""


@dataclass(slots=True, eq=False)
class Session:
    """One session: who, what they see, the epoch of the password that began it, and when by the loop's clock.

    `compared` is the source's generation at which the profile was last seen to be right.
    """

    caller: Caller
    profile: Profile
    epoch: int
    relay: Relay
    upstream: Upstream
    began_at: float
    process: int
    secret: int
    quiet_since: float
    seen: tuple[int, int, bool] = (0, 0, False)
    cancelled_at: float | None = None
    compared: int = -1


@dataclass(slots=True)
class Sessions:
    """The open sessions, and places that are taken by those who are just coming in."""

    worker: int
    most: int
    most_of_one: int
    _by_number: dict[int, Session] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)
    _counter: int = 0

    def __iter__(self) -> Iterator[Session]:
        """Give all, which may end meanwhile."""
        return iter(list(self._by_number.values()))

    def __len__(self) -> int:
        """Give how many there are."""
        return len(self._by_number)

    def take_place(self, account_id: str) -> Complaint | None:
        """Take a place for an account; gives what it is told where there is none."""
        taken = self._places.get(account_id, 0)
        if sum(self._places.values()) >= self.most:
            return fatal(messages.TOO_MANY_CONNECTIONS, "the proxy has as many sessions as it may")
        if taken >= self.most_of_one:
            return fatal(messages.TOO_MANY_CONNECTIONS, f"you have {taken} sessions, and may have no more")
        self._places[account_id] = taken + 1
        return None

    def leave_place(self, account_id: str) -> None:
        """Give a place back."""
        left = self._places[account_id] - 1
        if left:
            self._places[account_id] = left
        else:
            del self._places[account_id]

    def numbers(self) -> tuple[int, int]:
        """Give new numbers by which a session's statements are cancelled."""
        while True:
            self._counter = (self._counter + 1) % (1 << _COUNTER_BITS)
            number = (self.worker << _COUNTER_BITS) | self._counter
            if number not in self._by_number:
                return number, secrets.randbits(31)

    def add(self, session: Session) -> None:
        """Learn of a session."""
        self._by_number[session.process] = session

    def remove(self, session: Session) -> None:
        """Forget a session."""
        self._by_number.pop(session.process, None)

    def to_cancel(self, process: int, secret: int) -> Session | None:
        """Give the session with such numbers."""
        session = self._by_number.get(process)
        same = session is not None and secrets.compare_digest(
            session.secret.to_bytes(4), (secret & 0xFFFFFFFF).to_bytes(4)
        )
        return session if same else None


def worker_of(process: int) -> int:
    """Give which of the processes that share a port has a session."""
    return (process >> _COUNTER_BITS) & 0xFF
