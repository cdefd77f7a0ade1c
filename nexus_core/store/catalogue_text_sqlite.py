"""Full text in SQLite: FTS5 for words and their beginnings, trigrams for parts of names (migration 0002)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from nexus_core.store.catalogue import Connection
from nexus_core.store.catalogue_words import Words

_INFIX_LEAST = 3  # a trigram
_MATCHING = "SELECT rowid AS id, {} FROM catalogue_fts WHERE catalogue_fts MATCH :{}"


def found(words: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Give queries for `(id, rank)` of what has all words, and their parameters."""
    every = " AND ".join(f'"{word}"*' for word in words)
    parameters = {"in_names": f"{{names}} : ({every})", "in_fields": f"{{fields}} : ({every})", "anywhere": every}
    queries = [
        _MATCHING.format("2 AS rank", "in_names"),
        _MATCHING.format(4, "in_fields"),
        _MATCHING.format(5, "anywhere"),
    ]
    if min(map(len, words)) >= _INFIX_LEAST:
        # SQLite has no index for other parts of a word than these.
        parameters["infix"] = " AND ".join(f'"{word}"' for word in words)
        queries.append("SELECT rowid, 3 FROM catalogue_infix WHERE catalogue_infix MATCH :infix")
    return queries, parameters


async def save(connection: Connection, rows: Mapping[int, Words]) -> None:
    """Write what rows are found by, over what they were found by before."""
    await drop(connection, list(rows))
    await connection.execute(_INDEX_WORDS, [_row(row_id, words) for row_id, words in rows.items()])
    await connection.execute(_INDEX_NAMES, [{"b_id": row_id, "name": words.name} for row_id, words in rows.items()])


async def drop(connection: Connection, ids: Sequence[int]) -> None:
    """Let rows be found no more."""
    for table in ("catalogue_fts", "catalogue_infix"):
        await connection.execute(text(f"DELETE FROM {table} WHERE rowid = :b_id"), [{"b_id": row_id} for row_id in ids])


_INDEX_WORDS = text(
    "INSERT INTO catalogue_fts (rowid, names, fields, labels, description) "
    "VALUES (:b_id, :names, :fields, :labels, :description)"
)
_INDEX_NAMES = text("INSERT INTO catalogue_infix (rowid, name) VALUES (:b_id, :name)")


def _row(row_id: int, words: Words) -> dict[str, Any]:
    return {
        "b_id": row_id,
        "names": words.names,
        "fields": words.fields,
        "labels": words.labels,
        "description": words.description,
    }
