"""One SELECT: its FROM clause, its columns, and the clauses that affect all its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.resolving.aggregates import is_aggregate
from nexus_core.sql.resolving.expressions import field_names, output_of, struct_fields, value_of
from nexus_core.sql.resolving.functions import made_by, makes_columns
from nexus_core.sql.resolving.matches import hierarchy, recognized
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Ctes, Resolution
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.sources import add_join, add_source
from nexus_core.sql.resolving.stars import expanded, has_columns, is_star, of_columns
from nexus_core.sql.resolving.values import STAR, Output, Shape, Value, carried, pooled

_FILTERS = ("where", "prewhere", "having", "qualify", "connect")
_SORTS = ("order", "sort", "cluster", "distribute")

_WITH_TIME_WINDOWS = {"spark", "databricks"}
_TIME_WINDOWS = {"window", "session_window"}


def select(node: exp.Select, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve a SELECT to its columns and to what affects all its rows."""
    scope = Scope(resolution, ctes, parent)
    indirect: Value = {}
    add_from(node, scope, indirect)
    if resolution.traits.name in _WITH_TIME_WINDOWS:
        _add_time_windows(node, scope)
    outputs = _projections(node, scope)
    if node.args.get("kind") == "VALUE" and len(outputs) == 1:
        outputs = _value_table(outputs[0], scope)
    for kind, key, aliases_first in _clauses(node):
        scope.aliases_first = aliases_first
        scope.aliases = _named(outputs) if kind in resolution.traits.alias_clauses else {}
        indirect.update(_key(key, outputs, scope, _ROLES[kind]))
    if (group := node.args.get("group")) is not None and group.args.get("all"):
        indirect.update(_ungrouped(outputs))
    return Derived(outputs, indirect)


def _add_time_windows(node: exp.Select, scope: Scope) -> None:
    """Let `window` be a column where the rows are grouped by `window(time, …)` (Spark)."""
    group = node.args.get("group")
    for key in group.expressions if group is not None else ():
        if isinstance(key, exp.Anonymous) and key.name.lower() in _TIME_WINDOWS:
            scope.merged[key.name.lower()] = Output(key.name.lower(), value_of(key, scope))


def _value_table(row: Output, scope: Scope) -> list[Output]:
    """Give the columns of SELECT AS VALUE: the fields of its struct, if it is known to be one."""
    shape = row.shape or Shape()
    is_row = bool(shape.fields) or any(leaf.column == STAR for leaf, _ in shape.rest)
    return struct_fields(row, scope) if is_row or field_names(row, scope) else [row]


def _ungrouped(outputs: Sequence[Output]) -> Value:
    """Give what GROUP BY ALL groups by: the columns that hold no aggregate."""
    plain = [output for output in outputs if not _aggregates(output)]
    return carried(pooled(output.value for output in plain), Transformation.GROUP_BY)


def _aggregates(output: Output) -> bool:
    return output.expression is not None and any(is_aggregate(node) for node in output.expression.walk())


def add_from(node: exp.Expr, scope: Scope, indirect: Value) -> None:
    """Put the FROM clause, joins and lateral views of a statement into the scope."""
    if (source := node.args.get("from_")) is not None:
        add_source(source.this, scope, indirect)
    if (match := node.args.get("match")) is not None and scope.relations:
        _add_matches(match, scope, indirect)
    if node.args.get("connect") is not None:
        scope.unstarred.add(scope.add("", hierarchy(scope)))
    for lateral in node.args.get("laterals") or ():
        add_source(lateral, scope, indirect)
    for join in node.args.get("joins") or ():
        add_join(join, scope, indirect)
    for window in node.args.get("windows") or ():
        scope.windows[window.name.lower()] = window


def _add_matches(match: exp.Expr, scope: Scope, indirect: Value) -> None:
    """Put MATCH_RECOGNIZE in the place of the relation that it stands behind: the first, by sqlglot's grammar."""
    key = next(iter(scope.relations))
    matched = recognized(match, key, scope.relations.pop(key), scope)
    scope.names.pop(key)
    alias = match.args.get("alias")
    indirect.update(matched.indirect)
    scope.add(scope.resolution.traits.fold(alias.this) if alias else key, matched)


_ROLES = {
    "where": Transformation.FILTER,
    "having": Transformation.FILTER,
    "group": Transformation.GROUP_BY,
    "sort": Transformation.SORT,
}


def _clauses(node: exp.Select) -> Iterator[tuple[str, exp.Expr, bool]]:
    """Give each key of each clause with the clause's kind, and whether an alias hides a column there."""
    for name in _FILTERS:
        if (clause := node.args.get(name)) is not None:
            yield ("where" if name in ("where", "connect") else "having"), clause, False
    if (group := node.args.get("group")) is not None:
        for key in group.iter_expressions():
            yield "group", key, False
    distinct = node.args.get("distinct")
    if distinct is not None and (on := distinct.args.get("on")) is not None:
        for key in on.expressions if isinstance(on, exp.Tuple) else [on]:
            yield "group", key, False
    if (limit := node.args.get("limit")) is not None:
        for key in limit.expressions:
            yield "group", key, False
    for name in _SORTS:
        if (clause := node.args.get(name)) is not None:
            for key in clause.expressions:
                yield "sort", key, True


def _key(key: exp.Expr, outputs: Sequence[Output], scope: Scope, role: Transformation) -> Value:
    position = key.this if isinstance(key, exp.Ordered) else key
    if _is_all(position):
        return carried(pooled(output.value for output in outputs), role)
    if isinstance(position, exp.Literal) and not position.is_string and position.name.isdigit():
        at = int(position.name) - 1
        reached = 0 <= at < len(outputs) and not any(output.star for output in outputs[: at + 1])
        return carried(outputs[at].value, role) if reached else {}
    if isinstance(position, exp.Identifier):  # a key of pipe syntax that is named where it stands
        named = _named(outputs).get(scope.resolution.traits.fold(position))
        return carried(named.value, role) if named else {}
    return value_of(key, scope, role)


def _is_all(key: exp.Expr) -> bool:
    """Whether a key is the ALL of `ORDER BY ALL`."""
    if not isinstance(key, (exp.Var, exp.Column)) or key.name.upper() != "ALL":
        return False
    return isinstance(key, exp.Var) or not (key.table or key.this.args.get("quoted"))


def _named(outputs: Sequence[Output]) -> dict[str, Output]:
    return {output.name: output for output in reversed(outputs) if output.name and not output.star}


def _projections(node: exp.Select, scope: Scope) -> list[Output]:
    outputs: list[Output] = []
    earlier = scope.resolution.traits.aliases_in_select
    named: dict[str, Output] = {}
    for item in node.expressions:
        made = projections(item, scope)
        outputs.extend(made)
        if earlier and isinstance(item, (exp.Alias, exp.Aliases)):
            for output in made:
                if output.name and not output.star:
                    named.setdefault(output.name, output)
            scope.aliases = named
    return outputs


def projections(item: exp.Expr, scope: Scope) -> list[Output]:
    """Give the columns of one select item: of a star or a call that makes several, all of them."""
    inner = item.this if isinstance(item, exp.Aliases) else item
    if is_star(inner):
        outputs = expanded(inner, scope)
    elif makes_columns(inner, scope):
        outputs = [replace(each, item=item) for each in made_by(inner, "", _aliases(item, scope), scope).columns]
    elif scope.resolution.traits.columns_by_pattern and has_columns(inner):
        outputs = of_columns(inner, scope)
    else:
        return [projection(item, scope)]
    names = _aliases(item, scope)
    return [replace(output, name=name) for output, name in zip(outputs, names, strict=False)] + outputs[len(names) :]


def _aliases(item: exp.Expr, scope: Scope) -> list[str]:
    """Give the names of `f(x) AS (a, b)`."""
    if not isinstance(item, exp.Aliases):
        return []
    return scope.resolution.traits.column_names(item.expressions)


def projection(item: exp.Expr, scope: Scope) -> Output:
    """Give one select item as a column; its expression is the one behind it where it only copies one."""
    inner = item.this if isinstance(item, (exp.Alias, exp.Aliases)) else item
    output = output_of(inner, scope)
    plain = inner.unnest()
    copies = isinstance(plain, exp.Column) and isinstance(plain.this, exp.Identifier)
    return Output(
        _name(item, scope), output.value, output.expression if copies else inner, item=item, structure=output.structure
    )


def _name(item: exp.Expr, scope: Scope) -> str:
    traits = scope.resolution.traits
    if isinstance(item, exp.Alias) and isinstance(item.args["alias"], exp.Identifier):
        return traits.fold(item.args["alias"])
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Identifier):
        return traits.fold(item.this)
    if isinstance(item, exp.Dot) and isinstance(item.expression, exp.Identifier):
        return traits.fold(item.expression)
    if isinstance(item, (exp.Cast, exp.Paren)):
        return _name(item.this, scope)
    if isinstance(item, exp.Subquery) and isinstance(item.this, exp.Select) and len(item.this.expressions) == 1:
        return traits.fold_text(item.alias) if item.alias else _name(item.this.expressions[0], scope)
    return ""


def sort_keys(node: exp.Expr, derived: Derived, resolution: Resolution, ctes: Ctes) -> Value:
    """Give what an ORDER BY behind a set operation or a parenthesis sorts by: columns of the result."""
    order = node.args.get("order")
    if order is None:
        return {}
    scope = Scope(resolution, ctes)
    scope.add("", derived)
    value: Value = {}
    for key in order.expressions:
        value.update(_key(key, derived.outputs(), scope, Transformation.SORT))
    return value
