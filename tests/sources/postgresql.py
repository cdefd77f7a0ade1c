"""A PostgreSQL database with one of everything."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.services import POSTGRESQL_BIN, PostgreSQL
from tests.sources import GOLDEN, Fixture


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the database `shop`."""
    yield fill(fixture("postgresql"), "shop")


def fill(server: PostgreSQL, database: str) -> str:
    """Make a database; gives its URL."""
    _psql(server, "postgres", "-c", f'CREATE DATABASE "{database}"')
    _psql(server, database, "-f", GOLDEN / "postgresql" / "schema.sql")
    return server.url(database)


def _psql(server: PostgreSQL, database: str, *what: object) -> None:
    psql = [POSTGRESQL_BIN / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url(database), *what]
    subprocess.run([str(part) for part in psql], check=True, stdout=subprocess.DEVNULL, timeout=60)
