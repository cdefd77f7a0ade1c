"""The log as a projection sees it that follows another one: what the other has and it lacks, oldest first."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Collection, Sequence, Set
from datetime import datetime

from nexus_core.eventlog.log import EventLog
from nexus_core.eventlog.partition import PARTITION_COUNT, partition_of
from nexus_core.model.envelope import Envelope
from nexus_core.store.database import Store
from nexus_core.store.taken import among_taken, lacking, note_left_out

_CHUNK = 2_000  # events held at once
_LOOK_SECONDS = 1.0


class Feed:
    """What is unmerged for the worker of a projection that catches up; it marks nothing in the log itself.

    It goes through the log once in order of acceptance, from position `scanned` on, then compares what the two ledgers
    have taken, so that an event that became visible late, or was merged late, is not passed over. `done` is set while
    nothing is lacking; `scanned` is the position up to which the log has been gone through.
    """

    def __init__(
        self,
        log: EventLog,
        follows: Store,
        ledger: Store,
        scanned: int,
        until: datetime | None,
        note_scanned: Callable[[int], Awaitable[None]],
    ) -> None:
        self._log, self._follows, self._ledger = log, follows, ledger
        self.scanned, self._until, self._note_scanned = scanned, until, note_scanned
        self._waiting: dict[str, Envelope] = {}
        self._looked_at, self._look_took = 0.0, 0.0
        self.done = asyncio.Event()

    def look_again(self) -> None:
        """Have the next call of `pending` look anew whether anything is lacking."""
        self.done.clear()
        self._looked_at = 0.0

    async def pending(self, partitions: Collection[int], limit: int, without: Set[str] = frozenset()) -> list[Envelope]:
        """Give what is lacking, in order of acceptance as far as the log is read in order."""
        while not self._waiting and await self._scan():
            pass
        if not self._waiting and len(partitions) == PARTITION_COUNT:
            await self._compare()
        of_these = (one for one in self._waiting.values() if partition_of(one.kind, one.event) in partitions)
        return list(itertools.islice((one for one in of_these if one.id not in without), limit))

    async def read(self, event_ids: Sequence[str]) -> list[Envelope]:
        """Give events by id from the log."""
        return await self._log.read(event_ids)

    async def mark_merged(self, event_ids: Sequence[str]) -> None:
        """Go on behind these; that they are taken stands in the projection's ledger."""
        for event_id in event_ids:
            self._waiting.pop(event_id, None)
        if not self._waiting:
            await self._note_scanned(self.scanned)

    async def mark_dead(self, event_id: str, reason: str) -> None:
        """Leave an event out of this projection."""
        await note_left_out(self._ledger, event_id, reason)
        self._waiting.pop(event_id, None)

    async def _scan(self) -> bool:
        """Take the next part of the log; False at its end."""
        found = await self._log.scan(self.scanned, _CHUNK)
        if not found:
            return False
        self.scanned = found[-1][0]
        await self._take([envelope for _, envelope in found])
        return True

    async def _compare(self) -> None:
        """Take what the other ledger has and this one lacks, if that was not looked for just now."""
        if time.monotonic() - self._looked_at < max(_LOOK_SECONDS, 5 * self._look_took):
            return
        began = time.monotonic()
        ids = await lacking(self._ledger, self._follows, self._until, _CHUNK)
        self._waiting = {envelope.id: envelope for envelope in await self._log.read(ids)}
        self._looked_at = time.monotonic()
        self._look_took = self._looked_at - began
        if not self._waiting:
            self.done.set()

    async def _take(self, envelopes: Sequence[Envelope]) -> None:
        ids = [one.id for one in envelopes if self._until is None or one.accepted_at <= self._until]
        theirs = await among_taken(self._follows, ids)
        wanted = theirs - await among_taken(self._ledger, theirs)
        self._waiting = {envelope.id: envelope for envelope in envelopes if envelope.id in wanted}
