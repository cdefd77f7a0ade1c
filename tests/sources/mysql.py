"""A MySQL server with one of everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.mysql_server import MySQL
from tests.sources import GOLDEN, PEOPLE_SQL, Fixture


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the database `shop`."""
    server: MySQL = fixture("mysql")
    server.run(GOLDEN / "mysql" / "schema.sql", GOLDEN / "mysql" / "log.sql")
    # A password shows whether one is ever shown.
    server.run("CREATE USER admin IDENTIFIED BY 's3cret-admin'; GRANT ALL ON *.* TO admin WITH GRANT OPTION")
    yield server.url("shop", "admin:s3cret-admin")


@contextmanager
def reader(fixture: Fixture) -> Iterator[str]:
    """An account with the rights that the docs list."""
    server: MySQL = fixture("mysql")
    # Before 8.0.20 there is no SHOW_ROUTINE: bodies of routines need SELECT on everything.
    with _account(server, "nexus", "REFERENCES, SELECT, SHOW VIEW, TRIGGER, EVENT ON shop.*", "SELECT ON *.*"):
        yield server.url("shop", "nexus")


@contextmanager
def denying(fixture: Fixture) -> Iterator[str]:
    """A database of which a view's definition and a routine's body may not be read."""
    server: MySQL = fixture("mysql")
    with _database(server, "denying"):
        server.run(
            "CREATE TABLE seen (x int); CREATE VIEW v AS SELECT x FROM seen; CREATE FUNCTION f() RETURNS int RETURN 1",
            database="denying",
        )
        with _account(server, "outsider", "REFERENCES, EXECUTE ON denying.*"):
            yield server.url("denying", "outsider")


@contextmanager
def many(fixture: Fixture, count: int) -> Iterator[str]:
    """A database with so many views of three columns, which are made faster than tables."""
    server: MySQL = fixture("mysql")
    with _database(server, "many"):
        with server.connected(database="many") as cursor:
            for first in range(0, count, 500):
                each = (
                    f"CREATE VIEW v{n} AS SELECT {n} AS id, 'a' AS name, 1.5 AS x"
                    for n in range(first, min(first + 500, count))
                )
                cursor.execute(";".join(each))
                while cursor.nextset():
                    pass
        yield server.url("many")


@contextmanager
def busy(fixture: Fixture) -> Iterator[tuple[str, Callable[[], None]]]:
    """A database whose log tells of one statement more, each time."""
    server: MySQL = fixture("mysql")
    with _database(server, "busy"):
        server.run("CREATE TABLE a (x int); CREATE TABLE b (x int)", database="busy")
        yield server.url("busy"), lambda: server.run("INSERT INTO b SELECT x FROM a", database="busy")


@contextmanager
def rows(fixture: Fixture) -> Iterator[str]:
    """A database with the table `people`."""
    server: MySQL = fixture("mysql")
    with _database(server, "looked"):
        server.run(PEOPLE_SQL, database="looked")
        yield server.url("looked")


@contextmanager
def _database(server: MySQL, name: str) -> Iterator[None]:
    server.run(f"CREATE DATABASE {name}")
    try:
        yield
    finally:
        server.run(f"DROP DATABASE {name}")


@contextmanager
def _account(server: MySQL, name: str, *grants: str) -> Iterator[None]:
    server.run(f"CREATE USER {name}", *(f"GRANT {each} TO {name}" for each in grants))
    try:
        yield
    finally:
        server.run(f"DROP USER {name}")
