"""Snowflake: masking policies of columns and row access policies of tables, which every reader meets.

Policies are changed in place (`SET BODY`), since one that is in use cannot be replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nexus_core.masking.native.cases import decided, holds_all, shown_where
from nexus_core.masking.native.engines import Engine, comment, engine_role, hashed, name
from nexus_core.masking.native.rules import clear_to
from nexus_core.masking.native.tables import NativeColumn, Table, argument

KIND = Engine.SNOWFLAKE
SCHEMA = "NEXUS"
"""Where policies lie in each database."""

NOTES = (
    "Policies are attached to tables and hold for everyone, owners and loads included. Take others off first.",
    "A statement that fails leaves its column or table as it was: grant rights to read when all have run.",
    "A column that the catalogue does not know yet has no policy: harvest, then emit again.",
)


def statements(tables: Sequence[Table], roles: Sequence[str]) -> Iterator[str]:
    """Give statements and comments, table by table."""
    for role in (None, *roles):
        yield f"CREATE ROLE IF NOT EXISTS {name(KIND, engine_role(KIND, role))};"
    for database in sorted({table.parts[0] for table in tables}):
        yield f"CREATE SCHEMA IF NOT EXISTS {name(KIND, database, SCHEMA)};"
    for table in tables:
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield comment(".".join(table.parts))
    for column in table.columns:
        if column.rules and column.type:
            yield from _masked(table, column, column.type.written)
        elif column.rules:
            yield comment(f"The type of {column.name} is not known: who may not see it clear sees no row.")
    yield from _rows(table)


def _masked(table: Table, column: NativeColumn, type_: str) -> Iterator[str]:
    policy = name(KIND, table.parts[0], SCHEMA, f"MASK_{hashed(*table.parts, column.name, type_)}")
    if column.closed(KIND):
        yield comment(f"A mask of {column.name} cannot be expressed, and is NULL.")
    yield f"CREATE MASKING POLICY IF NOT EXISTS {policy} AS (VAL {type_}) RETURNS {type_} -> CAST(NULL AS {type_});"
    yield f"ALTER MASKING POLICY {policy} SET BODY -> CAST({decided(KIND, column, 'VAL')} AS {type_});"
    altered = f"ALTER {_kind(table)} {_named(table)} MODIFY COLUMN {name(KIND, column.name)}"
    yield f"{altered} SET MASKING POLICY {policy} FORCE;"


def _rows(table: Table) -> Iterator[str]:
    conditions = [*shown_where(KIND, table.filters), *_untyped(table)]
    if not conditions:
        return
    read = {column for each in table.filters if each.condition for column in each.condition.columns}
    first = next(column.name for column in table.columns if column.type)
    used = [(index, each) for index, each in enumerate(table.columns) if each.name in (read or {first}) and each.type]
    signature = ", ".join(f"{argument(index)} {each.type.written}" for index, each in used if each.type)
    policy = name(KIND, table.parts[0], SCHEMA, f"ROWS_{hashed(*table.parts, signature)}")
    columns = ", ".join(name(KIND, each.name) for _, each in used)
    yield from (
        comment(f"The row filter {each.name} has no equal here.") for each in table.filters if not each.condition
    )
    yield f"CREATE ROW ACCESS POLICY IF NOT EXISTS {policy} AS ({signature}) RETURNS BOOLEAN -> FALSE;"
    yield f"ALTER ROW ACCESS POLICY {policy} SET BODY -> {' AND '.join(conditions)};"
    yield comment("The next statement fails where the policy is attached already, and rightly so.")
    yield f"ALTER {_kind(table)} {_named(table)} ADD ROW ACCESS POLICY {policy} ON ({columns});"


def _untyped(table: Table) -> Iterator[str]:
    """Give who sees rows of a table with columns that no policy can be attached to."""
    for column in table.columns:
        if column.rules and column.type is None:
            needed = clear_to(column.rules)
            yield f"({holds_all(KIND, needed)})" if needed else "FALSE"


def _kind(table: Table) -> str:
    return "VIEW" if table.is_view else "TABLE"


def _named(table: Table) -> str:
    return name(KIND, *table.parts)
