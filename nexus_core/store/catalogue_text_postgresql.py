"""Full text in PostgreSQL: tsvectors of words as ours part them, trigrams for parts of names (migration 0005).

PostgreSQL's own parser takes `shop.core.orders` for the name of a host; so the words come ready-made.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import text

from nexus_core.store.catalogue import Connection
from nexus_core.store.catalogue_words import Words

_WORD = re.compile(r"[^\W_]+")
_WORD_MAX = 200  # characters; PostgreSQL takes less than 2 KiB
_WORDS_MAX = 4000  # of one dataset: a tsvector holds less than 1 MiB


def found(words: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Give queries for `(id, rank)` of what has all words, and their parameters."""
    every = " & ".join(f"{word}:*" for each in words for word in _words([each]))
    queries = [
        f"SELECT id, {rank} AS rank FROM catalogue_text WHERE {column} @@ CAST(:every AS tsquery)"
        for column, rank in (("names", 2), ("fields", 4), ("anything", 5))
    ]
    infixes = {f"infix_{index}": f"%{_like(word)}%" for index, word in enumerate(words)}
    condition = " AND ".join(f"name LIKE :{name}" for name in infixes)
    return [*queries, f"SELECT id, 3 FROM catalogue_text WHERE {condition}"], {"every": every, **infixes}


async def save(connection: Connection, rows: Mapping[int, Words]) -> None:
    """Write what rows are found by, over what they were found by before."""
    await connection.execute(_INDEX, [_row(row_id, words) for row_id, words in rows.items()])


async def drop(connection: Connection, ids: Sequence[int]) -> None:
    """Let rows be found no more."""
    await connection.execute(text("DELETE FROM catalogue_text WHERE id = :b_id"), [{"b_id": row_id} for row_id in ids])


_INDEX = text(
    "INSERT INTO catalogue_text (id, name, names, fields, anything) VALUES (:b_id, :name, "
    "array_to_tsvector(CAST(:names AS text[])), array_to_tsvector(CAST(:fields AS text[])), "
    "array_to_tsvector(CAST(:anything AS text[]))) ON CONFLICT (id) DO UPDATE SET "
    "name = excluded.name, names = excluded.names, fields = excluded.fields, anything = excluded.anything"
)


def _row(row_id: int, words: Words) -> dict[str, Any]:
    everything = _words([words.names, words.fields, words.labels, words.description])
    return {
        "b_id": row_id,
        "name": words.name.lower(),
        "names": _words([words.names]),
        "fields": _words([words.fields]),
        "anything": everything,
    }


def _words(texts: Iterable[str]) -> list[str]:
    """Give the words of texts in lower case without diacritics, each once."""
    plain = (unicodedata.normalize("NFKD", each.lower()) for each in texts)
    bare = ("".join(sign for sign in each if not unicodedata.combining(sign)) for each in plain)
    return list(dict.fromkeys(word[:_WORD_MAX] for each in bare for word in _WORD.findall(each)))[:_WORDS_MAX]


def _like(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)
