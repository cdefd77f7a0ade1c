"""Prints changes: a table for people, a line each for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from nexus_core.client.changes import Change, ChangedEdge, ChangedField

_COLOURS = {"added": "green", "removed": "red", "changed": "yellow"}
_SQL_SHOWN = 60  # characters in a table


def print_changes(rows: Iterable[Change], *, as_json: bool) -> None:
    """Print rows as they come where programs read them, else all in one table."""
    if as_json:
        import orjson

        for row in rows:
            sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        return
    from rich.console import Console

    Console().print(changes_table(rows))


def changes_table(rows: Iterable[Change]) -> Table | str:
    """Draw rows; where there are none, say so."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("when", "what", "of", "before", "after", "cause", box=None, pad_edge=False)
    for row in rows:
        what = f"[{_COLOURS[row.op]}]{row.op} {row.what}[/]"
        cells = (_of(row), _told(row.before), _told(row.after), _cause(row))
        table.add_row(row.at.isoformat(sep=" ", timespec="seconds"), what, *map(escape, cells))
    return table if table.row_count else "Nothing changed that is known."


def _of(row: Change) -> str:
    from nexus_core.client.changes import ChangedEdge

    side = row.after or row.before
    if side is None:
        return row.dataset
    if isinstance(side, ChangedEdge):
        return f"{_end(side.source)} → {_end(side.target)}"
    return f"{side.name}.{side.field} in {side.namespace}"


def _end(node_id: str) -> str:
    """Give a node's id without its kind."""
    return node_id.partition(":")[2]


def _told(side: ChangedEdge | ChangedField | None) -> str:
    from nexus_core.client.changes import ChangedField

    if side is None:
        return ""
    if isinstance(side, ChangedField):
        return side.type or ""
    return " ".join(filter(None, (side.subtype or side.kind, side.expression)))


def _cause(row: Change) -> str:
    sql = " ".join((row.sql or "").split())
    short = sql if len(sql) <= _SQL_SHOWN else sql[: _SQL_SHOWN - 1] + "…"
    run = f"run {row.run}" if row.run else f"event {row.event}" if row.event else ""
    return ": ".join(filter(None, (run, short)))
