"""What the API and the worker need of an event log; `lineage.md` §1 gives the rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nexus_core.model.envelope import Envelope
from nexus_core.store.catalogue import Connection


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: pending events by partition (absent: none), since when the oldest waits, and what needs a person."""

    pending: Mapping[int, int]
    oldest_at: datetime | None
    dead_count: int
    quarantined_count: int


@dataclass(frozen=True, slots=True)
class Originals:
    """What is sealed of an event: texts by redaction's order; none if nothing is, or if no key opens it.

    `key` is the month and principal whose key it is sealed under, None where nothing is, or under the deployment's.
    """

    position: int
    event_id: str
    principal: str
    key: tuple[str, str] | None
    texts: tuple[str, ...]


class Unmerged(Protocol):
    """What a worker needs: events that wait for it, and events that it has merged before."""

    async def pending(self, partitions: Collection[int], limit: int, without: Set[str] = frozenset()) -> list[Envelope]:
        """Give unmerged events of these partitions in order of acceptance, with original texts where their seal opens.

        An event stays in the answers until it is marked, however late the transaction that stored it commits; those
        whose ids are in `without` are left out.
        """
        ...

    async def read(self, event_ids: Sequence[str]) -> list[Envelope]:
        """Give events by id, unsealed, in the order asked; unknown ids are left out."""
        ...

    async def mark_merged(self, event_ids: Sequence[str]) -> None:
        """Note that the graph holds them."""
        ...

    async def mark_dead(self, event_id: str, reason: str) -> None:
        """Move a pending event that can never be merged to the dead letters.

        A merged one stays: a worker that was stopped for long may give up what another has merged meanwhile.
        """
        ...


class EventLog(Unmerged, Protocol):
    """A durable, idempotent log: what `append` returned is never lost, and stays pending until it is merged.

    Events lie in 64 partitions (`eventlog.partition`). Every method raises UnavailableError while the log fails.
    """

    async def append(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Store events durably; True for each new one, False for one whose id is known (its first record stays).

        Concurrent calls share one commit. None of the events counts as stored if it raises.
        """
        ...

    async def append_within(self, connection: Connection, envelopes: Sequence[Envelope]) -> None:
        """Store events that are durable, and certain to enter the log, once the transaction of a connection is.

        The connection is of the main store. A log outside the store has them after the next `send_waiting`.
        """
        ...

    async def send_waiting(self) -> int:
        """Give a log outside the store what transactions left for it; tells how many events that were."""
        ...

    async def scan(self, after: int, limit: int) -> list[tuple[int, Envelope]]:
        """Give events past a position, each with its own, ascending, merged or not; none quarantined, superseded or
        discarded.

        0 is before the first. Once a position was given, no event appears at a lower one later, so that a reader who
        keeps the last position misses nothing. A quarantined event that is released gets a new position.
        """
        ...

    async def originals(self, after: int, limit: int) -> list[Originals]:
        """Give what is sealed in events past a position, of any state, with their positions, ascending."""
        ...

    async def erase(self, found: Sequence[Originals]) -> None:
        """Destroy the keys of events; their originals are gone on return, wherever copies of the log lie."""
        ...

    async def erase_month(self, month: str, principal: str) -> None:
        """Destroy the keys of all events that an account sent in a past month (`2026-10`, UTC)."""
        ...

    async def lag(self) -> int:
        """Count accepted events that are not merged yet (quarantined and dead ones do not count)."""
        ...

    async def backlog(self) -> Backlog:
        """Count what waits."""
        ...

    async def totals(self) -> tuple[int, datetime | None]:
        """Count all accepted events, and tell when the last one came."""
        ...

    async def dead_letters(self, limit: int) -> list[tuple[Envelope, str]]:
        """Give the newest dead and quarantined events as users may read them (redacted), with the reason."""
        ...

    async def waits(self, event_id: str) -> bool:
        """Tell whether an event is dead or quarantined."""
        ...

    async def retry(self, event_id: str, now: datetime) -> bool:
        """Make a dead or quarantined event pending again; False if it is neither.

        A quarantined one counts as accepted from now on: nobody believed it before.
        """
        ...

    async def supersede(self, event_id: str, successor: str) -> bool:
        """Take an event that another one replaces out of the dead letters; False if it is not among them."""
        ...

    async def discard(self, event_id: str, why: str) -> bool:
        """Put a dead or quarantined event aside, where it is kept and waits for nobody; False if it is neither."""
        ...

    async def restore(self, event_id: str) -> bool:
        """Let a discarded event wait for a person again, as it did before; False if it is none."""
        ...

    async def discarded(self, limit: int) -> list[tuple[Envelope, str, str]]:
        """Give the newest discarded events (redacted), why each waited, and why it was discarded."""
        ...

    async def aclose(self) -> None:
        """Leave the services that the log is kept by; the log is not used afterwards."""
        ...
