"""Changes of the signer's key, and time stamps of its checkpoints, in the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select

from nexus_core.store.audit_tables import audit_key_change, audit_stamp
from nexus_core.store.database import Store, reading, writing


async def key_changes(store: Store) -> list[tuple[int, datetime, str]]:
    """Give all changes of key in their order: the size of the tree after which, when, and the signed note."""
    async with reading(store) as connection:
        rows = await connection.execute(select(audit_key_change).order_by(audit_key_change.c.after))
        return [(row.after, row.at, row.note) for row in rows]


async def add_key_change(store: Store, after: int, at: datetime, note: str) -> None:
    """Keep a change of key."""
    async with writing(store) as connection:
        await connection.execute(insert(audit_key_change).values(after=after, at=at, note=note))


async def stamps(store: Store) -> Mapping[int, bytes]:
    """Give time stamps by the size of the checkpoint that they are of."""
    async with reading(store) as connection:
        rows = await connection.execute(select(audit_stamp.c.size, audit_stamp.c.token).order_by(audit_stamp.c.size))
        return {row.size: row.token for row in rows}


async def newest_stamp_at(store: Store) -> datetime | None:
    """Give when the newest time stamp was made; None if there is none."""
    query = select(audit_stamp.c.at).order_by(audit_stamp.c.size.desc()).limit(1)
    async with reading(store) as connection:
        return (await connection.execute(query)).scalar()


async def add_stamp(store: Store, size: int, at: datetime, token: bytes) -> None:
    """Keep the time stamp of a checkpoint."""
    async with writing(store) as connection:
        await connection.execute(insert(audit_stamp).values(size=size, at=at, token=token))
