"""Keeps incidents. All functions raise UnavailableError if the store fails."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select, update

from nexus_core.store.by_id import add_row, columns_of, find_row
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.quality_tables import incident

OPEN, ASSIGNED, RESOLVED = "open", "assigned", "resolved"
STATES = (OPEN, ASSIGNED, RESOLVED)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that is wrong with a dataset; the fields are the columns of `quality_incident`."""

    id: str
    check_key: str
    dataset_key: str
    namespace: str
    name: str
    field: str
    title: str
    severity: str
    state: str
    failed_at: datetime
    opened_at: datetime
    opened_by: str | None = None
    assignee: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    note: str = ""
    version: int = 1


async def add_incident(store: Store, row: Incident) -> None:
    """Add an incident."""
    await add_row(store, incident, row)


async def find_incident(store: Store, incident_id: str) -> Incident | None:
    """Give one incident."""
    return await find_row(store, incident, Incident, incident_id)


async def change_incident(store: Store, former: Incident, now: Incident) -> Incident | None:
    """Replace what is known of an incident; None if someone else changed it meanwhile."""
    now = replace(now, version=former.version + 1)
    mine = update(incident).where(incident.c.id == former.id, incident.c.version == former.version)
    async with writing(store) as connection:
        done = await connection.execute(mine.values(columns_of(incident, now)))
        return now if done.rowcount else None


async def list_incidents(
    store: Store, states: Collection[str], before: tuple[datetime, str] | None, limit: int
) -> Sequence[Incident]:
    """Give incidents in some states, the newest first; `before` is `(opened_at, id)` of the last one shown."""
    row = incident.c
    query = select(incident).where(row.state.in_(sorted(states)))
    if before is not None:
        at, incident_id = before
        query = query.where((row.opened_at < at) | ((row.opened_at == at) & (row.id < incident_id)))
    async with reading(store) as connection:
        found = await connection.execute(query.order_by(row.opened_at.desc(), row.id.desc()).limit(limit))
        return [Incident(*each) for each in found]


async def unresolved_incidents(store: Store) -> Sequence[Incident]:
    """Give all incidents that wait for somebody."""
    async with reading(store) as connection:
        found = await connection.execute(select(incident).where(incident.c.state != RESOLVED))
        return [Incident(*each) for each in found]


async def last_failures(store: Store, check_keys: Collection[str]) -> dict[str, datetime]:
    """Give, by check, the failure that its newest incident was opened for."""
    row = incident.c
    found: dict[str, datetime] = {}
    keys = sorted(check_keys)
    async with reading(store) as connection:
        for start in range(0, len(keys), 500):
            query = select(row.check_key, func.max(row.failed_at)).where(row.check_key.in_(keys[start : start + 500]))
            rows = await connection.execute(query.group_by(row.check_key))
            found |= {key: at for key, at in rows}  # noqa: C416 rows are no pairs
    return found
