"""MySQL and MariaDB: for each role a view that its definer may read, in a schema `DATABASE@ROLE`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nexus_core.masking.native.engines import Engine, comment, engine_role, hashed, name
from nexus_core.masking.native.role_views import condition_for, notes, query_for
from nexus_core.masking.native.tables import Table

KIND = Engine.MYSQL
NOTES = (
    "Run it as an account that may read the tables and stays: it is the definer of the views.",
    "Readers have the views only; take SELECT on the tables from them, and give each of their roles as a default role.",
)
_NAME_MOST = 64


def statements(tables: Sequence[Table], roles: Sequence[str]) -> Iterator[str]:
    """Give statements and comments, table by table."""
    for role in (None, *roles):
        yield f"CREATE ROLE IF NOT EXISTS {name(KIND, engine_role(KIND, role))};"
    for database in sorted({table.parts[0] for table in tables}):
        for role in (None, *roles):
            yield f"CREATE DATABASE IF NOT EXISTS {name(KIND, schema_of(database, role))};"
    for table in tables:
        yield comment(".".join(table.parts))
        yield from notes(KIND, table)
        for role in (None, *roles):
            yield from _view(table, role)


def schema_of(database: str, role: str | None) -> str:
    """Give the schema of a role's views of a database; no two share one."""
    found = f"{database}@{engine_role(KIND, role)}"
    return found if len(found) <= _NAME_MOST else f"{found[:50]}@{hashed(database, role or '')}"


def left_out(parts: Sequence[str], roles: Sequence[str]) -> Iterator[str]:
    """Take away what an earlier emission made of a table that is left out now."""
    for role in (None, *roles):
        schema = schema_of(parts[0], role)
        yield f"CREATE DATABASE IF NOT EXISTS {name(KIND, schema)};"
        yield f"DROP VIEW IF EXISTS {name(KIND, schema, parts[1])};"


def _view(table: Table, role: str | None) -> Iterator[str]:
    view = name(KIND, schema_of(table.parts[0], role), table.parts[1])
    query = query_for(KIND, table, role)
    if query is None:
        yield f"DROP VIEW IF EXISTS {view};"
        return
    # Merged into a reader's statement, a filter could be tried after the reader's own conditions.
    algorithm = "TEMPTABLE" if condition_for(table, role) else "UNDEFINED"
    yield f"CREATE OR REPLACE ALGORITHM = {algorithm} SQL SECURITY DEFINER VIEW {view} AS {query};"
    yield f"GRANT SELECT ON {view} TO {name(KIND, engine_role(KIND, role))};"
