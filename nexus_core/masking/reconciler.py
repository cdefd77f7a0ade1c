"""The process that keeps all sources reconciled, each over a session of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import structlog

from nexus_core.errors import ConfigurationError, NexusError, StaleReadError
from nexus_core.eventlog.seal import Seal
from nexus_core.masking.profiles import LEASE_SECONDS
from nexus_core.masking.reconciling import Reconciler
from nexus_core.masking.sealing import proxy_seal
from nexus_core.masking.sources import Source, connected, sources_of
from nexus_core.projection.active import ActiveProjection
from nexus_core.settings import Settings
from nexus_core.store.database import Store, open_store

ROUND_SECONDS = 1.0
"""Pause between two rounds, or three times as long as a round takes, so that a large source costs no core; at most half
a lease, which nothing else lets go on meanwhile."""

LOOK_SECONDS = 0.25
"""How often it looks within a pause whether classes changed: a new tag waits for no pause."""

_FAILED_SECONDS = 2.0
_STANDBY = "SELECT pg_try_advisory_lock(hashtextextended('lineage-nexus reconciler ' || %s, 0))"

_log = structlog.get_logger()


async def run_reconciler(settings: Settings, stop: asyncio.Event) -> None:
    """Reconcile all sources until `stop` is set; of several processes one works, and the others wait to follow it.

    Raises ConfigurationError where no source is set, or one wrongly.
    """
    sources = sources_of(settings)
    if not sources:
        raise ConfigurationError(
            "No source is set that the masking proxy serves", "Set NEXUS_PROXY__SOURCES__NAME__URL; see docs/proxy.md"
        )
    for each in sources.values():
        each.password()
    seal = proxy_seal(settings)
    async with _opened(settings) as (main, active):
        working = [asyncio.create_task(_keep(each, main, active, seal)) for each in sources.values()]
        await asyncio.wait([asyncio.create_task(stop.wait()), *working], return_when=asyncio.FIRST_COMPLETED)
        for task in working:
            task.cancel()
        for ended in await asyncio.gather(*working, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Store, ActiveProjection]]:
    main = open_store(settings.store_url)
    active = ActiveProjection(settings, main, lambda _: None)
    try:
        yield main, active
    finally:
        await active.close()
        await main.dispose()


async def _keep(source: Source, main: Store, active: ActiveProjection, seal: Seal) -> None:
    """Reconcile one source for ever; what fails is tried again, while its lease runs out."""
    while True:
        try:
            async with connected(source) as connection:
                found = await connection.execute(_STANDBY, (source.name,))
                row = await found.fetchone()
                if row and row[0]:
                    await _rounds(Reconciler(source, main, active, seal, connection))
        except (NexusError, psycopg.Error) as error:
            _log.warning("a source is not reconciled", source=source.name, reason=_sentence(error))
        await asyncio.sleep(_FAILED_SECONDS)


async def _rounds(reconciler: Reconciler) -> None:
    while True:
        began = time.monotonic()
        try:
            changed = await reconciler.round()
        except StaleReadError:  # the source changed meanwhile
            continue
        if not changed:
            await _pause(reconciler, pause_seconds(time.monotonic() - began))


def pause_seconds(round_seconds: float) -> float:
    """The pause after a round that took so long."""
    return max(ROUND_SECONDS, min(3 * round_seconds, LEASE_SECONDS / 2))


async def _pause(reconciler: Reconciler, seconds: float) -> None:
    """Wait so long, or until classes change."""
    ends_at = time.monotonic() + seconds
    while (left := ends_at - time.monotonic()) > 0:
        await asyncio.sleep(min(left, LOOK_SECONDS))
        if await reconciler.sees_new_classes():
            return


def _sentence(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
