"""Where the last complete harvest of each source and scope ended: what an incremental one starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store.database import Store, reading, writing
from nexus_core.store.lifecycle_tables import harvest_chunk, harvest_forgotten, harvest_manifest, harvest_run


@dataclass(frozen=True, slots=True)
class HarvestEnd:
    """A harvest that ended well with its whole manifest; `fingerprints` by object name."""

    source: str
    scope: str
    completed_at: datetime
    watermark: str | None
    fingerprints: dict[str, str]


async def harvest_ends(store: Store, source: str | None = None) -> list[HarvestEnd]:
    """Give the last harvest with all its chunks of each source and scope, or of one source."""
    query = (
        select(harvest_run)
        .join(harvest_manifest, harvest_manifest.c.event_id == harvest_run.c.event_id)
        .outerjoin(harvest_forgotten, harvest_forgotten.c.source == harvest_run.c.source)
        .where(harvest_forgotten.c.before.is_(None) | (harvest_run.c.accepted_at > harvest_forgotten.c.before))
        .order_by(harvest_run.c.completed_at, harvest_run.c.event_id)
    )
    if source is not None:
        query = query.where(harvest_run.c.source == source)
    async with reading(store) as connection:
        last = {(row.source, row.scope): row for row in await connection.execute(query)}
        return [
            HarvestEnd(
                row.source,
                row.scope,
                datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row.completed_at),
                row.watermark,
                await _fingerprints(connection, row.run_key),
            )
            for row in last.values()
        ]


async def forget_harvests(store: Store, source: str) -> None:
    """Forget where the harvests of a source ended, so that the next one reads all anew; what they said stays."""
    now = (datetime.now(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    dialect: Any = postgresql if store.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(harvest_forgotten).values(source=source, before=now)
    async with writing(store) as connection:
        await connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_={"before": now}))


async def _fingerprints(connection: AsyncConnection, run_key: str) -> dict[str, str]:
    query = select(harvest_chunk.c.objects).where(harvest_chunk.c.run_key == run_key).order_by(harvest_chunk.c.chunk)
    objects = [each for body in (await connection.execute(query)).scalars() for each in orjson.loads(body)]
    return {name: fingerprint for _, name, fingerprint in objects if fingerprint}
