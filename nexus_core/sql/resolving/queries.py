"""Queries: SELECT, set operations, VALUES, WITH, to the columns that they yield."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.resolving.ctes import with_queries
from nexus_core.sql.resolving.expressions import value_of
from nexus_core.sql.resolving.pivots import pivot_statement
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Ctes, Resolution
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.select import select, sort_keys
from nexus_core.sql.resolving.shapes import joined
from nexus_core.sql.resolving.sources import relation_of
from nexus_core.sql.resolving.values import OpenStar, Output, Value, carried, pooled


def query(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None = None) -> Derived:
    """Resolve a query of any kind; `parent` is the scope of the query that it stands in, if that is visible."""
    resolution.budget.spend()
    if node.args.get("for_") is not None and node.parent is not None:
        return _document(_plain(node, resolution, ctes, parent))
    return _plain(node, resolution, ctes, parent)


def _document(derived: Derived) -> Derived:
    """Make the one value of all rows that FOR XML and FOR JSON make inside of a statement (T-SQL)."""
    value = carried(pooled(output.value for output in derived.outputs()), Transformation.AGGREGATION)
    return Derived([Output("", value)], derived.indirect)


def _plain(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    ctes = with_queries(node, resolution, ctes, parent)
    if isinstance(node, exp.Select):
        return select(node, resolution, ctes, parent)
    if isinstance(node, exp.SetOperation):
        return _set_operation(node, resolution, ctes, parent)
    if isinstance(node, exp.Subquery):
        return _wrapped(node, resolution, ctes, parent)
    if isinstance(node, exp.Values):
        return _values(node, resolution, ctes, parent)
    if isinstance(node, exp.Table):
        return _table(node, resolution, ctes, parent)
    if isinstance(node, exp.Pivot):
        scope = Scope(resolution, ctes, parent)
        return pivot_statement(node, relation_of(node.this, scope), scope)
    resolution.problem("unsupported_query", f"{type(node).__name__} is no query that is understood")
    return Derived([])


def _wrapped(node: exp.Subquery, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    derived = resolution.query(node.this, ctes, parent)
    return Derived(derived.outputs(), {**derived.indirect, **sort_keys(node, derived, resolution, ctes)})


def _table(node: exp.Table, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    relation = relation_of(node, Scope(resolution, ctes, parent))
    return Derived(relation.outputs(), relation.indirect)


def _values(node: exp.Values, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    scope = Scope(resolution, ctes, parent)
    rows = [_row(row) for row in node.expressions]
    width = len(rows[0]) if rows else 0
    values: list[Value] = [{} for _ in range(width)]
    for row in rows:
        for value, expression in zip(values, row, strict=False):
            if not isinstance(expression, exp.Literal):
                value.update(value_of(expression, scope))
    return Derived([Output(f"column{at + 1}", value) for at, value in enumerate(values)])


def _row(row: exp.Expr) -> list[exp.Expr]:
    """Give the values of `(a, b)` and of `ROW(a, b)`."""
    values = row.expressions if isinstance(row, exp.Tuple) else [row]
    only = values[0] if len(values) == 1 else None
    is_row = isinstance(only, exp.Struct) or (isinstance(only, exp.Anonymous) and only.name.lower() == "row")
    return only.expressions if only is not None and is_row else values


def _set_operation(node: exp.SetOperation, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve the left-deep chain from its first branch on, without recursion: chains are thousands long."""
    chain: list[tuple[exp.SetOperation, Ctes]] = []
    first: exp.Expr = node
    while isinstance(first, exp.SetOperation):
        if first is not node:
            ctes = with_queries(first, resolution, ctes, parent)
        chain.append((first, ctes))
        first = first.this
    derived = _owned(resolution.query(first, ctes, parent))
    for operation, inner in reversed(chain):
        right = resolution.query(operation.expression, inner, parent)
        derived = _combined(operation, derived, right, resolution)
        derived.indirect.update(sort_keys(operation, derived, resolution, inner))
    return derived


def _owned(derived: Derived) -> Derived:
    """Copy a result, so that the branches behind it may be added in place: a copy a branch is quadratic."""
    return Derived([replace(output, value=dict(output.value)) for output in derived.outputs()], dict(derived.indirect))


def _combined(operation: exp.SetOperation, left: Derived, right: Derived, resolution: Resolution) -> Derived:
    """Add a branch to those before it, whose values are taken over."""
    indirect = left.indirect
    indirect.update(right.indirect)
    resolution.budget.spend(len(right.indirect) + sum(len(output.value) for output in right.outputs()))
    if isinstance(operation, exp.Except):
        indirect.update(carried(pooled(output.value for output in right.outputs()), Transformation.FILTER))
        return left
    if operation.args.get("by_name"):
        return Derived(_by_name(left.outputs(), right.outputs()), indirect)
    return Derived(_by_position(left.outputs(), right.outputs(), resolution), indirect)


def _by_name(left: Sequence[Output], right: Sequence[Output]) -> list[Output]:
    merged = {output.name: output for output in left}
    for output in right:
        before = merged.get(output.name)
        merged[output.name] = _merged(before, output) if before else replace(output, value=dict(output.value))
    return list(merged.values())


def _merged(left: Output, right: Output) -> Output:
    return replace(left, value={**left.value, **right.value}, structure=joined(left, right))


def _added(left: Output, right: Output) -> Output:
    """Add to a column in place, unless parts of it are known apart."""
    if left.structure is not None or right.structure is not None:
        return _merged(left, right)
    left.value.update(right.value)
    return left


def _opened(output: Output, tables: Sequence[str], behind: Value) -> Output:
    if output.star is None:
        return output
    star = OpenStar(tuple(dict.fromkeys((*output.star.tables, *tables))), output.star.hidden)
    return replace(output, value={**output.value, **behind}, star=star)


def _by_position(left: Sequence[Output], right: Sequence[Output], resolution: Resolution) -> list[Output]:
    """Pair columns by position; where only one side has a star, its columns behind it are any of the other's."""
    stars = [any(output.star for output in side) for side in (left, right)]
    if not any(stars):
        if len(left) != len(right):
            resolution.problem("column_count", f"a set operation joins {len(left)} and {len(right)} columns")
        return [*(_added(a, b) for a, b in zip(left, right, strict=False)), *left[len(right) :]]
    if all(stars):
        tables = [table for output in right if output.star for table in output.star.tables]
        behind = pooled(output.value for output in right)
        return [_opened(output, tables, behind) for output in left]
    named, opened = (right, left) if stars[0] else (left, right)
    behind_star = pooled(output.value for output in opened if output.star)
    return [replace(output, value={**output.value, **behind_star}) for output in named]
