"""Legal holds in the store."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from nexus_core.store.database import Store, reading, writing
from nexus_core.store.hold_tables import legal_hold

_OPEN = legal_hold.c.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Hold:
    """What is held and why; `account_id` None holds everything.

    By whom is an account's id, "" for who has the machine.
    """

    id: str
    reason: str
    account_id: str | None
    placed_at: datetime
    placed_by: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""
    end_reason: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """When, by whom and why a hold ends."""

    ended_at: datetime
    ended_by: str
    end_reason: str


async def place(store: Store, hold: Hold) -> None:
    """Add a hold."""
    async with writing(store) as connection:
        await connection.execute(insert(legal_hold).values(asdict(hold)))


async def end(store: Store, hold_id: str, how: End) -> bool:
    """End a hold; False if no open one has this id."""
    query = update(legal_hold).where(legal_hold.c.id == hold_id, _OPEN).values(asdict(how))
    async with writing(store) as connection:
        return (await connection.execute(query)).rowcount == 1


async def holds(store: Store) -> list[Hold]:
    """Give all that were ever placed, the oldest first."""
    async with reading(store) as connection:
        rows = await connection.execute(select(legal_hold).order_by(legal_hold.c.placed_at, legal_hold.c.id))
        return [_hold(row) for row in rows]


async def find_hold(store: Store, hold_id: str) -> Hold | None:
    """Give one, open or ended."""
    async with reading(store) as connection:
        row = (await connection.execute(select(legal_hold).where(legal_hold.c.id == hold_id))).one_or_none()
    return _hold(row) if row else None


async def open_hold(store: Store, account_id: str | None = None) -> Hold | None:
    """Give an open hold of an account's data or of everything; without an account, one of anything."""
    query = select(legal_hold).where(_OPEN).limit(1)
    if account_id is not None:
        query = query.where(or_(legal_hold.c.account_id.is_(None), legal_hold.c.account_id == account_id))
    async with reading(store) as connection:
        row = (await connection.execute(query)).one_or_none()
    return _hold(row) if row else None


def _hold(row: Any) -> Hold:
    return Hold(**{name: getattr(row, name) for name in Hold.__slots__})
