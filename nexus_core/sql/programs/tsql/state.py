"""What programs of one text share, and what one batch or body knows of its variables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType

from nexus_core.errors import SqlError
from nexus_core.model.statement import SqlProblem
from nexus_core.sql.limits import MAX_NESTING, MAX_REPEATED
from nexus_core.sql.programs.script import Script
from nexus_core.sql.programs.tsql.source import Routine, Source, key_of, routine_at
from nexus_core.sql.programs.tsql.texts import Known, Texts
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.values import Value


@dataclass(slots=True)
class State:
    """What all programs of a text share: its script and routines, and the calls under way.

    `texts` are routines known to the catalogue; `waiting` those that the text defines and may yet call, each with the
    number of its statement; `told` those that have run; `mentions` counts the words by which the text could call one;
    `asked` are routines that it does not define. `collected` counts the result sets that INSERT … EXEC gathers, None
    outside of one. `repeating` counts the loops and calls under way that run statements again, `repeated` these
    statements.
    """

    script: Script
    texts: Mapping[str, str]
    routines: dict[str, Routine] = field(default_factory=dict)
    waiting: dict[str, tuple[Routine, int]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    mentions: Counter[str] = field(default_factory=Counter)
    asked: dict[str, None] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    calls: list[Routine] = field(default_factory=list)
    collected: int | None = None
    depth: int = 0
    repeating: int = 0
    repeated: int = 0

    def found(self, name: tuple[str, ...]) -> Routine | None:
        """Give a routine of the text by the last part of its name, else of the catalogue by as much as is given."""
        known = self.routines.get(key_of(name))
        if known is None and name:
            self.asked[".".join(self.script.session.qualified(name))] = None
            known = self._of_catalogue(".".join(name).lower())
        return known

    def tells(self, routine: Routine) -> None:
        """Note that a routine's lineage is told, and need not be at its definition or at the end."""
        self.told.add(key_of(routine.name))
        self.waiting.pop(key_of(routine.name), None)

    def _of_catalogue(self, name: str) -> Routine | None:
        tails = [text for key, text in self.texts.items() if f".{key.lower()}".endswith(f".{name}")]
        tails = tails or [text for key, text in self.texts.items() if name.endswith(f".{key.lower()}")]
        source = Source.of(tails[0]) if len(tails) == 1 else None
        found = routine_at(source, 0, len(source.words)) if source is not None else None
        if found is not None:
            self.routines[key_of(found.name)] = found
        return found

    def may_repeat(self, number: int) -> bool:
        """Count a statement, if it runs again; once there are too many of these, report it and run no more of them."""
        self.repeated += self.repeating > 0
        if self.repeating and self.repeated > MAX_REPEATED:
            self.fail("too_complex", f"calls and loops repeat more than {MAX_REPEATED} statements", number)
            return False
        return True

    def fail(self, code: str, message: str, number: int) -> None:
        """Report a statement that may have read or written what is not known."""
        self.script.outcome.failure(SqlProblem(code, message, number))


@dataclass(slots=True)
class Frame:
    """The variables of one batch or body: the texts that they may hold, their types, what cursors yield.

    `returned` is what a function's RETURN gives.
    """

    texts: dict[str, Texts] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    cursors: dict[str, Derived | None] = field(default_factory=dict)
    returned: Value = field(default_factory=dict)
    loops: int = 0

    @property
    def known(self) -> Known:
        """What a dynamic text can be made of."""
        return Known(self.texts, self.types)


class Nesting:
    """Counts blocks, branches and calls inside each other; raises SqlError where they are too many.

    With `repeats` what runs inside has run before, or will where it is defined.
    """

    def __init__(self, state: State, number: int, *, repeats: bool = False) -> None:
        self._state, self._number, self._repeats = state, number, repeats

    def __enter__(self) -> None:
        if self._state.depth >= MAX_NESTING:
            raise SqlError("too_deep", f"blocks nested deeper than {MAX_NESTING}", self._number)
        self._state.depth += 1
        self._state.repeating += self._repeats

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._state.depth -= 1
        self._state.repeating -= self._repeats
