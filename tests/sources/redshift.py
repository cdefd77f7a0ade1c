"""A PostgreSQL that answers as a Redshift with one of everything: its catalogue, and a database `dev` on it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from tests.redshift_proxy import Redshift, redshift_proxy
from tests.services import POSTGRESQL_BIN, PostgreSQL
from tests.sources import GOLDEN, PEOPLE_SQL, Fixture

# Rows of pg_class are enough for a table that is only listed.
_MANY = """
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
    """Give the URL of the database `dev`."""
    server: PostgreSQL = fixture("postgresql")
    fill(server, "dev")
    with redshift_proxy(server.port) as proxy:
        yield proxy.url("dev")


@contextmanager
def reader(fixture: Fixture) -> Iterator[str]:
    """An account with the rights that the docs list."""
    server: PostgreSQL = fixture("postgresql")
    with psycopg.connect(server.url("dev"), autocommit=True) as admin, redshift_proxy(server.port) as proxy:
        admin.execute("CREATE ROLE nexus_reader LOGIN; GRANT SELECT ON svv_table_info TO nexus_reader")
        admin.execute("INSERT INTO pg_rs.users VALUES ('nexus_reader', false, 'UNRESTRICTED')")
        try:
            yield proxy.url("dev", "nexus_reader")
        finally:
            admin.execute("DELETE FROM pg_rs.users WHERE user_name = 'nexus_reader'")
            admin.execute("DROP OWNED BY nexus_reader; DROP ROLE nexus_reader")


@contextmanager
def denying(fixture: Fixture) -> Iterator[str]:
    """A database whose routines may not be read."""
    with _other(fixture, "redshift_denying") as (proxy, admin):
        admin.execute("CREATE TABLE seen (x int); CREATE ROLE rs_outsider LOGIN")
        admin.execute("REVOKE SELECT ON pg_catalog.pg_proc_info FROM PUBLIC")
        try:
            yield proxy.url("redshift_denying", "rs_outsider")
        finally:
            admin.execute("DROP ROLE rs_outsider")


@contextmanager
def many(fixture: Fixture, count: int) -> Iterator[str]:
    """A database with so many tables, made as rows of pg_class."""
    with _other(fixture, "redshift_many") as (proxy, admin):
        admin.execute("SET allow_system_table_mods = on; CREATE TABLE one (id int NOT NULL, name varchar(40))")
        for statement in _MANY.split(";\n"):
            admin.execute(statement.encode(), {"count": count} if "%(" in statement else None)
        yield proxy.url("redshift_many")


@contextmanager
def busy(fixture: Fixture) -> Iterator[tuple[str, Callable[[], None]]]:
    """A database whose log tells of one statement more, each time."""
    with _other(fixture, "redshift_busy") as (proxy, admin):

        def act() -> None:
            admin.execute(
                "INSERT INTO pg_rs.query SELECT 10, count(*) + 1, '', current_database(), 'INSERT', 'success',"
                " now() AT TIME ZONE 'utc' FROM pg_rs.query"
            )
            admin.execute(
                "INSERT INTO pg_rs.query_text SELECT max(query_id), 0, 'INSERT INTO b SELECT x FROM a' FROM pg_rs.query"
            )

        yield proxy.url("redshift_busy"), act


@contextmanager
def rows(fixture: Fixture) -> Iterator[str]:
    """A database with the table `people`."""
    with _other(fixture, "redshift_rows") as (proxy, admin):
        admin.execute(PEOPLE_SQL.encode())
        yield proxy.url("redshift_rows")


@contextmanager
def _other(fixture: Fixture, database: str) -> Iterator[tuple[Redshift, psycopg.Connection[object]]]:
    """A database with Redshift's catalogue and nothing else."""
    server: PostgreSQL = fixture("postgresql")
    fill(server, database, "catalogue.sql")
    try:
        with psycopg.connect(server.url(database), autocommit=True) as admin, redshift_proxy(server.port) as proxy:
            yield proxy, admin
    finally:
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {database} WITH (FORCE)".encode())


def fill(server: PostgreSQL, database: str, *files: str) -> None:
    """Make a database with Redshift's catalogue, filled by files of the golden harvest."""
    _psql(server, "postgres", "-c", f'CREATE DATABASE "{database}"')
    for name in files or ("catalogue.sql", "schema.sql"):
        _psql(server, database, "-f", GOLDEN / "redshift" / name)


def _psql(server: PostgreSQL, database: str, *what: object) -> None:
    psql = [POSTGRESQL_BIN / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url(database), *what]
    subprocess.run([str(part) for part in psql], check=True, stdout=subprocess.DEVNULL, timeout=60)
