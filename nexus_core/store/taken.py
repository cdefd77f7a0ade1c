"""Which events a projection has taken: the truth by which a replay finds what one lacks that another has.

Positions of the log cannot tell that: a transaction may commit a lower one later, and workers merge out of order.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime

from sqlalchemy import Executable, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.envelope import Envelope
from nexus_core.model.moments import microseconds
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.many import Many
from nexus_core.store.projection_tables import taken

_KEYS_MAX = 500  # parameters of one statement, below every database's limit
_PAGE = 10_000


async def note_taken(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    """Note events as taken; part of the ledger's transaction."""
    rows = [
        {"event_id": envelope.id, "accepted_at": microseconds(envelope.accepted_at), "reason": None}
        for envelope in sorted(envelopes, key=lambda envelope: envelope.id)
    ]
    await _NOTE.run(connection, rows)


async def note_left_out(store: Store, event_id: str, reason: str) -> None:
    """Note an event that a replay cannot merge, so that it is not tried for ever."""
    row = {"event_id": event_id, "accepted_at": 0, "reason": reason}
    async with writing(store) as connection:
        await connection.execute(_insert(connection.dialect.name), row)


async def left_out(store: Store, limit: int) -> list[tuple[str, str]]:
    """Give events that a replay left out, with the reason."""
    query = select(taken.c.event_id, taken.c.reason).where(taken.c.reason.is_not(None)).limit(limit)
    async with reading(store) as connection:
        return [(event_id, reason) for event_id, reason in await connection.execute(query)]


async def among_taken(store: Store, event_ids: Iterable[str]) -> set[str]:
    """Give those of the events that a projection has."""
    wanted, found = list(event_ids), set[str]()
    async with reading(store) as connection:
        for start in range(0, len(wanted), _KEYS_MAX):
            query = select(taken.c.event_id).where(taken.c.event_id.in_(wanted[start : start + _KEYS_MAX]))
            found.update((await connection.execute(query)).scalars())
    return found


async def count_taken(store: Store) -> int:
    """Count the events that a projection has."""
    async with reading(store) as connection:
        return int((await connection.execute(select(func.count()).select_from(taken))).scalar_one())


async def lacking(one: Store, other: Store, until: datetime | None, limit: int) -> list[str]:
    """Give at most `limit` ids of events that `other` has and `one` lacks, oldest accepted first.

    Both are read once in the order of their keys, a page at a time: about a second for a million.
    """
    latest = None if until is None else microseconds(until)
    found: list[tuple[int, str]] = []
    async with aclosing(_sorted(one)) as mine, aclosing(_sorted(other, merged_only=True)) as theirs:
        known = await anext(mine, None)
        async for event_id, accepted_at in theirs:
            while known is not None and known[0] < event_id:
                known = await anext(mine, None)
            is_lacking = known is None or known[0] != event_id
            if is_lacking and (latest is None or accepted_at <= latest):
                found.append((accepted_at, event_id))
                if len(found) == limit:
                    break
    return [event_id for _, event_id in sorted(found)]


async def _sorted(store: Store, *, merged_only: bool = False) -> AsyncGenerator[tuple[str, int], None]:
    """Give id and time of acceptance of all events in the order of ids; pages hold no transaction."""
    after = ""
    while True:
        query = select(taken.c.event_id, taken.c.accepted_at).where(taken.c.event_id > after)
        if merged_only:
            query = query.where(taken.c.reason.is_(None))
        async with reading(store) as connection:
            rows = (await connection.execute(query.order_by(taken.c.event_id).limit(_PAGE))).all()
        for event_id, accepted_at in rows:
            yield event_id, accepted_at
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def _insert(dialect: str) -> Executable:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(taken)
    done: Executable = statement.on_conflict_do_nothing(index_elements=["event_id"])
    return done


_NOTE = Many(lambda dialect: _insert(dialect.name))
