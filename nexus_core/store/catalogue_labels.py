"""Reads the labels that search knows datasets by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store.catalogue import chunks
from nexus_core.store.catalogue_tables import catalogue_label, catalogue_search


async def labels_of(connection: AsyncConnection, dataset_keys: Collection[str], kind: str) -> dict[str, Sequence[str]]:
    """Give the labels of one kind, such as `owner`, by dataset."""
    found: dict[str, list[str]] = defaultdict(list)
    joined = catalogue_search.join(catalogue_label, catalogue_label.c.id == catalogue_search.c.id)
    for chunk in chunks(sorted(set(dataset_keys))):
        query = (
            select(catalogue_search.c.dataset_key, catalogue_label.c.value)
            .select_from(joined)
            .where(catalogue_label.c.kind == kind, catalogue_search.c.dataset_key.in_(chunk))
            .order_by(catalogue_label.c.value)
        )
        for key, value in await connection.execute(query):
            found[key].append(value)
    return dict(found)
