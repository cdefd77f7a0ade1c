"""Statements that change rows in place: UPDATE, DELETE, MERGE."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.ctes import with_queries
from nexus_core.sql.expressions import value_of
from nexus_core.sql.relations import BaseTable, Derived
from nexus_core.sql.resolution import Ctes, Effect, Resolution
from nexus_core.sql.scope import Scope
from nexus_core.sql.select import add_from, projection
from nexus_core.sql.sources import add_join, add_source
from nexus_core.sql.targets import Target, inserted, target_of
from nexus_core.sql.values import Output, Value
from nexus_core.sql.writes import assignments, returning


def update(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve UPDATE with FROM or joins, to what it returns; several tables may be updated at once (MySQL)."""
    ctes = with_queries(node, resolution, ctes, parent)
    scope, indirect = Scope(resolution, ctes, parent), Value()
    target = _changed(node, scope, indirect)
    if target is None:
        return Derived([])
    if (where := node.args.get("where")) is not None:
        indirect.update(value_of(where, scope, Transformation.FILTER))
    for each, items in _by_target(node.expressions, target, scope).items():
        outputs = tuple(assignments(items, scope, each))
        resolution.effects.append(Effect(each.name, outputs, indirect))
    written = {output.name: output.value for effect in resolution.effects[-1:] for output in effect.outputs}
    return returning(node, [(target.table.alias_or_name, target)], resolution, ctes, written)


def _changed(node: exp.Expr, scope: Scope, indirect: Value) -> Target | None:
    """Put the changed table and the FROM clause into the scope; T-SQL names an alias of that clause as target."""
    table = node.this
    named = _aliased(node, table)
    target = target_of(named or table, scope.resolution)
    if target is None:
        scope.resolution.problem("unsupported_target", f"{type(table).__name__} is no table")
        return None
    if named is None:
        alias = scope.resolution.traits.fold_text(table.alias_or_name)
        scope.add(alias, _relation(target, scope), () if table.alias else target.name)
    reads = set(scope.resolution.reads)
    add_from(node, scope, indirect)
    for join in table.args.get("joins") or ():
        add_join(join, scope, indirect)
    for source in node.args.get("using") or ():
        add_source(source, scope, indirect)
    if named is not None and ".".join(target.name) not in reads:
        scope.resolution.reads.pop(".".join(target.name), None)
    return target


def _relation(target: Target, scope: Scope) -> BaseTable | Derived:
    """Give the target as a relation, which that alone does not make an input."""
    relation = scope.resolution.table(target.name, reads=False)
    assert isinstance(relation, (BaseTable, Derived))  # noqa: S101 - narrows the Protocol
    return relation


def _aliased(node: exp.Expr, table: exp.Expr) -> exp.Table | None:
    if not isinstance(table, exp.Table) or table.args.get("db") or node.args.get("from_") is None:
        return None
    first = node.args["from_"].this
    tables = [
        first,
        *(join.this for join in first.args.get("joins") or ()),
        *(j.this for j in node.args.get("joins") or ()),
    ]
    matches = [each for each in tables if isinstance(each, exp.Table) and each.alias.lower() == table.name.lower()]
    return matches[0] if matches and table.name else None


def _by_target(items: Iterable[exp.Expr], target: Target, scope: Scope) -> dict[Target, list[exp.Expr]]:
    """Group assignments by the table that their qualifier means."""
    grouped: dict[Target, list[exp.Expr]] = {}
    for item in items:
        left = item.this
        qualifier = left.table if isinstance(left, exp.Column) else ""
        relation = scope.relation([qualifier]) if qualifier else None
        other = isinstance(relation, BaseTable) and relation.name != ".".join(target.name)
        owner = target
        if isinstance(relation, BaseTable) and other:
            parts = tuple(relation.name.split("."))
            owner = replace(target, name=parts, known=scope.resolution.session.columns(parts))
            scope.resolution.reads.pop(relation.name, None)
        grouped.setdefault(owner, []).append(item)
    return grouped or {target: []}


def delete(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve DELETE: what decides over the rows is indirect; several tables may be named (MySQL)."""
    ctes = with_queries(node, resolution, ctes, parent)
    scope, indirect = Scope(resolution, ctes, parent), Value()
    target = _changed(node, scope, indirect)
    if target is None:
        return Derived([])
    if (where := node.args.get("where")) is not None:
        indirect.update(value_of(where, scope, Transformation.FILTER))
    resolution.effects.append(Effect(target.name, (), indirect))
    return returning(node, [(target.table.alias_or_name, target)], resolution, ctes, {})


def merge(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve MERGE: every WHEN branch adds sources to the target's columns."""
    ctes = with_queries(node, resolution, ctes, parent)
    target = target_of(node.this, resolution)
    if target is None:
        resolution.problem("unsupported_target", f"{type(node.this).__name__} is no table")
        return Derived([])
    scope, indirect = Scope(resolution, ctes, parent), Value()
    alias = resolution.traits.fold_text(target.table.alias_or_name)
    scope.add(alias, _relation(target, scope), () if target.table.alias else target.name)
    source = Scope(resolution, ctes, parent)
    add_source(node.args["using"], source, indirect)
    for key, relation in source.relations.items():
        scope.add(key, relation, source.names[key])
    if (on := node.args.get("on")) is not None:
        indirect.update(value_of(on, scope, Transformation.JOIN))
    outputs = [
        output for when in node.args["whens"].expressions for output in _branch(when, target, scope, source, indirect)
    ]
    resolution.effects.append(Effect(target.name, tuple(outputs), indirect))
    return returning(node, [(alias, target)], resolution, ctes, {output.name: output.value for output in outputs})


def _branch(when: exp.Expr, target: Target, scope: Scope, source: Scope, indirect: Value) -> list[Output]:
    if (condition := when.args.get("condition")) is not None:
        indirect.update(value_of(condition, scope, Transformation.FILTER))
    then = when.args.get("then")
    if isinstance(then, exp.Update):
        if any(isinstance(each, exp.Star) for each in then.expressions):
            return _all_by_name(source)
        return list(assignments(then.expressions, scope, target))
    if isinstance(then, exp.Insert):
        return _inserted(then, target, scope, source)
    return []


def _inserted(then: exp.Insert, target: Target, scope: Scope, source: Scope) -> list[Output]:
    """Resolve `INSERT (a, b) VALUES (x, y)`, whose values see the source, and `INSERT *`."""
    values = then.args.get("expression")
    if not isinstance(values, exp.Tuple):
        return _all_by_name(source)
    columns = then.this.expressions if isinstance(then.this, exp.Tuple) else ()
    traits = scope.resolution.traits
    listed = tuple(traits.fold(each.this) for each in columns if isinstance(each, exp.Column))
    outputs = [projection(each, source) for each in values.expressions]
    return list(inserted(replace(target, listed=listed), outputs)[0])


def _all_by_name(source: Scope) -> list[Output]:
    return [replace(output, star=None) for relation in source.relations.values() for output in relation.outputs()]
