"""Keeps records of processing activities; each change is a version of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from nexus_core.errors import ConflictError
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.processing_tables import processing_activity

_row = processing_activity.c


class ActivityRow(NamedTuple):
    """One version of a record; `body` is JSON, None where it was removed."""

    id: str
    version: int
    body: str | None
    changed_at: datetime
    changed_by: str


async def activities(store: Store) -> list[ActivityRow]:
    """Give the records as they are now, by id."""
    newest = select(_row.id, func.max(_row.version).label("version")).group_by(_row.id).subquery()
    query = (
        select(processing_activity)
        .join(newest, (newest.c.id == _row.id) & (newest.c.version == _row.version))
        .where(_row.body.is_not(None))
        .order_by(_row.id)
    )
    async with reading(store) as connection:
        return [ActivityRow(*row) for row in await connection.execute(query)]


async def activity_versions(store: Store, activity_id: str) -> list[ActivityRow]:
    """Give all versions of a record, the newest first; none if it never was."""
    query = select(processing_activity).where(_row.id == activity_id).order_by(_row.version.desc())
    async with reading(store) as connection:
        return [ActivityRow(*row) for row in await connection.execute(query)]


async def save_activity(store: Store, row: ActivityRow) -> None:
    """Add a version; raises ConflictError if it does not follow the newest one."""
    query = select(func.coalesce(func.max(_row.version), 0)).where(_row.id == row.id)
    values: dict[str, Any] = row._asdict()
    try:
        async with writing(store) as connection:
            if (await connection.execute(query)).scalar_one() != row.version - 1:
                raise ConflictError(f"The processing activity {row.id}")
            await connection.execute(insert(processing_activity).values(values))
    except IntegrityError as error:
        raise ConflictError(f"The processing activity {row.id}") from error
