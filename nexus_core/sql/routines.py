"""Routines: their definitions, and what runs them. A definition's lineage is that of its body, each told once.

A routine that the text calls is told where it is called, with the sources of the arguments; one that it does not call
is told by itself, at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlglot import exp

from nexus_core.errors import SqlError
from nexus_core.sql.blocks.grammars import PLAIN, rules_of
from nexus_core.sql.blocks.header import KINDS, Header
from nexus_core.sql.blocks.machine import Machine
from nexus_core.sql.blocks.routine import Argument, Parameter, Returned, Routine
from nexus_core.sql.dynamic import unquoted
from nexus_core.sql.limits import MAX_REPEATED_CHARACTERS
from nexus_core.sql.parse import PROGRAM, Statement, statements
from nexus_core.sql.relations import BaseTable, Derived
from nexus_core.sql.resolution import Precedence, Resolution, Variables
from nexus_core.sql.script import Script
from nexus_core.sql.session import Defined, Session
from nexus_core.sql.values import Output, Value
from nexus_core.sql.words import Word, find, words_of

_MAX_DEPTH = 16
_PRECEDENCE = {
    "mysql": Precedence.VARIABLE,
    "doris": Precedence.VARIABLE,
    "starrocks": Precedence.VARIABLE,
    "snowflake": Precedence.COLUMN,
    "teradata": Precedence.COLUMN,
}
_PROCEDURAL = frozenset({"sql", "plpgsql", "edbspl", "plpgsql_lint"})
_FOREIGN_SQL = re.compile(
    r"""(?:sqlText["']?\s*:\s*|\.(?:sql|execute|execute_string|query)\s*\(\s*)
    (?:`(?P<back>[^`$]*)`|"{3}(?P<long>[^{}]*?)"{3}|"(?P<double>[^"\\\n{}]*)"|'(?P<single>[^'\\\n{}]*)')
    \s*(?=[,;)}\n]|\.collect)""",
    re.VERBOSE,
)
"""A constant text that a JavaScript or Python body runs."""


class Routines:
    """The routines that a text defines, and those known to the catalogue by their CREATE texts."""

    def __init__(self, session: Session, definitions: Mapping[str, str]) -> None:
        self._session = session
        self._known: dict[str, Routine] = {}
        self._waiting: dict[str, Routine] = {}
        self._running: list[str] = []
        self._again = 0
        self._ran_once: set[str] = set()
        self._package = ""
        self._texts = {name.lower(): (name, text) for name, text in definitions.items() if _is_routine(text)}
        self.asked: dict[str, None] = {}
        self._queries: dict[str, exp.Expr | None] = {}

    def run(self, statement: Statement, script: Script) -> bool:
        """Run a statement that its words tell; tell whether it was one. Raises SqlError for what is not read."""
        node = statement.node
        if not isinstance(node, exp.Command) or node.name != PROGRAM:
            return False
        text = str(node.args["expression"])
        offset = None if statement.offset is None else statement.offset + statement.tokens[0].start
        words = words_of(text, self._session.traits.name)
        first = words[0].key if words else ""
        if first in ("CREATE", "REPLACE"):
            self.define(text, script, statement.number, offset)
        elif first == "DO":
            self._do(text, words, script, statement.number, offset)
        elif first == "WITH":
            self._with_procedure(text, words, script, statement.number)
        else:
            variables = script.variables
            variables.precedence = self._precedence
            outer, variables.inside = variables.inside, True
            Machine(text, script, statement.number, rules_of(self._session.traits.name), offset).run()
            variables.inside = outer
        return True

    @property
    def _precedence(self) -> Precedence:
        return _PRECEDENCE.get(self._session.traits.name, Precedence.KNOWN_COLUMN)

    def finish(self, script: Script) -> None:
        """Run the routines that nothing has called."""
        while self._waiting:
            routine = self._waiting.pop(next(iter(self._waiting)))
            with script.guarded(routine.number):
                self._ran(routine, (), script)

    def define(
        self, text: str, script: Script, number: int, offset: int | None, *, within: Variables | None = None
    ) -> None:
        """Know a routine; a trigger, event, task or package is run at once. Raises SqlError where it cannot be read."""
        session = self._session
        routine = replace(
            Header(text, session.traits, number, offset).routine(),
            database=session.database,
            search_path=session.search_path,
            within=within,
        )
        if routine.kind == "PACKAGE":
            self._in_package(routine, script)
        elif routine.kind in ("TRIGGER", "EVENT", "TASK"):
            self._triggered(routine, script)
        else:
            key = f"{self._package}.{routine.key}" if self._package else routine.key
            self._known[key] = self._known[_last(key)] = self._waiting[key] = replace(routine, key=key)

    def _in_package(self, routine: Routine, script: Script) -> None:
        outer, self._package = self._package, _last(routine.key)
        try:
            self._ran(routine, (), script)
        finally:
            self._package = outer

    def _triggered(self, routine: Routine, script: Script) -> None:
        if not routine.executes:
            self._ran(routine, (), script)
            return
        function = self._found(routine.executes)
        if function is not None:
            self._waiting.pop(function.key, None)
            self._ran(replace(function, table=routine.table, rows=routine.rows, kind="TRIGGER"), (), script)

    def _do(self, text: str, words: Sequence[Word], script: Script, number: int, offset: int | None) -> None:
        body = next((word for word in words if word.kind == "string" and word.text[0] in "$'"), None)
        if body is None:
            raise SqlError("unsupported_body", "the block has no body that can be read", number)
        named = find(words, frozenset({"LANGUAGE"}), 0) + 1
        language = words[named].text.lower() if named < len(words) else "plpgsql"
        inner = unquoted(body.text)
        place = text.find(inner, body.start, body.end)
        at = None if offset is None or place < 0 else offset + place
        routine = Routine("", "BLOCK", language, inner, at, number, (), database=self._session.database)
        self._ran(replace(routine, search_path=self._session.search_path), (), script)

    def _with_procedure(self, text: str, words: Sequence[Word], script: Script, number: int) -> None:
        """`WITH p AS PROCEDURE (…) … CALL p (…)` (Snowflake)."""
        kind = find(words, KINDS, 0)
        called = find(words, frozenset({"CALL"}), kind)
        if called >= len(words):
            raise SqlError("unsupported_body", "the procedure is not called", number)
        header = f"PROCEDURE {words[1].text} {text[words[kind].end : words[called].start]}"
        self.define(header, script, number, None)
        Machine(text[words[called].start :], script, number, rules_of(self._session.traits.name)).run()

    # --- calls

    def knows(self, name: Sequence[str]) -> bool:
        """Tell whether there is such a routine."""
        return self._found(".".join(name)) is not None

    def call(
        self, name: str, arguments: Sequence[Argument], script: Script, *, consumed: bool = False
    ) -> Returned | None:
        """Run a routine for some arguments, None if it is not known; `consumed`: its rows go to the caller."""
        routine = self._found(name)
        if routine is None:
            return None
        self._waiting.pop(routine.key, None)
        return self._ran(routine, arguments, script, consumed=consumed)

    def rows(
        self, name: Sequence[str], arguments: Sequence[Value], script: Script, resolution: Resolution
    ) -> Derived | None:
        """Give the rows of a function for the sources of its arguments; a query's tables are the statement's."""
        routine = self._found(".".join(name))
        if routine is None or routine.kind == "PROCEDURE" or routine.key in self._running:
            return None
        self._waiting.pop(routine.key, None)
        if not self._is_read(routine):
            return None
        given = [Argument(value) for value in arguments]
        query = self._query(routine)
        if query is None:
            returned = self._ran(routine, given, script, consumed=True)
            return returned.rows or Derived([Output("", returned.value)])
        self._running.append(routine.key)
        try:
            with self._defaults(routine):
                rows = resolution.within(self._variables(routine, given, script.variables), query)
        finally:
            self._running.pop()
        return rows.renamed(routine.columns)

    def _query(self, routine: Routine) -> exp.Expr | None:
        """Give the query that a function's body is, None if it is anything else."""
        if routine.key not in self._queries:
            found = list(statements(routine.body, self._session.traits)) if _is_plain(routine) else []
            node = found[0].node if len(found) == 1 and found[0].error is None else None
            self._queries[routine.key] = node if isinstance(node, exp.Query) else None
        return self._queries[routine.key]

    def _found(self, name: str) -> Routine | None:
        """Give the routine of a dotted name, whatever its case: of the text by its whole name or last part, else known.

        What the text does not define is noted as asked for, by its name with the defaults before it.
        """
        key = name.lower()
        known = self._known.get(key) or self._known.get(".".join(key.split(".")[-2:])) or self._known.get(_last(key))
        if known is not None:
            return known
        asked = ".".join(self._session.qualified(tuple(name.split("."))))
        self.asked[asked] = None
        text = self._texts.get(asked.lower()) or self._texts.get(key) or self._by_tail(key)
        if text is not None:
            known = self._known[key] = self._of_catalogue(*text)
        return known

    def _by_tail(self, key: str) -> tuple[str, str] | None:
        """Give the one catalogue's routine whose name ends with a name, or with which the name ends."""
        found = [
            text for name, text in self._texts.items() if f".{name}".endswith(f".{key}") or key.endswith(f".{name}")
        ]
        return found[0] if len(found) == 1 else None

    def _of_catalogue(self, name: str, text: str) -> Routine:
        routine = Header(text, self._session.traits, 0, None).routine()
        path = tuple(name.split(".")[-2:-1]) if rules_of(self._session.traits.name) is not rules_of("") else ()
        return replace(routine, database=self._session.database, search_path=path or self._session.search_path)

    # --- running

    def _ran(
        self, routine: Routine, arguments: Sequence[Argument], script: Script, *, consumed: bool = False
    ) -> Returned:
        """Run a body with its own variables; a routine that calls itself is told once."""
        if routine.key in self._running or len(self._running) >= _MAX_DEPTH:
            return Returned(None, {}, ())
        self._charge(routine)
        outer = script.variables
        inner = self._variables(routine, arguments, outer)
        script.variables = inner
        self._running.append(routine.key)
        try:
            with self._defaults(routine):
                returned = self._machine(routine, script, consumed=consumed)
        finally:
            self._running.pop()
            script.variables = outer
        _bring_back(inner, outer)
        return replace(returned, out=tuple(_out(inner, each) for each in _parameters(routine, arguments)))

    def _charge(self, routine: Routine) -> None:
        """Count a body that runs again; raises SqlError `too_complex` when too many have."""
        self._again += len(routine.body) if routine.key in self._ran_once else 0
        self._ran_once.add(routine.key)
        if self._again > MAX_REPEATED_CHARACTERS:
            message = f"calls run more than {MAX_REPEATED_CHARACTERS} characters of bodies again"
            raise SqlError("too_complex", message, routine.number)

    @contextmanager
    def _defaults(self, routine: Routine) -> Iterator[None]:
        """Let names mean in a body what they meant where it was defined."""
        session = self._session
        before = session.database, session.search_path
        session.database, session.search_path = routine.database, routine.search_path
        try:
            yield
        finally:
            session.database, session.search_path = before

    def _machine(self, routine: Routine, script: Script, *, consumed: bool) -> Returned:
        if not self._is_read(routine):
            self._foreign(routine, script)
            raise SqlError("unsupported_language", f"the body is in {routine.language}", routine.number)
        rules = PLAIN if _is_plain(routine) else rules_of(self._session.traits.name)
        machine = Machine(
            routine.body,
            script,
            routine.number,
            rules,
            routine.offset,
            columns=routine.columns,
            consumed=consumed,
            trigger=self._table(routine),
        )
        if routine.declares:
            machine.declare()
        machine.run()
        return Returned(machine.returned, machine.value, ())

    def _is_read(self, routine: Routine) -> bool:
        """Whether a body is in a language that is read here."""
        return routine.language in (*_PROCEDURAL, self._session.traits.name)

    def _foreign(self, routine: Routine, script: Script) -> None:
        """Run the constant texts that a body in another language gives to the database."""
        for found in _FOREIGN_SQL.finditer(routine.body):
            text = found[found.lastgroup or 0]
            for statement in statements(text, self._session.traits):
                if statement.error is None:
                    script.run(replace(statement, number=routine.number))

    def _variables(self, routine: Routine, arguments: Sequence[Argument], outer: Variables) -> Variables:
        """Make the variables of a body: what it shares with its surroundings, its parameters, a trigger's rows."""
        around = routine.within or Variables()
        shared = {name: value for name, value in outer.values.items() if name.startswith("@")}
        variables = Variables(
            values={**shared, **around.values},
            records=dict(around.records),
            constants={**around.constants, **_session_constants(outer)},
            precedence=Precedence.KNOWN_COLUMN if routine.kind == "FUNCTION" else self._precedence,
            inside=True,
        )
        for name in () if _is_plain(routine) else routine.columns:
            variables.values[name.lower()] = {}
        for at, parameter in enumerate(routine.parameters, 1):
            _give(variables, parameter, at, Argument({}, _literal(parameter.default)))
        for at, (given, argument) in enumerate(zip(_parameters(routine, arguments), arguments, strict=False), 1):
            if given is not None:
                _give(variables, given, at, argument)
        self._give_rows(routine, variables)
        return variables

    def _table(self, routine: Routine) -> tuple[str, ...]:
        """Give the table that a trigger stands on, qualified."""
        if not routine.table:
            return ()
        fold = self._session.traits.fold_text
        parts = [fold(part.strip('"`'), quoted=part[:1] in '"`') for part in routine.table]
        return self._session.qualified(tuple(parts))

    def _give_rows(self, routine: Routine, variables: Variables) -> None:
        """Let NEW and OLD, or their other names, be rows of the trigger's table."""
        table = self._table(routine)
        columns = self._session.columns(table) if table else ()
        rows = Derived(BaseTable(".".join(table), columns).outputs()) if table else None
        for name, kind in {"new": "row", "old": "row", **routine.rows}.items():
            variables.values.setdefault(name, {})
            if rows is not None and kind == "row":
                variables.records[name] = rows
            elif rows is not None:
                parts = self._session.qualified((self._session.traits.fold_text(name),))
                key, behind = ".".join(parts), (".".join(table),)
                self._session.tables[key] = Defined(temporary=True, rows=rows, reads=behind)
                self._session.has_temporaries = True


def _is_plain(routine: Routine) -> bool:
    """Whether a body is SQL without a block."""
    words = routine.body.split(maxsplit=1)
    is_query = bool(words) and words[0].lstrip("(").upper() in ("SELECT", "WITH", "")
    return routine.language == "sql" or (routine.kind == "FUNCTION" and is_query)


def _is_routine(text: str) -> bool:
    head = text.split("(", 1)[0].upper().split()[:8]
    return head[:1] == ["CREATE"] and not {"FUNCTION", "PROCEDURE", "MACRO"}.isdisjoint(head)


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1].strip('"`').lower()


def _parameters(routine: Routine, arguments: Sequence[Argument]) -> list[Parameter | None]:
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


def _out(variables: Variables, parameter: Parameter | None) -> Value | None:
    return variables.values.get(parameter.name, {}) if parameter is not None and parameter.comes_back else None


def _session_constants(variables: Variables) -> dict[str, str]:
    return {name: text for name, text in variables.constants.items() if name.startswith(("@", "prepared "))}


def _bring_back(inner: Variables, outer: Variables) -> None:
    """Hand the session's variables, which outlive a body, to its surroundings."""
    outer.values.update({name: value for name, value in inner.values.items() if _is_shared(name)})
    outer.constants.update(_session_constants(inner))


def _is_shared(name: str) -> bool:
    return name.startswith("@") and not name[1:].isdigit()
