"""Reads the columns of all datasets, part by part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store.catalogue_tables import catalogue_label, catalogue_search

_DATASETS_AT_ONCE = 500
_row = catalogue_search.c
_DATASETS = select(_row.id, _row.dataset_key, _row.namespace, _row.name, _row.fields)
_BY_ID = _DATASETS.order_by(_row.id)


class Described(NamedTuple):
    """A dataset with the names of its columns and its tags."""

    dataset_key: str
    namespace: str
    name: str
    fields: Sequence[str]
    tags: frozenset[str]


async def described(
    connection: AsyncConnection, namespaces: Collection[str] | None = None
) -> AsyncIterator[Sequence[Described]]:
    """Give all datasets, or those of some namespaces, some hundred at a time, in the order of their first mention."""
    query, last = _BY_ID if namespaces is None else _BY_ID.where(_row.namespace.in_(sorted(namespaces))), 0
    while found := (await connection.execute(query.where(_row.id > last).limit(_DATASETS_AT_ONCE))).all():
        last = found[-1].id
        yield await _described(connection, found)


async def named(connection: AsyncConnection, name: str, namespace: str | None) -> list[Described]:
    """Give the datasets of a name, in one namespace or in all."""
    query = _DATASETS.where(_row.name == name).order_by(_row.namespace)
    if namespace is not None:
        query = query.where(_row.namespace == namespace)
    return await _described(connection, (await connection.execute(query)).all())


async def _described(connection: AsyncConnection, found: Sequence[Any]) -> list[Described]:
    tags = await _tags(connection, [each.id for each in found])
    return [
        Described(each.dataset_key, each.namespace, each.name, orjson.loads(each.fields), tags[each.id])
        for each in found
    ]


async def _tags(connection: AsyncConnection, ids: Sequence[int]) -> defaultdict[int, frozenset[str]]:
    label = catalogue_label.c
    query = select(label.id, label.value).where(label.id.in_(ids), label.kind == "tag")
    found: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    for key, value in await connection.execute(query):
        found[key] |= {value}
    return found
