"""Writes and reads which fields may hold personal data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import and_, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.access import Scope
from nexus_core.store.catalogue import chunks
from nexus_core.store.hint_tables import hint
from nexus_core.store.scope_condition import seen_rows

Connection = AsyncConnection
Place = tuple[int, str, str]
"""Where a page ends: score, dataset key and field of its last row."""


class HintRow(NamedTuple):
    """That a field may hold a kind of personal data; `score` from 0 to 100."""

    dataset_key: str
    field: str
    namespace: str
    name: str
    data: str
    score: int
    reason: str
    event_id: str


async def save_hints(connection: Connection, by_dataset: Mapping[str, Collection[HintRow]]) -> None:
    """Replace what is proposed of datasets; part of the transaction that the connection is in."""
    for keys in chunks(sorted(by_dataset)):
        await connection.execute(delete(hint).where(hint.c.dataset_key.in_(keys)))
    rows = [row._asdict() for of in by_dataset.values() for row in of]
    if rows:
        await connection.execute(insert(hint), rows)


async def hints(
    connection: Connection,
    scope: Scope,
    least: int,
    limit: int,
    after: Place | None,
    dataset_keys: Collection[str] | None = None,
) -> list[HintRow]:
    """Give proposals of a least score that a scope sees, the surest first; of some datasets where those are given."""
    row = hint.c
    seen = seen_rows(scope, connection.dialect.name, hint.name)
    query = (
        select(hint).where(row.score >= least, seen).order_by(row.score.desc(), row.dataset_key, row.field).limit(limit)
    )
    if dataset_keys is not None:
        query = query.where(row.dataset_key.in_(dataset_keys))
    if after is not None:
        score, key, field = after
        later = or_(row.dataset_key > key, and_(row.dataset_key == key, row.field > field))
        query = query.where(or_(row.score < score, and_(row.score == score, later)))
    return [HintRow(*found) for found in await connection.execute(query)]
