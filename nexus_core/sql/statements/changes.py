"""Statements that change rows in place: UPDATE and DELETE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.resolving.ctes import read_cte, with_queries
from nexus_core.sql.resolving.expressions import value_of
from nexus_core.sql.resolving.relations import Derived, Relation
from nexus_core.sql.resolving.resolution import Ctes, Effect, Resolution
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.select import add_from
from nexus_core.sql.resolving.sources import add_join, add_source
from nexus_core.sql.resolving.values import IDENTITY, Output, Value
from nexus_core.sql.statements.returning import returning
from nexus_core.sql.statements.targets import Target, assignments, target_of


@dataclass(frozen=True, slots=True)
class Changed:
    """What a statement changes: a table, or a query whose columns are those of one (a view, a WITH query).

    `target` is None for a query; `stands`: it is named again in the FROM clause, and what is there is meant.
    """

    relation: Relation
    target: Target | None
    stands: bool = False

    @property
    def table(self) -> str:
        """The dotted name of the table whose rows are changed, "" if that cannot be known."""
        if self.target is not None:
            return ".".join(self.target.name)
        behind = dict.fromkeys(leaf.table for output in self.relation.outputs() for leaf, _ in output.value)
        return next(iter(behind), "") if len(behind) == 1 else ""


def update(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve UPDATE with FROM or joins, to what it returns; several tables may be updated at once (MySQL)."""
    ctes = with_queries(node, resolution, ctes, parent)
    scope, indirect = Scope(resolution, ctes, parent), Value()
    changed = _changed([node.this], node, scope, indirect)
    if not changed:
        return Derived([])
    indirect.update(_decisive(node, scope))
    outputs = list(assignments(node.expressions, scope))
    for item in node.args.get("assigned") or ():
        resolution.variables.values[f"@{item.this.name.lower()}"] = value_of(item.expression, scope)
    written = _by_table(outputs, changed[0], scope)
    _unread(written, changed, node, resolution)
    resolution.effects.extend(Effect((table,), tuple(made), indirect) for table, made in written.items())
    values = {output.name: output.value for made in written.values() for output in made}
    return returning(node, [each.target for each in changed], scope, values)


def delete(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve DELETE: what decides over the rows is indirect; several tables may be named (MySQL)."""
    ctes = with_queries(node, resolution, ctes, parent)
    scope, indirect = Scope(resolution, ctes, parent), Value()
    named = list(node.args.get("tables") or ())
    if not named:
        named = [node.this, *(join.this for join in node.this.args.get("joins") or () if node.args.get("using"))]
    changed = _changed(named, node, scope, indirect)
    indirect.update(_decisive(node, scope))
    tables: dict[str, list[Output]] = {each.table: [] for each in changed if each.table}
    _unread(tables, changed, node, resolution)
    resolution.effects.extend(Effect((table,), (), indirect) for table in tables)
    return returning(node, [each.target for each in changed], scope, {})


def _decisive(node: exp.Expr, scope: Scope) -> Value:
    """Give what decides which rows are changed: the filter, and the order if only the first ones are."""
    value = Value()
    if (where := node.args.get("where")) is not None:
        value.update(value_of(where, scope, Transformation.FILTER))
    if (order := node.args.get("order")) is not None:
        for key in order.expressions:
            value.update(value_of(key, scope, Transformation.SORT))
    return value


def _changed(named: Sequence[exp.Expr], node: exp.Expr, scope: Scope, indirect: Value) -> list[Changed]:
    """Put what is changed and the FROM clause into the scope; the target may be the name of an item of that clause."""
    sources = _sources(named, node)
    aliases = [_standing(each, sources) for each in named]
    changed = [
        _added(each, scope, indirect) for each, alias in zip(named, aliases, strict=True) if not alias and each.args
    ]
    for source in sources:
        add_source(source, scope, indirect)
    add_from(exp.Select(joins=node.args.get("joins")), scope, indirect)
    if not sources:
        for join in named[0].args.get("joins") or ():
            add_join(join, scope, indirect)
    changed += [_stood(alias, scope) for alias in aliases if alias]
    return [each for each in changed if each is not None]


def _sources(named: Sequence[exp.Expr], node: exp.Expr) -> list[exp.Expr]:
    """Give the items of the FROM and USING clauses."""
    items = [node.args["from_"].this] if node.args.get("from_") is not None else []
    items += node.args.get("using") or ()
    if node.this is not None and node.this not in named:
        items.append(node.this)
    return items


def _standing(named: exp.Expr, sources: Iterable[exp.Expr]) -> exp.Table | exp.Subquery | None:
    """Give the item of the FROM clause that a target names, by its alias (T-SQL: also of a query) or as the table."""
    if not isinstance(named, exp.Table) or not named.name:
        return None
    for source in sources:
        for each in (source, *(join.this for join in source.args.get("joins") or ())):
            if isinstance(each, (exp.Table, exp.Subquery)) and _means(named, each):
                return each
    return None


def _means(named: exp.Table, item: exp.Table | exp.Subquery) -> bool:
    if item.alias:
        return not named.db and item.alias.lower() == named.name.lower()
    return isinstance(item, exp.Table) and _folded(named) == _folded(item)


def _folded(table: exp.Table) -> list[str]:
    return [part.name.lower() for part in table.parts]


def _added(named: exp.Expr, scope: Scope, indirect: Value) -> Changed | None:
    """Put a target into the scope, which that alone does not make an input."""
    resolution = scope.resolution
    if isinstance(named, exp.Subquery):
        rows = resolution.query(named.this, scope.ctes, scope.parent)
        return _of_query(resolution.traits.fold_text(named.alias), rows, scope, indirect)
    name = resolution.traits.fold_text(named.name)
    if isinstance(named, exp.Table) and not named.db and (cte := scope.ctes.get(name)) is not None:
        rows = read_cte(name, cte, resolution, scope.parent)
        return _of_query(resolution.traits.fold_text(named.alias_or_name), rows, scope, indirect)
    target = target_of(named, resolution)
    if target is None:
        resolution.problem("unsupported_target", f"{type(named).__name__} is no table")
        return None
    relation = resolution.table(target.name, reads=False)
    scope.add(target.alias(resolution.traits), relation, () if target.table.alias else target.name)
    return Changed(relation, target)


def _of_query(alias: str, rows: Derived, scope: Scope, indirect: Value) -> Changed:
    indirect.update(rows.indirect)
    scope.add(alias, rows)
    return Changed(rows, None, stands=True)


def _stood(item: exp.Table | exp.Subquery, scope: Scope) -> Changed | None:
    """Give a target that stands in the FROM clause."""
    alias = scope.resolution.traits.fold_text(item.alias_or_name)
    relation = scope.relation([alias])
    if relation is None:
        return None
    if isinstance(item, exp.Subquery):
        return Changed(relation, None, stands=True)
    name = scope.resolution.traits.fold_text(item.name)
    is_query = not item.db and name in scope.ctes
    return Changed(relation, None if is_query else target_of(item, scope.resolution), stands=True)


def _by_table(outputs: Iterable[tuple[exp.Expr, Output]], first: Changed, scope: Scope) -> dict[str, list[Output]]:
    """Group written columns by the table that they are of, under the names that they have there."""
    grouped: dict[str, list[Output]] = {}
    for column, output in outputs:
        table, name = _owner(column, first, scope)
        grouped.setdefault(table, []).append(Output(name, output.value, output.expression, item=output.item))
    return grouped or ({first.table: []} if first.table else {})


def _owner(column: exp.Expr, first: Changed, scope: Scope) -> tuple[str, str]:
    """Give the table and the column that the left side of an assignment means; of a nested field the whole column."""
    traits = scope.resolution.traits
    found = column if isinstance(column, exp.Column) else column.find(exp.Column)
    parts = [traits.fold(each) for each in found.parts if isinstance(each, exp.Identifier)] if found else [column.name]
    for length in range(len(parts) - 1, 0, -1):
        relation = scope.relation(parts[:length])
        if relation is not None:
            return _behind(relation, parts[length], first)
    others = [relation for relation in scope.relations.values() if relation.has(parts[0])]
    sure = first.relation.has(parts[0]) is not False or len(others) != 1
    return _behind(first.relation if sure else others[0], parts[0], first)


def _behind(relation: Relation, name: str, first: Changed) -> tuple[str, str]:
    copied = [leaf for leaf, kind in relation.value(name) if kind is IDENTITY and leaf.table]
    return (copied[0].table, copied[0].column) if len(copied) == 1 else (first.table, name)


def _unread(
    written: dict[str, list[Output]], changed: Sequence[Changed], node: exp.Expr, resolution: Resolution
) -> None:
    """Take tables that are only changed out of those that are read, and put in one that is named but not changed."""
    for each in changed:
        if each.target is not None and ".".join(each.target.name) not in written and not each.stands:
            resolution.reads[".".join(each.target.name)] = None
    standing = any(each.stands for each in changed) or len(written) > 1 or set(written) != {c.table for c in changed}
    if not standing:
        return
    named = [table for table in node.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    names = [".".join(resolution.session.name(table)) for table in named if not _only_names(table, node)]
    for table in written:
        if names.count(table) <= 1:
            resolution.reads.pop(table, None)


def _only_names(table: exp.Table, node: exp.Expr) -> bool:
    """Whether a table of the statement's tree is a target that the FROM clause has again."""
    is_target = table is node.this or any(table is each for each in node.args.get("tables") or ())
    return is_target and _standing(table, [each for each in _sources([], node) if each is not table]) is not None
