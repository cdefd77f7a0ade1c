"""Routines and blocks: their bodies, each statement bound with the variables that it may name.

PL/pgSQL, SQL functions of PostgreSQL, and the procedures of MySQL and MariaDB, and the triggers of all of them; what
else there is is not judged here.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from nexus_core.errors import SqlError
from nexus_core.model.trial import OutputColumn
from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.body import Body
from nexus_core.sql.binding.declarations import declare
from nexus_core.sql.binding.relations import UNTYPED
from nexus_core.sql.binding.triggers import bind_head, executed, give_rows, note_events
from nexus_core.sql.dialect import MYSQL, POSTGRES
from nexus_core.sql.programs.blocks.header import Header
from nexus_core.sql.programs.blocks.routine import Routine
from nexus_core.sql.programs.texts import unquoted
from nexus_core.sql.reading.parse import Statement, statements
from nexus_core.sql.reading.places import Places
from nexus_core.sql.reading.words import words_of

Run = Callable[[Statement, Binding], None]
"""Binds one statement."""


def program(statement: Statement, binding: Binding, run: Run) -> bool:
    """Bind what a definition or a DO block would run; False where its language or kind is not judged."""
    routine = _routine(statement, binding)
    if routine is None:
        return False
    made = dict(binding.makes)
    _forget(binding)
    try:
        for each in routine.parameters:
            declare(binding, each.name, each.declared, None)
        if routine.kind == "TRIGGER":
            _trigger_head(statement, routine, binding)
        elif _is_for_triggers(statement, binding):
            binding.variables |= {"new": UNTYPED, "old": UNTYPED}
        _run(routine, binding, run)
    finally:
        _forget(binding)
    _restore(binding, made)
    return True


def _forget(binding: Binding) -> None:
    binding.variables, binding.records, binding.rows, binding.columns_first = {}, {}, {}, False


def _trigger_head(statement: Statement, routine: Routine, binding: Binding) -> None:
    text, offset = _written(statement)
    binding.begin(statement.number, Places((), 0 if offset is not None else None))
    table, words = give_rows(routine, binding), words_of(text, binding.traits.name)
    bind_head(words, text, offset, table, binding)
    if offset is not None:
        behind = offset + len(text)
        body = behind if routine.offset is None else routine.offset
        note_events(words, (offset, body if offset < body else behind), table, binding)


def _is_for_triggers(statement: Statement, binding: Binding) -> bool:
    """Whether a function returns a trigger's row: what the row has is told where a trigger runs it."""
    words = words_of(_written(statement)[0], binding.traits.name)
    return any((one.key, other.key) == ("RETURNS", "TRIGGER") for one, other in pairwise(words))


def _written(statement: Statement) -> tuple[str, int | None]:
    """Give a definition's text, and its place in the whole."""
    assert statement.node is not None  # noqa: S101 - the caller has seen it
    offset = None if statement.offset is None else statement.offset + statement.tokens[0].start
    return str(statement.node.args["expression"]), offset


def _restore(binding: Binding, made: dict[str, tuple[OutputColumn, ...]]) -> None:
    """Forget the columns of queries inside: what defines a routine makes no rows itself."""
    binding.makes.clear()
    binding.makes.update(made)


def _routine(statement: Statement, binding: Binding) -> Routine | None:
    text, offset = _written(statement)
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
    if found.kind == "TRIGGER":
        executes = executed(found, binding)
        return executes if executes is not None and _is_judged(executes, binding) else None
    if found.kind not in ("FUNCTION", "PROCEDURE") or not _is_judged(found, binding):
        return None
    binding.functions[found.key] = binding.functions[found.key.rpartition(".")[2]] = found
    return found


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
