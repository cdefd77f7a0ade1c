"""Connections to SQLite that send each statement to their thread once, with its transaction's BEGIN and its rows.

aiosqlite goes there and back for the cursor, the statement, the rows and the closing each: with SQLAlchemy's BEGIN that
was 120 times a round of the worker, half of its CPU.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import aiosqlite

_STATEMENTS_KEPT = 512  # prepared ones of a connection


class Connection(aiosqlite.Connection):
    """A connection of aiosqlite; what `begins` says goes before the next statement, in the same trip."""

    begins: str | None = None
    _sure = True  # that whatever was sent has run, so that `in_transaction` tells how it is

    def cursor(self) -> Any:
        """Give a cursor, for which the thread need not be asked."""
        return Cursor(self)

    async def commit(self) -> None:
        """End the transaction, if any statement has begun it."""
        if not self._forget_begin():
            await super().commit()

    async def rollback(self) -> None:
        """Drop the transaction, if any statement has begun it; SQLAlchemy asks once more after each commit."""
        if self._forget_begin() or (self._sure and not self.in_transaction):
            return
        await super().rollback()
        self._sure = True

    async def run(self, statement: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> tuple[sqlite3.Cursor, list[Any]]:
        """Run a statement in the thread; gives its closed cursor and all of its rows."""
        begins, self.begins = self.begins, None
        send: Callable[..., Awaitable[tuple[sqlite3.Cursor, list[Any]]]] = self._execute
        self._sure = False
        answer = await send(_run, self._conn, begins, statement)
        self._sure = True
        return answer

    def _forget_begin(self) -> bool:
        begins, self.begins = self.begins, None
        return begins is not None


class Cursor:
    """What SQLAlchemy asks of a cursor; rows are here once the statement has run."""

    description: Any = None
    rowcount = -1
    lastrowid: int | None = None
    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []

    async def __aenter__(self) -> Cursor:
        """Give itself."""
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Cursor:
        """Run a statement."""
        return await self._run(partial(_execute, sql=sql, parameters=parameters))

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Cursor:
        """Run a statement for each of many parameters."""
        return await self._run(partial(_execute_many, sql=sql, parameters=parameters))

    async def fetchall(self) -> list[Any]:
        """Give the rows."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Do nothing: SQLite's own cursor is closed."""

    async def _run(self, statement: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> Cursor:
        of, self._rows = await self._connection.run(statement)
        self.description, self.rowcount, self.lastrowid = of.description, of.rowcount, of.lastrowid
        return self


def connect(database: str, **options: Any) -> Connection:
    """Give a connection to open, as `aiosqlite.connect` does; its thread does not keep the process alive."""
    made = Connection(partial(sqlite3.connect, database, cached_statements=_STATEMENTS_KEPT, **options), 64)
    made._thread.daemon = True
    return made


def _run(
    connection: sqlite3.Connection, begins: str | None, statement: Callable[[sqlite3.Connection], sqlite3.Cursor]
) -> tuple[sqlite3.Cursor, list[Any]]:
    if begins is not None:
        connection.execute(begins)
    cursor = statement(connection)
    return cursor, cursor.fetchall() if cursor.description else []


def _execute(connection: sqlite3.Connection, sql: str, parameters: Sequence[Any]) -> sqlite3.Cursor:
    return connection.execute(sql, parameters)


def _execute_many(connection: sqlite3.Connection, sql: str, parameters: Sequence[Sequence[Any]]) -> sqlite3.Cursor:
    return connection.executemany(sql, parameters)
