"""The worker's life: lease, rounds, retries without end, dead letters, signs of life."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import structlog

from nexus_core.errors import NexusError
from nexus_core.graph.schema import prepare_graph
from nexus_core.model.envelope import Envelope
from nexus_core.store.database import Store
from nexus_core.store.heartbeat import beat
from nexus_core.store.ledger_lease import LEASE_SECONDS, Held
from nexus_core.telemetry.traces import span
from nexus_core.worker import figures
from nexus_core.worker.holding import Holding
from nexus_core.worker.merge import Merger, Tasks, UnmergeableError
from nexus_core.worker.telling import Telling

_IDLE_SECONDS = 0.2
_STEWARD_SECONDS = 2.0
_ROUND_SECONDS = 10.0  # for which a round goes on while there is a backlog, then it waits for the graph
_AHEAD = 2  # times `batch_events` that are taken while the graph lacks them
_GATHER_SECONDS = 0.2  # a round costs as much as some ten events, so what comes within this time shares one
_BUSY_EVENTS, _BUSY_GATHER = 32, 3.0  # from a round of so many on it waits so many times as long for the next
_TRAILING_SECONDS = 600.0  # the same of a trailing worker
_PAUSE_FIRST, _PAUSE_MOST = 0.2, 15.0

_POISON = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What code raises on content that it did not foresee."""

CLASSIFYING_PARTITION = 0
"""Whoever holds it computes the classes, and follows checks."""

_log = structlog.get_logger()


class Beside(Protocol):
    """Keeps something in step with the ledger; its `str` names it."""

    async def step(self) -> bool:
        """Take in what changed; False when nothing did."""
        ...


@dataclass(slots=True)
class Worker:
    """Merges pending events of its share of the partitions until told to stop, and takes over from those that die.

    After a round with room for more events it waits for `gather_seconds`, longer while many come. `classifying` and
    `stewarding`, which follows checks and samples figures, are there for the projection that is active. While there is
    a backlog the graph is told of some events while the next are entered into the ledger. A `trailing` one does so with
    whatever comes, and marks what is in the ledger: for a log that notes nothing of what the graph holds.
    """

    store: Store
    merger: Merger
    batch_events: int
    gather_seconds: float = _GATHER_SECONDS
    classifying: Beside | None = None
    stewarding: Beside | None = None
    trailing: bool = False
    _unfinished: bool = field(default=True, init=False)  # whether the ledger may hold what the graph is yet to be told
    _stop: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; every transient failure is tried again after a growing pause, for ever."""
        self._stop = stop
        alive = asyncio.create_task(self._live())
        pause = _PAUSE_FIRST
        try:
            while not stop.is_set():
                began = time.monotonic()
                try:
                    await self._hold(stop)
                except NexusError as error:
                    if not error.transient:
                        raise
                    if time.monotonic() - began > _PAUSE_MOST:
                        pause = _PAUSE_FIRST  # it had worked for a while
                    _log.warning("merging waits", reason=str(error), seconds=pause)
                    figures.WAITS.inc()
                    await _sleep(stop, pause)
                    pause = min(pause * 2, _PAUSE_MOST)
        finally:
            await _cancel(alive)

    async def _hold(self, stop: asyncio.Event) -> None:
        """Take leases, work while they are ours, give them back."""
        await prepare_graph(self.merger.graph)
        holding = Holding(self.store, self.merger.graph)
        keeping = asyncio.create_task(holding.keep())
        beside = [
            asyncio.create_task(self._keep(holding, step, idle))
            for step, idle in ((self.classifying, _IDLE_SECONDS), (self.stewarding, _STEWARD_SECONDS))
            if step is not None
        ]
        try:
            await self._work(holding, stop)
        finally:
            for task in beside:
                await _cancel(task)
            await _cancel(keeping)
            await holding.give_back()

    async def _keep(self, holding: Holding, work: Beside, idle_seconds: float) -> None:
        """Keep something in step with the ledger beside the merging, in whichever worker holds the first partition."""
        while True:
            pause = idle_seconds
            if CLASSIFYING_PARTITION in holding.held.epochs:
                try:
                    pause = 0.0 if await work.step() else idle_seconds
                except NexusError as error:
                    pause = max(_PAUSE_MOST / 10, idle_seconds)
                    _log.warning("work beside the merging waits", work=str(work), reason=str(error), seconds=pause)
                except _POISON:
                    pause = _PAUSE_MOST
                    if work is self.classifying:
                        figures.CLASSES_FAILED.inc()
                    _log.exception("what is kept beside the merging stays as it is", work=str(work), seconds=pause)
            await asyncio.sleep(pause)

    async def _work(self, holding: Holding, stop: asyncio.Event) -> None:
        left = True  # whether other holders may have left something in these partitions
        while not stop.is_set():
            if await holding.balance():
                left = True
                self.merger.contents.stored.clear()  # compaction may have been here meanwhile
            held = holding.held
            worked = await self._turn(holding, left=left or not held.whole) if held.epochs else 0
            if not worked:
                left = False
                await _sleep(stop, _IDLE_SECONDS if held.epochs else LEASE_SECONDS / 5)
            elif worked < self.batch_events and self.gather_seconds:
                await _sleep(stop, self.gather_seconds * (_BUSY_GATHER if worked >= _BUSY_EVENTS else 1.0))

    async def _turn(self, holding: Holding, *, left: bool) -> int:
        """Merge a batch, and do what others asked for where they may have; gives how much there was to do."""
        held = holding.held
        if left:
            await self.merger.finish(held)
        tasks = await self.merger.tasks(held, self.batch_events) if left else ()
        envelopes = await self._pending(held, frozenset())
        if not envelopes and not tasks:
            return 0
        merged = await self.round(envelopes, held, tasks)
        holding.merged_count += merged
        return max(merged, len(envelopes)) + len(tasks)

    async def _pending(self, held: Held, without: Set[str]) -> list[Envelope]:
        return await self.merger.log.pending(held.partitions, self.batch_events, without)

    async def round(self, envelopes: Sequence[Envelope], held: Held, tasks: Tasks = ()) -> int:
        """Bring tasks and events into ledger and graph, in this order; gives the number of merged events.

        While the log has a backlog the round goes on with it.
        """
        with span("round", events=len(envelopes), tasks=len(tasks)):
            await self._do(tasks, held)
            merged_count = 0
            async with Telling(self.merger, held) as telling:
                until = time.monotonic() + (_TRAILING_SECONDS if self.trailing else _ROUND_SECONDS)
                while envelopes:
                    await self._take_parts(envelopes, held, telling)
                    merged_count += await self._mark(telling.told())
                    more = self._goes_on(envelopes, until)
                    envelopes = await self._pending(held, telling.untold) if more else ()
            if self._unfinished:
                await self.merger.finish(held)
                self._unfinished = False
            return merged_count + await self._mark(telling.all())

    def _goes_on(self, envelopes: Sequence[Envelope], until: float) -> bool:
        """Whether a round goes on that took these, so that the graph is told of them meanwhile."""
        is_backlog = self.trailing or len(envelopes) >= self.batch_events
        is_tellable = self.merger.horizon is not None
        return is_backlog and is_tellable and time.monotonic() < until and not self._stop.is_set()

    async def _mark(self, merged: Mapping[str, figures.Taken]) -> int:
        if not merged:
            return 0
        await self.merger.log.mark_merged(list(merged))
        figures.note_merged(merged)
        return len(merged)

    async def _take_parts(self, envelopes: Sequence[Envelope], held: Held, telling: Telling) -> None:
        for start in range(0, len(envelopes), self.batch_events):
            if self._unfinished:
                telling.begin()
            if len(telling.untold) >= self.batch_events * _AHEAD:
                await telling.wait()
                telling.begin()
            began_at = datetime.now(UTC)
            part = envelopes[start : start + self.batch_events]
            merged = set(await self._take(part, held))
            taken = {one.id: figures.Taken(one.accepted_at, began_at) for one in part if one.id in merged}
            telling.took(taken, told=self.trailing or not self._unfinished)

    async def _take(self, envelopes: Sequence[Envelope], held: Held) -> list[str]:
        """Enter events into the ledger; gives the ids of those that are in it, and buries the others."""
        if not envelopes:
            return []
        try:
            self._unfinished |= await self.merger.take(envelopes, held)
        except UnmergeableError as error:
            for event_id in error.event_ids:
                await self._bury(event_id, error.reason)
            return await self._take([one for one in envelopes if one.id not in error.event_ids], held)
        except _POISON as error:
            if len(envelopes) > 1:
                return [event_id for one in envelopes for event_id in await self._take([one], held)]
            _log.exception("event cannot be merged", event_id=envelopes[0].id)
            await self._bury(envelopes[0].id, f"The worker failed on it: {type(error).__name__}: {error}"[:500])
            return []
        return [envelope.id for envelope in envelopes]

    async def _do(self, tasks: Tasks, held: Held) -> None:
        """Do what others asked for; a task that the code fails on is dropped, since its events are merged already."""
        try:
            if tasks:
                self._unfinished |= await self.merger.take((), held, tasks)
        except _POISON:
            if len(tasks) > 1:
                for one in tasks:
                    await self._do([one], held)
                return
            _log.exception("task cannot be done", task=tasks[0][1])
            await self.merger.ledger.forget(held, tasks[0][0])

    async def _bury(self, event_id: str, reason: str) -> None:
        _log.warning("event goes to the dead letters", event_id=event_id, reason=reason)
        figures.BURIED.inc()
        await self.merger.log.mark_dead(event_id, reason)

    async def _live(self) -> None:
        """Give signs of life, also while Neo4j is away: the process works, the lag tells the rest."""
        while True:
            with contextlib.suppress(NexusError):  # the store is away: the next sign tells that it is back
                await beat(self.store, "worker")
            await asyncio.sleep(LEASE_SECONDS)


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
