"""Records of the audit log in the store: added by their writers, read newest first, opened until erased."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Select, delete, func, insert, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.audit import ACTOR, BEGINNING, Opening, Place, Record
from nexus_core.store.audit_tables import audit_leaf, audit_personal, audit_record, audit_writer
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.many import Many
from nexus_core.store.metadata import UtcDateTime

Written = tuple[Record, Mapping[str, Opening]]
"""A record with what opens its commitments."""

_PLACES_MAX = 400  # two parameters each, below every database's limit
_RECORDS = Many(lambda _: insert(audit_record))
_PERSONAL = Many(lambda _: insert(audit_personal))
_RECORDS_READ = select(audit_record, audit_leaf.c.position).outerjoin(
    audit_leaf, (audit_leaf.c.writer == audit_record.c.writer) & (audit_leaf.c.seq == audit_record.c.seq)
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it lies in the store: its body, what still opens it, and its position in the tree, if it has one."""

    place: Place
    at: datetime
    body: bytes
    personal: Mapping[str, Opening]
    position: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are asked for; None is any. `before` is where the page before ended."""

    actions: tuple[str, ...] = ()
    account_id: str | None = None
    target: tuple[str, str] | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    before: tuple[datetime, Place] | None = None


async def begin_chain(store: Store, writer: str) -> None:
    """Make a writer known, so that its records find their way into the tree."""
    async with writing(store) as connection:
        await connection.execute(insert(audit_writer).values(writer=writer, sequenced=0, last=BEGINNING))


async def append(store: Store, written: Sequence[Written]) -> None:
    """Add records of one writer, all or none; durable when it returns.

    Raises UnavailableError, after which nobody knows whether they are there: begin another chain.
    """
    async with writing(store) as connection:
        await _RECORDS.run(connection, [record_row(record) for record, _ in written])
        await _PERSONAL.run(connection, [row for record, openings in written for row in _rows(record, openings)])


async def page(store: Store, wanted: Wanted, limit: int) -> list[Kept]:
    """Give the newest records that are wanted."""
    query = _RECORDS_READ
    for condition in _conditions(wanted):
        query = query.where(condition)
    order = (audit_record.c.at.desc(), audit_record.c.writer.desc(), audit_record.c.seq.desc())
    return await _kept(store, query.order_by(*order).limit(limit))


async def one(store: Store, place: Place) -> Kept | None:
    """Give one record; None if there is none."""
    here = (audit_record.c.writer == place.writer) & (audit_record.c.seq == place.seq)
    return next(iter(await _kept(store, _RECORDS_READ.where(here))), None)


async def _kept(store: Store, query: Select[Any]) -> list[Kept]:
    async with reading(store) as connection:
        rows = (await connection.execute(query)).all()
        openings, _ = await opened_by(connection, [Place(row.writer, row.seq) for row in rows])
    places = [Place(row.writer, row.seq) for row in rows]
    return [
        Kept(place, row.at, row.body, openings[place], row.position) for place, row in zip(places, rows, strict=True)
    ]


async def opened_by(
    connection: AsyncConnection, places: Sequence[Place]
) -> tuple[Mapping[Place, dict[str, Opening]], set[Place]]:
    """Give what opens the commitments of records, as far as it is not erased, and where an actor is told wrongly."""
    found: dict[Place, dict[str, Opening]] = defaultdict(dict)
    wrong: set[Place] = set()
    key = tuple_(audit_personal.c.writer, audit_personal.c.seq)
    for start in range(0, len(places), _PLACES_MAX):
        part = [(place.writer, place.seq) for place in places[start : start + _PLACES_MAX]]
        for row in await connection.execute(select(audit_personal).where(key.in_(part))):
            place = Place(row.writer, row.seq)
            found[place][row.field] = Opening(row.value, row.salt)
            if row.account_id != _account_id(row.field, row.value):
                wrong.add(place)
    return found, wrong


async def personal_count(store: Store, account_id: str) -> int:
    """Count the personal fields of all that an account did."""
    async with reading(store) as connection:
        query = select(func.count()).select_from(audit_personal).where(_of_acts_by(account_id))
        return (await connection.execute(query)).scalar_one()


async def erase(store: Store, account_id: str) -> None:
    """Delete what opens the commitments of all that an account did; proofs still hold."""
    async with writing(store) as connection:
        await connection.execute(delete(audit_personal).where(_of_acts_by(account_id)))


def _of_acts_by(account_id: str) -> Any:
    places = select(audit_personal.c.writer, audit_personal.c.seq).where(audit_personal.c.account_id == account_id)
    return tuple_(audit_personal.c.writer, audit_personal.c.seq).in_(places)


def _conditions(wanted: Wanted) -> Iterable[Any]:
    columns = audit_record.c
    if wanted.actions:
        yield columns.action.in_(wanted.actions)
    if wanted.account_id is not None:
        theirs = select(audit_personal.c.writer, audit_personal.c.seq)
        yield tuple_(columns.writer, columns.seq).in_(theirs.where(audit_personal.c.account_id == wanted.account_id))
    if wanted.target:
        name, value = (orjson.dumps(part).decode() for part in wanted.target)
        yield columns.target.contains(f"{name}:{value}", autoescape=True)
    if wanted.from_at:
        yield columns.at >= wanted.from_at
    if wanted.to_at:
        yield columns.at < wanted.to_at
    if wanted.before:
        at, place = wanted.before
        last = tuple_(literal(at, UtcDateTime), literal(place.writer), literal(place.seq, BigInteger))
        yield tuple_(columns.at, columns.writer, columns.seq) < last


def record_row(record: Record) -> dict[str, Any]:
    """Give a record as a row of its table."""
    return {
        "writer": record.place.writer,
        "seq": record.place.seq,
        "at": record.at,
        "action": record.action,
        "target": orjson.dumps(dict(record.target), option=orjson.OPT_SORT_KEYS).decode(),
        "body": record.body,
        "leaf": record.leaf,
    }


def _rows(record: Record, openings: Mapping[str, Opening]) -> Iterable[dict[str, Any]]:
    for name, opening in openings.items():
        yield {
            "writer": record.place.writer,
            "seq": record.place.seq,
            "field": name,
            "salt": opening.salt,
            "value": opening.value,
            "account_id": _account_id(name, opening.value),
        }


def _account_id(name: str, value: str) -> str | None:
    """Give the account of an actor; None for other fields, and for what is no actor."""
    try:
        return str(orjson.loads(value)["id"]) if name == ACTOR else None
    except (orjson.JSONDecodeError, TypeError, KeyError):
        return None
