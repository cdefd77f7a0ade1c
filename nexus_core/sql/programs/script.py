"""A text as a program: its statements in order, over one session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from nexus_core.errors import SqlError
from nexus_core.model.statement import SqlProblem
from nexus_core.sql.reading.parse import PARSER_FAILURES, PROGRAM, Statement
from nexus_core.sql.reading.places import UNPLACED, Places
from nexus_core.sql.reading.scan import scan
from nexus_core.sql.reading.silence import SILENT_COMMANDS
from nexus_core.sql.reading.tokens import word_at
from nexus_core.sql.resolving.queries import query
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Ctes, Effect, Makes, Resolution, Variables
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.session import Defined, Session
from nexus_core.sql.resolving.values import ANY_COLUMN, Value
from nexus_core.sql.statements.changes import delete, update
from nexus_core.sql.statements.definitions import DEFINITIONS, setting
from nexus_core.sql.statements.inserts import insert, insert_many
from nexus_core.sql.statements.merges import merge
from nexus_core.sql.statements.outcome import Outcome, Write
from nexus_core.sql.statements.targets import numbered
from nexus_core.sql.statements.temporaries import Behind
from nexus_core.sql.statements.transfers import copy, export, load, put
from nexus_core.sql.statements.writes import alter, cache, create, into_of, select_into, truncate

if TYPE_CHECKING:
    from nexus_core.sql.programs.blocks.routine import Argument, Returned

_WRITES: Mapping[type[exp.Expr], Callable[[exp.Expr, Resolution, Ctes, Scope | None], Derived]] = {
    exp.Insert: insert,
    exp.MultitableInserts: insert_many,
    exp.Update: update,
    exp.Delete: delete,
    exp.Merge: merge,
    exp.Create: create,
    exp.Alter: alter,
    exp.Cache: cache,
    exp.Copy: copy,
    exp.LoadData: load,
    exp.Export: export,
    exp.Put: put,
    exp.TruncateTable: truncate,
}


def resolve(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve a query, or a statement that writes to what it returns."""
    write = _WRITES.get(type(node))
    return write(node, resolution, ctes, parent) if write else query(node, resolution, ctes, parent)


class Programs(Protocol):
    """Blocks and routines; given from above, since their bodies are scripts."""

    def run(self, statement: Statement, script: Script) -> bool:
        """Run a statement that is a program, and tell whether it was one."""

    def finish(self, script: Script) -> None:
        """Run what a script leaves to its end."""

    def define(
        self, text: str, script: Script, number: int, offset: int | None, *, within: Variables | None = None
    ) -> None:
        """Know a routine."""

    def call(
        self, name: str, arguments: Sequence[Argument], script: Script, *, consumed: bool = False
    ) -> Returned | None:
        """Run a routine, None if it is not known."""

    def knows(self, name: Sequence[str]) -> bool:
        """Whether there is such a routine."""

    def rows(
        self, name: Sequence[str], arguments: Sequence[Value], script: Script, resolution: Resolution
    ) -> Derived | None:
        """Give the rows of a function."""


class Script:
    """Runs statements over one session and gathers their outcome; `variables` are a procedure's."""

    def __init__(self, session: Session, outcome: Outcome, programs: Programs) -> None:
        self.session, self.outcome, self.programs = session, outcome, programs
        self.variables = Variables()

    def run(self, statement: Statement) -> None:
        """Run a statement: what is not understood of it becomes a problem, and the script goes on."""
        self._attempt(statement, self.execute)

    def kept(self, statement: Statement) -> Derived | None:
        """Resolve a query whose rows go to variables, None if nothing of it is understood; a problem as in `run`."""
        return self._attempt(statement, self._kept)

    def _kept(self, statement: Statement) -> Derived:
        if statement.node is None or isinstance(statement.node, exp.Command):
            raise SqlError("unsupported_query", "this is no query", statement.number)
        return self.lineage(statement.node, statement.number, statement.places, kept=True)

    def _attempt(self, statement: Statement, action: Callable[[Statement], Derived]) -> Derived | None:
        if (note := statement.note) is not None:
            self.outcome.doubt(SqlProblem(note.code, note.message, statement.number))
        writes = self.outcome.write_count
        with self.guarded(statement.number):
            if statement.error is not None:
                raise statement.error
            return action(statement) if statement.node is not None else None
        if self.outcome.write_count == writes:
            self._scanned(statement)
        return None

    def _scanned(self, statement: Statement) -> None:
        """Record the tables that a statement names by its words, if it is no program: nothing else of it is known."""
        is_program = isinstance(statement.node, exp.Command) and statement.node.name == PROGRAM
        found = scan(() if is_program else statement.tokens, self.session.traits, self.variables.values)
        if not found.inputs and not found.outputs:
            return
        resolution = self._resolution(statement.number)
        for name in found.inputs:
            resolution.table(self.session.qualified(name))
        resolution.effects = [Effect(self.session.qualified(name)) for name in found.outputs] or [Effect(())]
        resolution.problem("token_scan", "only its tables, by its words")
        self._finish(resolution)

    @contextmanager
    def guarded(self, number: int) -> Iterator[None]:
        """Let whatever fails inside be a problem of a statement."""
        try:
            yield
        except SqlError as error:
            self.outcome.failure(SqlProblem(error.code, error.message, number))
        except PARSER_FAILURES as error:
            message = f"the parser left a part of it out ({type(error).__name__})"
            self.outcome.failure(SqlProblem("malformed", message, number))
        except RecursionError:
            message = "nested deeper than names can be resolved"
            self.outcome.failure(SqlProblem("too_deep", message, number))

    def execute(self, statement: Statement) -> Derived:
        """Run a parsed statement; raises SqlError where nothing of it is understood."""
        node, number = statement.node, statement.number
        if node is None or self.programs.run(statement, self):
            return Derived([])
        if word_at(statement.tokens, 0) == "PREPARE":
            self.session.prepared.add(word_at(statement.tokens, 1))
        definition = DEFINITIONS.get(type(node))
        if definition is not None:
            definition(statement, self.session, self.outcome)
        elif isinstance(node, exp.Command):
            self._command(node, statement)
        elif isinstance(node, exp.Block):
            for each in node.expressions:
                self.execute(replace(statement, node=each))
        elif isinstance(node, (exp.Query, exp.Pivot)):
            return self.lineage(node, number, statement.places)
        if type(node) in _WRITES:
            return self.lineage(node, number, statement.places)
        return Derived([])

    def _command(self, node: exp.Command, statement: Statement) -> None:
        word = node.name.upper()
        if word in ("SET", "ALTER"):
            setting(statement, self.session, self.outcome)
        if word == "EXECUTE" and _prepared_name(node) in self.session.prepared:
            return
        if word not in SILENT_COMMANDS or _defines_data(node):
            raise SqlError("unsupported_statement", f"{word} … is not understood", statement.number)

    def lineage(self, node: exp.Expr, number: int, places: Places = UNPLACED, *, kept: bool = False) -> Derived:
        """Resolve a statement that reads or writes data, and record what it does; `kept`: its rows go to variables."""
        resolution = self._resolution(number, places)
        try:
            derived = resolve(node, resolution, {}, None)
            if kept:
                resolution.effects.append(Effect(()))
            else:
                self._written_by_query(node, resolution, derived)
        finally:
            self._finish(resolution)
        return Behind(self.session).derived(derived) if kept and self.session.has_temporaries else derived

    def _resolution(self, number: int, places: Places = UNPLACED) -> Resolution:
        return Resolution(self.session, number, self.variables, resolve, places, self)

    def record(self, effect: Effect, number: int) -> None:
        """Record rows that a program writes without a statement."""
        resolution = self._resolution(number)
        resolution.effects.append(effect)
        self._finish(resolution)

    def rows_returned(self, derived: Derived, number: int) -> None:
        """Record rows that a program returns to nobody in the text."""
        self.record(Effect((), numbered(derived.outputs()), derived.indirect), number)

    def knows(self, name: Sequence[str]) -> bool:
        """Tell whether there is such a function."""
        return self.programs.knows(name)

    def rows(self, name: Sequence[str], arguments: Sequence[Value], by: Resolution) -> Derived | None:
        """Give the rows that a function yields for the sources of its arguments."""
        return self.programs.rows(name, arguments, self, by)

    def _written_by_query(self, node: exp.Expr, resolution: Resolution, derived: Derived) -> None:
        if not isinstance(node, (exp.Query, exp.Pivot)):
            return
        if (into := into_of(node)) is not None:
            select_into(into, resolution, derived)
        else:
            resolution.effects.append(Effect((), numbered(derived.outputs()), derived.indirect))

    def _finish(self, resolution: Resolution) -> None:
        """Hand what was found to the outcome, and tables that came to be to the session."""
        if any(self.session.is_variable(effect.target) for effect in resolution.effects):
            resolution.effects.append(Effect(()))
        writes = [self._write(effect, resolution) for effect in resolution.effects]
        if self.session.has_temporaries:
            behind = Behind(self.session)
            passed = [behind.write(write) for write in writes]
            self.session.read_temporaries.update(filter(behind.temporary, resolution.reads))
        else:
            passed = writes
        for said, write in zip(writes, passed, strict=True):
            if write.effect.makes is not Makes.NOTHING:
                self.outcome.forget(write.table)
            self.outcome.write(said, write)
            self._define(write)
        for problem in resolution.problems:
            self.outcome.problem(problem)

    def _write(self, effect: Effect, resolution: Resolution) -> Write:
        if effect.target or effect.outputs:
            effect = replace(effect, indirect={**effect.indirect, **resolution.around})
        reads = _read_by(effect, resolution)
        return Write(effect, reads, not resolution.problems, resolution.number, resolution.places)

    def _define(self, write: Write) -> None:
        effect = write.effect
        if effect.makes is not Makes.NOTHING:
            rows = Derived(effect.outputs, effect.indirect)
            temporary = effect.makes is Makes.TEMPORARY
            self.session.tables[write.table] = Defined(temporary, rows, write.reads, write.complete)
            self.session.has_temporaries |= temporary
        elif write.table[:1] in ("#", "@") and write.table not in self.session.tables:
            rows = Derived(effect.outputs or (ANY_COLUMN,), effect.indirect)
            self.session.tables[write.table] = Defined(True, rows, write.reads, write.complete)
            self.session.has_temporaries = True
        elif (defined := self.session.tables.get(write.table)) is not None and defined.temporary:
            filled = defined.filled(effect.outputs, effect.indirect, write.reads, write.complete)
            self.session.tables[write.table] = filled


def _prepared_name(node: exp.Command) -> str:
    """Give the name in `EXECUTE name (…)` and `EXECUTE name USING …`."""
    return node.text("expression").upper().replace("(", " ").strip().partition(" ")[0]


def _read_by(effect: Effect, resolution: Resolution) -> tuple[str, ...]:
    """Give the tables that an effect's statement reads, and those from which its variables were filled.

    A table that the statement changes, too, is read if its columns reach this one's.
    """
    target = ".".join(effect.target)
    changed = {".".join(each.target) for each in resolution.effects}
    direct = [leaf.table for output in effect.outputs for leaf, _ in output.value if leaf.table != target]
    around = [leaf.table for leaf, _ in effect.indirect if leaf.table not in changed]
    return tuple(dict.fromkeys(table for table in (*resolution.reads, *direct, *around) if table))


_DATA_WORDS = {
    "CREATE": frozenset({"TABLE", "VIEW", "FUNCTION", "PROCEDURE", "PROC"}),
    "ALTER": frozenset({"RENAME", "SWAP", "EXCHANGE", "SWITCH"}),
}


def _defines_data(node: exp.Command) -> bool:
    """Whether an unknown CREATE is of a table, view or routine, or an unknown ALTER changes whose rows a name means."""
    words = set(str(node.expression).upper().split()[:8])
    return not words.isdisjoint(_DATA_WORDS.get(node.name.upper(), ()))
