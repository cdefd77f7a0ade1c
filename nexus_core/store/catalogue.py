"""Reads and writes what the catalogue knows of datasets and jobs, and keeps the rows that search reads.

`Owner` stands for a dataset or a job: both have facets, each in a slot `class/facet` with a stamp (valid time in
microseconds, event id, fingerprint). Writers hold the worker's lease, so that a read and its write are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Table, bindparam, delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store.catalogue_tables import (
    catalogue_dataset,
    catalogue_facet,
    catalogue_job,
    catalogue_label,
    catalogue_search,
)
from nexus_core.store.database import Store, reading

Connection = AsyncConnection
"""A connection in a transaction of the store; layers above hand it on and never call it."""

Stamp = tuple[int, str, str]
"""Valid time in microseconds, event id, fingerprint of the content."""

_KEYS_MAX = 500  # parameters of one statement, below every database's limit


@dataclass(slots=True)
class Owner:
    """A dataset or job and what is known of it."""

    key: str
    namespace: str
    name: str
    first_seen_at: datetime
    last_seen_at: datetime
    stamps: dict[str, Stamp] = field(default_factory=dict)
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class SearchRow:
    """What search finds a dataset by; `words` are texts per column of the full-text index."""

    dataset_key: str
    namespace: str
    name: str
    platform: str
    kind: str
    description: str | None
    fields: Sequence[str]
    labels: Sequence[tuple[str, str]]
    names_text: str
    fields_text: str
    labels_text: str


async def load_owners(connection: Connection, jobs: bool, keys: Iterable[str]) -> dict[str, Owner]:
    """Give the known among these datasets (or jobs) by key."""
    table = catalogue_job if jobs else catalogue_dataset
    key_column = next(iter(table.primary_key.columns))
    found: dict[str, Owner] = {}
    for chunk in _chunks(sorted(set(keys))):
        for row in await connection.execute(select(table).where(key_column.in_(chunk))):
            key, namespace, name, first, last, stamps = row
            known = {slot: tuple(stamp) for slot, stamp in orjson.loads(stamps).items()}
            found[key] = Owner(key, namespace, name, first, last, known)
    return found


async def save_owners(connection: Connection, jobs: bool, owners: Sequence[Owner]) -> None:
    """Write datasets (or jobs) as they are now."""
    table = catalogue_job if jobs else catalogue_dataset
    key_column = next(iter(table.primary_key.columns))
    new = [_owner_row(owner, key_column.name) for owner in owners if owner.is_new]
    known = [_owner_row(owner, "b_key") for owner in owners if not owner.is_new]
    if new:
        await connection.execute(insert(table), new)
    if known:
        changed: dict[str, Any] = {name: bindparam(name) for name in ("first_seen_at", "last_seen_at", "stamps")}
        rows = [{name: row[name] for name in (*changed, "b_key")} for row in known]
        await connection.execute(update(table).where(key_column == bindparam("b_key")).values(changed), rows)


def _owner_row(owner: Owner, key: str) -> dict[str, Any]:
    return {
        key: owner.key,
        "namespace": owner.namespace,
        "name": owner.name,
        "first_seen_at": owner.first_seen_at,
        "last_seen_at": owner.last_seen_at,
        "stamps": orjson.dumps(owner.stamps, option=orjson.OPT_SORT_KEYS),
    }


async def save_facets(connection: Connection, facets: Sequence[tuple[str, str, bytes]]) -> None:
    """Write facets `(owner key, slot, body)` over those in their slots."""
    if facets:
        rows = [{"owner_key": key, "slot": slot, "body": body} for key, slot, body in facets]
        await _upsert(connection, catalogue_facet, rows)


async def facets_of(connection: Connection, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Give facets by owner key and slot."""
    found: dict[str, dict[str, Any]] = {}
    for chunk in _chunks(sorted(set(keys))):
        query = select(catalogue_facet).where(catalogue_facet.c.owner_key.in_(chunk))
        for owner_key, slot, body in await connection.execute(query):
            found.setdefault(owner_key, {})[slot] = orjson.loads(body)
    return found


async def owner(store: Store, key: str, *, jobs: bool = False) -> tuple[Owner, dict[str, Any]] | None:
    """Give one dataset (or job) with its facets by slot, None if it is unknown."""
    async with reading(store) as connection:
        found = (await load_owners(connection, jobs, [key])).get(key)
        return (found, (await facets_of(connection, [key])).get(key, {})) if found else None


async def jobs_of(store: Store, keys: Iterable[str]) -> dict[str, tuple[Owner, dict[str, Any]]]:
    """Give jobs with their facets by key; unknown ones are left out."""
    async with reading(store) as connection:
        owners = await load_owners(connection, True, keys)
        facets = await facets_of(connection, owners)
        return {key: (each, facets.get(key, {})) for key, each in owners.items()}


async def datasets_in(
    store: Store, namespace: str, limit: int, offset: int
) -> tuple[int, list[tuple[Owner, dict[str, Any]]]]:
    """Count the datasets of a namespace, and give a page of them by name, with their facets."""
    table = catalogue_dataset
    keys = select(table.c.dataset_key).where(table.c.namespace == namespace).order_by(table.c.name)
    async with reading(store) as connection:
        count = await connection.execute(select(func.count()).where(table.c.namespace == namespace))
        page = (await connection.execute(keys.limit(limit).offset(offset))).scalars().all()
        owners = await load_owners(connection, False, page)
        facets = await facets_of(connection, page)
    return count.scalar_one(), [(owners[key], facets.get(key, {})) for key in page]


async def save_search_rows(connection: Connection, rows: Sequence[SearchRow]) -> None:
    """Write what search finds datasets by."""
    if not rows:
        return
    await _upsert(connection, catalogue_search, [_search_row(row) for row in rows], key="dataset_key")
    ids = await _search_ids(connection, [row.dataset_key for row in rows])
    await connection.execute(delete(catalogue_label).where(catalogue_label.c.id == bindparam("b_id")), _bound(ids))
    labels = [
        {"id": ids[row.dataset_key], "kind": kind, "value": value}
        for row in rows
        for kind, value in dict.fromkeys(row.labels)
    ]
    if labels:
        await connection.execute(insert(catalogue_label), labels)
    for statement in (
        "DELETE FROM catalogue_fts WHERE rowid = :b_id",
        "DELETE FROM catalogue_infix WHERE rowid = :b_id",
    ):
        await connection.execute(text(statement), _bound(ids))
    await connection.execute(_INDEX_WORDS, [_words(ids[row.dataset_key], row) for row in rows])
    await connection.execute(_INDEX_NAMES, [{"b_id": ids[row.dataset_key], "name": row.name} for row in rows])


_INDEX_WORDS = text(
    "INSERT INTO catalogue_fts (rowid, names, fields, labels, description) "
    "VALUES (:b_id, :names, :fields, :labels, :description)"
)
_INDEX_NAMES = text("INSERT INTO catalogue_infix (rowid, name) VALUES (:b_id, :name)")


def _bound(ids: dict[str, int]) -> list[dict[str, int]]:
    return [{"b_id": row_id} for row_id in ids.values()]


def _words(row_id: int, row: SearchRow) -> dict[str, Any]:
    return {
        "b_id": row_id,
        "names": row.names_text,
        "fields": row.fields_text,
        "labels": row.labels_text,
        "description": row.description or "",
    }


def _search_row(row: SearchRow) -> dict[str, Any]:
    lower = row.name.lower()
    return {
        "dataset_key": row.dataset_key,
        "namespace": row.namespace,
        "name": row.name,
        "sort_name": lower,
        "leaf": lower.rpartition(".")[2],
        "platform": row.platform,
        "kind": row.kind,
        "description": row.description,
        "field_count": len(row.fields),
        "fields": orjson.dumps(row.fields).decode(),
    }


async def _search_ids(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in _chunks(keys):
        query = select(catalogue_search.c.dataset_key, catalogue_search.c.id)
        rows = await connection.execute(query.where(catalogue_search.c.dataset_key.in_(chunk)))
        found |= {row.dataset_key: row.id for row in rows}
    return found


async def _upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], key: str = "") -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    keys = [key] if key else [column.name for column in table.primary_key.columns]
    statement = dialect.insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def _chunks(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[start : start + _KEYS_MAX] for start in range(0, len(keys), _KEYS_MAX))
