"""Replays the log into a projection, proves it equal to the active one, and switches over (docs/operations.md).

Each step can be broken off and taken again. Merging pauses only while the two graphs are compared: the workers of the
active projection step aside, and leases on both ledgers keep them away, so that both rest on the same events.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass

from nexus_core.eventlog.log import EventLog
from nexus_core.eventlog.partition import PARTITION_COUNT
from nexus_core.graph.hash import graph_hash
from nexus_core.graph.read_warmup import warm_up
from nexus_core.model.envelope import Envelope
from nexus_core.projection.opening import OpenProjection
from nexus_core.store.database import Store
from nexus_core.store.projections import State, note_projection, switch
from nexus_core.store.settled import is_settled
from nexus_core.store.taken import count_taken
from nexus_core.worker.feed import Feed
from nexus_core.worker.loop import Worker
from nexus_core.worker.opening import make_merger
from nexus_core.worker.pausing import paused
from nexus_core.worker.statements import Parser

_BATCH = 1_000
_WARM_UP_SECONDS = 30.0
_LOOK_SECONDS = 0.1

Progress = Callable[[int, int], None]
"""Is told how many events the projection has, and how many the one that it follows."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The bitemporal hashes of two graphs that rest on the same events."""

    active: str
    target: str

    @property
    def is_equal(self) -> bool:
        """Whether the graphs hold the same."""
        return self.active == self.target


@dataclass(frozen=True, slots=True)
class Replay:
    """Brings `target` to what `active` has; of two replays on one target the second waits for the first's lease."""

    main: Store
    log: EventLog
    parser: Parser
    active: OpenProjection
    target: OpenProjection
    feed: Feed

    @classmethod
    def of(cls, main: Store, log: EventLog, parser: Parser, active: OpenProjection, target: OpenProjection) -> Replay:
        """Give a replay that goes on where an earlier one of the target was."""

        async def note_scanned(position: int) -> None:
            await note_projection(main, target.row.id, scanned=position)

        row = target.row
        feed = Feed(log, active.store, target.store, row.scanned, row.until_at, note_scanned)
        return cls(main, log, parser, active, target, feed)

    async def catch_up(self, progress: Progress) -> None:
        """Merge what the target lacks, until nothing is lacking; the active projection's workers go on meanwhile."""
        reporting = asyncio.create_task(self._report(progress))
        try:
            async with _working(self._follower()) as until:
                await until(self.feed.done)
        finally:
            await _cancelled(reporting)
        await self._tell(progress)
        await note_projection(self.main, self.target.row.id, state=self._caught_up.value)

    async def compare(self) -> Comparison:
        """Hash both graphs while both rest on the same events; merging pauses as long."""
        async with self._both_at_rest():
            return await self._hashes()

    async def switch(self, *, accept_difference: bool) -> Comparison:
        """Compare, and unless the graphs differ, make the target the active projection; the other one is kept.

        Raises LostLeaseError if this process was stopped for so long that the pause is over: repeat it.
        """
        by = f"{socket.gethostname()}:{os.getpid()}"
        await warm_up(self.target.graph, _WARM_UP_SECONDS)
        async with self._both_at_rest(by):
            found = await self._hashes()
            if found.is_equal or accept_difference:
                await switch(self.main, self.active.row, self.target.row.id, by, self.feed.scanned)
            return found

    @property
    def _caught_up(self) -> State:
        return State.KEPT if self.target.row.state is State.KEPT else State.READY

    async def _hashes(self) -> Comparison:
        graphs = (self.active.graph, self.target.graph)
        return Comparison(*await asyncio.gather(*(graph_hash(graph, bitemporal=True) for graph in graphs)))

    @asynccontextmanager
    async def _both_at_rest(self, by: str | None = None) -> AsyncIterator[None]:
        """Hold both projections while nothing is lacking and both graphs have been told of all that is taken."""
        by = by or f"{socket.gethostname()}:{os.getpid()}"
        idle = _Idle(self.log)
        merger = make_merger(self.active.store, idle, self.active.graph, self.parser)
        holder = Worker(self.active.store, merger, 1)
        async with paused(self.main, self.active.row.id, by), _working(holder) as until_held:
            await until_held(idle.reached)
            await _settled(self.active.store)
            self.feed.look_again()
            async with _working(self._follower()) as until:
                await until(self.feed.done)
                await _settled(self.target.store)
                yield

    def _follower(self) -> Worker:
        merger = make_merger(self.target.store, self.feed, self.target.graph, self.parser)
        return Worker(self.target.store, merger, _BATCH, gather_seconds=0.0, trailing=True)

    async def _report(self, progress: Progress) -> None:
        while True:
            await self._tell(progress)
            await asyncio.sleep(2.0)

    async def _tell(self, progress: Progress) -> None:
        progress(await count_taken(self.target.store), await count_taken(self.active.store))


class _Idle:
    """A log in which nothing is pending, for a worker that only holds its leases; `reached` once it has them all."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.reached = asyncio.Event()

    async def pending(
        self,
        partitions: Collection[int],
        limit: int,  # noqa: ARG002
        without: Set[str] = frozenset(),  # noqa: ARG002
    ) -> list[Envelope]:
        """Give nothing."""
        if len(partitions) == PARTITION_COUNT:
            self.reached.set()
        return []

    async def read(self, event_ids: Sequence[str]) -> list[Envelope]:
        """Give events by id from the log."""
        return await self._log.read(event_ids)

    async def mark_merged(self, event_ids: Sequence[str]) -> None:
        """Do nothing, since nothing was given."""

    async def mark_dead(self, event_id: str, reason: str) -> None:
        """Do nothing, since nothing was given."""


_Until = Callable[[asyncio.Event], Awaitable[None]]
"""Waits for an event; a failure of the worker is raised instead."""


@asynccontextmanager
async def _working(worker: Worker) -> AsyncIterator[_Until]:
    """Run a worker around a block: to the end of its round, or broken off if the block failed."""
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))

    async def until(event: asyncio.Event) -> None:
        waiting = asyncio.create_task(event.wait())
        await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if running.done():
            running.result()

    try:
        yield until
    except BaseException:
        running.cancel()  # what the graph is not told stays pending
        raise
    finally:
        stop.set()
        await asyncio.wait([running])
        if not running.cancelled():
            running.result()


async def _settled(ledger: Store) -> None:
    """Wait until a worker that holds everything has nothing left to do."""
    while not await is_settled(ledger):  # noqa: ASYNC110 another task tells nothing
        await asyncio.sleep(_LOOK_SECONDS)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
