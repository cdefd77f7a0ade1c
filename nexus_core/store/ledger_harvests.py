"""Where the last complete harvest of each source and scope ended: what an incremental one starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store.database import Store, reading, writing
from nexus_core.store.ledger_tables import harvest_chunk, harvest_run


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
    chunks = select(func.count()).where(harvest_chunk.c.run_key == harvest_run.c.run_key).scalar_subquery()
    query = select(harvest_run).where(chunks >= harvest_run.c.chunk_count).order_by(harvest_run.c.completed_at)
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
    """Forget the harvests of a source, so that the next one reads all anew."""
    async with writing(store) as connection:
        await connection.execute(delete(harvest_run).where(harvest_run.c.source == source))


async def _fingerprints(connection: AsyncConnection, run_key: str) -> dict[str, str]:
    query = select(harvest_chunk.c.objects).where(harvest_chunk.c.run_key == run_key).order_by(harvest_chunk.c.chunk)
    objects = [each for body in (await connection.execute(query)).scalars() for each in orjson.loads(body)]
    return {name: fingerprint for _, name, fingerprint in objects if fingerprint}
