"""The event log in the SQL store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence, Set
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SmallInteger,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    null,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql

from nexus_core.errors import UnavailableError
from nexus_core.eventlog.commit import GroupCommit
from nexus_core.eventlog.event_keys import EventKeys
from nexus_core.eventlog.log import Backlog, Originals
from nexus_core.eventlog.partition import PARTITION_COUNT
from nexus_core.eventlog.positions import announce, settled
from nexus_core.eventlog.rows import (
    DEAD,
    DISCARDED,
    MERGED,
    PENDING,
    QUARANTINED,
    SUPERSEDED,
    Discarded,
    Row,
    name_of,
    names_of,
    originals_of,
    to_envelope,
    to_row,
)
from nexus_core.model.envelope import Envelope
from nexus_core.store.catalogue import Connection
from nexus_core.store.database import Store, reading, was_contention, writing
from nexus_core.store.event_keys import KeyName
from nexus_core.store.event_tables import events
from nexus_core.store.many import AtOnce, Many
from nexus_core.store.projections import check_epoch

_IDS_MAX = 500  # parameters of one statement, below SQLite's limit
_QUARANTINE = "Its time lies more than 7 days back, and its token has no `backfill` authority."


_MARK_MERGED = Many(
    lambda _dialect: (
        update(events)
        .where(events.c.id == bindparam("event_id"))
        .values(status=literal_column(f"'{MERGED}'"), reason=null())
    )
)


_INSERT = AtOnce(events, lambda insert: insert.on_conflict_do_nothing(index_elements=["id"]).returning(events.c.id))


class SqlEventLog:
    """An `EventLog` of one process on a shared store; each process has its own."""

    def __init__(self, store: Store, keys: EventKeys) -> None:
        self._store, self._keys = store, keys
        self.epoch: int | None = None
        """Of the projection that `mark_merged` speaks for; None: it need not be the active one."""
        self._commit = GroupCommit(self._insert)

    async def append(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Store events durably; calls that arrive while a commit is under way share the next one."""
        return await self._commit.add(await self._sealed(envelopes))

    async def append_within(self, connection: Connection, envelopes: Sequence[Envelope]) -> None:
        """Store events in the transaction that the connection is in."""
        if envelopes:
            await announce(connection)
            await connection.execute(insert(events), await self._sealed(envelopes))

    async def send_waiting(self) -> int:
        """Do nothing: what a transaction stored is in the log."""
        return 0

    async def pending(self, partitions: Collection[int], limit: int, without: Set[str] = frozenset()) -> list[Envelope]:
        """Give unmerged events of these partitions in order of acceptance."""
        return await self._envelopes(await self._pending_rows(partitions, limit, without))

    async def scan(self, after: int, limit: int) -> list[tuple[int, Envelope]]:
        """Give events past a position, up to where none can appear any more."""
        rows = await self._scan_rows(after, limit)
        return [(row.position, each) for row, each in zip(rows, await self._envelopes(rows), strict=True)]

    async def read(self, event_ids: Sequence[str]) -> list[Envelope]:
        """Give events by id, in the order asked."""
        found: dict[str, Envelope] = {}
        for part in _parts(event_ids):
            rows = await self._rows(select(events).where(events.c.id.in_(part)))
            found |= {envelope.id: envelope for envelope in await self._envelopes(rows)}
        return [found[event_id] for event_id in event_ids if event_id in found]

    async def mark_merged(self, event_ids: Sequence[str]) -> None:
        """Note that the graph holds them."""
        if event_ids:
            async with writing(self._store) as connection:
                await check_epoch(connection, self.epoch)
                await _MARK_MERGED.run(connection, [{"event_id": event_id} for event_id in sorted(event_ids)])

    async def mark_dead(self, event_id: str, reason: str) -> None:
        """Move a pending event to the dead letters."""
        await self._write(
            update(events).where(events.c.id == event_id, _is(PENDING)).values(status=DEAD, reason=reason)
        )

    async def originals(self, after: int, limit: int) -> list[Originals]:
        """Give what is sealed in events past a position, of any state; what no key opens any more is left out."""
        query = select(events).where(events.c.position > after).order_by(events.c.position).limit(limit)
        rows = await self._rows(query)
        stored = await self._stored(rows)
        await self._keys.ready(names_of(stored))
        return [originals_of(row.position, each, self._keys) for row, each in zip(rows, stored, strict=True)]

    async def erase(self, found: Sequence[Originals]) -> None:
        """Destroy the keys of events; their originals are gone on return, wherever copies of the log lie."""
        by_key: dict[KeyName, list[str]] = defaultdict(list)
        for part in _parts([each.event_id for each in found if each.key is None]):
            await self._write(update(events).where(events.c.id.in_(part)).values(sealed=None))
        for each in found:
            if each.key is not None:
                by_key[each.key].append(each.event_id)
        for name, event_ids in by_key.items():
            await self._keys.destroy(name, event_ids)

    async def erase_month(self, month: str, principal: str) -> None:
        """Destroy the keys of all events that an account sent in a past month."""
        await self._keys.destroy_month((month, principal))

    async def lag(self) -> int:
        """Count pending events."""
        rows = await self._rows(select(func.count()).select_from(events).where(_is(PENDING)))
        return int(rows[0][0])

    async def backlog(self) -> Backlog:
        """Count what waits, by the indexes of what is not merged."""
        counted = select(events.c.partition, func.count(), func.min(events.c.accepted_at)).where(_is(PENDING))
        pending = await self._rows(counted.group_by(events.c.partition))
        dead, quarantined = [
            (await self._rows(select(func.count()).select_from(events).where(_is(status))))[0][0]
            for status in (DEAD, QUARANTINED)
        ]
        oldest = min((at for _, _, at in pending), default=None)
        return Backlog({partition: count for partition, count, _ in pending}, oldest, dead, quarantined)

    async def totals(self) -> tuple[int, datetime | None]:
        """Count all accepted events, and tell when the last one came."""
        rows = await self._rows(select(func.count(), func.max(events.c.accepted_at)).select_from(events))
        return int(rows[0][0]), rows[0][1]

    async def dead_letters(self, limit: int) -> list[tuple[Envelope, str]]:
        """Give the newest dead and quarantined events as users may read them (redacted), with the reason."""
        letters = []
        for status in (DEAD, QUARANTINED):
            query = select(events).where(_is(status)).order_by(events.c.position.desc()).limit(limit)
            rows = await self._rows(query)
            shown = [to_envelope(row, None) for row in await self._stored(rows)]
            letters += [(each, row.reason or _QUARANTINE) for each, row in zip(shown, rows, strict=True)]
        return sorted(letters, key=lambda letter: letter[0].accepted_at, reverse=True)[:limit]

    async def waits(self, event_id: str) -> bool:
        """Tell whether an event is dead or quarantined."""
        query = select(events.c.status).where(events.c.id == event_id)
        return any(row.status in (DEAD, QUARANTINED) for row in await self._rows(query))

    async def retry(self, event_id: str, now: datetime) -> bool:
        """Make a dead event pending again, or release a quarantined one as if it came now."""
        mine = events.c.id == event_id
        dead = update(events).where(mine, _is(DEAD)).values(status=PENDING, reason=None)
        position = _next_position(self._store.dialect.name)
        held = update(events).where(mine, _is(QUARANTINED))
        released = held.values(status=PENDING, reason=None, accepted_at=now, position=position)
        async with writing(self._store) as connection:
            await announce(connection)
            done = [(await connection.execute(statement)).rowcount for statement in (dead, released)]
        return any(done)

    async def supersede(self, event_id: str, successor: str) -> bool:
        """Take an event out of the dead letters for its successor."""
        letter = update(events).where(events.c.id == event_id, events.c.status.in_((DEAD, QUARANTINED)))
        async with writing(self._store) as connection:
            done = await connection.execute(letter.values(status=SUPERSEDED, reason=f"superseded by {successor}"))
        return bool(done.rowcount)

    async def discard(self, event_id: str, why: str) -> bool:
        """Put a dead or quarantined event aside; False if it is neither."""
        letter = events.c.status.in_((DEAD, QUARANTINED))
        async with writing(self._store) as connection:
            row = await _one(connection, event_id, letter)
            if row is None:
                return False
            told = Discarded(why, row.status, row.reason).json
            mine = update(events).where(events.c.id == event_id, events.c.status == row.status)
            done = await connection.execute(mine.values(status=DISCARDED, reason=told))
        return bool(done.rowcount)

    async def restore(self, event_id: str) -> bool:
        """Let a discarded event wait for a person again, at a new position; False if it is none."""
        async with writing(self._store) as connection:
            await announce(connection)
            row = await _one(connection, event_id, _is(DISCARDED))
            if row is None:
                return False
            was, position = Discarded.read(row.reason), _next_position(self._store.dialect.name)
            mine = update(events).where(events.c.id == event_id, _is(DISCARDED))
            done = await connection.execute(mine.values(status=was.status, reason=was.reason, position=position))
        return bool(done.rowcount)

    async def discarded(self, limit: int) -> list[tuple[Envelope, str, str]]:
        """Give the newest discarded events (redacted), why each waited, and why it was discarded."""
        query = select(events).where(_is(DISCARDED)).order_by(events.c.position.desc()).limit(limit)
        rows = await self._rows(query)
        shown = [to_envelope(row, None) for row in await self._stored(rows)]
        told = [Discarded.read(row.reason) for row in rows]
        return [(each, was.reason or _QUARANTINE, was.why) for each, was in zip(shown, told, strict=True)]

    async def aclose(self) -> None:
        """Close the key store; the store is closed by whoever opened it."""
        await self._keys.aclose()

    async def _pending_rows(self, partitions: Collection[int], limit: int, without: Set[str]) -> Sequence[Any]:
        if not partitions:
            return ()
        rows = await self._rows(_pending(partitions, limit + len(without), self._store.dialect.name))
        return [row for row in rows if row.id not in without][:limit]

    async def _scan_rows(self, after: int, limit: int) -> Sequence[Any]:
        left_out = (QUARANTINED, SUPERSEDED, DISCARDED)
        query = select(events).where(events.c.position > after, events.c.status.not_in(left_out))
        async with reading(self._store) as connection:
            end = await settled(connection)
            if end is not None:
                query = query.where(events.c.position <= end)
            rows: Sequence[Any] = (await connection.execute(query.order_by(events.c.position).limit(limit))).all()
            return rows

    async def _sealed(self, envelopes: Sequence[Envelope]) -> list[Row]:
        await self._keys.ready(map(name_of, envelopes), make=True)
        return [to_row(envelope, self._keys) for envelope in envelopes]

    async def _envelopes(self, rows: Sequence[Any]) -> list[Envelope]:
        stored = await self._stored(rows)
        await self._keys.ready(names_of(stored))
        return [to_envelope(row, self._keys) for row in stored]

    async def _stored(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Give rows with the event and its sealed texts; a log that keeps them elsewhere fetches them here."""
        return rows

    async def _insert(self, rows: list[Row]) -> set[str]:
        """Store rows durably; gives the ids that were not known."""
        return await insert_new(self._store, rows)

    async def _rows(self, query: Any) -> Sequence[Any]:
        async with reading(self._store) as connection:
            rows: Sequence[Any] = (await connection.execute(query)).all()
            return rows

    async def _write(self, statement: Any) -> None:
        async with writing(self._store) as connection:
            await connection.execute(statement)


async def insert_new(store: Store, rows: list[Row]) -> set[str]:
    """Insert rows in one transaction, positions in their order; gives the ids that were not known."""
    while True:
        try:
            async with writing(store) as connection:
                await announce(connection)
                return {event_id for (event_id,) in await _INSERT.run(connection, rows)}
        except UnavailableError as error:
            if not was_contention(error):  # two processes stored the same events in different orders
                raise


def _pending(partitions: Collection[int], limit: int, dialect: str) -> Select[Any]:
    """Ask for pending events; PostgreSQL looks at the front of each partition, however long the others' queues are."""
    query = select(events).order_by(events.c.position).limit(limit)
    if len(partitions) == PARTITION_COUNT:
        return query.where(_is(PENDING))
    if dialect != "postgresql":
        return query.where(_is(PENDING), events.c.partition.in_(sorted(partitions)))
    wanted = cast(postgresql.array(sorted(partitions)), postgresql.ARRAY(SmallInteger))
    each = select(func.unnest(wanted).label("partition")).subquery()
    front = (
        select(events.c.position)
        .where(events.c.partition == each.c.partition, _is(PENDING))
        .order_by(events.c.position)
        .limit(limit)
        .lateral()
    )
    positions = select(front.c.position).select_from(each.join(front, true()))
    return query.where(events.c.position.in_(positions))


async def _one(connection: Connection, event_id: str, state: ColumnElement[bool]) -> Any:
    """Give state and reason of an event, held until the transaction ends, if it is in a state; else None."""
    query = select(events.c.status, events.c.reason).where(events.c.id == event_id, state).with_for_update()
    return (await connection.execute(query)).one_or_none()


def _next_position(dialect: str) -> Any:
    if dialect == "postgresql":
        return text("nextval('events_position_seq')")
    return select(func.max(events.c.position) + 1).scalar_subquery()


def _is(status: str) -> Any:
    """Compare by a literal: planners use a partial index for no parameter."""
    return events.c.status == literal_column(f"'{status}'")


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _IDS_MAX] for start in range(0, len(ids), _IDS_MAX)]
