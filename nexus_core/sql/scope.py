"""Which relation a column name means, in one SELECT and the ones around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from nexus_core.model.statement import Certainty
from nexus_core.sql.relations import Relation
from nexus_core.sql.values import Value, believed, leaf_value, placed, pooled, unknown_value

if TYPE_CHECKING:
    from nexus_core.sql.resolution import Ctes, Resolution

_PSEUDO_COLUMNS = frozenset(
    [
        "ctid",
        "xmin",
        "xmax",
        "cmin",
        "cmax",
        "tableoid",
        "rownum",
        "rowid",
        "level",
        "sysdate",
        "systimestamp",
        "default",
        "_partitiontime",
        "_partitiondate",
        "current_date",
        "current_timestamp",
        "current_time",
        "localtimestamp",
        "localtime",
        "current_user",
        "session_user",
        "user",
    ]
)


class Scope:
    """The relations that a name may mean, nearest first; `ctes` are the WITH queries in force.

    `aliases` are select items that the clause at hand may call by name; with `aliases_first` they hide columns.
    """

    def __init__(self, resolution: Resolution, ctes: Ctes, parent: Scope | None = None) -> None:
        self.resolution, self.ctes, self.parent = resolution, ctes, parent
        self.relations: dict[str, Relation] = {}
        self.names: dict[str, tuple[str, ...]] = {}
        self.merged: dict[str, Value] = {}
        self.unstarred: set[str] = set()
        self.aliases: Mapping[str, Value] = {}
        self.aliases_first = False
        self.windows: dict[str, exp.Expr] = {}

    def add(self, alias: str, relation: Relation, name: tuple[str, ...] = ()) -> None:
        """Put a relation in; `name` is a real table's name as parts."""
        key = alias if alias and alias not in self.relations else f"{alias}\0{len(self.relations)}"
        self.relations[key] = relation
        self.names[key] = name

    def column(self, node: exp.Column) -> Value:
        """Give the sources of a column, or of a whole row if the name means a relation."""
        self.resolution.budget.spend()
        traits = self.resolution.traits
        parts = [traits.fold(part) for part in node.parts if isinstance(part, exp.Identifier)]
        if not parts:
            return {}
        value = self._qualified(parts[:-1], parts[-1]) if len(parts) > 1 else self._unqualified(parts[0])
        first = next(iter(value.values()), None)
        unplaced = first is not None and first.start < 0
        return placed(value, self.resolution.places.name(node)) if unplaced else value

    def computed(self, node: exp.Column) -> exp.Expr | None:
        """Give the expression that a subquery computes a column by, None where it is a table's own."""
        name = self.resolution.traits.fold(node.this)
        if node.table:
            relation = self.relation([self.resolution.traits.fold(node.args["table"])])
            return relation.computed(name) if relation else None
        having = [relation for relation in self.relations.values() if relation.has(name)]
        return having[0].computed(name) if len(having) == 1 else None

    def relation(self, qualifier: Sequence[str]) -> Relation | None:
        """Give the relation of an alias or of a table's name, nearest first."""
        wanted = [part.lower() for part in qualifier]
        scope: Scope | None = self
        while scope is not None:
            for key, relation in scope.relations.items():
                if len(wanted) == 1 and key.lower() == wanted[0]:
                    return relation
                if len(wanted) > 1 and [part.lower() for part in scope.names[key][-len(wanted) :]] == wanted:
                    return relation
            scope = scope.parent
        return self.resolution.record(wanted[0]) if len(wanted) == 1 else None

    def _qualified(self, qualifier: list[str], name: str) -> Value:
        for length in range(len(qualifier), 0, -1):
            relation = self.relation(qualifier[:length])
            if relation is not None:
                return self._of(relation, name if length == len(qualifier) else qualifier[length])
        variable = self.resolution.variables.get(qualifier[0])
        if variable is not None:
            return variable
        if self.resolution.traits.fields_by_dot and self._known(qualifier[0]):
            return self._unqualified(qualifier[0])
        if self._is_outside():
            return {}
        self.resolution.problem("unknown_relation", f"{'.'.join(qualifier)} names no table here")
        return unknown_value(name, self._tables())

    def _of(self, relation: Relation, name: str) -> Value:
        if relation.has(name) is not False:
            return relation.value(name)
        if name.lower() in _PSEUDO_COLUMNS:
            return {}
        self.resolution.problem("unknown_column", f"{name} is no known column of {relation.tables or 'the subquery'}")
        if len(relation.tables) == 1:
            return believed(relation.value(name), Certainty.GUESSED)
        return unknown_value(name, relation.tables)

    def _unqualified(self, name: str) -> Value:
        variable = self.resolution.variables.get(name)
        if variable is not None and self.resolution.variables.precedence == "variable":
            return variable
        scope: Scope | None = self
        while scope is not None:
            if (found := scope._here(name)) is not None:
                return found
            scope = scope.parent
        if (relation := self.relation([name])) is not None:
            return pooled(output.value for output in relation.outputs())
        if variable is not None or name.lower() in _PSEUDO_COLUMNS or self._is_outside():
            return variable or {}
        return self._unknown(name)

    def _here(self, name: str) -> Value | None:
        """Resolve a name in this scope alone: alias or column by the clause's order, variable, then open tables."""
        if self.aliases_first and name in self.aliases:
            return self.aliases[name]
        if name in self.merged:
            return self.merged[name]
        answers = [(relation, relation.has(name)) for relation in self.relations.values()]
        having = [relation for relation, has in answers if has]
        if not having and (known := self.aliases.get(name, self._variable(name))) is not None:
            return known
        if not having and self._means_row(name):
            return None
        possible = having or [relation for relation, has in answers if has is None]
        return self._one_of(possible, name) if possible else None

    def _variable(self, name: str) -> Value | None:
        """Give a variable that comes before columns which are only possible."""
        variables = self.resolution.variables
        return None if variables.precedence == "column" else variables.get(name)

    def _is_outside(self) -> bool:
        """Whether a program's expression reads no relation, so that an unknown name is a variable of another place."""
        scope: Scope | None = self if self.resolution.variables.inside else None
        while scope is not None and not scope.relations:
            scope = scope.parent
            if scope is None:
                return True
        return False

    def _means_row(self, name: str) -> bool:
        """Whether only an alias of this scope bears the name: PostgreSQL then means the row."""
        return name in self.relations and name not in self.names[name][-1:]

    def _one_of(self, possible: Sequence[Relation], name: str) -> Value:
        if len(possible) > 1:
            return unknown_value(name, (table for relation in possible for table in relation.tables))
        value = possible[0].value(name)
        return value if possible[0].has(name) else believed(value, Certainty.UNIQUE)

    def _known(self, name: str) -> bool:
        scope: Scope | None = self
        while scope is not None:
            if any(relation.has(name) is not False for relation in scope.relations.values()):
                return True
            scope = scope.parent
        return False

    def _tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(table for relation in self.relations.values() for table in relation.tables))

    def _unknown(self, name: str) -> Value:
        self.resolution.problem("unknown_column", f"{name} is no known column here")
        tables = self._tables()
        if len(tables) == 1:
            return leaf_value(tables[0], name, Certainty.GUESSED)
        return unknown_value(name, tables)
