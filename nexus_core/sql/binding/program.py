"""Routines and blocks: their bodies, each statement bound with the variables that it may name.

PL/pgSQL, SQL functions of PostgreSQL, and the procedures of MySQL and MariaDB; what else there is is not judged here.
"""

from __future__ import annotations

from collections.abc import Callable

from nexus_core.errors import SqlError
from nexus_core.model.trial import OutputColumn
from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.body import Body
from nexus_core.sql.binding.declarations import declare
from nexus_core.sql.dialect import MYSQL, POSTGRES
from nexus_core.sql.programs.blocks.header import Header
from nexus_core.sql.programs.blocks.routine import Routine
from nexus_core.sql.programs.texts import unquoted
from nexus_core.sql.reading.parse import Statement, statements
from nexus_core.sql.reading.words import words_of

Run = Callable[[Statement, Binding], None]
"""Binds one statement."""


def program(statement: Statement, binding: Binding, run: Run) -> bool:
    """Bind what a definition or a DO block would run; False where its language or kind is not judged."""
    routine = _routine(statement, binding)
    if routine is None:
        return False
    made = dict(binding.makes)
    binding.variables, binding.records = {}, {}
    try:
        for each in routine.parameters:
            declare(binding, each.name, each.declared, None)
        _run(routine, binding, run)
    finally:
        binding.variables, binding.records, binding.columns_first = {}, {}, False
    _restore(binding, made)
    return True


def _restore(binding: Binding, made: dict[str, tuple[OutputColumn, ...]]) -> None:
    """Forget the columns of queries inside: what defines a routine makes no rows itself."""
    binding.makes.clear()
    binding.makes.update(made)


def _routine(statement: Statement, binding: Binding) -> Routine | None:
    assert statement.node is not None  # noqa: S101 - the caller has seen it
    text = str(statement.node.args["expression"])
    offset = None if statement.offset is None else statement.offset + statement.tokens[0].start
    words = words_of(text, binding.traits.name)
    first = words[0].key if words else ""
    try:
        if first == "DO":
            return _block(text, statement.number, offset, binding)
        if first not in ("CREATE", "REPLACE"):
            return None
        found = Header(text, binding.traits, statement.number, offset).routine()
    except SqlError:
        return None
    return found if found.kind in ("FUNCTION", "PROCEDURE") and _is_judged(found, binding) else None


def _is_judged(routine: Routine, binding: Binding) -> bool:
    if binding.traits.name in POSTGRES:
        return routine.language in ("plpgsql", "sql")
    return binding.traits.name in MYSQL and routine.language == binding.traits.name


def _block(text: str, number: int, offset: int | None, binding: Binding) -> Routine | None:
    """Give `DO $$ … $$` as a routine without a name."""
    words = words_of(text, binding.traits.name)
    body = next((word for word in words if word.kind == "string"), None)
    if body is None or binding.traits.name not in POSTGRES or any(word.key == "LANGUAGE" for word in words):
        return None
    inner = unquoted(body.text)
    place = text.find(inner, body.start, body.end)
    return Routine("", "BLOCK", "plpgsql", inner, None if offset is None or place < 0 else offset + place, number)


def _run(routine: Routine, binding: Binding, run: Run) -> None:
    if not routine.is_plain or binding.traits.name in MYSQL:
        Body(routine, binding, run).run()
        return
    binding.columns_first = True
    for each in statements(routine.body, binding.traits, routine.offset):
        run(each, binding)
