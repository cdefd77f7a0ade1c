"""Holds a projection alone while its workers step aside; readers and producers notice nothing, merging waits."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nexus_core.errors import NexusError
from nexus_core.graph.connection import Graph
from nexus_core.store.database import Store
from nexus_core.store.projections import PAUSE_SECONDS, pause, resume
from nexus_core.worker.holding import Holding

_LOOK_SECONDS = 0.1


@asynccontextmanager
async def paused(main: Store, projection_id: int, by: str) -> AsyncIterator[None]:
    """Have the workers of a projection step aside around a block."""
    await pause(main, projection_id, by)
    prolonging = asyncio.create_task(_prolong(main, projection_id, by))
    try:
        yield
    finally:
        await _cancelled(prolonging)
        with contextlib.suppress(NexusError):  # it ends by itself
            await resume(main, projection_id, by)


@asynccontextmanager
async def alone(main: Store, projection_id: int, ledger: Store, graph: Graph) -> AsyncIterator[Holding]:
    """Hold all partitions of a projection around a block; workers that begin anew after it have empty caches."""
    async with paused(main, projection_id, f"{socket.gethostname()}:{os.getpid()}"):
        holding = Holding(ledger, graph)
        keeping = asyncio.create_task(holding.keep())
        try:
            while not holding.held.whole:
                await holding.balance()
                await asyncio.sleep(_LOOK_SECONDS)
            yield holding
        finally:
            await _cancelled(keeping)
            await holding.give_back()


async def _prolong(main: Store, projection_id: int, by: str) -> None:
    while True:
        await asyncio.sleep(PAUSE_SECONDS / 3)
        with contextlib.suppress(NexusError):
            await pause(main, projection_id, by)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
