"""Follows the active projection, so that a process moves to another one without a start anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from nexus_core.model.moments import moment
from nexus_core.projection.opening import OpenProjection, open_projection
from nexus_core.settings import Settings
from nexus_core.store.database import Store
from nexus_core.store.projections import active_projection

_LOOK_SECONDS = 0.25  # a read may still come from the former projection for as long, which is complete till then
_LEFT_OPEN_SECONDS = 60.0  # more than the longest query


class ActiveProjection:
    """The projection to read from, opened once; a former one stays open until its last readers have gone."""

    def __init__(self, settings: Settings, main: Store, opened: Callable[[OpenProjection], None]) -> None:
        self._settings, self._main, self._opened = settings, main, opened
        self._current: OpenProjection | None = None
        self._looked_at = 0.0
        self._looking = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    async def current(self) -> OpenProjection:
        """Give the active projection as of the last quarter of a second; raises UnavailableError without the store."""
        if self._current is not None and time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return self._current
        async with self._looking:
            if self._current is None or time.monotonic() - self._looked_at >= _LOOK_SECONDS:
                self._current = await self._look()
                self._looked_at = time.monotonic()
            return self._current

    async def kept_from(self) -> datetime | None:
        """Give since when history is kept, as of the last second; None where all of it is."""
        projection = await self.current()
        horizon = await projection.horizon.read(projection.store)
        return moment(horizon.valid_from) if horizon.valid_from else None

    async def _look(self) -> OpenProjection:
        row, former = await active_projection(self._main), self._current
        if former is not None and (former.row.id, former.row.epoch) == (row.id, row.epoch):
            return former
        new = open_projection(self._settings, self._main, row)
        self._opened(new)
        if former is not None:
            closing = asyncio.create_task(_close_later(former))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        return new

    async def close(self) -> None:
        """Close everything."""
        for closing in list(self._closing):
            closing.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        if self._current is not None:
            await self._current.close()


async def _close_later(projection: OpenProjection) -> None:
    try:
        await asyncio.sleep(_LEFT_OPEN_SECONDS)
    finally:
        await projection.close()
