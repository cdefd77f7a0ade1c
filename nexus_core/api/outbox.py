"""Sends what transactions left for a log outside the store, also what was left when the API last ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from nexus_core.errors import UnavailableError
from nexus_core.eventlog.log import EventLog

_SECONDS = 5.0
_LOG = structlog.get_logger()


@asynccontextmanager
async def sending(log: EventLog, *, needed: bool) -> AsyncIterator[None]:
    """Send every few seconds while inside; a log that lies in the store needs none of it."""
    task = asyncio.create_task(_send(log)) if needed else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _send(log: EventLog) -> None:
    while True:
        try:
            await log.send_waiting()
        except UnavailableError as error:
            _LOG.warning("edits_wait_for_the_log", reason=str(error))
        await asyncio.sleep(_SECONDS)
