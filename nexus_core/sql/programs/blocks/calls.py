"""Rules of calls."""

from __future__ import annotations

from nexus_core.sql.programs.blocks.machine import END, Machine
from nexus_core.sql.programs.blocks.routine import Argument, Returned
from nexus_core.sql.programs.blocks.targets import target_at, targets
from nexus_core.sql.programs.texts import folded
from nexus_core.sql.reading.words import closing, find, parted
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.values import Output

_INTO = frozenset({"INTO"})
_NAMED = frozenset({"=>", ":="})
_BUILT_IN = ("dbms_", "utl_", "owa_", "htp.", "htf.", "apex_", "raise_application_error", "sys.", "ctx_")
_OF_CATALOGS = frozenset({"spark", "databricks"})
"""Dialects whose catalogues have procedures of their own in a schema `system`, which keep tables in order."""
_RUN_THEIR_TEXT = frozenset({"dbc.sysexecsql", "sysexecsql", "dbms_utility.exec_ddl_statement"})
"""The products' own procedures whose argument is a statement: Teradata's, Oracle's."""

_METHODS = frozenset({"extend", "delete", "trim"})


def call(m: Machine) -> None:
    """`CALL p (a, b) INTO c;`."""
    m.at += 1
    call_in(m, *m.until(END))


def call_in(m: Machine, start: int, end: int, *, consumed: bool = False) -> Returned | None:
    """Run the routine that a range of words calls, with the sources of its arguments."""
    into = find(m.words, _INTO, start, end)
    opened = find(m.words, frozenset({"("}), start, into)
    name = "".join(m.name(at) for at in range(start, opened))
    arguments = []
    if opened < into:
        ranges = parted(m.words, opened + 1, closing(m.words, opened, into))
        arguments = [_argument(m, first, last) for first, last in ranges]
    returned = m.script.programs.call(name, arguments, m.script, consumed=consumed or into < end)
    if returned is None and name in _RUN_THEIR_TEXT and opened < into:
        _run(m, opened + 1, closing(m.words, opened, into))
        return None
    if returned is None:
        _unknown(m, name)
        return None
    for argument, value in zip(arguments, returned.out, strict=False):
        if argument.variable and value is not None:
            m.bind(argument.variable, value)
    if into < end:
        names, _ = targets(m, into, end)
        m.assign(names, returned.rows or Derived([Output("", returned.value)]))
    return returned


def _run(m: Machine, start: int, end: int) -> None:
    """Run the text that an expression makes, if it can be known."""
    m.ask(start, end)
    texts = m.texts(m.words[start:end])
    if not texts:
        m.fail("dynamic_sql", "a call runs a text that depends on values known only when it runs")
    for text in texts:
        m.run_sql(text)


def _unknown(m: Machine, name: str) -> None:
    first, _, method = name.partition(".")
    if name.startswith("dbms_sql."):
        m.fail("dynamic_sql", "DBMS_SQL runs a text that depends on values known only when it runs")
    elif m.dialect in _OF_CATALOGS and name.split(".")[-2:-1] == ["system"]:
        return
    elif not name.startswith(_BUILT_IN) and not (method in _METHODS and first in m.variables.values):
        m.fail("unknown_routine", f"{name} is not defined here")


def _argument(m: Machine, start: int, end: int) -> Argument:
    name = ""
    if end - start > 2 and m.key(start + 1) in _NAMED:
        name, start = m.name(start), start + 2
    target = target_at(m, start, end)
    variable = target.name if target.behind == end and m.key(start) not in ("NULL", "TRUE", "FALSE") else ""
    variable = "" if m.words[start].kind in ("string", "number") else variable
    constant = folded(m.words[start:end], m.variables.constants, m.dialect)
    single = end - start == 1 and m.words[start].kind in ("string", "number")
    value = {} if single else m.scalar(m.expression(start, end))
    return Argument(value, constant, name, variable)


def perform(m: Machine) -> None:
    """`PERFORM f (x) FROM t;`: a query whose rows nobody wants."""
    m.at += 1
    start, end = m.until(END)
    m.query("SELECT " + m.slice(start, end))
