"""Where the last complete harvest of each source and scope ended: what an incremental one starts from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.edge import OPEN_END, node_key
from nexus_core.model.moments import microseconds, moment
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.ledger_tables import existence
from nexus_core.store.lifecycle_tables import (
    harvest_chunk,
    harvest_forgotten,
    harvest_manifest,
    harvest_run,
    lifecycle_statement,
)

_KEYS_MAX = 500  # parameters of one statement, below every database's limit


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
                moment(row.completed_at),
                row.watermark,
                await _fingerprints(connection, row.run_key, row.completed_at),
            )
            for row in last.values()
        ]


async def forget_harvests(store: Store, source: str) -> None:
    """Forget where the harvests of a source ended, so that the next one reads all anew; what they said stays."""
    now = microseconds(datetime.now(UTC))
    dialect: Any = postgresql if store.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(harvest_forgotten).values(source=source, before=now)
    async with writing(store) as connection:
        await connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_={"before": now}))


async def _fingerprints(connection: AsyncConnection, run_key: str, completed_at: int) -> dict[str, str]:
    """Give what need not be sent again: all that has not ended or come back since, for its evidence ended with it."""
    query = select(harvest_chunk.c.objects).where(harvest_chunk.c.run_key == run_key).order_by(harvest_chunk.c.chunk)
    objects = [each for body in (await connection.execute(query)).scalars() for each in orjson.loads(body)]
    keys = {key: name for namespace, name, _ in objects for key in _subjects(namespace, name)}
    turned = {keys[key] for key in await _turned(connection, keys, completed_at)}
    return {name: fingerprint for _, name, fingerprint in objects if fingerprint and name not in turned}


def _subjects(namespace: str, name: str) -> tuple[str, str]:
    return node_key(canonical(DatasetName(namespace, name)).id), node_key(JobName(namespace, name).id)


async def _turned(connection: AsyncConnection, keys: Iterable[str], since: int) -> set[str]:
    """Give the subjects that came back since a moment, or that are gone though no steward said so."""
    wanted, turned = sorted(keys), set[str]()
    for start in range(0, len(wanted), _KEYS_MAX):
        row, said = existence.c, lifecycle_statement.c
        query = select(existence).where(row.subject_key.in_(wanted[start : start + _KEYS_MAX]), row.until == OPEN_END)
        last = {found.subject_key: found for found in await connection.execute(query.order_by(row.valid_at))}
        ends = {found.event_id for found in last.values() if not found.exists}
        decided = select(said.event_id).where(said.event_id.in_(ends), said.teller == "curator")
        stewards = set((await connection.execute(decided)).scalars()) if ends else set()
        turned |= {key for key, found in last.items() if found.exists and found.valid_at > since}
        turned |= {key for key, found in last.items() if not found.exists and found.event_id not in stewards}
    return turned
