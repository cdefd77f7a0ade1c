"""The classes that search filters and counts datasets by, beside the rows that it reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.classes import PUBLIC
from nexus_core.store.catalogue_tables import catalogue_label, catalogue_search
from nexus_core.store.classes import DatasetClassRow

CLASS_LABEL = "classification"
_KEYS_MAX = 500  # parameters of one statement, below every database's limit


async def save_class_labels(
    connection: AsyncConnection, rows: Sequence[DatasetClassRow], gone: Collection[str]
) -> None:
    """Let search find datasets by their class; what search does not know yet is left out."""
    classes = {row.dataset_key: row.class_name for row in rows}
    for keys in _parts({*classes, *gone}):
        row = catalogue_search.c
        found = await connection.execute(select(row.dataset_key, row.id).where(row.dataset_key.in_(keys)))
        ids = {row.dataset_key: row.id for row in found}
        label = catalogue_label.c
        old = delete(catalogue_label).where(label.kind == CLASS_LABEL, label.id.in_(ids.values()))
        await connection.execute(old)
        labels = [
            {"id": id_, "kind": CLASS_LABEL, "value": classes[key]}
            for key, id_ in ids.items()
            if classes.get(key, PUBLIC) != PUBLIC
        ]
        if labels:
            await connection.execute(insert(catalogue_label), labels)


def _parts(keys: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    return (ordered[start : start + _KEYS_MAX] for start in range(0, len(ordered), _KEYS_MAX))
