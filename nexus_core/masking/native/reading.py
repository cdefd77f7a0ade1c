"""Reads the datasets that policies are written for, with the types that harvests told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nexus_core.catalogue.merged import fields_of, kind_of, merge
from nexus_core.catalogue.policy_columns import policy_columns
from nexus_core.errors import InvalidInputError, NotFoundError
from nexus_core.masking.native.engines import Engine
from nexus_core.masking.native.tables import Told
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import platform
from nexus_core.model.policy import Column
from nexus_core.store.catalogue import facets_of
from nexus_core.store.database import Store, reading

_FACETS_AT_ONCE = 500


async def read_told(
    store: Store, main: Store, scope: Scope, kind: Engine, namespace: str | None, aliases: Aliases
) -> Sequence[Told]:
    """Give the datasets of one namespace that a scope shows, by name; its columns in the order of the table.

    Raises NotFoundError if there is none, InvalidInputError if several namespaces are of the kind and none is given.
    """
    if namespace is not None and platform(namespace) != kind:
        raise InvalidInputError(f"{namespace} is no namespace of {kind}", "$.query.namespace")
    columns = await _columns(store, main, scope, kind, aliases.space(namespace) if namespace else None)
    if not columns:
        raise NotFoundError(f"A dataset of {kind}{f' in {namespace}' if namespace else ''}")
    known = sorted({name.namespace for name in columns})
    if len(known) > 1:
        raise InvalidInputError(f"several are of {kind}; give one of {', '.join(known)}", "$.query.namespace")
    names = sorted(columns)
    return [
        told
        for start in range(0, len(names), _FACETS_AT_ONCE)
        for told in await _told(store, columns, names[start : start + _FACETS_AT_ONCE])
    ]


async def _columns(
    store: Store, main: Store, scope: Scope, kind: Engine, namespace: str | None
) -> Mapping[DatasetName, Sequence[Column]]:
    found: dict[DatasetName, list[Column]] = {}
    async for column in policy_columns(store, main, None if namespace is None else [namespace]):
        name = column.dataset
        if platform(name.namespace) == kind and scope.sees(name, column.attributes):
            found.setdefault(name, []).append(column)
    return found


async def _told(
    store: Store, columns: Mapping[DatasetName, Sequence[Column]], names: Sequence[DatasetName]
) -> Sequence[Told]:
    async with reading(store) as connection:
        slots = await facets_of(connection, [node_key(name.id) for name in names])
    return [_one(name, columns[name], slots.get(node_key(name.id), {})) for name in names]


def _one(name: DatasetName, columns: Sequence[Column], slots: Mapping[str, Any]) -> Told:
    facets = merge(slots)
    types = {field.name: field.type for field in fields_of(facets)}
    return Told(name, kind_of(facets), columns, types)
