"""Columns of the catalogue as policies see them: with effective class, domain and tags."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Sequence

from nexus_core.errors import InvalidInputError, NotFoundError
from nexus_core.model.access import UNKNOWN, Attributes, Scope
from nexus_core.model.classes import UNDECIDED
from nexus_core.model.names import DatasetName
from nexus_core.model.policy import Column
from nexus_core.store.catalogue import Connection
from nexus_core.store.catalogue_columns import Described, described, named
from nexus_core.store.class_facts import declared_public
from nexus_core.store.classes import read_effective
from nexus_core.store.database import Store, reading, snapshot
from nexus_core.store.dataset_access import read_access


async def policy_columns(store: Store, main: Store, namespaces: Collection[str] | None = None) -> AsyncIterator[Column]:
    """Give the columns of all datasets, or of those of some namespaces, each dataset's together.

    Raises UnavailableError if a store fails. `store` is the projection's, with catalogue and decisions; `main` has the
    classes that are enforced.
    """
    async with snapshot(store) as connection, snapshot(main) as enforced:
        async for datasets in described(connection, namespaces):
            for column in await _columns(connection, enforced, datasets):
                yield column


async def find_column(store: Store, main: Store, scope: Scope, written: str, namespace: str | None) -> Column:
    """Give the column that `TABLE.COLUMN` names, among those that a scope sees.

    Raises NotFoundError if there is none, InvalidInputError if several namespaces have one.
    """
    table, dot, field = written.rpartition(".")
    if not (dot and table and field):
        raise InvalidInputError("write the table's name, a dot and the column's", "$.query.column")
    async with reading(store) as connection, reading(main) as enforced:
        columns = await _columns(connection, enforced, await named(connection, table, namespace))
    found = [each for each in columns if each.field == field and scope.sees(each.dataset, each.attributes)]
    if not found:
        raise NotFoundError(f"The column {written}")
    if len(found) > 1:
        known = ", ".join(each.dataset.namespace for each in found)
        raise InvalidInputError(f"several namespaces have such a column; give one of {known}", "$.query.namespace")
    return found[0]


async def columns_of(store: Store, main: Store, name: DatasetName) -> Sequence[Column]:
    """Give the columns of one dataset, none for one that is not known; raises UnavailableError if a store fails."""
    async with reading(store) as connection, reading(main) as enforced:
        return await _columns(connection, enforced, await named(connection, name.name, name.namespace))


async def _columns(connection: Connection, enforced: Connection, datasets: Sequence[Described]) -> Sequence[Column]:
    """Give columns; one that nothing classifies is Public only if a steward said so of it, or of its dataset."""
    keys = [each.dataset_key for each in datasets]
    classes = await read_effective(enforced, keys, public=await declared_public(connection, keys))
    access = await read_access(connection, keys)

    def class_of(key: str, field: str) -> str | None:
        known = classes.get((key, field))
        return None if known is None or known.class_name == UNDECIDED else known.class_name

    def of(dataset: Described) -> Iterator[Column]:
        row = access.get(dataset.dataset_key)
        attributes = Attributes(row.domain, row.class_name, row.generation) if row else UNKNOWN
        name = DatasetName(dataset.namespace, dataset.name)
        for field in dataset.fields:
            yield Column(name, field, class_of(dataset.dataset_key, field), attributes, dataset.tags)

    return [column for dataset in datasets for column in of(dataset)]
