"""The working state while a text is bound in one world: names, and what has been found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from nexus_core.model.statement import SqlRequest
from nexus_core.model.trial import Fires, Found, OutputColumn, Use, World
from nexus_core.sql.binding.kinds import kind_of
from nexus_core.sql.binding.relations import UNTYPED, Column, Relation, Scope, Typed
from nexus_core.sql.dialect import POSTGRES, PSEUDO_COLUMNS, Traits
from nexus_core.sql.limits import Budget
from nexus_core.sql.programs.blocks.routine import Routine
from nexus_core.sql.reading.places import UNPLACED, Places
from nexus_core.sql.resolving.catalog import Catalog
from nexus_core.sql.resolving.session import Session

_PSEUDO = PSEUDO_COLUMNS | {"current_role", "system_user", "current_catalog", "current_schema", "utc_date"}
_PSEUDO |= {"utc_time", "utc_timestamp"}


class Binding:
    """One text in one world; `strict` judges types as PostgreSQL does."""

    def __init__(self, request: SqlRequest, world: World, traits: Traits) -> None:
        self.sql = request.sql
        self.traits, self.strict = traits, traits.name in POSTGRES
        self.session = Session(request, traits)
        self._gone = Catalog({name: {"": ""} for name in world.gone})
        self._tables = world.tables
        self._failing = world.failing
        self._failing_tables = Catalog({name: {"": ""} for name in world.failing})
        self._required = {name.lower(): columns for name, columns in world.required.items()}
        self.number, self.places = 0, UNPLACED
        self.budget = Budget(0, self.session.steps)
        self.made: dict[str, tuple[Column, ...] | None] = {}
        self.refused: dict[Found, None] = {}
        self.unsure: dict[Found, None] = {}
        self.notes: dict[Found, None] = {}
        self.uses: dict[Use, None] = {}
        self.last: Use | None = None
        self.makes: dict[str, tuple[OutputColumn, ...]] = {}
        self.writes: dict[str, tuple[str, ...]] = {}
        self.bare: dict[tuple[int, int], None] = {}
        self.filled: dict[tuple[int, int], None] = {}
        self.named: dict[tuple[int, int, str], None] = {}
        self.fires: list[Fires] = []
        self.variables: dict[str, Typed] = {}
        """Variables of the routine at hand by lower-case name, and below the fields of its records."""
        self.records: dict[str, tuple[Column, ...] | None] = {}
        self.rows: dict[str, str] = {}
        """The records that are rows of a trigger's table, with that table's name."""
        self.functions: dict[str, Routine] = {}
        """The functions that the text defines, by dotted name and by its last part, which triggers of it may run."""
        self.columns_first = False
        """Whether a name that is a column's and a variable's means the column, as in functions of language SQL."""

    def begin(self, number: int, places: Places) -> None:
        """Turn to the next statement."""
        self.number, self.places = number, places
        self.budget = Budget(number, self.session.steps)

    def refuse(self, code: str, message: str, node: exp.Expr) -> None:
        """Note what a server refuses."""
        self.refused[self._found(code, message, node)] = None

    def doubt(self, code: str, message: str, node: exp.Expr) -> None:
        """Note what cannot be judged."""
        self.unsure[self._found(code, message, node)] = None

    def note(self, code: str, message: str, node: exp.Expr) -> None:
        """Note what holds without a word of the server's."""
        self.notes[self._found(code, message, node)] = None

    def _found(self, code: str, message: str, node: exp.Expr) -> Found:
        place = self.places.name(node) if isinstance(node, exp.Column) else self.places.item(node)
        return Found(code, message, self.number, *place)

    def use(self, node: exp.Expr, column: Column, relation: str) -> None:
        """Note what a name means."""
        start, end = self.places.name(node)
        table = column.table or f"~{relation.lower()}"
        self.last = Use(start, end, table, column.name, column.typed.kind, column.typed.declared)
        self.uses[self.last] = None

    def fold(self, identifier: exp.Expr) -> str:
        """Give a name in the dialect's case."""
        return self.traits.fold(identifier) if isinstance(identifier, exp.Identifier) else identifier.name

    def table(self, node: exp.Table, *, alias: str = "") -> Relation:
        """Give a table as a relation: refused if it is known to be gone, of any column if it is not known."""
        parts = self.session.name(node)
        name = ".".join(parts)
        alias = alias or (parts[-1] if parts else "")
        if name in self.made:
            return Relation(alias, self.made[name], parts)
        known = self.session.catalog.peek(parts)
        place = self.places.name(node.this) if isinstance(node.this, exp.Identifier) else (-1, -1)
        if known is None:
            if self._gone.peek(parts) is not None:
                self.refuse("unknown_table", f"{name} is not there", node.this)
            return Relation(alias, None, parts)
        whole = ".".join(known.parts)
        self.named[(*place, whole)] = None
        declared = self._tables[whole]
        columns = [self._known(name, declared[name], whole) for name in known.columns]
        nested = [replace(self._known(name, declared[name], whole), nested=True) for name in known.fields]
        return Relation(alias, (*columns, *nested), parts)

    def _known(self, name: str, declared: str, table: str) -> Column:
        return Column(name, Typed(kind_of(declared), declared), table)

    def required(self, table: str) -> Sequence[str]:
        """Give the columns of a table that an INSERT has to fill."""
        return self._required.get(table.lower(), ())

    def run_triggers(self, event: str, table: Relation, columns: Iterable[str], node: exp.Expr) -> None:
        """Refuse an INSERT, UPDATE (of some columns) or DELETE that runs a trigger which fails."""
        known = self._failing_tables.peek(table.name) if self._failing else None
        of = self._failing[".".join(known.parts)].get(event) if known is not None else None
        if of is not None and (not of or {each.lower() for each in of} & {each.lower() for each in columns}):
            self.refuse("trigger_breaks", f"{event} of {'.'.join(table.name)}", node)

    def column(self, node: exp.Column, scope: Scope) -> Typed:
        """Give what a column's name means, or refuse it."""
        self.budget.spend()
        parts = [self.fold(part) for part in node.parts]
        return self._qualified(node, parts, scope) if len(parts) > 1 else self._bare(node, parts[0], scope)

    def is_outside(self, node: exp.Column, scope: Scope) -> bool:
        """Whether a column is one of a query around the scope's own."""
        parts = [self.fold(part) for part in node.parts]
        if len(parts) > 1:
            return not any(relation.called(parts[:-1]) for relation in scope.relations)
        having = any(relation.columns is None or relation.having(parts[0]) for relation in scope.relations)
        return not having and parts[0].lower() not in {*scope.merged, *scope.aliases}

    def _qualified(self, node: exp.Column, parts: list[str], scope: Scope) -> Typed:
        for length in range(len(parts) - 1, 0, -1):
            relation = scope.relation(parts[:length])
            if relation is not None:
                return self._of(node, relation, parts[length:])
        if len(parts) == 2 and (record := parts[0].lower()) in self.records:
            return self._field(node, parts, self.records[record])
        if parts[-1].lower() in ("nextval", "currval") or parts[0].lower() in ("new", "old"):
            return UNTYPED
        if self.traits.fields_by_dot:
            found = self._struct(node, parts, scope)
            if found is not None:
                return found
        self.refuse("unknown_relation", f"{'.'.join(parts[:-1])} names no table here", node)
        return UNTYPED

    def _of(self, node: exp.Column, relation: Relation, path: list[str]) -> Typed:
        """Give a column of a relation, or a field of one by its path; of a struct whose fields are not known any."""
        whole = ".".join(path)
        found = relation.having(whole) or (relation.having(path[0]) if self._is_open(relation, path[0]) else [])
        if len(found) == 1:
            self.use(node, found[0], relation.alias)
            return found[0].typed if found[0].name.lower() == whole.lower() else UNTYPED
        if relation.columns is None:
            self.use(node, Column(whole, table="?"), relation.alias)
        elif found:
            self.refuse("ambiguous_column", f"{whole} may mean {len(found)} columns", node)
        elif path[-1].lower() not in _PSEUDO:
            self.refuse("unknown_column", f"{relation.alias}.{whole} is no column", node)
        return UNTYPED

    def _is_open(self, relation: Relation, name: str) -> bool:
        """Whether the fields of a struct are not known one by one."""
        inside = f"{name.lower()}."
        return not any(column.nested and column.name.lower().startswith(inside) for column in relation.columns or ())

    def _struct(self, node: exp.Column, parts: list[str], scope: Scope) -> Typed | None:
        """Give a field of a column that one relation has, the nearest first; None if the first part is no column."""
        inner: Scope | None = scope
        while inner is not None:
            having = [each for each in inner.relations if each.columns is None or each.having(parts[0])]
            if having:
                return self._of(node, having[0], parts)
            inner = inner.parent
        return None

    def _field(self, node: exp.Column, parts: list[str], fields: tuple[Column, ...] | None) -> Typed:
        """Give a field of a record: without an assignment that tells its fields it may have any."""
        found = [each for each in fields or () if each.name.lower() == parts[1].lower()]
        if fields is not None and not found:
            self.refuse("unknown_column", f"{parts[0]} has no field {parts[1]}", node)
        if found and (table := self.rows.get(parts[0].lower())) is not None:
            self.use(node, found[0], table)
        return found[0].typed if found else UNTYPED

    def _bare(self, node: exp.Column, name: str, scope: Scope) -> Typed:
        variable = self.variables.get(name.lower())
        if variable is not None and not self.columns_first:
            return self._variable(node, name, variable, scope)
        inner: Scope | None = scope
        while inner is not None:
            found = self._here(node, name, inner)
            if found is not None:
                return found
            inner = inner.parent
        if variable is not None:
            return variable
        if (row := scope.relation([name])) is not None:
            self.note("whole_row", f"{name} is a row of {len(row.columns or ())} columns", node)
            return UNTYPED
        if name.lower() not in _PSEUDO and not name.startswith(("@", ":", "$")):
            self.refuse("unknown_column", f"{name} is no column here", node)
        return UNTYPED

    def _variable(self, node: exp.Column, name: str, variable: Typed, scope: Scope) -> Typed:
        """Give a variable: MySQL prefers it to a column, PL/pgSQL refuses a name that may mean both."""
        inner: Scope | None = scope
        while self.strict and inner is not None:
            if any(relation.having(name) for relation in inner.relations):
                self.refuse("ambiguous_column", f"{name} may be a variable or a column", node)
                return UNTYPED
            inner = inner.parent
        return variable

    def _here(self, node: exp.Column, name: str, scope: Scope) -> Typed | None:
        """Look for a bare name in one scope, None if it is not there."""
        alias = scope.aliases.get(name.lower())
        if alias is not None and scope.aliases_first:
            return alias
        if (merged := scope.merged.get(name.lower())) is not None:
            self.use(node, merged, "")
            return merged.typed
        found = [(column, relation) for relation in scope.relations for column in relation.having(name)]
        if len(found) == 1:
            self.use(node, found[0][0], found[0][1].alias)
            return found[0][0].typed
        if found:
            several = " and ".join(sorted({column.table or relation.alias for column, relation in found}))
            self.refuse("ambiguous_column", f"{name} may be of {several}", node)
            return UNTYPED
        if alias is not None:
            return alias
        if any(relation.columns is None for relation in scope.relations):
            self.use(node, Column(name, table="?"), "")
            return UNTYPED
        return None
