"""When each source was last harvested to its end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from nexus_core.model.moments import moment
from nexus_core.store.database import Store, reading
from nexus_core.store.lifecycle_tables import harvest_manifest, harvest_run

_ENDS = (
    select(func.max(harvest_run.c.completed_at))
    .join(harvest_manifest, harvest_manifest.c.event_id == harvest_run.c.event_id)
    .group_by(harvest_run.c.source)
)


async def last_harvests(store: Store) -> list[datetime]:
    """Give the end of the last whole harvest of each source, without naming it."""
    async with reading(store) as connection:
        return [moment(each) for each in (await connection.execute(_ENDS)).scalars()]
