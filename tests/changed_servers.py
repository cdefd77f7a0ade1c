"""A generated estate on a real server: what still works there once a change is really made.

A change is made as a migration would make it: every view is dropped, the tables are altered, the views are created
again from their texts, in order, and then each statement runs, and each procedure is defined and called. (PostgreSQL
refuses to alter a table under a view.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
import pymysql

from nexus_core.impact.applying import replaced
from nexus_core.model.impact import Change, ChangeKind
from tests.changed_estate import Generated, Made, _known
from tests.mysql_server import MySQL

_VALUES = {
    "integer": "{n}",
    "bigint": "{n}",
    "numeric": "{n}.5",
    "double precision": "{n}.25",
    "text": "'{n}'",
    "varchar": "'{n}'",
    "boolean": "true",
    "date": "'2025-01-0{n}'",
    "timestamp": "'2025-01-0{n} 12:00:00'",
}


_POSTGRES_SCHEMAS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'shop'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum
"""
_MYSQL_SCHEMAS = """
SELECT table_name, column_name, column_type FROM information_schema.columns
WHERE table_schema = 'shop' ORDER BY table_name, ordinal_position
"""


def _by_table(rows: Iterable[Sequence[str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


class Server(Protocol):
    """Runs statements of an estate and tells which fail.

    `schemas` are what it had at the end, `results` the columns and rows that queries gave, by text.
    """

    schemas: dict[str, dict[str, str]]
    results: dict[str, list[str]]

    def failures(self, estate: Generated, changed: Sequence[Change]) -> set[str]:
        """Give the texts that fail after changes, of views and of statements."""
        ...


def _tables(estate: Generated) -> Iterator[str]:
    for name, columns in (estate.tables | estate.targets).items():
        listed = ", ".join(f"{column} {estate.declared(kind)}" for column, kind in columns.items())
        yield f"CREATE TABLE {name} ({listed})"
    for name, columns in estate.tables.items():
        for n in (1, 2, 3):
            row = ", ".join(_VALUES[kind.partition("(")[0]].format(n=n) for kind in columns.values())
            yield f"INSERT INTO {name} VALUES ({row})"
    yield from (each.sql for each in estate.standing)


def _alter(change: Change, *, mysql: bool) -> str | None:
    table = change.dataset.name.rpartition(".")[2]
    to = change.to
    head = f"ALTER TABLE {table}"
    return {
        ChangeKind.ADD_FIELD: f"{head} ADD COLUMN {change.field} {to}",
        ChangeKind.DROP_FIELD: f"{head} DROP COLUMN {change.field}",
        ChangeKind.RENAME_FIELD: f"{head} RENAME COLUMN {change.field} TO {to}",
        ChangeKind.RETYPE_FIELD: f"{head} MODIFY {change.field} {to}"
        if mysql
        else f"{head} ALTER COLUMN {change.field} TYPE {to} USING {_converted(change.field, to)}",
        ChangeKind.DROP_DATASET: f"DROP TABLE {table}",
        ChangeKind.RENAME_DATASET: f"{head} RENAME TO {to}",
    }.get(change.kind)


def _converted(field: str, to: str) -> str:
    return f"{field}::{to}"


class PostgreSQLServer:
    """A database of a PostgreSQL, in which each change is made and undone in one transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self.results: dict[str, list[str]] = {}
        self.schemas: dict[str, dict[str, str]] = {}

    def failures(self, estate: Generated, changed: Sequence[Change]) -> set[str]:
        self.results = {}
        with self._connection.transaction(force_rollback=True):
            run = self._connection.execute
            run("CREATE SCHEMA shop")
            run("SET LOCAL search_path = shop")
            for statement in _tables(estate):
                run(statement.encode())
            for change in changed:
                for statement in self._statements(change, estate):
                    run(statement.encode())
            made = [each for each in estate.made if not self._works(_text(each, changed), each)]
            self.schemas = _by_table(self._connection.execute(_POSTGRES_SCHEMAS).fetchall())
            return {each.sql for each in made}

    def _statements(self, change: Change, estate: Generated) -> Iterator[str]:
        if change.kind is ChangeKind.SET_NOT_NULL:
            yield f"ALTER TABLE {change.dataset.name} ALTER COLUMN {change.field} SET NOT NULL"
        elif (text := _alter(change, mysql=estate.dialect == "mysql")) is not None:
            yield text

    def _works(self, sql: str, made: Made) -> bool:
        try:
            with self._connection.transaction(force_rollback=not made.name):
                cursor = self._connection.execute(sql.encode())
                if made.call:
                    cursor = self._connection.execute(made.call.encode())
                if cursor.description:
                    columns = [(column.name, column.type_code) for column in cursor.description]
                    self.results[made.sql] = [*map(repr, columns), *sorted(map(repr, cursor))]
        except psycopg.Error as error:
            ERRORS[made.sql] = str(error)
            return False
        return True


ERRORS: dict[str, str] = {}
"""What a server last said of a text that failed."""


class MySQLServer:
    """A database of a MySQL or MariaDB, made anew for each change: its definitions know no transactions."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self.results: dict[str, list[str]] = {}
        self.schemas: dict[str, dict[str, str]] = {}

    def failures(self, estate: Generated, changed: Sequence[Change]) -> set[str]:
        self.results = {}
        run = self._cursor.execute
        run("DROP DATABASE IF EXISTS shop")
        run("CREATE DATABASE shop")
        run("USE shop")
        for statement in _tables(estate):
            run(statement)
        for change in changed:
            for statement in self._statements(change, estate):
                run(statement)
        failed = {each.sql for each in estate.made if not self._works(_text(each, changed), each)}
        run(_MYSQL_SCHEMAS)
        self.schemas = _by_table(self._cursor.fetchall())
        return failed

    def _statements(self, change: Change, estate: Generated) -> Iterator[str]:
        if change.kind is ChangeKind.SET_NOT_NULL:
            kind = estate.declared(estate.tables[change.dataset.name.rpartition(".")[2]][change.field])
            yield f"ALTER TABLE {change.dataset.name} MODIFY {change.field} {kind} NOT NULL"
        elif (text := _alter(change, mysql=True)) is not None:
            yield text

    def _works(self, sql: str, made: Made) -> bool:
        try:
            self._cursor.execute("START TRANSACTION")
            self._cursor.execute(sql)
            if made.call:
                self._cursor.execute("START TRANSACTION")  # a definition has ended the one before
                self._cursor.execute(made.call)
            if self._cursor.description:
                columns = [column[:2] for column in self._cursor.description]
                self.results[made.sql] = [*map(repr, columns), *sorted(map(repr, self._cursor.fetchall()))]
        except pymysql.Error as error:
            ERRORS[made.sql] = str(error)
            return False
        finally:
            self._cursor.execute("ROLLBACK")
            if made.undo:
                self._cursor.execute(made.undo)
        return True


def _text(made: Made, changed: Sequence[Change]) -> str:
    """Give the text as a change may have replaced it."""
    if not made.name:
        return made.sql
    statement = _known(_NOTHING, made, made.name)
    return replaced([statement], changed).get(statement.id, statement).sql


_NOTHING = Generated("postgres", {}, {}, (), ())


@contextmanager
def on_postgresql(url: str) -> Iterator[PostgreSQLServer]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield PostgreSQLServer(connection)


@contextmanager
def on_mysql(server: MySQL) -> Iterator[MySQLServer]:
    with server.connected() as cursor:
        try:
            yield MySQLServer(cursor)
        finally:
            cursor.execute("DROP DATABASE IF EXISTS shop")
