"""Events that were stored in a transaction of the SQL store and wait to be produced to Kafka."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from nexus_core.eventlog.rows import Row
from nexus_core.store.catalogue import Connection
from nexus_core.store.curation_tables import event_outbox
from nexus_core.store.database import Store, reading, writing

_SENT_MAX = 500  # rows of one turn, below the limit of parameters of one statement


async def leave(connection: Connection, rows: Sequence[Row]) -> None:
    """Store rows of the log until they are produced; part of the transaction that the connection is in."""
    if rows:
        await connection.execute(insert(event_outbox), list(rows))


async def left(store: Store) -> list[Row]:
    """Give the first of the rows that wait."""
    query = select(event_outbox).order_by(event_outbox.c.accepted_at, event_outbox.c.id).limit(_SENT_MAX)
    async with reading(store) as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


async def take_away(store: Store, event_ids: Sequence[str]) -> None:
    """Forget rows that are in Kafka."""
    async with writing(store) as connection:
        await connection.execute(delete(event_outbox).where(event_outbox.c.id.in_(event_ids)))
