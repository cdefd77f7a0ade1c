"""What a body begins with, its parameters, its surroundings and a trigger's rows, and what it hands back."""

from __future__ import annotations

from collections.abc import Sequence

from nexus_core.sql.dialect import MYSQL
from nexus_core.sql.programs.blocks.routine import Argument, Parameter, Routine
from nexus_core.sql.programs.texts import unquoted
from nexus_core.sql.resolving.relations import BaseTable, Derived
from nexus_core.sql.resolving.resolution import Precedence, Variables
from nexus_core.sql.resolving.session import Defined, Session
from nexus_core.sql.resolving.values import Value

_PRECEDENCE = {
    **dict.fromkeys(MYSQL, Precedence.VARIABLE),
    "snowflake": Precedence.COLUMN,
    "teradata": Precedence.COLUMN,
}


def precedence_of(dialect: str) -> Precedence:
    """Give what a bare name in a dialect's procedural code means that may be a variable's or a column's."""
    return _PRECEDENCE.get(dialect, Precedence.KNOWN_COLUMN)


def variables_of(routine: Routine, arguments: Sequence[Argument], outer: Variables, session: Session) -> Variables:
    """Make the variables of a body: what it shares with its surroundings, its parameters, a trigger's rows."""
    around = routine.within or Variables()
    shared = {name: value for name, value in outer.values.items() if name.startswith("@")}
    variables = Variables(
        values={**shared, **around.values},
        records=dict(around.records),
        constants={**around.constants, **_session_constants(outer)},
        precedence=Precedence.KNOWN_COLUMN if routine.kind == "FUNCTION" else precedence_of(session.traits.name),
        inside=True,
    )
    for name in () if routine.is_plain else routine.columns:
        variables.values[name.lower()] = {}
    for at, parameter in enumerate(routine.parameters, 1):
        _give(variables, parameter, at, Argument({}, _literal(parameter.default)))
    for at, (given, argument) in enumerate(zip(parameters(routine, arguments), arguments, strict=False), 1):
        if given is not None:
            _give(variables, given, at, argument)
    _give_rows(routine, variables, session)
    return variables


def trigger_table(routine: Routine, session: Session) -> tuple[str, ...]:
    """Give the table that a trigger stands on, qualified."""
    if not routine.table:
        return ()
    fold = session.traits.fold_text
    parts = [fold(part.strip('"`'), quoted=part[:1] in '"`') for part in routine.table]
    return session.qualified(tuple(parts))


def _give_rows(routine: Routine, variables: Variables, session: Session) -> None:
    """Let NEW and OLD, or their other names, be rows of the trigger's table."""
    table = trigger_table(routine, session)
    columns = session.columns(table) if table else ()
    rows = Derived(BaseTable(".".join(table), columns).outputs()) if table else None
    for name, kind in {"new": "row", "old": "row", **routine.rows}.items():
        variables.values.setdefault(name, {})
        if rows is not None and kind == "row":
            variables.records[name] = rows
        elif rows is not None:
            parts = session.qualified((session.traits.fold_text(name),))
            key, behind = ".".join(parts), (".".join(table),)
            session.tables[key] = Defined(temporary=True, rows=rows, reads=behind)
            session.has_temporaries = True


def parameters(routine: Routine, arguments: Sequence[Argument]) -> list[Parameter | None]:
    """Give the parameter of each argument: by its name, else by its position."""
    by_name = {parameter.name: parameter for parameter in routine.parameters}
    by_position: list[Parameter | None] = [*routine.parameters, *[None] * len(arguments)]
    return [by_name.get(each.name) if each.name else by_position[at] for at, each in enumerate(arguments)]


def _give(variables: Variables, parameter: Parameter, at: int, argument: Argument) -> None:
    for name in (parameter.name, f"@{at}"):
        if not name:
            continue
        variables.values[name] = argument.value
        if argument.constant is None:
            variables.constants.pop(name, None)
        else:
            variables.constants[name] = argument.constant
        if parameter.plain:
            variables.plain.add(name)


def _literal(text: str) -> str | None:
    return unquoted(text) if text[:1] == "'" and text.count("'") == 2 else None


def handed_back(variables: Variables, parameter: Parameter | None) -> Value | None:
    """Give what a parameter has become, None where the caller does not see it."""
    return variables.values.get(parameter.name, {}) if parameter is not None and parameter.comes_back else None


def _session_constants(variables: Variables) -> dict[str, str]:
    return {name: text for name, text in variables.constants.items() if name.startswith(("@", "prepared "))}


def bring_back(inner: Variables, outer: Variables) -> None:
    """Hand the session's variables, which outlive a body, to its surroundings."""
    outer.values.update({name: value for name, value in inner.values.items() if _is_shared(name)})
    outer.constants.update(_session_constants(inner))


def _is_shared(name: str) -> bool:
    return name.startswith("@") and not name[1:].isdigit()
