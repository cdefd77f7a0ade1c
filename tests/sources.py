"""Filled sources, by kind of connector: what the contract suite and the golden harvests read."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.services import POSTGRESQL_BIN, PostgreSQL

GOLDEN = Path(__file__).parent / "golden" / "harvest"


def fill_postgresql(server: PostgreSQL, database: str) -> str:
    """Make a database with one of everything; gives its URL."""
    _psql(server, "postgres", "-c", f'CREATE DATABASE "{database}"')
    _psql(server, database, "-f", GOLDEN / "postgresql" / "schema.sql")
    return server.url(database)


def _psql(server: PostgreSQL, database: str, *what: object) -> None:
    psql = [POSTGRESQL_BIN / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url(database), *what]
    subprocess.run([str(part) for part in psql], check=True, stdout=subprocess.DEVNULL, timeout=60)
