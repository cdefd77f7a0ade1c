"""What a name may mean: columns, the relations that have them, the scopes in which they are looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Typed:
    """A value by its kind; `declared` is the type in full where it is a plain column, `text` that of a literal."""

    kind: str = ""
    declared: str = ""
    text: str | None = None


UNTYPED = Typed()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a relation: where it is a table's, that table's dotted name.

    A `nested` one is a field of a struct, by its dotted name, and no column of `*`.
    """

    name: str
    typed: Typed = UNTYPED
    table: str = ""
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """An item of a FROM clause; `columns` None are not known. `name` is a table's name as parts."""

    alias: str
    columns: tuple[Column, ...] | None
    name: tuple[str, ...] = ()

    @property
    def top(self) -> tuple[Column, ...] | None:
        """The columns of `*`."""
        return self.columns and tuple(column for column in self.columns if not column.nested)

    def having(self, name: str) -> list[Column]:
        """Give the columns so named: several only in a subquery that names two alike."""
        wanted = name.lower()
        return [column for column in self.columns or () if column.name.lower() == wanted]

    def called(self, qualifier: Sequence[str]) -> bool:
        """Whether a qualifier means it."""
        wanted = [part.lower() for part in qualifier]
        if len(wanted) == 1:
            return self.alias.lower() == wanted[0]
        return [part.lower() for part in self.name[-len(wanted) :]] == wanted and self.alias.lower() == wanted[-1]


@dataclass(slots=True)
class Scope:
    """The relations in force, nearest first; `merged` are the columns of USING and NATURAL; `ctes` the WITH queries.

    `aliases` are select items that the clause at hand may name, before columns with `aliases_first`.
    """

    ctes: dict[str, Relation] = field(default_factory=dict)
    parent: Scope | None = None
    relations: list[Relation] = field(default_factory=list)
    merged: dict[str, Column] = field(default_factory=dict)
    aliases: dict[str, Typed] = field(default_factory=dict)
    aliases_first: bool = False

    def relation(self, qualifier: Sequence[str]) -> Relation | None:
        """Give the relation that a qualifier means, nearest first."""
        scope: Scope | None = self
        while scope is not None:
            for relation in scope.relations:
                if relation.called(qualifier):
                    return relation
            scope = scope.parent
        return None

    def starred(self) -> tuple[Column, ...] | None:
        """Give the columns of `*`: those of USING once and first; None if some are not known."""
        if any(relation.columns is None for relation in self.relations):
            return None
        plain = [each for relation in self.relations for each in relation.top or ()]
        return (*self.merged.values(), *(each for each in plain if each.name.lower() not in self.merged))
