"""The working state while one statement is resolved, and what it turns out to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from sqlglot import exp

from nexus_core.model.statement import SqlProblem
from nexus_core.sql.dialect import Traits
from nexus_core.sql.limits import Budget
from nexus_core.sql.reading.places import UNPLACED, Places
from nexus_core.sql.resolving.relations import BaseTable, Derived, Relation, Temporary
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.session import Session
from nexus_core.sql.resolving.values import ANY_COLUMN, Output, Value


@dataclass(slots=True)
class Cte:
    """A WITH query, resolved when it is first read: an unread one has no inputs.

    `walks` are the SEARCH and CYCLE clauses behind it, which add columns.
    """

    node: exp.CTE
    ctes: Ctes
    recursive: bool
    walks: tuple[exp.Expr, ...] = ()
    relation: Derived | None = None


Ctes = Mapping[str, Cte]


class Makes(StrEnum):
    """Whether a write makes its table, and for how long."""

    NOTHING = "nothing"
    TABLE = "table"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True)
class Effect:
    """Rows that a statement writes: to a table as name parts, or nowhere (`()`).

    With `guessed` the target's columns are not known and bear the names that the query gives.
    """

    target: tuple[str, ...]
    outputs: tuple[Output, ...] = ()
    indirect: Value = field(default_factory=dict)
    makes: Makes = Makes.NOTHING
    guessed: bool = False


Resolver = Callable[[exp.Expr, "Resolution", Ctes, "Scope | None"], Derived]
"""Resolves a query or a writing statement inside one; given from above, since queries nest."""


class Functions(Protocol):
    """The functions that a program defines; given from above, since their bodies are programs too."""

    def knows(self, name: Sequence[str]) -> bool:
        """Whether there is such a function."""

    def rows(self, name: Sequence[str], arguments: Sequence[Value], by: Resolution) -> Derived | None:
        """Give the rows that it yields for the sources of its arguments, None if that cannot be told."""


class Precedence(StrEnum):
    """What a bare name in a program's SQL means that may be both a variable's and a column's."""

    VARIABLE = "variable"
    KNOWN_COLUMN = "known column"
    COLUMN = "column"


@dataclass(slots=True)
class Variables:
    """A program's variables with the sources of their values; records and rows also as relations.

    Names are in lower case, those that SQL writes with a sign before them `@name`. `constants` are those whose text
    is known, `choices` those that have one of some texts, `plain` those whose values are no names. With `inside` a
    name that no relation can have is another variable (of a package, of the server) and no problem.
    """

    values: dict[str, Value] = field(default_factory=dict)
    records: dict[str, Derived] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    precedence: Precedence = Precedence.KNOWN_COLUMN
    plain: set[str] = field(default_factory=set)
    inside: bool = False

    def get(self, name: str) -> Value | None:
        """Give a variable's sources, None if there is no such variable."""
        return self.values.get(name.lower()) if self.values else None


class Resolution:
    """One statement under way: its session, budget, and what it has been found to read, write and not to say."""

    def __init__(
        self,
        session: Session,
        number: int,
        variables: Variables,
        resolver: Resolver,
        places: Places,
        functions: Functions | None = None,
    ) -> None:
        self.session, self.number, self._resolver, self.places = session, number, resolver, places
        self.variables, self.functions = variables, functions
        self.around: Value = {}
        self.budget = Budget(number, session.steps)
        self.reads: dict[str, None] = {}
        self.effects: list[Effect] = []
        self.problems: list[SqlProblem] = []

    @property
    def traits(self) -> Traits:
        """The dialect's traits."""
        return self.session.traits

    def query(self, node: exp.Expr, ctes: Ctes, parent: Scope | None = None) -> Derived:
        """Resolve a query, or a statement's RETURNING; `parent` is the scope around it where that is visible."""
        self.budget.spend()
        return self._resolver(node, self, ctes, parent)

    def record(self, name: str) -> Derived | None:
        """Give a procedure's record as a relation; what affects the rows of its loop affects this statement's."""
        record = self.variables.records.get(name)
        if record is not None:
            self.around.update(record.indirect)
        return record

    def within(self, variables: Variables, node: exp.Expr) -> Derived:
        """Resolve a query in which other variables are in force: a function's body."""
        outer, self.variables = self.variables, variables
        places, self.places = self.places, UNPLACED
        try:
            return self.query(node, {})
        finally:
            self.variables, self.places = outer, places

    def problem(self, code: str, message: str) -> None:
        """Report a fragment that is not understood, once."""
        found = SqlProblem(code, message, self.number)
        if found not in self.problems:
            self.problems.append(found)

    def table(self, parts: tuple[str, ...], *, reads: bool = True) -> Relation:
        """Give a table as a relation: a temporary one with the columns that the script put into it."""
        name = ".".join(parts)
        defined = self.session.find(parts)
        if defined is None and self.session.is_variable(parts):
            return Derived([ANY_COLUMN])
        if reads:
            self.reads[name] = None
        if defined is not None and defined.temporary:
            return Temporary(name, defined.rows)
        return BaseTable(name, self.session.columns(parts))
