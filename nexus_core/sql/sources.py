"""The FROM clause: tables, subqueries, laterals, functions and joins, put into a scope."""

from __future__ import annotations

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.ctes import read_cte
from nexus_core.sql.expressions import value_of
from nexus_core.sql.files import file_relation
from nexus_core.sql.relations import Derived, FunctionTable, Relation
from nexus_core.sql.scope import Scope
from nexus_core.sql.stars import star_outputs
from nexus_core.sql.values import TRANSFORMATION, Value, carried, unknown_value

_FUNCTION_COLUMNS = {
    "json_each": ("key", "value"),
    "jsonb_each": ("key", "value"),
    "json_each_text": ("key", "value"),
    "jsonb_each_text": ("key", "value"),
    "json_array_elements": ("value",),
    "jsonb_array_elements": ("value",),
    "json_array_elements_text": ("value",),
    "jsonb_array_elements_text": ("value",),
    "flatten": ("seq", "key", "path", "index", "value", "this"),
}
"""Columns of well-known table functions; one that is not here may have any."""

_ONE_COLUMN = {"generate_series", "unnest", "regexp_split_to_table", "string_to_table", "json_object_keys"}
_ONE_COLUMN |= {"jsonb_object_keys", "generate_subscripts", "regexp_matches", "string_split"}


def add_source(node: exp.Expr, scope: Scope, indirect: Value) -> None:
    """Put one item of a FROM clause, with the joins written behind it, into the scope."""
    scope.resolution.budget.spend()
    if _is_parenthesised(node) and not node.alias:
        add_source(node.this, scope, indirect)
    else:
        relation = relation_of(node, scope)
        indirect.update(relation.indirect)
        scope.add(_alias(node, scope), relation, _table_name(node, scope))
    for join in node.args.get("joins") or ():
        add_join(join, scope, indirect)
    for lateral in node.args.get("laterals") or ():
        add_source(lateral, scope, indirect)


def _is_parenthesised(node: exp.Expr) -> bool:
    """Whether it is `(a JOIN b …)`, however deep, as pg_get_viewdef writes joins, and no query."""
    return isinstance(node, exp.Subquery) and isinstance(node.this, (exp.Table, exp.Subquery))


def add_join(join: exp.Join, scope: Scope, indirect: Value) -> None:
    """Put the right side of a join into the scope; its keys affect all rows."""
    before = dict(scope.relations)
    add_source(join.this, scope, indirect)
    added = [relation for key, relation in scope.relations.items() if key not in before]
    if join.kind in ("SEMI", "ANTI"):
        scope.unstarred.update(key for key in scope.relations if key not in before)
    names = [
        scope.resolution.traits.fold(each) for each in join.args.get("using") or () if isinstance(each, exp.Identifier)
    ]
    if join.method == "NATURAL":
        names = _shared_names(before, added, scope)
    for name in names:
        _merge(name, join.side, before, added, scope, indirect)
    if (on := join.args.get("on")) is not None:
        indirect.update(value_of(on, scope, Transformation.JOIN))


def _shared_names(before: dict[str, Relation], added: list[Relation], scope: Scope) -> list[str]:
    left = [output.name for relation in before.values() for output in relation.outputs() if not output.star]
    right = {output.name for relation in added for output in relation.outputs() if not output.star}
    if any(output.star for relation in (*before.values(), *added) for output in relation.outputs()):
        scope.resolution.problem("natural_join", "a NATURAL join needs the schema of both sides")
    return [name for name in dict.fromkeys(left) if name in right]


def _merge(
    name: str, side: str, before: dict[str, Relation], added: list[Relation], scope: Scope, indirect: Value
) -> None:
    """Make one column of two: the left one's value, the right one's in a RIGHT join, both in a FULL one."""
    left = scope.merged.get(name) or _one(name, list(before.values()))
    right = _one(name, added)
    indirect.update(carried({**left, **right}, Transformation.JOIN))
    scope.merged[name] = {**left, **right} if side == "FULL" else right if side == "RIGHT" else left


def _one(name: str, relations: list[Relation]) -> Value:
    having = [relation for relation in relations if relation.has(name)]
    possible = having or [relation for relation in relations if relation.has(name) is None]
    if len(possible) == 1:
        return possible[0].value(name)
    return unknown_value(name, (table for relation in possible for table in relation.tables))


def relation_of(node: exp.Expr, scope: Scope) -> Relation:
    """Give a FROM item as a relation, under the names of its column list if it has one."""
    if node.args.get("pivots"):
        scope.resolution.problem("pivot", "PIVOT and UNPIVOT are not resolved yet")
    columns = _column_list(node, scope)
    file = file_relation(node, scope.resolution) if isinstance(node, exp.Table) else None
    if file is not None:
        return Derived(file.outputs()).renamed(columns) if columns else file
    if isinstance(node, exp.Lateral):
        return _lateral(node, columns, scope)
    if isinstance(node, exp.Unnest) or (isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier)):
        return _function(node, columns, scope)
    if isinstance(node, exp.Table):
        relation = _named(node, scope)
        return Derived(relation.outputs(), relation.indirect).renamed(columns) if columns else relation
    if isinstance(node, exp.Subquery) and _is_parenthesised(node):
        return _joined(node, scope).renamed(columns)
    return scope.resolution.query(node, scope.ctes, scope.parent).renamed(columns)


def _joined(node: exp.Subquery, scope: Scope) -> Derived:
    """Resolve `(a JOIN b ON …) AS j`, whose columns are those of both."""
    inner = Scope(scope.resolution, scope.ctes, scope.parent)
    indirect: Value = {}
    add_source(node.this, inner, indirect)
    return Derived(star_outputs(inner), indirect)


def _named(node: exp.Table, scope: Scope) -> Relation:
    name = scope.resolution.traits.fold(node.this)
    if not node.args.get("db") and (cte := scope.ctes.get(name)) is not None:
        return read_cte(name, cte, scope.resolution, scope.parent)
    return scope.resolution.table(scope.resolution.session.name(node))


def _lateral(node: exp.Lateral, columns: list[str], scope: Scope) -> Relation:
    if isinstance(node.this, exp.Query):
        return scope.resolution.query(node.this, scope.ctes, scope).renamed(columns)
    return _function(node, columns, scope)


def _function(node: exp.Expr, columns: list[str], scope: Scope) -> FunctionTable:
    """Give the rows of `f(…)`, `unnest(…)` or `ROWS FROM (f(…), g(…))`."""
    calls = [node] if isinstance(node, exp.Unnest) else node.args.get("rows_from") or [node.this]
    arguments: Value = {}
    for call in calls:
        for part in call.iter_expressions():
            if not isinstance(part, (exp.TableAlias, exp.Join)):
                arguments.update(carried(value_of(part, scope), TRANSFORMATION))
    name = _function_name(calls[0])
    offset = node.args.get("offset")
    extra = [scope.resolution.traits.fold(offset)] if isinstance(offset, exp.Identifier) else []
    known = columns or _FUNCTION_COLUMNS.get(name, ())
    single = name in _ONE_COLUMN or isinstance(node, exp.Unnest)
    relation_name = _alias(node, scope) or name
    return FunctionTable(relation_name, [*(known or [relation_name]), *extra], arguments, bool(known) or single)


def _function_name(call: exp.Expr) -> str:
    inner = call.this if isinstance(call, exp.Table) else call
    if isinstance(inner, exp.Anonymous):
        return inner.name.lower()
    if isinstance(inner, exp.GenerateSeries | exp.ExplodingGenerateSeries):
        return "generate_series"
    return inner.sql_name().lower() if isinstance(inner, exp.Func) else "unnest"


def _alias(node: exp.Expr, scope: Scope) -> str:
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias) and isinstance(alias.this, exp.Identifier):
        return scope.resolution.traits.fold(alias.this)
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        return scope.resolution.traits.fold(node.this)
    return ""


def _table_name(node: exp.Expr, scope: Scope) -> tuple[str, ...]:
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier) or node.alias:
        return ()
    return scope.resolution.session.name(node)


def _column_list(node: exp.Expr, scope: Scope) -> list[str]:
    alias = node.args.get("alias")
    columns = alias.args.get("columns") or () if isinstance(alias, exp.TableAlias) else ()
    names = [column.this if isinstance(column, exp.ColumnDef) else column for column in columns]
    return [scope.resolution.traits.fold(name) for name in names if isinstance(name, exp.Identifier)]
