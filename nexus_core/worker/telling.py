"""Tells the graph what rounds left in the ledger while the next one is computed."""

from __future__ import annotations

import asyncio
from types import TracebackType

from nexus_core.store.ledger_lease import Held
from nexus_core.worker.merge import Merger


class Telling:
    """At most one telling of a merger at a time, around a block; a failure ends the block.

    Neo4j works meanwhile on a core of its own, and a row that several rounds change is told once.
    """

    def __init__(self, merger: Merger, held: Held) -> None:
        self._merger, self._held = merger, held
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Telling:
        """Give itself."""
        return self

    def begin(self) -> None:
        """Tell what is pending now, unless it is being told; raises what a former telling failed with."""
        if self._task is not None and self._task.done():
            self._task.result()
        if (self._task is None or self._task.done()) and self._merger.horizon is not None:
            self._task = asyncio.create_task(self._merger.tell(self._held))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the last telling, or break it off if the block failed: what is not told stays pending."""
        if self._task is None:
            return
        if error is None:
            await self._task
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.exception()  # the block's own failure is told
