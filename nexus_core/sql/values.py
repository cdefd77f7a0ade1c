"""What an expression's value is made of: source columns, each with the way that it takes part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlglot import exp

from nexus_core.model.statement import SourceColumn, Transformation

IDENTITY = Transformation.IDENTITY
TRANSFORMATION = Transformation.TRANSFORMATION
AGGREGATION = Transformation.AGGREGATION
CONDITION = Transformation.CONDITION
WINDOW = Transformation.WINDOW

STAR = "*"


class Leaf(NamedTuple):
    """A column of a real table; `table` is "" where it cannot be known."""

    table: str
    column: str
    candidates: tuple[str, ...] = ()


Value = dict[tuple[Leaf, Transformation], None]
"""An ordered set of source columns with their transformation."""

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
    return {(leaf, through(role, kind)): None for leaf, kind in value}


def sources(value: Value) -> tuple[SourceColumn, ...]:
    """Give a value as source columns: of the direct transformations of one column only the strongest."""
    strongest: dict[Leaf, Transformation] = {}
    for leaf, kind in value:
        if kind in _DIRECT:
            strongest[leaf] = through(kind, strongest.get(leaf, IDENTITY))
    kept = dict.fromkeys((leaf, strongest[leaf] if kind in _DIRECT else kind) for leaf, kind in value)
    return tuple(SourceColumn(leaf.table, leaf.column, kind, leaf.candidates) for leaf, kind in kept)


def is_known(values: Iterable[Value]) -> bool:
    """Tell whether no star and no unknown table is among the sources."""
    return all(leaf.table and leaf.column != STAR for value in values for leaf, _ in value)


@dataclass(frozen=True, slots=True)
class OpenStar:
    """The columns of a table whose schema is not known, less those that the SQL excludes by name.

    Several tables stand in the branches of a set operation: each column comes from all of them.
    """

    tables: tuple[str, ...]
    hidden: frozenset[str] = frozenset()

    def value(self, column: str) -> Value:
        """Give one of its columns."""
        return {(Leaf(table, column), IDENTITY): None for table in self.tables}


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a query: its name ("" if it has none), sources, and the expression that computes it, if any.

    With `star` it stands for all columns of a table whose schema is not known.
    """

    name: str
    value: Value
    expression: exp.Expr | None = None
    star: OpenStar | None = None
