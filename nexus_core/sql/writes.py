"""Statements that put a query's rows somewhere: INSERT, CREATE … AS, SELECT INTO, COPY, TRUNCATE."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.ctes import with_queries
from nexus_core.sql.expressions import value_of
from nexus_core.sql.relations import BaseTable, Derived
from nexus_core.sql.resolution import Ctes, Effect, Makes, Resolution
from nexus_core.sql.scope import Scope
from nexus_core.sql.select import projection, projections
from nexus_core.sql.targets import Target, created, inserted, numbered, target_of
from nexus_core.sql.values import CONDITION, Output, Value, carried


def insert(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve INSERT, to what it returns; ON CONFLICT updates are further sources of its columns."""
    ctes = with_queries(node, resolution, ctes, parent)
    target = target_of(node.this, resolution)
    if target is None:
        resolution.problem("unsupported_target", f"{type(node.this).__name__} is no table")
        return Derived([])
    source = node.args.get("expression")
    derived = resolution.query(source, ctes, parent) if isinstance(source, (exp.Query, exp.Values)) else Derived([])
    outputs, guessed = (
        (tuple(derived.outputs()), False) if node.args.get("by_name") else inserted(target, derived.outputs())
    )
    indirect = dict(derived.indirect)
    updates = _on_conflict(node, target, outputs, resolution, ctes, indirect)
    resolution.effects.append(Effect(target.name, (*outputs, *updates), indirect, guessed=guessed))
    return returning(node, [(target.table.alias_or_name, target)], resolution, ctes, {o.name: o.value for o in outputs})


def _on_conflict(
    node: exp.Expr,
    target: Target,
    outputs: Iterable[Output],
    resolution: Resolution,
    ctes: Ctes,
    indirect: Value,
) -> list[Output]:
    conflict = node.args.get("conflict")
    if conflict is None:
        return []
    scope = Scope(resolution, ctes)
    scope.add(resolution.traits.fold_text(target.table.alias_or_name), _in_place(target), target.name)
    scope.add("excluded", Derived(list(outputs)))
    if (where := conflict.args.get("where")) is not None:
        indirect.update(value_of(where, scope, Transformation.FILTER))
    return list(assignments(conflict.expressions, scope, target))


def assignments(items: Iterable[exp.Expr], scope: Scope, target: Target) -> Iterable[Output]:
    """Give the columns that `SET a = …, (b, c) = (…)` writes."""
    for item in items:
        if not isinstance(item, exp.EQ):
            continue
        left, right = item.this, item.expression
        if not isinstance(left, exp.Tuple):
            yield _assigned(left, projection(right, scope), target, scope)
            continue
        if isinstance(right, exp.Query):
            values = _row(scope.resolution.query(right, scope.ctes, scope))
        else:
            values = [projection(each, scope) for each in right.expressions]
        for column, value in zip(left.expressions, values, strict=False):
            yield _assigned(column, value, target, scope)


def _row(derived: Derived) -> list[Output]:
    """Give the columns of a row subquery, each with what decides over the row as a condition."""
    conditions = carried(derived.indirect, CONDITION)
    return [replace(output, value={**output.value, **conditions}) for output in derived.outputs()]


def _assigned(column: exp.Expr, value: Output, target: Target, scope: Scope) -> Output:
    name = scope.resolution.traits.fold_text(column.name, quoted=bool(column.this and _quoted(column)))
    return Output(target.spelled(name), value.value, value.expression, item=value.item)


def _quoted(column: exp.Expr) -> bool:
    return isinstance(column.this, exp.Identifier) and bool(column.this.args.get("quoted"))


def _in_place(target: Target) -> BaseTable:
    """Give a target as a relation that a statement changes in place: that alone makes it no input."""
    return BaseTable(".".join(target.name), target.known)


def returning(
    node: exp.Expr,
    targets: Iterable[tuple[str, Target]],
    resolution: Resolution,
    ctes: Ctes,
    written: dict[str, Value],
) -> Derived:
    """Give the rows that RETURNING hands on: written columns come from their sources, others from the table."""
    clause = node.args.get("returning")
    if clause is None:
        return Derived([])
    scope = Scope(resolution, ctes)
    for alias, target in targets:
        scope.add(resolution.traits.fold_text(alias), _after(target, written), target.name)
    outputs: list[Output] = []
    for item in clause.expressions:
        outputs.extend(projections(item, scope))
    return Derived(outputs)


def _after(target: Target, written: dict[str, Value]) -> Derived:
    """Give a target's rows after the write: written columns have their sources, others are the table's own."""
    outputs = [replace(output, value=written.get(output.name, output.value)) for output in _in_place(target).outputs()]
    named = {output.name for output in outputs}
    return Derived([*(Output(name, value) for name, value in written.items() if name not in named), *outputs])


def create(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve CREATE TABLE and VIEW, from a query or with columns alone."""
    target = target_of(node.this, resolution)
    if target is None or node.args.get("kind") not in ("TABLE", "VIEW"):
        return Derived([])
    ctes = with_queries(node, resolution, ctes, parent)
    makes = Makes.TEMPORARY if _temporary(node) else Makes.TABLE
    source = node.args.get("expression")
    if isinstance(source, (exp.Query, exp.Values)):
        derived = resolution.query(source, ctes, parent)
        outputs = created(target, derived.outputs())
        resolution.effects.append(Effect(target.name, outputs, derived.indirect, makes))
    else:
        listed = [*target.listed, *_like(node, resolution)]
        resolution.effects.append(Effect(target.name, tuple(Output(name, {}) for name in listed), {}, makes))
    return Derived([])


def _temporary(node: exp.Expr) -> bool:
    properties = node.args.get("properties")
    marked = properties is not None and properties.find(exp.TemporaryProperty) is not None
    table = node.this.this if isinstance(node.this, exp.Schema) else node.this
    return marked or table.name.startswith("#") or bool(table.this.args.get("temporary"))


def _like(node: exp.Expr, resolution: Resolution) -> Iterable[str]:
    """Give the columns that `LIKE other` copies."""
    for like in node.find_all(exp.LikeProperty):
        if isinstance(like.this, exp.Table):
            yield from resolution.session.columns(resolution.session.name(like.this)) or ()


def select_into(node: exp.Expr, resolution: Resolution, derived: Derived) -> None:
    """Record the table that SELECT … INTO makes."""
    into = node.args["into"]
    target = target_of(into.this, resolution)
    if target is not None:
        temporary = into.args.get("temporary") or target.table.this.args.get("temporary") or target.name[-1][:1] == "#"
        makes = Makes.TEMPORARY if temporary else Makes.TABLE
        resolution.effects.append(Effect(target.name, created(target, derived.outputs()), derived.indirect, makes))


def copy(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve COPY: into a table from a file, or of a table or query to one."""
    if isinstance(node.this, exp.Subquery):
        derived = resolution.query(node.this, ctes, parent)
        resolution.effects.append(Effect((), numbered(derived.outputs()), derived.indirect))
        return Derived([])
    target = target_of(node.this, resolution)
    if target is not None and node.args.get("kind"):
        resolution.effects.append(Effect(target.name))
    elif target is not None:
        relation = resolution.table(target.name)
        listed = [Output(name, relation.value(name)) for name in target.listed]
        resolution.effects.append(Effect((), tuple(listed or relation.outputs())))
    return Derived([])


def truncate(node: exp.Expr, resolution: Resolution, _: Ctes, __: Scope | None) -> Derived:
    """Record the tables that TRUNCATE empties."""
    for each in node.expressions:
        if (target := target_of(each, resolution)) is not None:
            resolution.effects.append(Effect(target.name))
    return Derived([])
