"""A PostgreSQL that answers as a Redshift with one of everything: its catalogue, and a database `dev` on it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.redshift_proxy import redshift_proxy
from tests.services import POSTGRESQL_BIN, PostgreSQL
from tests.sources import GOLDEN, Fixture


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the database `dev`."""
    server: PostgreSQL = fixture("postgresql")
    fill(server, "dev")
    with redshift_proxy(server.port) as proxy:
        yield proxy.url("dev")


def fill(server: PostgreSQL, database: str, *files: str) -> None:
    """Make a database with Redshift's catalogue, filled by files of the golden harvest."""
    _psql(server, "postgres", "-c", f'CREATE DATABASE "{database}"')
    for name in files or ("catalogue.sql", "schema.sql"):
        _psql(server, database, "-f", GOLDEN / "redshift" / name)


def _psql(server: PostgreSQL, database: str, *what: object) -> None:
    psql = [POSTGRESQL_BIN / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url(database), *what]
    subprocess.run([str(part) for part in psql], check=True, stdout=subprocess.DEVNULL, timeout=60)
