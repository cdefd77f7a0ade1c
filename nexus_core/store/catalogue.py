"""Reads and writes what the catalogue knows of datasets and jobs.

`Owner` stands for a dataset or a job: both have facets, each in a slot `class/facet` with a stamp (valid time in
microseconds, event id, fingerprint). Writers lock the owner, so that a read and its write are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Table, and_, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.access import Scope
from nexus_core.model.names import JobName
from nexus_core.store.catalogue_tables import (
    catalogue_dataset,
    catalogue_facet,
    catalogue_job,
)
from nexus_core.store.database import Store, reading
from nexus_core.store.many import Many
from nexus_core.store.scope_condition import seen_rows

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
    is_made: bool = False  # its row is there already


class _Statements:
    """The statements for one of the two tables of owners, made once: making costs more than running."""

    def __init__(self, table: Table) -> None:
        key = next(iter(table.primary_key.columns))
        self.key = key.name
        self.load = select(table).where(key.in_(bindparam("keys", expanding=True)))
        self.lock = self.load.order_by(key).with_for_update()
        self.add = Many(lambda _dialect: insert(table))
        self.make = postgresql.insert(table).on_conflict_do_nothing(index_elements=[key]).returning(key)
        changed: dict[str, Any] = {name: bindparam(name) for name in ("first_seen_at", "last_seen_at", "stamps")}
        self.change = Many(lambda _dialect: update(table).where(key == bindparam("b_key")).values(changed))


_OWNERS = {False: _Statements(catalogue_dataset), True: _Statements(catalogue_job)}


async def load_owners(connection: Connection, jobs: bool, keys: Iterable[str]) -> dict[str, Owner]:
    """Give the known among these datasets (or jobs) by key."""
    found: dict[str, Owner] = {}
    for chunk in chunks(sorted(set(keys))):
        rows = await connection.execute(_OWNERS[jobs].load, {"keys": chunk})
        found |= {row[0]: _owner(*row) for row in rows}
    return found


def _owner(key: str, namespace: str, name: str, first: datetime, last: datetime, stamps: bytes) -> Owner:
    known = {slot: tuple(stamp) for slot, stamp in orjson.loads(stamps).items()}
    return Owner(key, namespace, name, first, last, known)


async def take_owners(connection: Connection, jobs: bool, named: Mapping[str, Owner]) -> dict[str, Owner]:
    """Give datasets (or jobs) by key as they are until the transaction ends; what is unknown is `named`, as new.

    Several workers of PostgreSQL meet here: first what lacks is made, then all is locked, both in the order of keys, so
    that none waits for another in a circle. SQLite has one writer.
    """
    if connection.dialect.name != "postgresql":
        return {**named, **await load_owners(connection, jobs, named)}
    statements = _OWNERS[jobs]
    known = await load_owners(connection, jobs, named)
    missing = [_owner_row(named[key], statements.key) for key in sorted(named.keys() - known.keys())]
    made = set((await connection.execute(statements.make, missing)).scalars()) if missing else set()
    found: dict[str, Owner] = {}
    for chunk in chunks(sorted(named)):
        rows = await connection.execute(statements.lock, {"keys": chunk})
        found |= {row[0]: _owner(*row) for row in rows}
    for key in made:
        found[key].is_made = found[key].is_new = True
    return found


async def save_owners(connection: Connection, jobs: bool, owners: Sequence[Owner]) -> None:
    """Write datasets (or jobs) as they are now."""
    statements = _OWNERS[jobs]
    new = [_owner_row(owner, statements.key) for owner in owners if owner.is_new and not owner.is_made]
    known = [_changed_row(owner) for owner in owners if not owner.is_new or owner.is_made]
    await statements.add.run(connection, new)
    await statements.change.run(connection, known)


def _changed_row(owner: Owner) -> dict[str, Any]:
    return {
        "b_key": owner.key,
        "first_seen_at": owner.first_seen_at,
        "last_seen_at": owner.last_seen_at,
        "stamps": orjson.dumps(owner.stamps, option=orjson.OPT_SORT_KEYS),
    }


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
        await upsert(connection, catalogue_facet, rows)


async def facets_of(connection: Connection, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Give facets by owner key and slot."""
    found: dict[str, dict[str, Any]] = {}
    for chunk in chunks(sorted(set(keys))):
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


async def jobs_named(store: Store, scope: Scope, words: str, limit: int) -> list[JobName]:
    """Give jobs whose namespace and name have all words, by name; of the namespaces that a scope sees wholly."""
    table = catalogue_job
    async with reading(store) as connection:
        spaces = (await connection.execute(select(table.c.namespace).distinct())).scalars()
        seen = table.c.namespace.in_([each for each in spaces if scope.sees_whole(each)])
        whole = func.lower(table.c.namespace + " " + table.c.name)
        having = (whole.contains(word, autoescape=True) for word in words.lower().split())
        query = select(table.c.namespace, table.c.name).where(seen, *having)
        query = query.order_by(table.c.namespace, table.c.name)
        return [JobName(*row) for row in await connection.execute(query.limit(limit))]


async def datasets_in(
    store: Store, namespace: str, scope: Scope, limit: int, offset: int
) -> tuple[int, list[tuple[Owner, dict[str, Any]]]]:
    """Count the datasets of a namespace that a scope sees, and give a page of them by name, with their facets."""
    table = catalogue_dataset
    wanted = and_(table.c.namespace == namespace, seen_rows(scope, store.dialect.name, table.name))
    keys = select(table.c.dataset_key).where(wanted).order_by(table.c.name)
    async with reading(store) as connection:
        count = await connection.execute(select(func.count()).select_from(table).where(wanted))
        page = (await connection.execute(keys.limit(limit).offset(offset))).scalars().all()
        owners = await load_owners(connection, False, page)
        facets = await facets_of(connection, page)
    return count.scalar_one(), [(owners[key], facets.get(key, {})) for key in page]


async def namespaces_in(store: Store, scope: Scope) -> list[str]:
    """Give the namespaces of the datasets that a scope sees."""
    table = catalogue_dataset
    query = select(table.c.namespace).where(seen_rows(scope, store.dialect.name, table.name)).distinct()
    async with reading(store) as connection:
        return sorted((await connection.execute(query)).scalars())


async def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], key: str = "") -> None:
    """Write rows over those of the same primary key, or of the same value in the unique column `key`."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    keys = [key] if key else [column.name for column in table.primary_key.columns]
    statement = dialect.insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def chunks(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    """Give keys in parts that fit into one statement."""
    return (keys[start : start + _KEYS_MAX] for start in range(0, len(keys), _KEYS_MAX))
