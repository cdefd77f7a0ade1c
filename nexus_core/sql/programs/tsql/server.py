"""A T-SQL text batch by batch, with the routines that it defines and those that the catalogue knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from nexus_core.sql.limits import MAX_CHARACTERS
from nexus_core.sql.programs.blocks.routine import Argument, Returned
from nexus_core.sql.programs.script import Script
from nexus_core.sql.programs.tsql.calls import call, define, rows_of, tell
from nexus_core.sql.programs.tsql.program import Program
from nexus_core.sql.programs.tsql.source import Source, key_of, routine_at
from nexus_core.sql.programs.tsql.state import Frame, State
from nexus_core.sql.programs.tsql.words import batches, name_of
from nexus_core.sql.reading.parse import Statement, statements
from nexus_core.sql.reading.tsql_trees import is_method
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Resolution, Variables
from nexus_core.sql.resolving.session import Session
from nexus_core.sql.resolving.values import Value


class Server:
    """Runs T-SQL texts; what a `Script` asks of its programs."""

    def __init__(self, _: Session, definitions: Mapping[str, str]) -> None:
        self._texts = definitions
        self._state: State | None = None

    @property
    def asked(self) -> Sequence[str]:
        """The routines that the text calls and does not define."""
        return tuple(self._state.asked) if self._state else ()

    def batches(self, text: str, script: Script) -> None:
        """Run a text; routines may be called before the batch that defines them."""
        state = self._state = State(script, self._texts)
        if len(text) > MAX_CHARACTERS:
            for statement in statements(text, script.session.traits):
                script.run(statement)
            return
        source = Source.of(text, 0)
        ranges = list(batches(text, source.words))
        for start, end in ranges:
            if (defined := routine_at(source, start, end)) is not None:
                state.routines[key_of(defined.name)] = defined
        state.mentions = (
            Counter(name_of(word) for word in source.words if word.kind == "name") if state.routines else Counter()
        )
        for start, end in ranges:
            script.variables = Variables()
            Program(source, state, Frame()).run(start, end)

    def finish(self, script: Script) -> None:
        """Run the routines that nothing has called."""
        state = self._state
        while state is not None and state.waiting:
            routine, number = state.waiting.pop(next(iter(state.waiting)))
            script.variables = Variables()
            tell(self._program(state), routine, number)

    def _program(self, state: State) -> Program:
        return Program(Source.of(""), state, Frame())

    def run(self, statement: Statement, script: Script) -> bool:  # noqa: ARG002 - a batch is read before its statements
        """Leave every statement to the script: programs are read by their batch."""
        return False

    def define(
        self, text: str, script: Script, number: int, offset: int | None, *, within: Variables | None = None
    ) -> None:
        """Know the routine of a CREATE text; it shares no variables."""
        del script, within
        source = Source.of(text, offset, number)
        routine = routine_at(source, 0, len(source.words))
        if routine is not None and self._state is not None:
            define(self._program(self._state), routine, number)

    def call(
        self, name: str, arguments: Sequence[Argument], script: Script, *, consumed: bool = False
    ) -> Returned | None:
        """Run a routine with the sources of its arguments by position, None if it is not known."""
        del script, consumed
        state = self._state
        routine = state.found(tuple(name.lower().split("."))) if state else None
        if state is None or routine is None:
            return None
        values = call(self._program(state), routine, [argument.value for argument in arguments])
        return Returned(None, {}, tuple(values.get(each.name) for each in routine.parameters))

    def knows(self, name: Sequence[str]) -> bool:
        """Tell whether there is such a function; those without a schema are the server's own, or else in the text."""
        state = self._state
        if state is None or is_method(name[-1]):
            return False
        parts = tuple(part.lower() for part in name)
        found = state.found(parts) if len(parts) > 1 else state.routines.get(parts[-1])
        return found is not None and found.kind == "FUNCTION"

    def rows(
        self, name: Sequence[str], arguments: Sequence[Value], script: Script, resolution: Resolution
    ) -> Derived | None:
        """Give the rows of a function for the sources of its arguments."""
        del script
        state = self._state
        routine = state.found(tuple(part.lower() for part in name)) if state else None
        if state is None or routine is None:
            return None
        return rows_of(self._program(state), routine, arguments, resolution)
