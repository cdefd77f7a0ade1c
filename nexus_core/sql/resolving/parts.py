"""What each type of expression is made of: its parts, each with the way that it takes part."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.resolving.aggregates import arguments, is_aggregate
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.values import AGGREGATION, CONDITION, IDENTITY, TRANSFORMATION, WINDOW

Part = tuple[exp.Expr, Transformation]


def parts(node: exp.Expr, scope: Scope) -> Iterable[Part]:
    """Give an expression's parts with their roles in it, the value before what decides or orders."""
    rule = _RULES.get(type(node)) or (_BY_NAME.get(node.name.lower()) if type(node) is exp.Anonymous else None)
    if rule is not None:
        return rule(node, scope)
    if is_aggregate(node):
        values, decisive = arguments(node)
        return [*((each, AGGREGATION) for each in values), *((each, CONDITION) for each in decisive)]
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


def _decode(node: exp.Expr, _: Scope) -> Iterable[Part]:
    """`DECODE(x, search, result, …, default)`: all but the results and the default decide."""
    first, *others = node.expressions
    last = len(others) - 1 if len(others) % 2 else len(others)
    yield first, CONDITION
    for at, each in enumerate(others):
        yield each, TRANSFORMATION if at % 2 or at == last else CONDITION


def _function_if(node: exp.Expr, _: Scope) -> Iterable[Part]:
    """`iff(condition, a, b)` and `iif`, where the dialect does not know them."""
    return [(each, TRANSFORMATION if at else CONDITION) for at, each in enumerate(node.expressions)]


def _multi_if(node: exp.Expr, _: Scope) -> Iterable[Part]:
    """`multiIf(condition, value, …, default)` of ClickHouse."""
    last = len(node.expressions) - 1
    return [(each, TRANSFORMATION if at % 2 or at == last else CONDITION) for at, each in enumerate(node.expressions)]


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
        if (frame := named.args.get("spec")) is not None:
            yield from ((bound, WINDOW) for bound in frame.iter_expressions())
        alias = named.args.get("alias")
        named = scope.windows.get(alias.name.lower()) if isinstance(alias, exp.Identifier) else None


def _exists(node: exp.Expr, _: Scope) -> Iterable[Part]:
    """`EXISTS (…)`, or Spark's `exists(array, x -> …)`, which computes."""
    if node.args.get("expression") is not None:
        return _each(node, TRANSFORMATION)
    return [(node.this, CONDITION)]


def _count(node: exp.Expr, _: Scope) -> Iterable[Part]:
    stars = isinstance(node.this, exp.Star) or (
        isinstance(node.this, exp.Column) and isinstance(node.this.this, exp.Star)
    )
    return [] if stars else _each(node, AGGREGATION)


def _named_argument(node: exp.Expr, _: Scope) -> Iterable[Part]:
    return [(node.expression, TRANSFORMATION)]


_UNIT_WORDS = """
    year years yyyy yy y quarter quarters qq q month months mm mon week weeks wk ww dayofyear dy doy day days dd d
    weekday dw dow isodow isoweek iso_week hour hours hh minute minutes mi second seconds ss s millisecond
    milliseconds ms microsecond microseconds mcs us nanosecond nanoseconds ns epoch decade century millennium
"""
_UNITS = frozenset(_UNIT_WORDS.split())
"""Words by which functions of dates name their unit."""


def _dated(node: exp.Expr, scope: Scope) -> Iterable[Part]:
    """`dateadd(day, 1, x)`: a unit in front is no column, wherever the parser of another product takes it for one.

    Of `datediff(day, x, y)` that parser takes y for the unit.
    """
    first, *others = node.expressions or node.iter_expressions()
    last = node.args.get("unit")
    known = type(node) is not exp.Anonymous and (last is None or last.name.lower() in _UNITS)
    if known or not others or not _is_unit(first):
        return _each(node, TRANSFORMATION)
    if isinstance(last, exp.Var):
        name = scope.resolution.traits.change_case(last.name.lower())
        others = [*(each for each in others if each is not last), exp.column(name, quoted=True)]
    return [(each, TRANSFORMATION) for each in others]


def _is_unit(node: exp.Expr) -> bool:
    named = isinstance(node, exp.Literal) or (isinstance(node, exp.Column) and not node.table)
    return named and node.name.lower() in _UNITS


def _nothing(_: exp.Expr, __: Scope) -> Iterable[Part]:
    return []


_RULES: dict[type[exp.Expr], Callable[[exp.Expr, Scope], Iterable[Part]]] = {
    exp.Alias: _same,
    exp.Paren: _same,
    exp.Ordered: _same,
    exp.IgnoreNulls: _same,
    exp.RespectNulls: _same,
    exp.Limit: _same,
    exp.Literal: _nothing,
    exp.NextValueFor: _nothing,
    exp.Case: _case,
    exp.If: _if,
    exp.DecodeCase: _decode,
    exp.Nvl2: _if,
    exp.Filter: _filter,
    exp.HavingMax: _filter,
    exp.Window: _window,
    exp.WithinGroup: _within_group,
    exp.Order: _order,
    exp.Exists: _exists,
    exp.Count: _count,
    exp.DateDiff: _dated,
    exp.TimestampDiff: _dated,
    exp.PropertyEQ: _named_argument,
    exp.Kwarg: _named_argument,
}
_DATED = "dateadd date_add datepart date_part datename date_name datediff_big date_bucket timestampadd timestamp_add"
_BY_NAME = {"multiif": _multi_if, "iff": _function_if, "iif": _function_if, **dict.fromkeys(_DATED.split(), _dated)}
