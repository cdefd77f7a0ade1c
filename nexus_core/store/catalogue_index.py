"""Writes the rows that search reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, insert, select

from nexus_core.store import catalogue_text_postgresql, catalogue_text_sqlite
from nexus_core.store.catalogue import Connection, chunks, upsert
from nexus_core.store.catalogue_tables import catalogue_label, catalogue_search
from nexus_core.store.catalogue_words import Words


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


async def save_search_rows(connection: Connection, rows: Sequence[SearchRow]) -> None:
    """Write what search finds datasets by."""
    if not rows:
        return
    await upsert(connection, catalogue_search, [_search_row(row) for row in rows], key="dataset_key")
    ids = await _search_ids(connection, [row.dataset_key for row in rows])
    await connection.execute(delete(catalogue_label).where(catalogue_label.c.id == bindparam("b_id")), _bound(ids))
    labels = [
        {"id": ids[row.dataset_key], "kind": kind, "value": value}
        for row in rows
        for kind, value in dict.fromkeys(row.labels)
    ]
    if labels:
        await connection.execute(insert(catalogue_label), labels)
    await _full_text(connection).save(connection, {ids[row.dataset_key]: _words(row) for row in rows})


async def drop_search_rows(connection: Connection, dataset_keys: Sequence[str]) -> None:
    """Take datasets out of what search finds."""
    ids = await _search_ids(connection, dataset_keys)
    if not ids:
        return
    for table in (catalogue_label, catalogue_search):
        await connection.execute(delete(table).where(table.c.id == bindparam("b_id")), _bound(ids))
    await _full_text(connection).drop(connection, list(ids.values()))


def _full_text(connection: Connection) -> ModuleType:
    return catalogue_text_postgresql if connection.dialect.name == "postgresql" else catalogue_text_sqlite


def _bound(ids: dict[str, int]) -> list[dict[str, int]]:
    return [{"b_id": row_id} for row_id in ids.values()]


def _words(row: SearchRow) -> Words:
    return Words(row.name, row.names_text, row.fields_text, row.labels_text, row.description or "")


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
    for chunk in chunks(keys):
        query = select(catalogue_search.c.dataset_key, catalogue_search.c.id)
        rows = await connection.execute(query.where(catalogue_search.c.dataset_key.in_(chunk)))
        found |= {row.dataset_key: row.id for row in rows}
    return found
