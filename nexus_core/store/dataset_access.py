"""What scopes ask of datasets beside their names, and which of some datasets a scope sees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.access import UNKNOWN, Attributes, Scope
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.store.access_tables import dataset_access
from nexus_core.store.by_key import rows_by
from nexus_core.store.database import Store, reading

Connection = AsyncConnection


class AccessRow(NamedTuple):
    """What is known of one dataset, under the name that stands for it; its columns."""

    dataset_key: str
    namespace: str
    name: str
    domain: str | None
    class_name: str | None
    generation: int


CLASS = ("class_name", "generation")
DOMAIN = ("domain",)


async def put_access(
    connection: Connection, rows: Collection[AccessRow], columns: Collection[str] = (*DOMAIN, *CLASS)
) -> None:
    """Write some columns of what is known of datasets, `CLASS` or `DOMAIN` or all, over what was known.

    Part of the transaction that the connection is in; what is not known yet is added with all columns of its row.
    """
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(dataset_access)
    changed = {name: statement.excluded[name] for name in ("namespace", "name", *columns)}
    whole = statement.on_conflict_do_update(index_elements=[dataset_access.c.dataset_key], set_=changed)
    await connection.execute(whole, [row._asdict() for row in rows])


async def read_access(connection: Connection, keys: Iterable[str]) -> dict[str, AccessRow]:
    """Give what is known of datasets, by key."""
    found = await rows_by(connection, AccessRow, dataset_access.c.dataset_key, keys)
    return {row.dataset_key: row for row in found}


async def attributes_of(
    connection: Connection, scope: Scope, names: Iterable[DatasetName]
) -> Mapping[DatasetName, Attributes]:
    """Give the attributes of datasets that a scope needs to decide about; nothing, and no round trip, if it needs none.

    Datasets go by the names that stand for them.
    """
    if not scope.needs_attributes:
        return {}
    keys = {node_key(name.id): name for name in names if scope.may_see(name)}
    return {
        keys[key]: Attributes(row.domain, row.class_name, row.generation)
        for key, row in (await read_access(connection, keys)).items()
    }


async def visible_of(connection: Connection, scope: Scope, names: Iterable[DatasetName]) -> frozenset[DatasetName]:
    """Give those of some datasets that a scope sees; they go by the names that stand for them."""
    asked = frozenset(names)
    if scope.everything:
        return asked
    known = await attributes_of(connection, scope, asked)
    return frozenset(name for name in asked if scope.sees(name, known.get(name, UNKNOWN)))


async def visible_names(store: Store, scope: Scope, members: Sequence[DatasetName]) -> list[DatasetName]:
    """Give the visible among the names of one dataset, none if that which stands for it, the first, is not visible."""
    first = members[0]
    known: Mapping[DatasetName, Attributes] = {}
    if scope.needs_attributes:
        async with reading(store) as connection:
            known = await attributes_of(connection, scope, [first])
    told = known.get(first, UNKNOWN)
    return [name for name in members if scope.sees(name, told)] if scope.sees(first, told) else []


async def visible_in(store: Store, scope: Scope, names: Iterable[DatasetName]) -> frozenset[DatasetName]:
    """Give the same of a store, which is asked only if names alone do not decide; raises UnavailableError."""
    if not scope.needs_attributes:
        return frozenset(name for name in names if scope.sees(name))
    async with reading(store) as connection:
        return await visible_of(connection, scope, names)
