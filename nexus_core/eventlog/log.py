"""What the API and the worker need of an event log; `lineage.md` §1 gives the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nexus_core.model.envelope import Envelope


class EventLog(Protocol):
    """A durable, idempotent log: what `append` returned is never lost, and stays pending until it is merged."""

    async def append(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Store events durably; True for each new one, False for one whose id is known (its first record stays).

        Concurrent calls share one commit. Raises UnavailableError if the log cannot be written.
        """
        ...

    async def pending(self, limit: int) -> list[Envelope]:
        """Give unmerged events in order of acceptance, with original texts where their seal opens."""
        ...

    async def read(self, event_ids: Sequence[str]) -> list[Envelope]:
        """Give events by id, unsealed, in the order asked; unknown ids are left out."""
        ...

    async def mark_merged(self, event_ids: Sequence[str]) -> None:
        """Note that the graph holds them."""
        ...

    async def mark_dead(self, event_id: str, reason: str) -> None:
        """Move an event that can never be merged to the dead letters."""
        ...

    async def lag(self) -> int:
        """Count accepted events that are not merged yet (quarantined and dead ones do not count)."""
        ...
