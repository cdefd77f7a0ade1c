"""How far back a projection's ledger keeps history, and events that would still reach behind that."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.retention import ALL_KEPT, Horizon
from nexus_core.store.database import Store, reading
from nexus_core.store.event_tables import events
from nexus_core.store.retention_tables import retention_decision

_FRESH_SECONDS = 1.0


async def horizon_in(connection: AsyncConnection) -> Horizon:
    """Give the horizon that all decisions make together."""
    row = retention_decision.c
    query = select(func.max(row.valid_from), func.max(row.known_from))
    valid_from, known_from = (await connection.execute(query)).one()
    return Horizon(valid_from or 0, known_from or 0)


async def read_horizon(ledger: Store) -> Horizon:
    """Give the horizon; raises UnavailableError while the store does not answer."""
    async with reading(ledger) as connection:
        return await horizon_in(connection)


@dataclass(slots=True)
class KnownHorizon:
    """The horizon of a ledger, as it was less than a second ago."""

    _found: Horizon = ALL_KEPT
    _read_at: float = float("-inf")

    async def read(self, ledger: Store) -> Horizon:
        """Give the horizon; raises UnavailableError while the store does not answer."""
        if time.monotonic() - self._read_at > _FRESH_SECONDS:
            self._found = await read_horizon(ledger)
            self._read_at = time.monotonic()
        return self._found


async def count_pending_before(main: Store, at: datetime) -> int:
    """Count the events of the log that are dated before a moment and wait to be merged."""
    query = select(func.count()).where(events.c.status == "pending", events.c.valid_at < at)
    async with reading(main) as connection:
        return int((await connection.execute(query)).scalar_one())
