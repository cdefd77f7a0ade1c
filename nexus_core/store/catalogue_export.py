"""Reads the whole catalogue as search knows it, part by part."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from nexus_core.model.access import Scope
from nexus_core.store.catalogue import Connection
from nexus_core.store.catalogue_labels import labels_of
from nexus_core.store.catalogue_tables import catalogue_search
from nexus_core.store.dataset_access import read_access
from nexus_core.store.scope_condition import seen_rows

_AT_ONCE = 1_000


class Asset(NamedTuple):
    """A dataset with its highest class, None where it is unknown, and its labels (owner, tag, domain, …) by kind."""

    dataset_key: str
    namespace: str
    name: str
    platform: str
    kind: str
    description: str | None
    field_count: int
    class_name: str | None
    labels: Mapping[str, Sequence[str]]


async def all_assets(connection: Connection, scope: Scope) -> AsyncIterator[Asset]:
    """Give the datasets that a scope sees, in the order in which they were first described."""
    row, last = catalogue_search.c, 0
    shown = (row.id, row.dataset_key, row.namespace, row.name, row.platform, row.kind, row.description, row.field_count)
    visible = seen_rows(scope, connection.dialect.name, "catalogue_search")
    while True:
        query = select(*shown).where(row.id > last, visible).order_by(row.id).limit(_AT_ONCE)
        found = (await connection.execute(query)).all()
        keys = [each.dataset_key for each in found]
        labels, access = await labels_of(connection, keys), await read_access(connection, keys)
        for each in found:
            known = access.get(each.dataset_key)
            yield Asset(*each[1:], known.class_name if known else None, labels.get(each.dataset_key, {}))
        if len(found) < _AT_ONCE:
            return
        last = found[-1].id
