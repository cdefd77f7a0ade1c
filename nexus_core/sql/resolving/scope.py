"""Which relation a column name means, in one SELECT and the ones around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from nexus_core.model.statement import Certainty
from nexus_core.sql.dialect import PSEUDO_COLUMNS
from nexus_core.sql.resolving.relations import FunctionTable, Relation, hidden
from nexus_core.sql.resolving.shapes import at_position, part, row
from nexus_core.sql.resolving.values import (
    CONDITION,
    Output,
    Value,
    believed,
    carried,
    leaf_value,
    placed,
    pooled,
    unknown_value,
)

if TYPE_CHECKING:
    from nexus_core.sql.resolving.resolution import Ctes, Resolution

_OF_SESSION = frozenset({"user", "current_role", "system_user", "session", "account", "database", "profile", "role"})
_OF_SESSION |= {"date", "time", "sysdate", "systimestamp", "uid"}
"""Pseudo-columns that are none behind a table's name: they tell of the session."""
_SOURCES_A_STEP = 8
"""Sources of one value that are carried on at the cost of one more step."""

_OF_SEQUENCES = frozenset({"nextval", "currval"})


class Scope:
    """The relations that a name may mean, nearest first; `ctes` are the WITH queries in force.

    `aliases` are select items that the clause at hand may call by name; with `aliases_first` they hide columns.
    """

    def __init__(self, resolution: Resolution, ctes: Ctes, parent: Scope | None = None) -> None:
        self.resolution, self.ctes, self.parent = resolution, ctes, parent
        self.relations: dict[str, Relation] = {}
        self.names: dict[str, tuple[str, ...]] = {}
        self.merged: dict[str, Output] = {}
        self.unstarred: set[str] = set()
        self.aliases: Mapping[str, Output] = {}
        self.aliases_first = False
        self.windows: dict[str, exp.Expr] = {}

    def add(self, alias: str, relation: Relation, name: tuple[str, ...] = ()) -> str:
        """Put a relation in and give its key; `name` is a real table's name as parts."""
        key = alias if alias and alias not in self.relations else f"{alias}\0{len(self.relations)}"
        self.relations[key] = relation
        self.names[key] = name
        return key

    def column(self, node: exp.Column) -> Value:
        """Give the sources of a column, or of a whole row if the name means a relation."""
        return self.output(node).value

    def output(self, node: exp.Column) -> Output:
        """Give a column or a field of one with its sources, and how a query around makes it."""
        fold = self.resolution.traits.fold
        parts = [fold(part) if isinstance(part, exp.Identifier) else part.name for part in node.parts]
        if isinstance(node.this, exp.Star):
            parts = parts[:-1]
        if isinstance(node.this, exp.Parameter):
            return self.at(int(node.this.name), parts[:-1]) if node.this.name.isdigit() else Output("", {})
        if not parts or self._is_pseudo(node, parts):
            return Output(parts[-1] if parts else "", {})
        found = self._column(parts)
        self.resolution.budget.spend(1 + len(found.value) // _SOURCES_A_STEP)
        first = next(iter(found.value.values()), None)
        if first is None or first.start >= 0:
            return found
        return found.sourced(placed(found.value, self.resolution.places.name(node)))

    def at(self, number: int, qualifier: Sequence[str] = ()) -> Output:
        """Give a column by its place, counted from 1, as Snowflake's `$1` and `t.$1` do; of a file nothing is known."""
        relation = self.relation(qualifier) if qualifier else next(iter(self.relations.values()), None)
        outputs = relation.outputs() if relation else ()
        known = number <= len(outputs) and not any(output.star for output in outputs[:number])
        return outputs[number - 1] if known else Output("", {})

    def _is_pseudo(self, node: exp.Column, parts: Sequence[str]) -> bool:
        """Whether a name is a word for what a row or the session is, and not the column of a table that has one so."""
        words = self.resolution.traits.pseudo_columns
        name = parts[-1].lower()
        if name not in words and parts[0].lower() not in words:
            return False
        if len(parts) > 1 and name in _OF_SESSION:
            return False
        quoted = isinstance(node.this, exp.Identifier) and node.this.args.get("quoted")
        return not (quoted and name[0] != "$") and not self.has(parts[0]) and not self.has(parts[-1])

    def has(self, name: str) -> bool:
        """Whether a name is known to be a column, or what else it may be called by, here or around."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.aliases or name in scope.merged or name in scope.ctes:
                return True
            if any(relation.has(name) for relation in scope.relations.values()):
                return True
            scope = scope.parent
        return self.resolution.variables.get(name) is not None

    def outputs(self) -> list[Output]:
        """Give the columns of `*`: those that USING or NATURAL merged once and first, then each relation's."""
        merged = {name.lower(): replace(output, name=name) for name, output in self.merged.items()}
        shown = [relation for key, relation in self.relations.items() if key not in self.unstarred]
        if not self.resolution.traits.using_in_place or any(o.star for relation in shown for o in relation.outputs()):
            return [*merged.values(), *(output for relation in shown for output in hidden(relation.outputs(), merged))]
        names, outputs = set(merged), list[Output]()
        for output in (output for relation in shown for output in relation.outputs()):
            if output.name.lower() not in names:
                outputs.append(output)
            elif (once := merged.pop(output.name.lower(), None)) is not None:
                outputs.append(once)
        return [*outputs, *merged.values()]

    def struct(self, node: exp.Column) -> Output | None:
        """Give the column whose fields `column.*` means, None if no column is so named."""
        names = [part for part in node.parts[:-1] if isinstance(part, exp.Identifier)]
        first = self.resolution.traits.fold(names[0]) if names else ""
        if not self._known(first) and self.relation([first]) is None:
            return None
        return self._column([self.resolution.traits.fold(name) for name in names])

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

    def _column(self, parts: list[str]) -> Output:
        return self._qualified(parts) if len(parts) > 1 else self._unqualified(parts[0])

    def _qualified(self, parts: list[str]) -> Output:
        for length in range(len(parts) - 1, 0, -1):
            relation = self.relation(parts[:length])
            if relation is not None:
                return self._within(self._of(relation, parts[length]), parts[length + 1 :])
        variable = self.resolution.variables.get(parts[0])
        if variable is not None:
            return Output(parts[-1], variable)
        if self.resolution.traits.fields_by_dot and self._known(parts[0]):
            return self._within(self._unqualified(parts[0]), parts[1:])
        if self._is_outside() or parts[-1].lower() in _OF_SEQUENCES:
            return Output(parts[-1], {})
        self.resolution.problem("unknown_relation", f"{'.'.join(parts[:-1])} names no table here")
        return Output(parts[-1], unknown_value(parts[-1], self._tables()))

    def _within(self, output: Output, path: Sequence[str]) -> Output:
        """Give a field by its path, a field of a tuple by its place."""
        for name in path:
            by_place = at_position(output, int(name)) if name.isdigit() else None
            output = by_place or self.field(output, name)
        return output

    def field(self, whole: Output, name: str) -> Output:
        """Give a field of a struct, as the schema's type spells it."""
        found = part(whole, name)
        if not any(leaf.path and leaf.path[-1] == name for leaf, _ in found.value):
            return found
        spelled = self._spelled(whole, name)
        return found if spelled == name else replace(part(whole, spelled), name=found.name)

    def _spelled(self, whole: Output, name: str) -> str:
        for leaf, _ in whole.shape.rest if whole.shape else whole.value:
            for known in self.resolution.session.field_names(leaf) or ():
                if known.lower() == name.lower():
                    return known
        return name

    def _of(self, relation: Relation, name: str) -> Output:
        if relation.has(name) is not False or (isinstance(relation, FunctionTable) and relation.has_elements):
            return relation.output(name)
        if name.lower() in PSEUDO_COLUMNS:
            return Output(name, {})
        self.resolution.problem("unknown_column", f"{name} is no known column of {relation.tables or 'the subquery'}")
        if len(relation.tables) == 1:
            return Output(name, believed(relation.value(name), Certainty.GUESSED))
        return Output(name, unknown_value(name, relation.tables))

    def _unqualified(self, name: str) -> Output:
        variable = self.resolution.variables.get(name)
        if variable is not None and self.resolution.variables.precedence == "variable":
            return Output(name, variable)
        scope: Scope | None = self
        while scope is not None:
            if (found := scope._here(name)) is not None:
                return found
            scope = scope.parent
        if (relation := self.relation([name])) is not None:
            outputs = relation.outputs()
            return Output(name, pooled(output.value for output in outputs), structure=row(outputs))
        if variable is not None or name.lower() in PSEUDO_COLUMNS or self._is_outside():
            return Output(name, variable or {})
        return self._unknown(name)

    def _here(self, name: str) -> Output | None:
        """Resolve a name in this scope alone: alias or column by the clause's order, variable, then open tables."""
        if self.aliases_first and name in self.aliases:
            return self.aliases[name]
        if name in self.merged:
            return self.merged[name]
        if (constant := self._constant(name)) is not None:
            return constant
        answers = [(relation, relation.has(name)) for relation in self.relations.values()]
        having = [relation for relation, has in answers if has]
        if not having:
            if (alias := self.aliases.get(name)) is not None:
                return alias
            if (variable := self._variable(name)) is not None:
                return Output(name, variable)
            if self._means_row(name):
                return None
        if having:
            return self._one_of(having, name)
        possible, items = [relation for relation, has in answers if has is None], self._with_elements()
        if not (possible or items):
            return None
        found = self._one_of(possible or items, name)
        return found.sourced(believed(found.value, Certainty.GUESSED)) if possible and items else found

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

    def _constant(self, name: str) -> Output | None:
        """Give a value that ClickHouse's `WITH expression AS name` names: it hides columns."""
        cte = self.ctes.get(name)
        if cte is None or not cte.node.args.get("scalar"):
            return None
        node = cte.node.this
        query = node if isinstance(node, exp.Query) else exp.Select(expressions=[node])
        earlier = Scope(self.resolution, cte.ctes, self.parent)
        earlier.relations, earlier.names, earlier.merged = self.relations, self.names, self.merged
        derived = self.resolution.query(query, cte.ctes, earlier)
        around = carried(derived.indirect, CONDITION)
        return Output(name, {**pooled(output.value for output in derived.outputs()), **around})

    def _with_elements(self) -> list[Relation]:
        """Give the unnested arrays, one of whose fields a name may be that is no column of a table."""
        return [each for each in self.relations.values() if isinstance(each, FunctionTable) and each.has_elements]

    def _means_row(self, name: str) -> bool:
        """Whether only an alias of this scope bears the name: PostgreSQL then means the row."""
        return name in self.relations and name not in self.names[name][-1:]

    def _one_of(self, possible: Sequence[Relation], name: str) -> Output:
        if len(possible) > 1:
            return Output(name, unknown_value(name, (table for relation in possible for table in relation.tables)))
        output = possible[0].output(name)
        return output if possible[0].has(name) else output.sourced(believed(output.value, Certainty.UNIQUE))

    def _known(self, name: str) -> bool:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.merged or name in scope.aliases:
                return True
            if any(relation.has(name) is not False for relation in scope.relations.values()):
                return True
            scope = scope.parent
        return False

    def _tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(table for relation in self.relations.values() for table in relation.tables))

    def _unknown(self, name: str) -> Output:
        self.resolution.problem("unknown_column", f"{name} is no known column here")
        tables = self._tables()
        if len(tables) == 1:
            return Output(name, leaf_value(tables[0], name, Certainty.GUESSED))
        return Output(name, unknown_value(name, tables))
