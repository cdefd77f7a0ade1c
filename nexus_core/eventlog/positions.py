"""Positions of the log's table: who reads by position must not pass over one that commits late.

SQLite has one writer, so positions commit in their order. In PostgreSQL a transaction takes its positions before it
commits, and others overtake it. Each writer therefore first announces, by a shared advisory lock whose key is the last
position given out, that all of its own will be higher; the lock ends with the transaction, after its rows are visible.
A reader takes the last position given out, then the announced ones, and reads up to the lowest of them. Nobody waits.
"""

from __future__ import annotations

from sqlalchemy import text

from nexus_core.store.catalogue import Connection

_GIVEN_OUT = "(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_position_seq)"

_ANNOUNCE = text(f"SELECT pg_advisory_xact_lock_shared((CAST(:space AS bigint) << 48) | {_GIVEN_OUT})")

_LAST = text(f"SELECT {_GIVEN_OUT}")

_ANNOUNCED = text(
    "SELECT min(((CAST(classid AS bigint) & 65535) << 32) | CAST(objid AS bigint)) FROM pg_locks "
    "WHERE locktype = 'advisory' AND objsubid = 1 AND CAST(classid AS bigint) >> 16 = :space "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)

_SPACE = 0x4C4E  # of our advisory locks among others of the same database


async def announce(connection: Connection) -> None:
    """Say, at the start of a transaction that will add events, that their positions are yet to come."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_ANNOUNCE, {"space": _SPACE})


async def settled(connection: Connection) -> int | None:
    """Give the position up to which no event can appear any more; None where all that is visible is settled.

    Each statement must see the newest state: the connection reads committed.
    """
    if connection.dialect.name != "postgresql":
        return None
    last = int((await connection.execute(_LAST)).scalar_one())
    announced = (await connection.execute(_ANNOUNCED, {"space": _SPACE})).scalar_one()
    return last if announced is None else min(last, int(announced))
