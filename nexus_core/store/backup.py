"""Copies a store's tables into a file at one moment, and a file into a new store, of either kind of database.

What a projection derives (ledger, search) is not copied: workers derive it anew from the log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import ConfigurationError
from nexus_core.store.backup_file import PART_ROWS, Backup, BackupWriter, read_parts
from nexus_core.store.database import Store, snapshot, writing
from nexus_core.store.ledger_making import MAIN_TABLES

_PASSING = frozenset(
    {"heartbeat", "projection", "sessions", "pending_sign_ins", "sign_in_attempts", "login_links", "used_assertions"}
)
"""What belongs to processes and browsers of the moment: a restored session would be one that nobody ended."""

_COPIED = frozenset(MAIN_TABLES) - _PASSING
_OF_PEOPLE = ("accounts", "events", "audit_record")
_PENDING = "pending"


async def write_backup(store: Store, path: Path, probe: bytes | None) -> int:
    """Write all that a store keeps, as of one moment, and give the number of rows; holds PART_ROWS of them.

    Raises UnavailableError if the store fails.
    """
    count = 0
    async with snapshot(store) as connection:
        tables = await connection.run_sync(_tables, _COPIED)
        revision = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
        with BackupWriter(path, revision, probe) as writer:
            for table in tables:
                count += await _write(connection, writer, table)
    return count


async def read_backup(store: Store, path: Path, backup: Backup) -> None:
    """Put a verified file into a store of the form that it was made of; all or nothing.

    Events that were merged are pending again: the projection of this store lacks them. Raises ConfigurationError if the
    store is in use, UnavailableError if it fails.
    """
    async with writing(store) as connection:
        tables = {table.name: table for table in await connection.run_sync(_tables, _COPIED)}
        await _refuse_used(connection, [tables[name] for name in _OF_PEOPLE])
        await _empty(connection, tables.values())
        for part, rows in read_parts(path, backup):
            table = tables[part.table]
            await connection.execute(insert(table), [_named(part.table, part.columns, row) for row in rows])
        if connection.dialect.name == "postgresql":
            await _go_on_counting(connection, tables.values())


def _tables(connection: Connection, names: Iterable[str]) -> list[Table]:
    """Give tables as they are in the database, in the order in which they refer to each other."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in set(names))
    return [table for table in found.sorted_tables if table.name in set(names)]


async def _write(connection: AsyncConnection, writer: BackupWriter, table: Table) -> int:
    kept = [column for column in table.columns if column.computed is None]
    binary = [place for place, column in enumerate(kept) if isinstance(column.type, LargeBinary)]
    names, count = [column.name for column in kept], 0
    async for rows in _pages(connection, table, kept):
        writer.add(table.name, names, binary, rows)
        count += len(rows)
    return count


async def _pages(
    connection: AsyncConnection, table: Table, kept: Sequence[Column[Any]]
) -> AsyncIterator[list[tuple[Any, ...]]]:
    """Give a table's rows in the order of its key, each page from where the one before ended."""
    key = list(table.primary_key.columns)
    places = [kept.index(column) for column in key]
    query = select(*kept).order_by(*key).limit(PART_ROWS)
    page = query
    while rows := [tuple(row) for row in await connection.execute(page)]:
        yield rows
        last = [literal(rows[-1][place], column.type) for place, column in zip(places, key, strict=True)]
        page = query.where(tuple_(*key) > tuple_(*last))


async def _refuse_used(connection: AsyncConnection, tables: Sequence[Table]) -> None:
    for table in tables:
        if (await connection.execute(select(func.count()).select_from(table))).scalar_one():
            raise ConfigurationError(f"The store is in use: {table.name} has rows", "Restore into a new, empty store")


async def _empty(connection: AsyncConnection, tables: Iterable[Table]) -> None:
    """Remove what migrations and a first start left; the audit log's tables refuse it and are empty."""
    for table in reversed(list(tables)):
        if not table.name.startswith("audit_"):
            await connection.execute(delete(table))


def _named(table: str, columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    named = dict(zip(columns, row, strict=True))
    if table == "events" and named["status"] == "merged":
        named["status"] = _PENDING
    return named


async def _go_on_counting(connection: AsyncConnection, tables: Iterable[Table]) -> None:
    """Let PostgreSQL's sequences go on after the greatest number that was restored."""
    for table in tables:
        for column in table.primary_key.columns:
            names = {"table": table.name, "column": column.name}
            sequence = text("SELECT pg_get_serial_sequence(:table, :column)")
            if (name := (await connection.execute(sequence, names)).scalar()) is not None:
                greatest = select(func.coalesce(func.max(column), 0) + 1)
                await connection.execute(select(func.setval(name, greatest.scalar_subquery(), False)))
