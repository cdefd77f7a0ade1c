"""A PostgreSQL database with one of everything."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from tests.services import POSTGRESQL_BIN, PostgreSQL
from tests.sources import GOLDEN, PEOPLE_SQL, Fixture

# Rows of pg_class are enough for a table that is only listed: 20,000 are made in a second instead of a minute.
_MANY = """
SET allow_system_table_mods = on;
CREATE TABLE one (id int NOT NULL, name varchar(40), made timestamptz);
INSERT INTO pg_class
SELECT (n.next).* FROM (
    SELECT jsonb_populate_record(c, jsonb_build_object(
               'oid', 1000000 + n, 'relname', 'table_' || n, 'relfilenode', 0, 'reltype', 0, 'relhasindex', false
           )) AS next
    FROM pg_class c, generate_series(1, %(count)s - 1) n WHERE c.relname = 'one') n;
INSERT INTO pg_attribute
SELECT (n.next).* FROM (
    SELECT jsonb_populate_record(a, jsonb_build_object('attrelid', 1000000 + n)) AS next
    FROM pg_attribute a, generate_series(1, %(count)s - 1) n WHERE a.attrelid = 'one'::regclass AND a.attnum > 0) n;
"""


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the database `shop`."""
    yield fill(fixture("postgresql"), "shop")


@contextmanager
def reader(fixture: Fixture) -> Iterator[str]:
    """A role with the rights that the docs list."""
    server: PostgreSQL = fixture("postgresql")
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("CREATE ROLE nexus LOGIN; GRANT pg_read_all_stats TO nexus")
        try:
            yield server.url("shop", "nexus")
        finally:
            admin.execute("DROP OWNED BY nexus; DROP ROLE nexus")


@contextmanager
def denying(fixture: Fixture) -> Iterator[str]:
    """A database whose routines may not be read."""
    server: PostgreSQL = fixture("postgresql")
    with _database(server, "denying"), psycopg.connect(server.url("denying"), autocommit=True) as admin:
        admin.execute("CREATE TABLE seen (x int); CREATE FUNCTION f() RETURNS int RETURN 1; CREATE ROLE outsider LOGIN")
        admin.execute("REVOKE SELECT ON pg_catalog.pg_proc FROM PUBLIC")
        try:
            yield server.url("denying", "outsider")
        finally:
            admin.execute("DROP ROLE outsider")


@contextmanager
def many(fixture: Fixture, count: int) -> Iterator[str]:
    """A database with so many tables of three columns."""
    server: PostgreSQL = fixture("postgresql")
    with _database(server, "many"):
        with psycopg.connect(server.url("many"), autocommit=True) as admin:
            for statement in _MANY.split(";\n"):
                admin.execute(statement.encode(), {"count": count} if "%(" in statement else None)
        yield server.url("many")


@contextmanager
def busy(fixture: Fixture) -> Iterator[tuple[str, Callable[[], None]]]:
    """A database whose log tells of one statement more, each time."""
    server: PostgreSQL = fixture("postgresql")
    with _database(server, "busy"), psycopg.connect(server.url("busy"), autocommit=True) as etl:
        etl.execute("CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE EXTENSION pg_stat_statements")
        yield server.url("busy"), lambda: etl.execute("INSERT INTO b SELECT x FROM a") and None


@contextmanager
def rows(fixture: Fixture) -> Iterator[str]:
    """A database with the table `people`."""
    server: PostgreSQL = fixture("postgresql")
    with _database(server, "looked"):
        with psycopg.connect(server.url("looked"), autocommit=True) as admin:
            admin.execute(PEOPLE_SQL.encode())
        yield server.url("looked")


def fill(server: PostgreSQL, database: str) -> str:
    """Make a database; gives its URL."""
    _psql(server, "postgres", "-c", f'CREATE DATABASE "{database}"')
    _psql(server, database, "-f", GOLDEN / "postgresql" / "schema.sql")
    return server.url(database)


@contextmanager
def _database(server: PostgreSQL, name: str) -> Iterator[None]:
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _psql(server: PostgreSQL, database: str, *what: object) -> None:
    psql = [POSTGRESQL_BIN / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url(database), *what]
    subprocess.run([str(part) for part in psql], check=True, stdout=subprocess.DEVNULL, timeout=60)
