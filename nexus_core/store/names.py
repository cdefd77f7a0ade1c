"""Reads and writes what is known of names; writers hold the worker's lease, so that a read and its write are one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, Table, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.aliases import EVERY, Action, Aliases, Pair, State
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.store.ledger_tables import evidence
from nexus_core.store.names_rows import NameChanges, NamedRow, PairRow, ReadingRow, ToldRow
from nexus_core.store.names_tables import name_generation, name_pair, named, renamed, sql_reading, told_of_names

Connection = AsyncConnection

_KEYS_MAX = 500  # parameters of one statement, below every database's limit
_GROUP_MOST = 100
"""Names spelled alike beyond this number tell nothing: every schema has its `orders`."""

_Row = TypeVar("_Row", bound=NamedTuple)


async def save_names(connection: Connection, changes: NameChanges) -> None:
    """Write a round's changes; part of the transaction that the connection is in."""
    flags = ("mentioned", "described", "harvested")
    await _upsert(connection, named, changes.named, lambda insert: {
        flag: or_(named.c[flag], insert.excluded[flag]) for flag in flags
    })
    await _upsert(connection, told_of_names, changes.told, _replaced(told_of_names))
    decided = ("state", "event_id", "decided_at")
    await _upsert(connection, name_pair, changes.pairs, lambda insert: {
        **{column: insert.excluded[column] for column in decided},
        "reason": func.coalesce(func.nullif(name_pair.c.reason, ""), insert.excluded.reason),
        "score": func.max(name_pair.c.score, insert.excluded.score),
    })
