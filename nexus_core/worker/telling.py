"""Tells the graph what rounds left in the ledger while the next one is computed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Set
from types import TracebackType

from nexus_core.store.ledger_lease import Held
from nexus_core.worker.figures import Taken
from nexus_core.worker.merge import Merger


class Telling:
    """At most one telling of a merger at a time, around a block; a failure ends the block.

    Neo4j works meanwhile on a core of its own, and a row that several rounds change is told once. Events are followed
    by id from when they are in the ledger until the graph holds them.
    """

    def __init__(self, merger: Merger, held: Held) -> None:
        self._merger, self._held = merger, held
        self._task: asyncio.Task[None] | None = None
        self._taken: dict[str, Taken] = {}
        self._being_told: dict[str, Taken] = {}
        self._told: dict[str, Taken] = {}

    async def __aenter__(self) -> Telling:
        """Give itself."""
        return self

    @property
    def untold(self) -> Set[str]:
        """The events that the graph may lack."""
        return self._taken.keys() | self._being_told.keys()

    def took(self, events: Mapping[str, Taken], *, told: bool) -> None:
        """Note events that are in the ledger now, and whether they leave nothing to tell."""
        (self._told if told else self._taken).update(events)

    def begin(self) -> None:
        """Tell what is pending now, unless it is being told; raises what a former telling failed with."""
        self._look()
        if self._task is None and self._merger.horizon is not None:
            self._being_told, self._taken = self._taken, {}
            self._task = asyncio.create_task(self._merger.tell(self._held))

    async def wait(self) -> None:
        """Let a telling end that goes on, if one does; raises what it failed with."""
        if self._task is not None:
            await asyncio.wait([self._task])
            self._look()

    def told(self) -> dict[str, Taken]:
        """Give, once, the events that the graph holds now; raises what a former telling failed with."""
        self._look()
        found, self._told = self._told, {}
        return found

    def all(self) -> dict[str, Taken]:
        """Give, once, all events that were noted: for whoever has told the graph of all."""
        found = self._told | self._being_told | self._taken
        self._told, self._being_told, self._taken = {}, {}, {}
        return found

    def _look(self) -> None:
        if self._task is not None and self._task.done():
            self._task.result()
            self._told |= self._being_told
            self._task, self._being_told = None, {}

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the last telling, or break it off if the block failed: what is not told stays pending."""
        if self._task is None:
            return
        if error is None:
            await self.wait()
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.exception()  # the block's own failure is told
