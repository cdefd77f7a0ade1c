"""SQL Server: views that mask by role, and security policies for row filters.

Dynamic data masking is not used: it masks results alone, so that WHERE finds the values out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nexus_core.masking.native.cases import decided, is_never_shown, shown_where
from nexus_core.masking.native.engines import Engine, comment, engine_role, hashed, name
from nexus_core.masking.native.tables import Table

KIND = Engine.SQLSERVER
SCHEMA = "nexus"
NOTES = (
    "Readers have the views of the schema nexus only; take SELECT on the tables from them.",
    "The schema belongs to dbo, as the tables must.",
    "A security policy holds for everyone, owners and loads included.",
)
_NAME_MOST = 128


def statements(tables: Sequence[Table], roles: Sequence[str]) -> Iterator[str]:
    """Give statements and comments, database by database, each in a batch of its own."""
    for database in sorted({table.parts[0] for table in tables}):
        yield from _batch(f"USE {name(KIND, database)};")
        create = f"EXEC(N'CREATE SCHEMA [{SCHEMA}] AUTHORIZATION [dbo]')"
        yield from _batch(f"IF SCHEMA_ID(N'{SCHEMA}') IS NULL {create};")
        for role in (engine_role(KIND, each) for each in (None, *roles)):
            yield from _batch(f"IF DATABASE_PRINCIPAL_ID(N'{role}') IS NULL CREATE ROLE {name(KIND, role)};")
        for table in tables:
            if table.parts[0] == database:
                yield from _table(table, roles)


def view_of(table: Table) -> str:
    """Give the quoted name of the view that stands for a table."""
    shown = ".".join(table.parts[1:])
    return name(KIND, SCHEMA, shown if len(shown) <= _NAME_MOST else f"{shown[:100]}_{hashed(*table.parts)}")


def left_out(parts: Sequence[str]) -> Iterator[str]:
    """Take away what an earlier emission made of a table that is left out now."""
    yield from _batch(f"USE {name(KIND, parts[0])};")
    yield from _batch(f"DROP VIEW IF EXISTS {view_of(Table(tuple(parts), is_view=False, columns=(), filters=()))};")


def _table(table: Table, roles: Sequence[str]) -> Iterator[str]:
    view = view_of(table)
    yield comment(".".join(table.parts))
    yield from _batch(f"DROP VIEW IF EXISTS {view};")
    kept = [column for column in table.columns if not is_never_shown(column, KIND)]
    yield from (comment(f"{each.name} is left out: nobody sees it.") for each in table.columns if each not in kept)
    yield from (
        comment(f"A mask of {each.name} cannot be expressed, and is NULL.") for each in kept if each.closed(KIND)
    )
    yield from (
        comment(f"The row filter {each.name} has no equal here.") for each in table.filters if not each.condition
    )
    if not kept:
        return
    if table.filters and not table.is_view:
        yield from _security(table)
    selected = ", ".join(f"{decided(KIND, each, name(KIND, each.name))} AS {name(KIND, each.name)}" for each in kept)
    where = " AND ".join(shown_where(KIND, table.filters))
    query = f"SELECT {selected} FROM {name(KIND, *table.parts[1:])}"
    yield from _batch(f"CREATE VIEW {view} AS {query}{f' WHERE {where}' if where else ''};")
    grantees = ", ".join(name(KIND, engine_role(KIND, role)) for role in (None, *roles))
    yield from _batch(f"GRANT SELECT ON {view} TO {grantees};")


def _security(table: Table) -> Iterator[str]:
    """Give the security policy; its function reads the columns as arguments."""
    read = {column for each in table.filters if each.condition for column in each.condition.columns}
    first = next((column.name for column in table.columns if column.type), None)
    used = [each for each in table.columns if each.name in (read or [first]) and each.type]
    if not used:
        yield comment("No security policy, as no column has a type that is known; the view filters.")
        return
    suffix = hashed(*table.parts)
    function, policy = name(KIND, SCHEMA, f"rows_{suffix}"), name(KIND, SCHEMA, f"filter_{suffix}")
    arguments = ", ".join(f"@c{index} {each.type.written}" for index, each in enumerate(used) if each.type)
    row = ", ".join(f"@c{index} AS {name(KIND, each.name)}" for index, each in enumerate(used))
    where = " AND ".join(shown_where(KIND, table.filters))
    yield from _batch(f"DROP SECURITY POLICY IF EXISTS {policy};")
    body = f"SELECT 1 AS shown FROM (SELECT {row}) AS r WHERE {where}"
    returns = f"RETURNS TABLE WITH SCHEMABINDING AS RETURN ({body})"
    yield from _batch(f"CREATE OR ALTER FUNCTION {function}({arguments}) {returns};")
    columns = ", ".join(name(KIND, each.name) for each in used)
    on = f"ON {name(KIND, *table.parts[1:])} WITH (STATE = ON)"
    yield from _batch(f"CREATE SECURITY POLICY {policy} ADD FILTER PREDICATE {function}({columns}) {on};")


def _batch(statement: str) -> Iterator[str]:
    yield statement
    yield "GO"
