"""What the names of columns mean at one place of a statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nexus_core.proxy.wall.names import NOTHING, Origins

Outputs = list[tuple[str, Origins]]
"""The columns that a query gives, in order; `*` stands for those of a relation of the catalogue."""

STAR = "*"


@dataclass(slots=True)
class Source:
    """An item of FROM: the name that it goes by, and its columns.

    `schema` and `shadow_schema` are those of a relation without an alias, which may be named in full. One that
    `is_open` has columns of the catalogue besides.
    """

    name: str
    columns: Mapping[str, Origins]
    schema: str = ""
    shadow_schema: str = ""
    is_open: bool = False

    def whole(self) -> Origins:
        """Give what a reference to the whole row reads."""
        return NOTHING.union(*self.columns.values())


@dataclass(slots=True)
class Scope:
    """The sources of a query, inside those of the queries around it; `outputs` are what GROUP BY may name."""

    parent: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    outputs: Mapping[str, Origins] = field(default_factory=dict)
    ctes: dict[str, Outputs | None] = field(default_factory=dict)

    def chain(self) -> Iterator[Scope]:
        """Give this scope and those around it, the innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def cte(self, name: str) -> tuple[bool, Outputs | None]:
        """Tell whether a name is that of a WITH query, and give its columns, None while they are not known."""
        for scope in self.chain():
            if name in scope.ctes:
                return True, scope.ctes[name]
        return False, None

    def named(self, schema: str, name: str) -> Source | None:
        """Give the source that a qualifier means."""
        scope: Scope | None = self
        while scope is not None:
            for source in scope.sources:
                if source.name == name and (not schema or source.schema == schema):
                    return source
            scope = scope.parent
        return None

    def column(self, name: str) -> Origins | None:
        """Give where an unqualified name comes from; None where no source is known to have it."""
        scope: Scope | None = self
        while scope is not None:
            found: Origins | None = None
            for source in scope.sources:
                origins = source.columns.get(name)
                if origins is not None:
                    found = origins if found is None else found | origins
            if found is not None:
                return found
            whole = [source.whole() for source in scope.sources if source.name == name]
            if whole:
                return NOTHING.union(*whole)
            scope = scope.parent
        return None

    def is_open(self) -> bool:
        """Whether a column of the catalogue may be meant by a name that no source is known to have."""
        return any(source.is_open for scope in self.chain() for source in scope.sources)

    def everything(self) -> Origins:
        """Give the columns of all sources of this query, which a bare star reads."""
        return NOTHING.union(*(source.whole() for source in self.sources))


def columns_of(outputs: Outputs) -> dict[str, Origins]:
    """Give outputs by their name; of equal names, all that they come from."""
    columns: dict[str, Origins] = {}
    for name, origins in outputs:
        columns[name] = columns[name] | origins if name in columns else origins
    return columns
