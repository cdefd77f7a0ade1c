"""What the process needs for its work, asked within a time: a service that hangs is as good as one that is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from nexus_core.errors import NexusError, UnavailableError
from nexus_core.graph.connection import check_graph
from nexus_core.projection.active import ActiveProjection
from nexus_core.store.database import Store
from nexus_core.store.heartbeat import beat, silence

_SECONDS = 5.0
_GRAPH_SECONDS = 3.0
_WORKER_SILENCE = timedelta(seconds=20)


@dataclass(slots=True)
class _Check:
    """One question, asked anew only when the last one has ended: what hangs must not pile up."""

    ask: Callable[[], Awaitable[None]]
    asking: asyncio.Task[None] | None = None

    async def problem(self) -> str | None:
        if self.asking is None or self.asking.done():
            self.asking = asyncio.ensure_future(self._asked())
        await asyncio.wait({self.asking}, timeout=_SECONDS)
        if not self.asking.done():
            return f"no answer within {_SECONDS:g} s. Run `nexus doctor`."
        error = self.asking.exception()
        if error is not None and not isinstance(error, NexusError):
            raise error
        return None if error is None else str(error)

    async def _asked(self) -> None:
        await self.ask()


@dataclass(slots=True)
class Readiness:
    """The checks of `/health/ready`, by name: of the main store, and of the projection that is active now."""

    store: Store
    active: ActiveProjection
    _checks: dict[str, _Check] = field(init=False)

    def __post_init__(self) -> None:
        self._checks = {
            "store": _Check(lambda: beat(self.store, "api")),
            "graph": _Check(self._graph),
            "worker": _Check(self._worker),
        }

    async def problems(self) -> dict[str, str | None]:
        """Tell what is wrong with each, at once and within 5 s; None for what is well."""
        found = await asyncio.gather(*(check.problem() for check in self._checks.values()))
        return dict(zip(self._checks, found, strict=True))

    async def close(self) -> None:
        """Give up what still asks."""
        asking = [check.asking for check in self._checks.values() if check.asking and not check.asking.done()]
        for task in asking:
            task.cancel()
        if asking:
            await asyncio.wait(asking, timeout=_SECONDS)

    async def _graph(self) -> None:
        await check_graph((await self.active.current()).graph, _GRAPH_SECONDS)

    async def _worker(self) -> None:
        silent_for = await silence((await self.active.current()).store, "worker")
        if silent_for is None:
            raise UnavailableError("The worker", "no sign of life")
        if abs(silent_for) > _WORKER_SILENCE:  # a sign from the future is of a clock that has been put back
            raise UnavailableError("The worker", f"last sign of life {silent_for.total_seconds():.0f} s ago")
