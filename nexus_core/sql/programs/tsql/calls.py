"""Routines and their calls: a body runs where it is defined, and again where it is called, with the arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from nexus_core.sql.programs.tsql.source import Parameter, Routine, Source, key_of
from nexus_core.sql.programs.tsql.state import Frame, Nesting
from nexus_core.sql.programs.tsql.texts import MARK, Texts, folded, is_certain
from nexus_core.sql.programs.tsql.words import dotted_name, name_of
from nexus_core.sql.reading.parse import statements
from nexus_core.sql.reading.words import closing, parted
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Resolution, Variables
from nexus_core.sql.resolving.values import Output, Value

if TYPE_CHECKING:
    from nexus_core.sql.programs.tsql.program import Program

_MAX_CALLS = 16
"""Calls inside each other that are followed, and never one of a routine that is under way."""

_SYSTEM_SCHEMAS = frozenset({"sys", "information_schema"})


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument: the parameter that it names, "" if it goes by position; its words; whether a value comes back."""

    name: str
    start: int
    end: int
    output: bool


def define(program: Program, routine: Routine, number: int) -> None:
    """Know a routine, and run its body with unknown arguments where the text does not call it.

    One that it may call is left to the call, or to the end.
    """
    state, key = program.state, key_of(routine.name)
    state.routines[key] = routine
    own = sum(name_of(word) == key for word in routine.source.words[routine.start : routine.end] if word.kind == "name")
    if key in state.told and routine.kind != "TRIGGER":
        return
    if routine.kind != "TRIGGER" and state.mentions[key] > own + 1:
        state.waiting[key] = (routine, number)
    else:
        tell(program, routine, number)


def tell(program: Program, routine: Routine, number: int) -> None:
    """Run a body by itself."""
    frame = Frame()
    for parameter in routine.parameters:
        _declare(program, frame, parameter)
    _run(program, routine, frame, {parameter.name: {} for parameter in routine.parameters}, number, defining=True)


def call(program: Program, routine: Routine, arguments: Sequence[Value]) -> dict[str, Value]:
    """Run a body for the sources of its arguments by position; give its variables at its end."""
    if routine in program.state.calls or len(program.state.calls) >= _MAX_CALLS:
        return {}
    frame = Frame()
    for parameter in routine.parameters:
        _declare(program, frame, parameter)
    values = {parameter.name: Value() for parameter in routine.parameters}
    values.update(zip(values, arguments, strict=False))
    return _run(program, routine, frame, values, program.source.number or 0)


def rows_of(program: Program, routine: Routine, arguments: Sequence[Value], by: Resolution) -> Derived | None:
    """Give the rows of a function for the sources of its arguments, or its value as one; None if it calls itself."""
    state, number = program.state, by.number
    if routine.kind != "FUNCTION" or routine in state.calls or len(state.calls) >= _MAX_CALLS:
        return None
    values = {parameter.name: Value() for parameter in routine.parameters}
    values.update(zip(values, arguments, strict=False))
    query = _query(program, routine)
    if query is not None:
        state.calls.append(routine)
        state.tells(routine)
        try:
            return by.within(Variables(values), query)
        finally:
            state.calls.pop()
    frame = Frame()
    for parameter in routine.parameters:
        _declare(program, frame, parameter)
    _run(program, routine, frame, values, number, kept=True)
    if routine.rows is None:
        return Derived([Output("", frame.returned)])
    outer = Source.of(f"SELECT * FROM {routine.rows[0]}", None, number)
    return program.child(outer, Frame()).rows("", 0, len(outer.words))


def _query(program: Program, routine: Routine) -> exp.Expr | None:
    """Give the query that an inline function returns."""
    source = routine.source
    if source.key(routine.start) != "RETURN":
        return None
    text = source.slice(routine.start + 1, routine.end)
    found = list(statements(text, program.script.session.traits))
    node = found[0].node if len(found) == 1 and found[0].error is None else None
    return node if isinstance(node, exp.Query) else None


def _declare(program: Program, frame: Frame, parameter: Parameter) -> None:
    frame.texts[parameter.name], frame.types[parameter.name] = (MARK,), parameter.type
    columns = program.state.types.get(parameter.type.split(".")[-1].lower())
    if columns is not None:
        program.define_table(parameter.name, columns)


def _run(
    program: Program,
    routine: Routine,
    frame: Frame,
    values: dict[str, Value],
    number: int,
    *,
    defining: bool = False,
    kept: bool = False,
) -> dict[str, Value]:
    """Run a body with its own variables; give them as they are at its end."""
    script, state = program.script, program.state
    outer, script.variables = script.variables, Variables(values)
    rows_of = _trigger_rows(program, routine)
    state.calls.append(routine)
    state.tells(routine)
    child = program.child(replace(routine.source, number=number), frame)
    try:
        with Nesting(state, number, repeats=len(state.calls) > 1 or not defining):
            if routine.rows is not None:
                child.define_table(*routine.rows)
            child.run(routine.start, routine.end)
            if routine.rows is not None and not kept:
                child.run_text(f"SELECT * FROM {routine.rows[0]}", None, number)
        return script.variables.values
    finally:
        state.calls.pop()
        script.variables = outer
        for name in rows_of:
            script.session.synonyms.pop(name, None)


def _trigger_rows(program: Program, routine: Routine) -> list[tuple[str, ...]]:
    """Let `inserted` and `deleted` mean the table that a trigger is on."""
    if not routine.table:
        return []
    session = program.script.session
    table = session.qualified(routine.table)
    names = [session.qualified((name,)) for name in ("inserted", "deleted")]
    session.synonyms.update(dict.fromkeys(names, table))
    return names


def execute(program: Program, start: int, end: int) -> None:
    """Run what stands behind EXEC: a text in brackets, or a procedure with its arguments."""
    source, number = program.source, program.source.statement(start - 1)
    if source.key(start, end) == "(":
        closed = closing(source.words, start, end)
        if "AT" in (word.key for word in source.words[closed + 1 : end]):
            program.state.fail("dynamic_sql", "EXEC of a text at a linked server", number)
        else:
            _dynamic(program, folded(source.words[start + 1 : closed], program.frame.known), number)
        return
    if source.key(start + 1, end) == "=":
        start += 2
    name, at = dotted_name(source.words, start, end)
    if source.key(at, end) == ";":
        at += 2
    arguments = list(_arguments(program, at, end))
    for argument in arguments:
        program.ask(argument.start, argument.end)
    _call(program, name, arguments, number)


def _arguments(program: Program, start: int, end: int) -> Iterator[Argument]:
    source = program.source
    stop = next((at for at in range(start, end) if source.key(at) == "WITH"), end)
    for first, last in parted(source.words, start, stop):
        output = source.key(last - 1) in ("OUT", "OUTPUT")
        named = source.key(first)[:1] == "@" and source.key(first + 1, last) == "="
        name = name_of(source.words[first]) if named else ""
        yield Argument(name, first + 2 if named else first, last - output, output)


def _call(program: Program, name: tuple[str, ...], arguments: list[Argument], number: int) -> None:
    if key_of(name)[:1] == "@":
        texts = program.frame.known.value(name[-1])
        if len(texts) != 1 or MARK in texts[0]:
            program.state.fail("dynamic_sql", "EXEC of a procedure that only the run knows", number)
            return
        words = Source.of(texts[0]).words
        name, _ = dotted_name(words, 0, len(words))
    system = _SYSTEM.get(key_of(name))
    if system is not None:
        system(program, arguments, number)
    elif key_of(name)[:3] in ("sp_", "xp_") or not _SYSTEM_SCHEMAS.isdisjoint(name[:-1]):
        return
    elif (routine := program.state.found(name)) is not None:
        _inline(program, routine, arguments, number)
    else:
        program.state.fail("unknown_routine", f"{'.'.join(name)} is not defined here", number)


def _inline(program: Program, routine: Routine, arguments: list[Argument], number: int) -> None:
    """Run a called body with the sources of the arguments as those of its parameters."""
    if routine in program.state.calls or len(program.state.calls) >= _MAX_CALLS:
        return
    frame, values = Frame(), dict[str, Value]()
    bound: dict[str, str] = {}
    tables: dict[str, str] = {}
    for parameter in routine.parameters:
        _declare(program, frame, parameter)
        values[parameter.name] = {}
    for at, argument in enumerate(arguments):
        position = routine.parameters[at].name if at < len(routine.parameters) else ""
        parameter_name = argument.name or position
        given = name_of(program.words[argument.start]) if argument.start < argument.end else ""
        if given in _table_variables(program):
            tables[parameter_name] = given
            continue
        values[parameter_name] = _value(program, argument)
        frame.texts[parameter_name] = folded(program.words[argument.start : argument.end], program.frame.known)
        if argument.output:
            bound[parameter_name] = given
    for parameter_name, given in tables.items():
        program.script.session.tables[parameter_name] = program.script.session.tables[given]
    after = _run(program, routine, frame, values, number)
    for parameter_name, given in bound.items():
        program.script.variables.values[given] = after.get(parameter_name, {})
        program.frame.texts[given] = frame.texts.get(parameter_name, (MARK,))


def _table_variables(program: Program) -> set[str]:
    return {name for name in program.script.session.tables if name[:1] == "@"}


def _value(program: Program, argument: Argument) -> Value:
    if argument.end - argument.start != 1 or program.source.key(argument.start)[:1] != "@":
        return {}
    return program.script.variables.values.get(name_of(program.words[argument.start]), {})


def _dynamic(
    program: Program, texts: Texts, number: int, frame: Frame | None = None, values: dict[str, Value] | None = None
) -> dict[str, Value]:
    """Run each text that a dynamic statement may have, with its own variables; of NULL nothing runs."""
    script = program.script
    frame, after = frame or Frame(), values or {}
    if not all(map(is_certain, texts)):
        program.state.fail("dynamic_sql", "EXEC of a text that depends on values known only when it runs", number)
    for text in texts:
        if text == MARK:
            continue
        outer, script.variables = script.variables, Variables(after)
        try:
            with Nesting(program.state, number, repeats=True):
                source = Source.of(text, None, number)
                program.child(source, frame).run(0, len(source.words))
            after = script.variables.values
        finally:
            script.variables = outer
    return after


def _execute_sql(program: Program, arguments: list[Argument], number: int) -> None:
    """`sp_executesql text, N'@p int, @q int OUTPUT', @p = 1, @q = @v OUTPUT`."""
    given = [argument for argument in arguments if argument.name not in ("@stmt", "@params", "@statement")]
    named = {argument.name: argument for argument in arguments if argument.name}
    text = named.get("@stmt") or named.get("@statement") or (given[0] if given else None)
    if text is None:
        return
    rest = [argument for argument in arguments if argument is not text]
    known = program.frame.known
    declared = folded(program.words[rest[0].start : rest[0].end], known) if rest else ()
    parameters = _declared(declared)
    frame, values = Frame(types=dict(parameters)), dict[str, Value]()
    bound: dict[str, str] = {}
    for at, argument in enumerate(rest[1:]):
        name = argument.name or (list(parameters)[at] if at < len(parameters) else "")
        values[name] = _value(program, argument)
        frame.texts[name] = folded(program.words[argument.start : argument.end], known)
        if argument.output:
            bound[name] = name_of(program.words[argument.start])
    after = _dynamic(program, folded(program.words[text.start : text.end], known), number, frame, values)
    for name, variable in bound.items():
        program.script.variables.values[variable] = after.get(name, {})
        program.frame.texts[variable] = (MARK,)


def _declared(texts: Texts) -> dict[str, str]:
    """Give the types of the parameters that a list declares."""
    if len(texts) != 1:
        return {}
    words = Source.of(texts[0]).words
    ranges = [words[start:end] for start, end in parted(words, 0, len(words))]
    return {name_of(part[0]): part[1].key for part in ranges if len(part) > 1}


def _rename(program: Program, arguments: list[Argument], number: int) -> None:
    """`sp_rename 'schema.old', 'new'`; with a third argument it renames no table unless that is OBJECT."""
    texts = [folded(program.words[each.start : each.end], program.frame.known) for each in arguments]
    if len(texts) > 2 and texts[2] not in (("OBJECT",), ("object",)):
        return
    if len(texts) > 1 and all(len(text) == 1 and MARK not in text[0] for text in texts[:2]):
        program.run_text(f"ALTER TABLE {texts[0][0]} RENAME TO [{texts[1][0]}]", None, number)


_SYSTEM = {"sp_executesql": _execute_sql, "sp_rename": _rename}
"""System procedures that bear on lineage; other `sp_` and `xp_` ones have none."""
