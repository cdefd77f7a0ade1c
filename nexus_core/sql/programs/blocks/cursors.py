"""Rules of cursors, result sets and loops over rows."""

from __future__ import annotations

from nexus_core.sql.programs.blocks.dynamic import bindings, bound, dynamic
from nexus_core.sql.programs.blocks.machine import END, Cursor, Machine
from nexus_core.sql.programs.blocks.targets import targets
from nexus_core.sql.reading.words import closing, find, parted
from nexus_core.sql.resolving.relations import Derived

_LOOP = frozenset({"LOOP", "DO"})
_OVER = frozenset({"IN", "AS"})
_RANGE = frozenset({"..", "TO"})
_FOR = frozenset({"FOR"})
_INTO = frozenset({"INTO"})
_USING = frozenset({"USING"})
_ROWS = frozenset({"SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE", "SHOW"})


def for_loop(m: Machine) -> None:
    """`FOR r IN query LOOP`: the statements inside read the rows; `FOR i IN a..b` only counts."""
    m.open_frame("LOOP")
    m.at += 1
    start, end = m.until(_OVER)
    names = [m.name(at) for at in range(start, end) if m.words[at].kind == "name"]
    start, end = m.until(_LOOP)
    if m.key(start + 1) == "CURSOR":
        start = find(m.words, _FOR, start, end) + 1
    if m.key(start) == "REVERSE" or find(m.words, _RANGE, start, end) < end:
        m.assign(names, None)
    elif m.key(start) == "EXECUTE":
        m.rows(names, dynamic(m, start + 1, end))
    elif m.key(start) in _ROWS or m.key(start) == "(":
        m.rows(names, m.expression(start, end) if m.key(start) == "(" else m.query(m.slice(start, end), m.place(start)))
    else:
        m.rows(names, rows_of(m, start, end))


def rows_of(m: Machine, start: int, end: int) -> Derived | None:
    """Give the rows of the cursor or result set that a name means, opened if it is not yet."""
    start += m.key(start) == ":"
    name = m.name(start)
    cursor = m.cursors.get(name)
    if cursor is None or (name in m.opened and start + 1 >= end):
        return m.opened.get(name)
    if start + 1 < end and m.key(start + 1) == "(":
        ranges = parted(m.words, start + 2, closing(m.words, start + 1, end))
        for parameter, (first, last) in zip(cursor.parameters, ranges, strict=False):
            m.assign([parameter], m.expression(first, last))
    m.opened[name] = _queried(m, cursor, [])
    return m.opened[name]


def _queried(m: Machine, cursor: Cursor, values: list[str]) -> Derived | None:
    if (known := cursor.query.strip(" :").lower()) in m.opened:
        return m.opened[known]
    return m.query(bound(cursor.query, m.dialect, values), None if values else cursor.offset) if cursor.query else None


def each_element(m: Machine) -> None:
    """`FOREACH x IN ARRAY a LOOP`."""
    m.open_frame("LOOP")
    m.at += 1
    name = m.name(m.at)
    m.until(frozenset({"ARRAY"}))
    m.assign([name], m.expression(*m.until(_LOOP)))


def open_cursor(m: Machine) -> None:
    """`OPEN c;`, `OPEN c (1);`, `OPEN c FOR query;`, `OPEN c FOR EXECUTE text;`, `OPEN c USING (a);`."""
    m.at += 1
    start, end = m.until(END)
    query = find(m.words, _FOR, start, end) + 1
    name = m.name(start)
    if query < end:
        if m.key(query) in ("SELECT", "WITH", "("):
            m.opened[name] = m.query(m.slice(query, end), m.place(query))
        else:
            m.opened[name] = dynamic(m, query + (m.key(query) == "EXECUTE"), end)
        return
    using = find(m.words, _USING, start, end)
    if using < end and name in m.cursors:
        m.opened[name] = _queried(m, m.cursors[name], bindings(m, using + 1, end))
    else:
        m.opened.pop(name, None)
        rows_of(m, start, end)


def fetch(m: Machine) -> None:
    """`FETCH NEXT FROM c INTO a, b;`, `FETCH c BULK COLLECT INTO a LIMIT 100;`."""
    m.at += 1
    start, end = m.until(END)
    into = find(m.words, _INTO, start, end)
    names, _ = targets(m, into, end)
    for at in range(into - 1, start - 1, -1):
        if m.name(at) in m.opened or m.name(at) in m.cursors:
            m.assign(names, rows_of(m, at, at + 1))
            return
