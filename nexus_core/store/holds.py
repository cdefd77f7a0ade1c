"""Legal holds in the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, or_, select, update

from nexus_core.store.database import Store, reading, writing
from nexus_core.store.hold_tables import legal_hold


@dataclass(frozen=True, slots=True)
class Hold:
    """What is held and why; `account_id` None holds everything."""

    id: str
    reason: str
    account_id: str | None
    placed_at: datetime
    ended_at: datetime | None = None


async def place(store: Store, hold: Hold) -> None:
    """Add a hold."""
    async with writing(store) as connection:
        await connection.execute(insert(legal_hold).values({name: getattr(hold, name) for name in hold.__slots__}))


async def end(store: Store, hold_id: str, at: datetime) -> bool:
    """End a hold; False if no open one has this id."""
    open_ = (legal_hold.c.id == hold_id) & legal_hold.c.ended_at.is_(None)
    async with writing(store) as connection:
        return (await connection.execute(update(legal_hold).where(open_).values(ended_at=at))).rowcount == 1


async def holds(store: Store) -> list[Hold]:
    """Give all that were ever placed, the oldest first."""
    async with reading(store) as connection:
        rows = await connection.execute(select(legal_hold).order_by(legal_hold.c.placed_at, legal_hold.c.id))
        return [Hold(row.id, row.reason, row.account_id, row.placed_at, row.ended_at) for row in rows]


async def open_hold(store: Store, account_id: str | None = None) -> Hold | None:
    """Give an open hold of an account's data or of everything; without an account, one of anything."""
    query = select(legal_hold).where(legal_hold.c.ended_at.is_(None)).limit(1)
    if account_id is not None:
        query = query.where(or_(legal_hold.c.account_id.is_(None), legal_hold.c.account_id == account_id))
    async with reading(store) as connection:
        row = (await connection.execute(query)).one_or_none()
    return Hold(row.id, row.reason, row.account_id, row.placed_at) if row else None
