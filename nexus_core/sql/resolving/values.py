"""What an expression's value is made of: source columns, each with the way that it takes part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlglot import exp

from nexus_core.model.statement import Certainty, SourceColumn, Transformation
from nexus_core.sql.reading.places import NOWHERE, Place

IDENTITY = Transformation.IDENTITY
TRANSFORMATION = Transformation.TRANSFORMATION
AGGREGATION = Transformation.AGGREGATION
CONDITION = Transformation.CONDITION
WINDOW = Transformation.WINDOW

STAR = "*"
ROWS = ""
"""Stands as a column for whatever affects all rows of a temporary table."""


class Leaf(NamedTuple):
    """A column of a real table, or with `path` a part of it; `table` is "" where it cannot be known."""

    table: str
    column: str
    candidates: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


class Evidence(NamedTuple):
    """Why a name is taken for a leaf, and where the text says so: characters [start, end), -1 where it does not."""

    certainty: Certainty
    start: int = -1
    end: int = -1

    def at(self, place: Place) -> Evidence:
        """Give it with the place of a reference, if it has none yet."""
        return self if self.start >= 0 else Evidence(self.certainty, *place)


Value = dict[tuple[Leaf, Transformation], Evidence]
"""An ordered set of source columns with their transformation, each with its evidence."""


def leaf_value(table: str, column: str, certainty: Certainty, place: Place = NOWHERE) -> Value:
    """Give a column of a table as a value."""
    return {(Leaf(table, column), IDENTITY): Evidence(certainty, *place)}


def unknown_value(column: str, candidates: Iterable[str], place: Place = NOWHERE) -> Value:
    """Give a column whose table cannot be known, with the tables that may have it."""
    return {(Leaf("", column, tuple(dict.fromkeys(candidates))), IDENTITY): Evidence(Certainty.AMBIGUOUS, *place)}


def pooled(values: Iterable[Value]) -> Value:
    """Give the sources of several values together."""
    return {pair: evidence for value in values for pair, evidence in value.items()}


def guessed(value: Value) -> Value:
    """Give a value whose tables, where any are known, are guesses."""
    return {pair: each._replace(certainty=Certainty.GUESSED) if pair[0].table else each for pair, each in value.items()}


def believed(value: Value, certainty: Certainty) -> Value:
    """Give a value that is as sure as something else makes it."""
    return {pair: evidence._replace(certainty=certainty) for pair, evidence in value.items()}


def placed(value: Value, place: Place) -> Value:
    """Give a value in which what has no place yet has that of a reference to it."""
    return {pair: evidence.at(place) for pair, evidence in value.items()}


_DIRECT = {IDENTITY: 0, TRANSFORMATION: 1, AGGREGATION: 2}


def through(outer: Transformation, inner: Transformation) -> Transformation:
    """Compose two steps: what decides or orders stays so, a plain copy changes nothing, aggregation outweighs."""
    if outer not in _DIRECT:
        return outer
    if inner not in _DIRECT:
        return inner
    return outer if _DIRECT[outer] > _DIRECT[inner] else inner


def carried(value: Value, role: Transformation) -> Value:
    """Give a value as it takes part in a larger one with a role."""
    if role is IDENTITY:
        return value
    return {(leaf, through(role, kind)): evidence for (leaf, kind), evidence in value.items()}


def sources(value: Value) -> tuple[SourceColumn, ...]:
    """Give a value as source columns: of the direct transformations of one column only the strongest."""
    strongest: dict[Leaf, Transformation] = {}
    for leaf, kind in value:
        if kind in _DIRECT:
            strongest[leaf] = through(kind, strongest.get(leaf, IDENTITY))
    kept: Value = {}
    for (leaf, kind), evidence in value.items():
        kept.setdefault((leaf, strongest[leaf] if kind in _DIRECT else kind), evidence)
    return tuple(
        SourceColumn(leaf.table, leaf.column, kind, leaf.candidates, leaf.path, *evidence)
        for (leaf, kind), evidence in kept.items()
    )


def is_known(values: Iterable[Value]) -> bool:
    """Tell whether no star and no unknown table is among the sources."""
    return all(leaf.table and STAR not in (leaf.column, *leaf.path) for value in values for leaf, _ in value)


def extended(value: Value, name: str) -> Value:
    """Give the part of that name of each source: a column of a whole row, else a field of the column."""
    return {(_part(leaf, name), kind): evidence for (leaf, kind), evidence in value.items()}


def _part(leaf: Leaf, name: str) -> Leaf:
    return leaf._replace(column=name) if leaf.column == STAR else leaf._replace(path=(*leaf.path, name))


@dataclass(frozen=True, slots=True)
class OpenStar:
    """The columns of a table whose schema is not known, less those that the SQL excludes by name.

    Several tables stand in the branches of a set operation: each column comes from all of them. With `within` they
    are the fields of these structs instead, or, `exact`, have these very sources each; `around` are sources of all.
    """

    tables: tuple[str, ...]
    hidden: frozenset[str] = frozenset()
    place: Place = NOWHERE
    within: Value = field(default_factory=dict)
    exact: bool = False
    around: Value = field(default_factory=dict)

    def output(self, column: str) -> Output:
        """Give one of its columns."""
        if self.exact:
            return Output(column, self.within)
        if self.within:
            parts = extended(self.within, column)
            return Output(column, {**parts, **self.around}, structure=Shape(rest=parts, around=self.around))
        certainty = Certainty.UNIQUE if len(self.tables) == 1 else Certainty.GUESSED
        return Output(column, pooled(leaf_value(table, column, certainty, self.place) for table in self.tables))


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of the parts of a struct, or of the elements of an array of such.

    A field that is none of `fields` is that part of the sources in `rest`, which are copied whole; without `rest`
    it may come from anything in the value. `around` are sources of every part: what orders an aggregate.
    """

    fields: tuple[Output, ...] = ()
    rest: Value = field(default_factory=dict)
    around: Value = field(default_factory=dict)


class Deferred:
    """A shape that is found out when it is first asked for: few columns are structs, and fewer are taken apart."""

    __slots__ = ("_found", "_make")

    def __init__(self, make: Callable[[], Shape | None]) -> None:
        self._make: Callable[[], Shape | None] | None = make
        self._found: Shape | None = None

    @property
    def shape(self) -> Shape | None:
        """The shape, None where nothing is known."""
        if self._make is not None:
            make, self._make = self._make, None
            self._found = make()
        return self._found


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a query: its name ("" if it has none), sources, and the expression that computes it, if any.

    `item` is the select item or assignment that makes it. With `star` it stands for all columns of a table whose
    schema is not known. Without a `structure` the parts of its plain sources are its parts.
    """

    name: str
    value: Value
    expression: exp.Expr | None = None
    star: OpenStar | None = None
    item: exp.Expr | None = None
    structure: Shape | Deferred | None = None

    @property
    def shape(self) -> Shape | None:
        """What is known of its parts."""
        return self.structure.shape if isinstance(self.structure, Deferred) else self.structure

    def sourced(self, value: Value) -> Output:
        """Give it with other sources; cheaper than dataclasses.replace."""
        return Output(self.name, value, self.expression, self.star, self.item, self.structure)


ANY_COLUMN = Output(STAR, {}, star=OpenStar(()))
"""Stands for columns of which nothing is known, not even a table."""
