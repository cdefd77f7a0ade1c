"""Rules of what a body hands back: RETURN in its forms, PIPE ROW."""

from __future__ import annotations

from nexus_core.sql.programs.blocks.dynamic import dynamic
from nexus_core.sql.programs.blocks.machine import END, Machine
from nexus_core.sql.reading.words import closing
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.values import Output


def pipe_row(m: Machine) -> None:
    """`PIPE ROW (r);`."""
    m.at += 2
    start, end = m.until(END)
    _hand_on(m, start, end)


def _hand_on(m: Machine, start: int, end: int) -> None:
    """Add a row to the result: a record's fields, or one value."""
    while m.key(start) == "(" and closing(m.words, start, end) == end - 1:
        start, end = start + 1, end - 1
    record = m.variables.records.get(m.name(start)) if end - start == 1 else None
    m.hand_on(record or m.expression(start, end))


def returns(m: Machine) -> None:
    """`RETURN QUERY …`, `RETURN NEXT …`, `RETURN TABLE (…)` add rows to the result; any other gives a value."""
    m.at += 1
    start, end = m.until(END)
    rule = _RETURNED.get(m.key(start))
    if rule is not None:
        rule(m, start + 1, end)
    elif start < end and m.consumed:
        m.value = {**m.value, **m.scalar(m.expression(start, end))}
    else:
        m.ask(start, end)


def _next(m: Machine, start: int, end: int) -> None:
    """Add the record given, or the row that the result's columns, which are variables, now make."""
    if start < end:
        _hand_on(m, start, end)
    else:
        m.hand_on(Derived([Output(name, m.variables.values.get(name.lower(), {})) for name in m.columns]))


def _query(m: Machine, start: int, end: int) -> None:
    if m.key(start) == "EXECUTE":
        m.hand_on(dynamic(m, start + 1, end))
    else:
        m.hand_on(m.query(m.slice(start, end), m.place(start)))


def _table(m: Machine, start: int, end: int) -> None:
    """`TABLE (result set)` or `TABLE (query)`."""
    closed = closing(m.words, start, end)
    if m.key(start + 1) in ("SELECT", "WITH"):
        m.hand_on(m.query(m.slice(start + 1, closed), m.place(start + 1)))
    else:
        m.hand_on(m.opened.get(m.name(start + 1 + (m.key(start + 1) == ":"))))


_RETURNED = {"QUERY": _query, "NEXT": _next, "TABLE": _table}
