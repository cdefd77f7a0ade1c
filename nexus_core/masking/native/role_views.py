"""What one role sees of a table, for engines whose SQL does not tell the roles of who asks: a view for each role.

Who holds several roles has several views; more roles never show less, so that each view tells no more than allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from nexus_core.masking.native.engines import Engine, comment, name
from nexus_core.masking.native.numbers import converted
from nexus_core.masking.native.rules import seen_by
from nexus_core.masking.native.tables import NativeColumn, NativeFilter, Table
from nexus_core.model.policy import MaskKind


def filters_for(table: Table, role: str | None) -> tuple[NativeFilter, ...]:
    """Give the row filters that hold for a role."""
    return tuple(each for each in table.filters if role not in each.exempt)


def condition_for(table: Table, role: str | None) -> str | None:
    """Give the condition of the rows that a role sees, "" for all, None where it cannot be expressed."""
    held = [each.condition for each in filters_for(table, role)]
    known = [each.sql for each in held if each]
    return " AND ".join(f"({each})" for each in known) if len(known) == len(held) else None


def query_for(kind: Engine, table: Table, role: str | None) -> str | None:
    """Give the query of a role's view, None where it would show nothing."""
    condition = condition_for(table, role)
    kept = [column for column in table.columns if not _refused(column, role)]
    if condition is None or not kept:
        return None
    selected = ", ".join(f"{_shown(kind, each, role)} AS {name(kind, each.name)}" for each in kept)
    return f"SELECT {selected} FROM {name(kind, *table.parts)}{f' WHERE {condition}' if condition else ''}"


def notes(kind: Engine, table: Table) -> Iterator[str]:
    """Tell what is closed since the engine cannot express it."""
    for each in table.columns:
        if each.closed(kind):
            yield comment(f"A mask of {each.name} cannot be expressed, and is NULL.")
    for row_filter in table.filters:
        if row_filter.condition is None:
            yield comment(f"The row filter {row_filter.name} has no equal here: only who is exempt has a view.")


def _refused(column: NativeColumn, role: str | None) -> bool:
    return seen_by(column.rules, role).kind is MaskKind.REFUSE


def _shown(kind: Engine, column: NativeColumn, role: str | None) -> str:
    shown = column.masked(kind, name(kind, column.name), seen_by(column.rules, role))
    return converted(kind, shown, column.type) if shown == "NULL" and column.type else shown
