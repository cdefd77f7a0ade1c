"""The worker's life: lease, rounds, retries without end, dead letters, signs of life."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from nexus_core.errors import LostLeaseError, NexusError
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.graph.schema import prepare_graph
from nexus_core.graph.write import take_lease
from nexus_core.model.envelope import Envelope
from nexus_core.store.database import Store
from nexus_core.store.heartbeat import beat
from nexus_core.store.ledger_lease import LEASE_SECONDS, Lease, acquire, release, renew
from nexus_core.worker.merge import Merger, UnmergeableError

_LEASE = "merge"
_IDLE_SECONDS = 0.2
_PAUSE_FIRST, _PAUSE_MOST = 0.2, 15.0

_POISON = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What code raises on content that it did not foresee."""

_log = structlog.get_logger()


@dataclass(slots=True)
class Worker:
    """Merges pending events until told to stop. Only the holder of the lease works; others wait to take over."""

    store: Store
    merger: Merger
    batch_events: int

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; every transient failure is tried again after a growing pause, for ever."""
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
                    await _sleep(stop, pause)
                    pause = min(pause * 2, _PAUSE_MOST)
        finally:
            await _cancel(alive)

    async def _hold(self, stop: asyncio.Event) -> None:
        """Take the lease, work while it is ours, give it back."""
        lease = await acquire(self.store, _LEASE, f"{socket.gethostname()}:{os.getpid()}")
        if lease is None:
            await _sleep(stop, LEASE_SECONDS / 5)
            return
        keeping = asyncio.create_task(self._keep(lease))
        try:
            await self._work(lease, stop)
        finally:
            await _cancel(keeping)
            with contextlib.suppress(NexusError):  # it ends by itself
                await release(self.store, lease)

    async def _work(self, lease: Lease, stop: asyncio.Event) -> None:
        await prepare_graph(self.merger.graph)
        await take_lease(self.merger.graph, lease.name, lease.epoch)
        await self.merger.finish(lease)  # what a predecessor left
        while not stop.is_set():
            envelopes = await self.merger.log.pending(ALL_PARTITIONS, self.batch_events)
            if envelopes:
                await self._round(envelopes, lease)
            else:
                await _sleep(stop, _IDLE_SECONDS)

    async def _round(self, envelopes: Sequence[Envelope], lease: Lease) -> None:
        merged = await self._take(envelopes, lease)
        await self.merger.finish(lease)
        await self.merger.log.mark_merged(merged)

    async def _take(self, envelopes: Sequence[Envelope], lease: Lease) -> list[str]:
        """Enter events into the ledger; gives the ids of those that are in it, and buries the others."""
        if not envelopes:
            return []
        try:
            await self.merger.take(envelopes, lease)
        except UnmergeableError as error:
            for event_id in error.event_ids:
                await self._bury(event_id, error.reason)
            return await self._take([one for one in envelopes if one.id not in error.event_ids], lease)
        except _POISON as error:
            if len(envelopes) > 1:
                return [event_id for one in envelopes for event_id in await self._take([one], lease)]
            _log.exception("event cannot be merged", event_id=envelopes[0].id)
            await self._bury(envelopes[0].id, f"The worker failed on it: {type(error).__name__}: {error}"[:500])
            return []
        return [envelope.id for envelope in envelopes]

    async def _bury(self, event_id: str, reason: str) -> None:
        _log.warning("event goes to the dead letters", event_id=event_id, reason=reason)
        await self.merger.log.mark_dead(event_id, reason)

    async def _live(self) -> None:
        """Give signs of life, also while Neo4j is away: the process works, the lag tells the rest."""
        while True:
            with contextlib.suppress(NexusError):  # the store is away: the next sign tells that it is back
                await beat(self.store, "worker")
            await asyncio.sleep(LEASE_SECONDS)

    async def _keep(self, lease: Lease) -> None:
        """Prolong the lease while a round lasts; once it is lost, the next write says so."""
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            try:
                await renew(self.store, lease)
            except LostLeaseError:
                return
            except NexusError as error:
                _log.warning("lease not renewed", reason=str(error))


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
