"""Whether a projection's ledger has told the graph everything, and no part of the work asks another for more."""

from __future__ import annotations

from sqlalchemy import exists, or_, select

from nexus_core.store.database import Store, reading
from nexus_core.store.ledger_tables import dataset, evidence, job
from nexus_core.store.metadata import metadata

_TO_TELL = or_(*(exists(select(1).where(table.c.pending).select_from(table)) for table in (dataset, job, evidence)))


async def is_settled(store: Store) -> bool:
    """Tell whether nothing is left to do but what new events bring."""
    left = _TO_TELL
    if (task := metadata.tables.get("task")) is not None:
        left = or_(left, exists(select(1).select_from(task)))
    async with reading(store) as connection:
        return not (await connection.execute(select(left))).scalar_one()
