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
from nexus_core.sql.limits import MAX_REPEATED_CHARACTERS
from nexus_core.sql.programs.bindings import (
    bring_back,
    handed_back,
    parameters,
    precedence_of,
    trigger_table,
    variables_of,
)
from nexus_core.sql.programs.blocks.grammars import PLAIN, rules_of
from nexus_core.sql.programs.blocks.header import KINDS, Header
from nexus_core.sql.programs.blocks.machine import Machine
from nexus_core.sql.programs.blocks.routine import Argument, Returned, Routine
from nexus_core.sql.programs.script import Script
from nexus_core.sql.programs.texts import unquoted
from nexus_core.sql.reading.parse import PROGRAM, Statement, statements
from nexus_core.sql.reading.words import Word, find, words_of
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Resolution, Variables
from nexus_core.sql.resolving.session import Session
from nexus_core.sql.resolving.values import Output, Value

_MAX_DEPTH = 16
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
            variables.precedence = precedence_of(self._session.traits.name)
            outer, variables.inside = variables.inside, True
            Machine(text, script, statement.number, rules_of(self._session.traits.name), offset).run()
            variables.inside = outer
        return True

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
                rows = resolution.within(variables_of(routine, given, script.variables, self._session), query)
        finally:
            self._running.pop()
        return rows.renamed(routine.columns)

    def _query(self, routine: Routine) -> exp.Expr | None:
        """Give the query that a function's body is, None if it is anything else."""
        if routine.key not in self._queries:
            found = list(statements(routine.body, self._session.traits)) if routine.is_plain else []
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
        inner = variables_of(routine, arguments, outer, self._session)
        script.variables = inner
        self._running.append(routine.key)
        try:
            with self._defaults(routine):
                returned = self._machine(routine, script, consumed=consumed)
        finally:
            self._running.pop()
            script.variables = outer
        bring_back(inner, outer)
        return replace(returned, out=tuple(handed_back(inner, each) for each in parameters(routine, arguments)))

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
        rules = PLAIN if routine.is_plain else rules_of(self._session.traits.name)
        machine = Machine(
            routine.body,
            script,
            routine.number,
            rules,
            routine.offset,
            columns=routine.columns,
            consumed=consumed,
            trigger=trigger_table(routine, self._session),
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


def _is_routine(text: str) -> bool:
    head = text.split("(", 1)[0].upper().split()[:8]
    return head[:1] == ["CREATE"] and not {"FUNCTION", "PROCEDURE", "MACRO"}.isdisjoint(head)


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1].strip('"`').lower()
