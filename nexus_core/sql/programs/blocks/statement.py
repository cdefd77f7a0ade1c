"""The rule of what no other rule begins: labels, assignments, calls, SQL."""

from __future__ import annotations

import re

from nexus_core.sql.dialect import POSTGRES
from nexus_core.sql.programs.blocks.calls import call_in
from nexus_core.sql.programs.blocks.machine import END, Machine
from nexus_core.sql.programs.blocks.targets import target_at, targets
from nexus_core.sql.programs.blocks.variables import assign_to
from nexus_core.sql.reading.tokens import word_set
from nexus_core.sql.reading.words import find

_INTO = frozenset({"INTO"})
_RETURNING = frozenset({"RETURNING", "RETURN"})
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"})
_QUERIES = frozenset({"SELECT", "WITH", "(", "VALUES"})
_WHERE = frozenset({"WHERE"})
_FILES = frozenset({"OUTFILE", "DUMPFILE"})
_ASSIGN_BY_EQUALS = POSTGRES | {"", "duckdb"}
_ANY_CALL = frozenset({"oracle"})
"""Dialects in which the name of a procedure alone calls it."""
_SQL = word_set(
    """
    SELECT WITH INSERT UPDATE DELETE MERGE LOCK SET TRUNCATE CREATE DROP ALTER COPY GRANT REVOKE ANALYZE COMMENT
    """
)
_RECORD_VALUES = re.compile(r"\bVALUES\s++(\w++)\s*+(?:\([^()]*+\)\s*+)?$", re.IGNORECASE)


def statement(m: Machine) -> None:
    """Run a labelled statement's label, an assignment, a call, or an SQL statement."""
    if m.key(m.at + 1) == ":" and m.key(m.at + 2) in ("BEGIN", "LOOP", "WHILE", "REPEAT", "FOR", "CASE", "IF"):
        m.at += 2
        return
    start, end = m.until(END)
    target = target_at(m, start, end)
    signs = (":=", "=") if m.dialect in _ASSIGN_BY_EQUALS else (":=",)
    if m.key(target.behind) in signs and target.behind < end:
        assign_to(m, target.name, target, end)
    elif m.dialect in _ANY_CALL and target.behind == end and m.key(start) not in _SQL:
        call_in(m, start, end)
    else:
        sql(m, start, end)


def plain_statement(m: Machine) -> None:
    """Run an SQL statement; the last one's rows are the body's."""
    start, end = m.until(END)
    last = m.at >= len(m.words)
    if last and m.key(start) in _QUERIES:
        m.hand_on(m.query(m.slice(start, end), m.place(start)))
    else:
        m.run_sql(m.slice(start, end), m.place(start))


def forall(m: Machine) -> None:
    """`FORALL i IN a..b statement`."""
    m.at = find(m.words, _CHANGES | {"EXECUTE", ";"}, m.at)


def sql(m: Machine, start: int, end: int) -> None:
    """Run an SQL statement; INTO of a query or behind RETURNING names variables, never a table.

    WHERE CURRENT OF a cursor means the row that the statement's variables come from already.
    """
    current = find(m.words, _WHERE, start, end)
    if m.key(current + 1) == "CURRENT" and m.key(current + 2) == "OF":
        end = current
    into = _into(m, start, end)
    if into >= end or m.key(into + 1) in _FILES:
        text = m.slice(start, end)
        if record := _RECORD_VALUES.search(text) if m.dialect in _ANY_CALL else None:
            m.run_sql(f"{text[: record.start()]}SELECT {record[1]}.*")
        else:
            m.run_sql(text, m.place(start))
        return
    names, behind = targets(m, into, end)
    first = into - 2 if m.key(into - 1) == "COLLECT" else into
    m.assign(names, m.query(_without(m, start, first, behind, end), m.place(start)))


def _without(m: Machine, start: int, first: int, behind: int, end: int) -> str:
    """Give a range's text with blanks for a part of it, so that all else keeps its place."""
    base = m.words[start].start
    text = m.slice(start, end)
    cut, rest = m.words[first].start - base, m.words[behind - 1].end - base
    return f"{text[:cut]}{' ' * (rest - cut)}{text[rest:]}"


def _into(m: Machine, start: int, end: int) -> int:
    """Give the place of the INTO that names variables, or the end."""
    if m.key(start) in _CHANGES:
        returning = find(m.words, _RETURNING, start, end)
        return find(m.words, _INTO, returning, end)
    if m.key(start) not in _QUERIES:
        return end
    into = find(m.words, _INTO, start, end)
    if into < end and m.key(into - 1) in ("INSERT", "MERGE"):
        into = find(m.words, _INTO, find(m.words, _RETURNING, into, end), end)
    return into
