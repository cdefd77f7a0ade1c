"""The sources of an expression's value: one walk without recursion, each node type's rule in a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.programs import PROGRAM_NODES, program_value
from nexus_core.sql.scope import Scope
from nexus_core.sql.values import (
    AGGREGATION,
    CONDITION,
    IDENTITY,
    TRANSFORMATION,
    WINDOW,
    Value,
    carried,
    pooled,
    through,
)

Part = tuple[exp.Expr, Transformation]

_NAVIGATION = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)
_RANKING = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile)
_AGGREGATES = frozenset(
    [
        "json_agg",
        "jsonb_agg",
        "json_object_agg",
        "jsonb_object_agg",
        "json_agg_strict",
        "xmlagg",
        "bit_and",
        "bit_or",
        "bit_xor",
        "every",
        "mode",
        "percentile_cont",
        "percentile_disc",
        "range_agg",
        "regr_slope",
        "regr_r2",
        "regr_intercept",
        "regr_count",
        "string_agg",
        "listagg",
        "array_agg",
        "array_concat_agg",
        "median",
        "any_value",
        "approx_count_distinct",
        "count_distinct",
        "hll_cardinality",
        "group_concat",
        "object_agg",
        "stddev_pop",
        "var_samp",
        "checksum_agg",
        "count_big",
        "max_by",
        "min_by",
        "arg_max",
        "arg_min",
    ]
)


def value_of(expression: exp.Expr, scope: Scope, role: Transformation = IDENTITY) -> Value:
    """Give the sources of an expression that takes part in something larger with a role."""
    value: Value = {}
    stack: list[Part] = [(expression, role)]
    while stack:
        node, outer = stack.pop()
        scope.resolution.budget.spend()
        if isinstance(node, exp.Column):
            value.update(_column(node, scope, outer))
        elif isinstance(node, exp.Query):
            value.update(_subquery(node, scope, outer))
        elif isinstance(node, exp.Exists) and isinstance(node.this, exp.Query):
            value.update(_decisive(node.this, scope, outer))
        elif isinstance(node, exp.Lambda):
            value.update(_lambda(node, scope, outer))
        elif type(node) in PROGRAM_NODES and (found := program_value(node, scope, value_of)) is not None:
            value.update(carried(found, outer))
        elif not isinstance(node, (exp.DataType, exp.Identifier)):
            parts = list(_parts(node, scope))
            stack.extend((child, through(outer, step)) for child, step in reversed(parts))
    return value


def _column(node: exp.Column, scope: Scope, role: Transformation) -> Value:
    if not isinstance(node.this, exp.Star):
        return carried(scope.column(node), role)
    relation = scope.relation([part.name for part in node.parts[:-1]])
    outputs = relation.outputs() if relation else ()
    return carried(pooled(output.value for output in outputs), role)


def _subquery(node: exp.Query, scope: Scope, role: Transformation) -> Value:
    """Give what a nested query yields; what affects its rows is a condition here, or keeps its kind in a clause."""
    derived = scope.resolution.query(node, scope.ctes, scope)
    value = carried(pooled(output.value for output in derived.outputs()), role)
    value.update(derived.indirect if role.indirect else carried(derived.indirect, through(role, CONDITION)))
    return value


def _decisive(node: exp.Query, scope: Scope, role: Transformation) -> Value:
    """Give what decides whether EXISTS finds a row: what it selects does not matter."""
    derived = scope.resolution.query(node, scope.ctes, scope)
    return derived.indirect if role.indirect else carried(derived.indirect, through(role, CONDITION))


def _lambda(node: exp.Lambda, scope: Scope, role: Transformation) -> Value:
    inner = Scope(scope.resolution, scope.ctes, scope)
    inner.merged = {
        scope.resolution.traits.fold(each): {} for each in node.expressions if isinstance(each, exp.Identifier)
    }
    return value_of(node.this, inner, role)


def _parts(node: exp.Expr, scope: Scope) -> Iterable[Part]:
    rule = _RULES.get(type(node))
    if rule is not None:
        return rule(node, scope)
    if isinstance(node, exp.AggFunc) and not isinstance(node, (*_NAVIGATION, *_RANKING)):
        return _each(node, AGGREGATION)
    if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc)) and node.name.lower() in _AGGREGATES:
        return _each(node, AGGREGATION)
    return _each(node, TRANSFORMATION)


def _each(node: exp.Expr, role: Transformation) -> Iterable[Part]:
    return [(child, role) for child in node.iter_expressions()]


def _same(node: exp.Expr, _: Scope) -> Iterable[Part]:
    return [(node.this, IDENTITY)]


def _case(node: exp.Expr, _: Scope) -> Iterable[Part]:
    if node.this is not None:
        yield node.this, CONDITION
    for branch in node.args.get("ifs") or ():
        yield branch, IDENTITY
    if (default := node.args.get("default")) is not None:
        yield default, TRANSFORMATION


def _if(node: exp.Expr, _: Scope) -> Iterable[Part]:
    yield node.this, CONDITION
    for name in ("true", "false"):
        if (branch := node.args.get(name)) is not None:
            yield branch, TRANSFORMATION


def _filter(node: exp.Expr, _: Scope) -> Iterable[Part]:
    return [(node.this, IDENTITY), (node.expression, CONDITION)]


def _order(node: exp.Expr, _: Scope) -> Iterable[Part]:
    """`array_agg(x ORDER BY y)`: x is the value, y a key."""
    value = [(node.this, IDENTITY)] if node.this is not None else []
    return [*value, *((key, WINDOW) for key in node.expressions)]


def _within_group(node: exp.Expr, _: Scope) -> Iterable[Part]:
    """`percentile_cont(0.5) WITHIN GROUP (ORDER BY x)` aggregates x; `listagg(v) WITHIN GROUP (ORDER BY k)` does v."""
    inner = node.this
    ordered = node.expression
    is_value = isinstance(inner, (exp.PercentileCont, exp.PercentileDisc)) or not list(inner.find_all(exp.Column))
    keys = ordered.expressions if isinstance(ordered, exp.Order) else [ordered]
    return [(inner, AGGREGATION), *((key, AGGREGATION if is_value else WINDOW) for key in keys)]


def _window(node: exp.Expr, scope: Scope) -> Iterable[Part]:
    yield node.this, TRANSFORMATION
    seen: set[int] = set()
    named: exp.Expr | None = node
    while named is not None and id(named) not in seen:
        seen.add(id(named))
        for key in named.args.get("partition_by") or ():
            yield key, WINDOW
        if (order := named.args.get("order")) is not None:
            yield from ((key, WINDOW) for key in order.expressions)
        alias = named.args.get("alias")
        named = scope.windows.get(alias.name.lower()) if isinstance(alias, exp.Identifier) else None


def _exists(node: exp.Expr, _: Scope) -> Iterable[Part]:
    return [(node.this, CONDITION)]


def _dot(node: exp.Expr, scope: Scope) -> Iterable[Part]:
    """`(row).field`: of a relation's row one column, of anything else a part of its value."""
    inner = node.this.unnest() if isinstance(node.this, exp.Paren) else node.this
    field = node.expression
    if isinstance(inner, exp.Column) and not inner.table and isinstance(field, exp.Identifier):
        relation = scope.relation([inner.name])
        if relation is not None and relation.has(inner.name) is not True:
            return [(exp.Column(this=field, table=inner.this), IDENTITY)]
    return [(node.this, TRANSFORMATION), (field, TRANSFORMATION)]


def _count(node: exp.Expr, _: Scope) -> Iterable[Part]:
    stars = isinstance(node.this, exp.Star) or (
        isinstance(node.this, exp.Column) and isinstance(node.this.this, exp.Star)
    )
    return [] if stars else _each(node, AGGREGATION)


def _named_argument(node: exp.Expr, _: Scope) -> Iterable[Part]:
    return [(node.expression, TRANSFORMATION)]


def _nothing(_: exp.Expr, __: Scope) -> Iterable[Part]:
    return []


_RULES: dict[type[exp.Expr], Callable[[exp.Expr, Scope], Iterable[Part]]] = {
    exp.Alias: _same,
    exp.Paren: _same,
    exp.Ordered: _same,
    exp.Literal: _nothing,
    exp.Case: _case,
    exp.If: _if,
    exp.Filter: _filter,
    exp.Window: _window,
    exp.WithinGroup: _within_group,
    exp.Order: _order,
    exp.Exists: _exists,
    exp.Dot: _dot,
    exp.Count: _count,
    exp.PropertyEQ: _named_argument,
    exp.Kwarg: _named_argument,
}
