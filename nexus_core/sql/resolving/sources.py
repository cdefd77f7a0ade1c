"""The FROM clause: tables, subqueries, laterals, functions and joins, put into a scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from sqlglot import exp

from nexus_core.errors import SqlError
from nexus_core.model.statement import Transformation
from nexus_core.sql.dialect import name_parts
from nexus_core.sql.resolving.ctes import read_cte
from nexus_core.sql.resolving.expressions import value_of
from nexus_core.sql.resolving.files import file_relation
from nexus_core.sql.resolving.functions import element, function_name, function_table
from nexus_core.sql.resolving.identifiers import identified
from nexus_core.sql.resolving.pivots import pivoted
from nexus_core.sql.resolving.relations import Derived, FunctionTable, Relation
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.values import Output, Value, carried, unknown_value
from nexus_core.sql.resolving.variables import called


def add_source(node: exp.Expr, scope: Scope, indirect: Value) -> None:
    """Put one item of a FROM clause, with the joins written behind it, into the scope."""
    scope.resolution.budget.spend()
    if isinstance(node, exp.Stream):
        node = node.this  # Databricks reads the table as it grows
    if isinstance(node, exp.Final) or (_is_parenthesised(node) and not node.alias and not node.args.get("pivots")):
        add_source(node.this, scope, indirect)
    else:
        relation = relation_of(node, scope)
        indirect.update(relation.indirect)
        scope.add(_alias(node, scope) or _function_alias(node, scope), relation, _table_name(node, scope))
    for join in node.args.get("joins") or ():
        add_join(join, scope, indirect)
    for lateral in node.args.get("laterals") or ():
        add_source(lateral, scope, indirect)


def _is_parenthesised(node: exp.Expr) -> bool:
    """Whether it is `(a JOIN b …)`, however deep, as pg_get_viewdef writes joins, and no query."""
    return isinstance(node, exp.Subquery) and isinstance(node.this, (exp.Table, exp.Subquery, exp.TableFromRows))


def add_join(join: exp.Join, scope: Scope, indirect: Value) -> None:
    """Put the right side of a join into the scope; its keys affect all rows."""
    if join.kind == "ARRAY":
        _join_arrays(join, scope)
        return
    count = len(scope.relations)
    add_source(join.this, scope, indirect)
    using = join.args.get("using")
    if using or join.method == "NATURAL":
        _merge_columns(join, using or (), count, scope, indirect)
    for condition in (join.args.get("on"), join.args.get("match_condition")):
        if condition is not None:
            indirect.update(value_of(condition, scope, Transformation.JOIN))
    if join.kind in ("SEMI", "ANTI") and not scope.resolution.traits.semi_joins_show_both:
        sides = islice(scope.relations, count) if join.side == "RIGHT" else islice(scope.relations, count, None)
        for key in list(sides):
            scope.relations.pop(key, None)


def _join_arrays(join: exp.Join, scope: Scope) -> None:
    """ClickHouse's ARRAY JOIN: a column of each array's elements, under an alias or in the place of the array."""
    fold = scope.resolution.traits.fold
    for each in (join.this, *join.expressions):
        array = each.this if isinstance(each, exp.Alias) else each
        name = each.args["alias"] if isinstance(each, exp.Alias) else array.this
        item = replace(element(array, scope), name=fold(name) if isinstance(name, exp.Identifier) else "")
        if isinstance(each, exp.Alias):
            scope.add("", FunctionTable([item], item.value, closed=True))
        else:
            scope.merged[item.name] = item


def _merge_columns(join: exp.Join, using: Sequence[exp.Expr], count: int, scope: Scope, indirect: Value) -> None:
    """Make one column of each two that USING or NATURAL pairs; the relations from `count` on are the right side."""
    relations = list(scope.relations.items())
    before, added = dict(relations[:count]), [relation for _, relation in relations[count:]]
    names = [scope.resolution.traits.fold(each) for each in using if isinstance(each, exp.Identifier)]
    for name in names if using else _shared_names(before, added, scope):
        _merge(name, join.side, before, added, scope, indirect)


def _shared_names(before: dict[str, Relation], added: list[Relation], scope: Scope) -> list[str]:
    left = [output.name for relation in before.values() for output in relation.outputs() if not output.star]
    scope.resolution.budget.spend(len(left))
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
    both = {**left.value, **right.value}
    indirect.update(carried(both, Transformation.JOIN))
    scope.merged[name] = Output(name, both) if side == "FULL" else right if side == "RIGHT" else left


def _one(name: str, relations: list[Relation]) -> Output:
    having = [relation for relation in relations if relation.has(name)]
    possible = having or [relation for relation in relations if relation.has(name) is None]
    if len(possible) == 1:
        return replace(possible[0].output(name), name=name)
    return Output(name, unknown_value(name, (table for relation in possible for table in relation.tables)))


def relation_of(node: exp.Expr, scope: Scope) -> Relation:
    """Give a FROM item as a relation, under the names of its column list if it has one, and pivoted."""
    relation = _plain(node, scope)
    alias = _own_alias(node, scope)
    for pivot in node.args.get("pivots") or ():
        relation = pivoted(pivot, relation, alias, scope)
        alias = pivot.alias
    return relation


def _plain(node: exp.Expr, scope: Scope) -> Relation:
    columns = _column_list(node, scope)
    file = file_relation(node, scope.resolution) if isinstance(node, exp.Table) else None
    if file is not None:
        return Derived(file.outputs()).renamed(columns) if columns else file
    if isinstance(node, exp.Lateral):
        return _lateral(node, columns, scope)
    if isinstance(node, exp.AtIndex) or (isinstance(node, exp.Pivot) and isinstance(node.this, exp.AtIndex)):
        return _super_items(node, scope)
    if _is_function(node):
        return _identified(node, columns, scope) or _function(node, columns, scope)
    if isinstance(node, exp.Table):
        relation = _named(node, scope)
        return Derived(relation.outputs(), relation.indirect).renamed(columns) if columns else relation
    if isinstance(node, exp.Subquery) and _is_parenthesised(node):
        return _joined(node, scope).renamed(columns)
    return scope.resolution.query(node, scope.ctes, scope.parent).renamed(columns)


def _identified(node: exp.Expr, columns: list[str], scope: Scope) -> Relation | None:
    """Give the table that a value names, None where it is a function."""
    try:
        table = identified(node, scope.resolution)
    except SqlError as error:
        scope.resolution.problem(error.code, error.message)
        return FunctionTable([], {}, closed=False)
    if table is None:
        return None
    relation = _named(table, scope)
    return Derived(relation.outputs(), relation.indirect).renamed(columns) if columns else relation


def _super_items(node: exp.Expr, scope: Scope) -> FunctionTable:
    """Redshift's `FROM t, t.items AS item AT i` and `UNPIVOT t.object AS value AT attribute`."""
    indexed = node.this if isinstance(node, exp.Pivot) else node
    aliased, counter = indexed.this, indexed.expression
    inner = aliased.this if isinstance(aliased, exp.Alias) else aliased
    item = element(inner, scope)
    named = replace(item, name=scope.resolution.traits.fold_text(aliased.alias_or_name))
    position = Output(scope.resolution.traits.fold_text(counter.name), item.value)
    return FunctionTable([named, position], item.value, closed=True, elements=item)


def _is_function(node: exp.Expr) -> bool:
    if isinstance(node, exp.Table):
        return not name_parts(node)
    return isinstance(node, (exp.Unnest, exp.TableFromRows))


def _joined(node: exp.Subquery, scope: Scope) -> Derived:
    """Resolve `(a JOIN b ON …) AS j`, whose columns are those of both."""
    inner = Scope(scope.resolution, scope.ctes, scope.parent)
    indirect: Value = {}
    add_source(node.this, inner, indirect)
    return Derived(inner.outputs(), indirect)


def _named(node: exp.Table, scope: Scope) -> Relation:
    traits, session = scope.resolution.traits, scope.resolution.session
    parts = name_parts(node)
    name = traits.fold(parts[0])
    if len(parts) == 1 and (cte := scope.ctes.get(name)) is not None:
        return read_cte(name, cte, scope.resolution, scope.parent)
    if traits.one_row and ".".join(part.name for part in parts).lower() in traits.one_row:
        return Derived([])
    return scope.resolution.table(session.name(node))


def _lateral(node: exp.Lateral, columns: list[str], scope: Scope) -> Relation:
    if isinstance(node.this, exp.Query):
        return scope.resolution.query(node.this, scope.ctes, scope).renamed(columns)
    return _function(node, columns, scope)


def _function(node: exp.Expr, columns: list[str], scope: Scope) -> Relation:
    """Give the rows of `f(…)`, `unnest(…)` or `ROWS FROM (f(…), g(…))`, those of its body where a function is known."""
    call = node.this
    schema = tuple(part.name for name in ("catalog", "db") if (part := node.args.get(name)) is not None)
    if isinstance(call, exp.Dot):
        schema = tuple(part.name for part in call.this.find_all(exp.Identifier))
        call = call.expression
    if isinstance(call, exp.Anonymous) and (rows := called(call, scope, value_of, schema)) is not None:
        return rows.renamed(columns)
    return function_table(node, _alias(node, scope), columns, scope)


def _alias(node: exp.Expr, scope: Scope) -> str:
    """Give the name by which the query calls a FROM item: the last of its pivots may give one."""
    for pivot in reversed(node.args.get("pivots") or ()):
        if isinstance(alias := pivot.args.get("alias"), exp.TableAlias) and isinstance(alias.this, exp.Identifier):
            return scope.resolution.traits.fold(alias.this)
    return _own_alias(node, scope)


def _own_alias(node: exp.Expr, scope: Scope) -> str:
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias) and isinstance(alias.this, exp.Identifier):
        return scope.resolution.traits.fold(alias.this)
    parts = name_parts(node) if isinstance(node, exp.Table) else ()
    return scope.resolution.traits.fold(parts[-1]) if parts else ""


def _function_alias(node: exp.Expr, scope: Scope) -> str:
    """Give the name of a call without an alias, by which PostgreSQL, SQLite and others then call its rows."""
    call = node if isinstance(node, exp.Unnest) else node.this
    return scope.resolution.traits.change_case(function_name(call)) if isinstance(call, exp.Expr) else ""


def _table_name(node: exp.Expr, scope: Scope) -> tuple[str, ...]:
    if not isinstance(node, exp.Table) or node.alias or not name_parts(node):
        return ()
    return scope.resolution.session.name(node)


def _column_list(node: exp.Expr, scope: Scope) -> list[str]:
    alias = node.args.get("alias")
    columns = alias.args.get("columns") or () if isinstance(alias, exp.TableAlias) else ()
    return scope.resolution.traits.column_names(columns)
