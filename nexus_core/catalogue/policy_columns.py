"""Columns of the catalogue as policies see them: with effective class, domain and tags."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from nexus_core.errors import InvalidInputError, NotFoundError
from nexus_core.model.access import UNKNOWN, Attributes, Scope
from nexus_core.model.names import DatasetName
from nexus_core.model.policy import Column
from nexus_core.store.catalogue import Connection
from nexus_core.store.catalogue_columns import Described, described, named
from nexus_core.store.classes import read_effective
from nexus_core.store.database import Store, reading, snapshot
from nexus_core.store.dataset_access import read_access


async def policy_columns(store: Store) -> AsyncIterator[Column]:
    """Give the columns of all datasets, each dataset's together; raises UnavailableError if the store fails."""
    async with snapshot(store) as connection:
        async for datasets in described(connection):
            for column in await _columns(connection, datasets):
                yield column


async def find_column(store: Store, scope: Scope, written: str, namespace: str | None) -> Column:
    """Give the column that `TABLE.COLUMN` names, among those that a scope sees.

    Raises NotFoundError if there is none, InvalidInputError if several namespaces have one.
    """
    table, dot, field = written.rpartition(".")
    if not (dot and table and field):
        raise InvalidInputError("write the table's name, a dot and the column's", "$.query.column")
    async with reading(store) as connection:
        columns = await _columns(connection, await named(connection, table, namespace))
    found = [each for each in columns if each.field == field and scope.sees(each.dataset, each.attributes)]
    if not found:
        raise NotFoundError(f"The column {written}")
    if len(found) > 1:
        known = ", ".join(each.dataset.namespace for each in found)
        raise InvalidInputError(f"several namespaces have such a column; give one of {known}", "$.query.namespace")
    return found[0]


async def _columns(connection: Connection, datasets: Sequence[Described]) -> Sequence[Column]:
    keys = [each.dataset_key for each in datasets]
    classes = await read_effective(connection, keys)
    access = await read_access(connection, keys)

    def of(dataset: Described) -> Iterator[Column]:
        row = access.get(dataset.dataset_key)
        attributes = Attributes(row.domain, row.class_name, row.generation) if row else UNKNOWN
        name = DatasetName(dataset.namespace, dataset.name)
        for field in dataset.fields:
            known = classes.get((dataset.dataset_key, field))
            yield Column(name, field, known.class_name if known else None, attributes, dataset.tags)

    return [column for dataset in datasets for column in of(dataset)]
