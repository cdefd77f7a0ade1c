"""Reads through the masking proxy, as the audit log has them, and how far they were counted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import BigInteger, Row, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.audit import ACTOR, Action, Opening, Outcome, Place
from nexus_core.store.audit import opened_by
from nexus_core.store.audit_tables import audit_record
from nexus_core.store.catalogue import upsert
from nexus_core.store.database import Store, reading
from nexus_core.store.metadata import UtcDateTime
from nexus_core.store.usage_tables import usage_told

_PAGE = 1_000
_OUTCOMES = (Outcome.INTENDED, Outcome.DONE)
_FIRST = Place("", -1)


class Statement(NamedTuple):
    """A statement that is executed, or with `of` how one ended; `of` is the intent's place, `account` "" if erased."""

    place: Place
    at: datetime
    target: Mapping[str, str]
    account: str
    of: Place | None


async def statements_between(main: Store, start: datetime, end: datetime) -> AsyncIterator[Statement]:
    """Give what the proxies told of statements that were let through in [start, end), the earliest first."""
    order = (audit_record.c.at, audit_record.c.writer, audit_record.c.seq)
    after = (start, _FIRST)
    while True:
        at, place = after
        last = tuple_(literal(at, UtcDateTime), literal(place.writer), literal(place.seq, BigInteger))
        wanted = (audit_record.c.action == Action.STATEMENT, audit_record.c.at >= at, tuple_(*order) > last)
        query = select(audit_record).where(*wanted, audit_record.c.at < end).order_by(*order).limit(_PAGE)
        async with reading(main) as connection:
            rows = (await connection.execute(query)).all()
            openings, _ = await opened_by(connection, [Place(row.writer, row.seq) for row in rows])
        for row in rows:
            if (statement := _statement(row, openings.get(Place(row.writer, row.seq), {}))) is not None:
                yield statement
        if len(rows) < _PAGE:
            return
        after = (rows[-1].at, Place(rows[-1].writer, rows[-1].seq))


def _statement(row: Row[Any], openings: Mapping[str, Opening]) -> Statement | None:
    said = orjson.loads(row.body)
    if said["outcome"] not in _OUTCOMES:
        return None
    actor = openings.get(ACTOR)
    of = None if said["of"] is None else Place(row.writer, said["of"])
    account = str(orjson.loads(actor.value)["name"]) if actor else ""
    return Statement(Place(row.writer, row.seq), row.at, said["target"], account, of)


async def counted_until(store: Store, teller: str) -> int | None:
    """Give the hour, from 1970 on, before which a teller's reads were counted; None if never."""
    async with reading(store) as connection:
        query = select(usage_told.c.until).where(usage_told.c.teller == teller)
        return (await connection.execute(query)).scalar_one_or_none()


async def note_counted(connection: AsyncConnection, teller: str, until: int) -> None:
    """Note the hour before which a teller's reads are counted."""
    rows: Sequence[dict[str, Any]] = [{"teller": teller, "until": until}]
    await upsert(connection, usage_told, rows)
