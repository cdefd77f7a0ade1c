"""The event log in the SQL store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from nexus_core.errors import NexusError
from nexus_core.eventlog.rows import DEAD, MERGED, PENDING, QUARANTINED, Row, to_envelope, to_row
from nexus_core.eventlog.seal import Seal
from nexus_core.model.envelope import Envelope
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.event_tables import events

_IDS_MAX = 500  # parameters of one statement, below SQLite's limit
_COMMIT_MAX = 2000  # rows of one commit: more would hold the write lock for long

_Waiting = tuple[list[Row], "asyncio.Future[set[str]]"]


class SqlEventLog:
    """An `EventLog` of one process on a shared store; each process has its own."""

    def __init__(self, store: Store, seal: Seal) -> None:
        self._store, self._seal = store, seal
        self._waiting: list[_Waiting] = []
        self._committing: asyncio.Task[None] | None = None

    async def append(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Store events durably; calls that arrive while a commit is under way share the next one."""
        rows = [to_row(envelope, self._seal) for envelope in envelopes]
        done: asyncio.Future[set[str]] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, done))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())
        return _first_of_each([envelope.id for envelope in envelopes], await done)

    async def pending(self, limit: int) -> list[Envelope]:
        """Give unmerged events in order of acceptance."""
        return [to_envelope(row, self._seal) for row in await self._rows(_of_status(PENDING).limit(limit))]

    async def read(self, event_ids: Sequence[str]) -> list[Envelope]:
        """Give events by id, in the order asked."""
        found = {}
        for part in _parts(event_ids):
            for row in await self._rows(select(events).where(events.c.id.in_(part))):
                found[row.id] = to_envelope(row, self._seal)
        return [found[event_id] for event_id in event_ids if event_id in found]

    async def mark_merged(self, event_ids: Sequence[str]) -> None:
        """Note that the graph holds them."""
        statement = update(events).where(events.c.id == bindparam("event_id")).values(status=MERGED, reason=None)
        if event_ids:
            await self._write(statement, [{"event_id": event_id} for event_id in event_ids])

    async def mark_dead(self, event_id: str, reason: str) -> None:
        """Move an event to the dead letters."""
        await self._write(update(events).where(events.c.id == event_id).values(status=DEAD, reason=reason))

    async def lag(self) -> int:
        """Count pending events."""
        return await self.count(PENDING)

    async def count(self, status: str) -> int:
        """Count the events of a status."""
        rows = await self._rows(select(func.count()).select_from(events).where(_is(status)))
        return int(rows[0][0])

    async def totals(self) -> tuple[int, datetime | None]:
        """Count all accepted events, and tell when the last one came."""
        rows = await self._rows(select(func.count(), func.max(events.c.accepted_at)).select_from(events))
        return int(rows[0][0]), rows[0][1]

    async def dead_letters(self, limit: int) -> list[tuple[Envelope, str]]:
        """Give the newest dead and quarantined events as users may read them (redacted), with the reason."""
        letters = []
        for status in (DEAD, QUARANTINED):
            query = select(events).where(_is(status)).order_by(events.c.position.desc()).limit(limit)
            letters += [(to_envelope(row, None), row.reason or _QUARANTINE) for row in await self._rows(query)]
        return sorted(letters, key=lambda letter: letter[0].accepted_at, reverse=True)[:limit]

    async def _commit_all(self) -> None:
        while self._waiting:
            taken = _take(self._waiting)
            try:
                new = await self._insert([row for rows, _ in taken for row in rows])
            except NexusError as error:
                _fail(taken, error)
            else:
                _answer(taken, new)

    async def _insert(self, rows: list[Row]) -> set[str]:
        """Insert rows in one transaction; gives the ids that were not known."""
        dialect = postgresql if self._store.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(events).on_conflict_do_nothing(index_elements=["id"]).returning(events.c.id)
        async with writing(self._store) as connection:
            return set((await connection.execute(statement, rows)).scalars())

    async def _rows(self, query: Any) -> Sequence[Any]:
        async with reading(self._store) as connection:
            rows: Sequence[Any] = (await connection.execute(query)).all()
            return rows

    async def _write(self, statement: Any, parameters: list[dict[str, str]] | None = None) -> None:
        async with writing(self._store) as connection:
            await connection.execute(statement, parameters)


_QUARANTINE = "Its time lies more than 7 days back, and its token has no `backfill` authority."


def _of_status(status: str) -> Any:
    return select(events).where(_is(status)).order_by(events.c.position)


def _is(status: str) -> Any:
    """Compare by a literal: planners use a partial index for no parameter."""
    return events.c.status == literal_column(f"'{status}'")


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _IDS_MAX] for start in range(0, len(ids), _IDS_MAX)]


def _take(waiting: list[_Waiting]) -> list[_Waiting]:
    """Take calls from the front up to the size of a commit, at least one."""
    count = rows = 0
    while count < len(waiting) and (not count or rows + len(waiting[count][0]) <= _COMMIT_MAX):
        rows += len(waiting[count][0])
        count += 1
    taken, waiting[:count] = waiting[:count], []
    return taken


def _answer(taken: list[_Waiting], new: set[str]) -> None:
    """Tell each call which of its events are new; of two calls with the same event, the first."""
    for rows, done in taken:
        mine = new.intersection(row["id"] for row in rows)
        new -= mine
        if not done.done():  # its caller may have gone
            done.set_result(mine)


def _first_of_each(ids: Sequence[str], new: set[str]) -> list[bool]:
    left = set(new)
    firsts = []
    for event_id in ids:
        firsts.append(event_id in left)
        left.discard(event_id)
    return firsts


def _fail(taken: list[_Waiting], error: NexusError) -> None:
    for _, done in taken:
        if not done.done():
            done.set_exception(error)
