"""Rules of declarations and assignments."""

from __future__ import annotations

from nexus_core.errors import SqlError
from nexus_core.sql.programs.blocks.calls import call_in
from nexus_core.sql.programs.blocks.dynamic import dynamic
from nexus_core.sql.programs.blocks.machine import END, Cursor, Machine
from nexus_core.sql.programs.blocks.routine import PLAIN_TYPES
from nexus_core.sql.programs.blocks.targets import Target, target_at
from nexus_core.sql.reading.splitting import unit_end
from nexus_core.sql.reading.words import closing, find, parted
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.values import Output

_ASSIGN = frozenset({":=", "=", "DEFAULT"})
_SECTION = frozenset({";", "BEGIN"})
_IS = frozenset({"IS"})
_QUERY = frozenset({"FOR", "IS"})
_NO_VARIABLE = frozenset({"TYPE", "SUBTYPE", "PRAGMA", "END"})
_NO_VARIABLE_OF_THAT_TYPE = frozenset({"CONDITION", "EXCEPTION", "ALIAS"})
_SCOPES = frozenset({"SESSION", "GLOBAL", "LOCAL", "PERSIST", "NAMES", "CHARACTER", "TRANSACTION", "PASSWORD", "ROLE"})


def declare_section(m: Machine) -> None:
    """`DECLARE a int; b cursor for …; BEGIN`, or a section of a compound trigger: `AFTER EACH ROW IS … BEGIN`."""
    while m.at < len(m.words) and m.key(m.at) not in ("BEGIN", "END"):
        if m.key(m.at) == "DECLARE":
            m.at += 1
        elif m.key(m.at) in ("PROCEDURE", "FUNCTION"):
            _subprogram(m)
        elif m.key(m.at) in ("BEFORE", "AFTER", "INSTEAD"):
            m.until(_IS)
        else:
            start, end = m.until(_SECTION)
            m.at -= m.key(end) == "BEGIN"
            declared(m, start, end)


def _subprogram(m: Machine) -> None:
    """Know a subprogram that stands among the declarations."""
    start = m.at
    end = unit_end([word.key for word in m.words[start:]]) + start
    m.at = end + 1
    text = m.slice(start, min(end, len(m.words)))
    try:
        m.script.programs.define(text, m.script, m.number, m.place(start), within=m.variables)
    except SqlError as error:
        if error.code != "unsupported_body":  # a declaration ahead of its body
            raise


def declare_statement(m: Machine) -> None:
    """`DECLARE a, b INT DEFAULT 0;`, `DECLARE c CURSOR FOR …;`, `DECLARE EXIT HANDLER FOR … statement`."""
    m.at += 1
    if m.key(m.at + 1) == "HANDLER":
        m.at = _behind_conditions(m, m.at + 3)
        return
    while m.key(m.at) in ("OR", "REPLACE", "VARIABLE"):
        m.at += 1
    declared(m, *m.until(END))


def _behind_conditions(m: Machine, at: int) -> int:
    """Give the place of a handler's statement: behind `SQLSTATE VALUE '…', NOT FOUND, name`."""
    while at < len(m.words):
        while m.key(at) in ("SQLSTATE", "VALUE", "NOT"):
            at += 1
        at += 1
        if m.key(at) != ",":
            break
        at += 1
    return at


def declared(m: Machine, start: int, end: int) -> None:
    """Read one declaration."""
    keys = [word.key for word in m.words[start:end]]
    if len(keys) < 2 or keys[0] in _NO_VARIABLE or keys[1] in _NO_VARIABLE_OF_THAT_TYPE:
        if len(keys) > 3 and keys[1] == "ALIAS":
            m.assign([m.name(start)], m.expression(end - 1, end))
        return
    if "CURSOR" in keys[:5]:
        _cursor(m, start, end)
        return
    default = find(m.words, _ASSIGN, start, end)
    names = [m.name(start)]
    while m.key(start + 1) == "," and start + 2 < default:
        start += 2
        names.append(m.name(start))
    plain = m.key(start + 1) in PLAIN_TYPES
    for name in names:
        m.variables.values.setdefault(name, {})
        m.variables.constants.pop(name, None)
        (m.variables.plain.add if plain else m.variables.plain.discard)(name)
        if m.key(default - 1) == "ROWTYPE":
            _row(m, name, start + 1, default - 2)
        if default + 1 < end:
            assigned(m, name, default + 1, end)


def _row(m: Machine, name: str, start: int, end: int) -> None:
    """Let a variable of `table%ROWTYPE` have the table's columns, without sources so far."""
    session = m.script.session
    parts = [m.words[at] for at in range(start, end) if m.words[at].kind == "name"]
    folded = [session.traits.fold_text(word.text.strip('"'), quoted=word.text[:1] == '"') for word in parts]
    columns = session.columns(session.qualified(tuple(folded)))
    if columns is not None:
        m.variables.records[name] = Derived([Output(column, {}) for column in columns])


def _cursor(m: Machine, start: int, end: int) -> None:
    """`c CURSOR (a int) FOR query`, `CURSOR c (a NUMBER) IS query`."""
    query = find(m.words, _QUERY, start, end) + 1
    name = start + 1 if m.key(start) == "CURSOR" else start
    opened = find(m.words, frozenset({"("}), start, query)
    parameters: list[str] = []
    if opened < query - 1:
        closed = closing(m.words, opened, end)
        parameters = [m.name(first) for first, _ in parted(m.words, opened + 1, closed)]
    for parameter in parameters:
        m.variables.values.setdefault(parameter, {})
    m.variables.values.setdefault(m.name(name), {})
    m.cursors[m.name(name)] = Cursor(m.slice(query, end), m.place(query), tuple(parameters))


def assigned(m: Machine, name: str, start: int, end: int) -> None:
    """Assign an expression; `(EXECUTE IMMEDIATE …)` and `(CALL …)` give their rows."""
    inner = start
    while m.key(inner) in ("(", "ASYNC"):
        inner += 1
    if m.key(inner) == "EXECUTE":
        text = inner + 1 + (m.key(inner + 1) == "IMMEDIATE")
        m.opened[name] = dynamic(m, text, _inside(m, start, inner, end))
        m.assign([name], m.opened[name])
    elif m.key(inner) == "CALL":
        returned = call_in(m, inner + 1, _inside(m, start, inner, end), consumed=True)
        m.opened[name] = returned.rows if returned else None
        m.assign([name], m.opened[name])
        if returned is not None and returned.rows is None:
            m.bind(name, returned.value)
    else:
        m.set(name, start, end)


def _inside(m: Machine, start: int, inner: int, end: int) -> int:
    return closing(m.words, inner - 1, end) if inner > start and m.key(inner - 1) == "(" else end


def let(m: Machine) -> None:
    """`LET a int := 1;`."""
    m.at += 1
    declared(m, *m.until(END))


def set_statement(m: Machine) -> None:
    """`SET a = 1, @b = 2;`, `SET (a, b) = (SELECT AS STRUCT …);`."""
    m.at += 1
    while m.key(m.at) in ("VAR", "VARIABLE"):
        m.at += 1
    start, end = m.until(END)
    if m.key(start) in _SCOPES or m.key(start).startswith("@@"):
        return
    if m.key(start) == "(":
        _set_row(m, start, end)
        return
    for first, last in parted(m.words, start, end):
        target = target_at(m, first, last)
        if m.key(target.behind) in ("=", ":="):
            assign_to(m, _session_name(m, target.name), target, last)


def _session_name(m: Machine, name: str) -> str:
    """Give the name by which a session variable is read: Snowflake's `SET a = 1` is read as `$a`."""
    return f"@{name}" if m.dialect == "snowflake" else name


def assign_to(m: Machine, name: str, target: Target, end: int) -> None:
    """Assign what stands behind the sign: to a variable, a field of a record or trigger row, an element."""
    start = target.behind + 1
    if "." not in name and not target.element:
        assigned(m, name, start, end)
        return
    derived = m.expression(start, end)
    value = m.scalar(derived)
    record = name.partition(".")[0]
    if record in ("new", "old") and m.trigger and "." in name:
        m.write_row(name.partition(".")[2], value)
    if "." in name:
        m.bind(name, value)
    else:
        m.widen(name, value)


def _set_row(m: Machine, start: int, end: int) -> None:
    closed = closing(m.words, start, end)
    names = [m.name(first) for first, _ in parted(m.words, start + 1, closed)]
    if m.key(closed + 1) not in ("=", ":="):
        return
    begin = closed + 2
    if m.key(begin) == "(" and m.key(begin + 1) not in ("SELECT", "WITH", "("):
        ranges = parted(m.words, begin + 1, closing(m.words, begin, end))
        for name, (first, last) in zip(names, ranges, strict=False):
            m.set(_session_name(m, name), first, last)
    else:
        m.assign([_session_name(m, name) for name in names], m.expression(begin, end))
