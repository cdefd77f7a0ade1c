"""Queries: the columns that they make, or why a server refuses them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.expressions import Expressions
from nexus_core.sql.binding.grouping import note_ungrouped
from nexus_core.sql.binding.kinds import kind_of
from nexus_core.sql.binding.relations import UNTYPED, Column, Relation, Scope, Typed
from nexus_core.sql.binding.sources import Sources

Columns = tuple[Column, ...] | None

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\(")


def query(node: exp.Expr, binding: Binding, parent: Scope) -> Columns:
    """Bind a query inside of a scope, to its columns; None where these cannot be known."""
    binding.budget.spend()
    scope = with_queries(node, binding, parent)
    if isinstance(node, exp.Select):
        return _select(node, binding, scope)
    if isinstance(node, exp.SetOperation):
        return _set_operation(node, binding, scope)
    if isinstance(node, exp.Subquery):
        columns = query(node.this, binding, scope)
        _ordered(node, binding, Scope(scope.ctes, scope, [Relation("", columns)]), ())
        return columns
    if isinstance(node, exp.Values):
        return values(node, binding, scope)
    if isinstance(node, exp.Table):
        return _sources(binding).relation(node, Scope(scope.ctes, scope)).top
    return _written(node, binding, scope)


def _sources(binding: Binding) -> Sources:
    return Sources(binding, Expressions(binding, query), query)


def _written(node: exp.Expr, binding: Binding, scope: Scope) -> Columns:
    """Bind a statement that writes inside of a query, to what it returns."""
    from nexus_core.sql.binding.writes import write

    return write(node, binding, scope)


def with_queries(node: exp.Expr, binding: Binding, parent: Scope) -> Scope:
    """Give a scope with the WITH queries of a statement, each bound once, whether or not it is read."""
    clause = node.args.get("with_")
    scope = Scope(dict(parent.ctes), parent)
    for cte in clause.expressions if clause is not None else ():
        name = cte.alias
        names = [binding.fold(each) for each in cte.args["alias"].columns]
        if clause is not None and clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
            first = renamed(query(cte.this.this, binding, scope), names, binding, cte)
            scope.ctes[name.lower()] = Relation(name, first)
        columns = renamed(query(cte.this, binding, scope), names, binding, cte)
        _once(columns, binding, cte)
        scope.ctes[name.lower()] = Relation(name, columns)
    return scope


def renamed(columns: Columns, names: Sequence[str], binding: Binding, node: exp.Expr) -> Columns:
    """Give columns under the names of a list, which may be shorter."""
    if columns is None:
        return tuple(Column(name) for name in names) or None
    if len(names) > len(columns):
        binding.refuse("column_count", f"{len(names)} names are given to {len(columns)} columns", node)
    given = [*names, *(column.name for column in columns[len(names) :])]
    return tuple(Column(name, column.typed) for name, column in zip(given, columns, strict=False))


def _once(columns: Columns, binding: Binding, node: exp.Expr) -> None:
    """Refuse two columns of a name in a subquery, as MySQL does; PostgreSQL does so only where the name is used."""
    if not binding.strict:
        unique(columns, binding, node)


def unique(columns: Columns, binding: Binding, node: exp.Expr) -> None:
    """Refuse two columns of one name."""
    seen: set[str] = set()
    for column in columns or ():
        name = column.name.lower()
        if name in seen and name:
            binding.refuse("duplicate_column", f"two columns are named {column.name}", node)
        seen.add(name)


def values(node: exp.Values, binding: Binding, scope: Scope) -> Columns:
    """Bind rows of VALUES: each column has the kind that its values have together."""
    expressions = Expressions(binding, query)
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    width = len(rows[0]) if rows else 0
    told = [[expressions.typed(each, scope) for each in row] for row in rows]
    by_place = [[row[at] for row in told if at < len(row)] for at in range(width)]
    together = [column[0] if len(column) == 1 else expressions.together(column, "VALUES", node) for column in by_place]
    return tuple(Column(f"column{at}", typed) for at, typed in enumerate(together, start=1))


def _select(node: exp.Select, binding: Binding, outer: Scope) -> Columns:
    scope = Scope(outer.ctes, outer)
    sources, expressions = _sources(binding), Expressions(binding, query)
    if (clause := node.args.get("from_")) is not None:
        sources.add(clause.this, scope)
    for join in node.args.get("joins") or ():
        sources.join(join, scope)
    for lateral in node.args.get("laterals") or ():
        sources.add(lateral, scope)
    columns = _projections(node, binding, scope, expressions)
    _filters(node, binding, scope, expressions, columns)
    _ordered(node, binding, scope, columns or ())
    return columns


def _projections(node: exp.Select, binding: Binding, scope: Scope, expressions: Expressions) -> Columns:
    found: list[Column] | None = []
    for item in node.expressions:
        starred = _starred(item, binding, scope)
        if starred is None:
            if isinstance(item, exp.Column):
                binding.bare[binding.places.name(item)] = None
            column = Column(_name(item, binding), expressions.typed(item, scope))
            if binding.traits.aliases_in_select and isinstance(item, exp.Alias):
                scope.aliases[column.name.lower()] = column.typed
            found = found and [*found, column] if found else None if found is None else [column]
        elif starred is _OPEN:
            found = None
        elif found is not None:
            found = [*found, *starred]
    return None if found is None else tuple(Column(each.name, each.typed) for each in found)


_UNNAMED = "?column?"
_OPEN: tuple[Column, ...] = (Column("*"),)


def _starred(item: exp.Expr, binding: Binding, scope: Scope) -> tuple[Column, ...] | None:
    """Give the columns of a star, `_OPEN` where they are not known; None for what is no star."""
    star = item.this if isinstance(item, exp.Column) else item
    if not isinstance(star, exp.Star):
        return None
    if isinstance(item, exp.Column):
        qualifier = [binding.fold(part) for part in item.parts[:-1]]
        relation = scope.relation(qualifier)
        if relation is None:
            binding.refuse("unknown_relation", f"{'.'.join(qualifier)} names no table here", item)
            return _OPEN
        columns = relation.top
    else:
        columns = scope.starred()
    left_out = {each.name.lower() for each in star.args.get("except_") or ()}
    if star.args.get("replace") or star.args.get("rename"):
        binding.doubt("star_replaced", "a star with REPLACE or RENAME is not judged", item)
    return _OPEN if columns is None else tuple(each for each in columns if each.name.lower() not in left_out)


def _name(item: exp.Expr, binding: Binding) -> str:
    if isinstance(item, exp.Alias):
        return binding.fold(item.args["alias"])
    if isinstance(item, exp.Column):
        return binding.fold(item.this)
    start, end = binding.places.item(item)
    return _name_in_postgres(item, binding) if binding.strict else binding.sql[start:end] if start >= 0 else ""


def _name_in_postgres(item: exp.Expr, binding: Binding) -> str:
    """Give the name of an item without one (FigureColname of PostgreSQL's parse_target.c)."""
    if isinstance(item, exp.Column):
        return binding.fold(item.this)
    if isinstance(item, (exp.Cast, exp.Paren)):
        inner = _name_in_postgres(item.this, binding)
        return kind_of(item.args["to"].sql("postgres")) if inner == _UNNAMED and isinstance(item, exp.Cast) else inner
    if isinstance(item, exp.Case):
        default = item.args.get("default")
        named = _name_in_postgres(default, binding) if isinstance(default, exp.Expr) else _UNNAMED
        return "case" if named == _UNNAMED else named
    start, end = binding.places.item(item)
    if isinstance(item, (exp.Func, exp.Window, exp.Filter)) and start >= 0:
        found = _CALL.match(binding.sql[start:end])
        return found[1].lower() if found else _UNNAMED
    return _UNNAMED


def _filters(node: exp.Select, binding: Binding, scope: Scope, expressions: Expressions, columns: Columns) -> None:
    named = _aliased(node, binding, columns)
    clauses = binding.traits.alias_clauses
    if (where := node.args.get("where")) is not None:
        expressions.condition(where.this, _naming(scope, named if "where" in clauses else {}), "WHERE")
    if (group := node.args.get("group")) is not None:
        keys = _keys(group)
        for key in keys:
            _grouped(key, binding, _naming(scope, named), expressions)
        if binding.strict and keys:
            note_ungrouped(node, keys, binding, scope)
    for part in ("having", "qualify"):
        if (clause := node.args.get(part)) is not None:
            aliases = named if "having" in clauses or part == "qualify" else {}
            expressions.condition(clause.this, _naming(scope, aliases), part.upper())
    distinct = node.args.get("distinct")
    if distinct is not None:
        for column in columns or ():
            _equated(column.typed, binding, node, "DISTINCT")
    for window in node.args.get("windows") or ():
        expressions.typed(window, scope)


def _keys(group: exp.Expr) -> list[exp.Expr]:
    found = list(group.expressions)
    for kind in ("rollup", "cube", "grouping_sets"):
        for each in group.args.get(kind) or ():
            found += each.expressions if isinstance(each, exp.Expr) else []
    return found


def _grouped(key: exp.Expr, binding: Binding, scope: Scope, expressions: Expressions) -> None:
    if isinstance(key, exp.Literal):
        return
    _equated(expressions.typed(key, scope), binding, key, "GROUP BY")


def _equated(value: Typed, binding: Binding, node: exp.Expr, where: str) -> None:
    if binding.strict and value.kind == "json":
        binding.refuse("no_operator", f"{where} compares, which json cannot", node)


def _aliased(node: exp.Select, binding: Binding, columns: Columns) -> dict[str, Typed]:
    if columns is None:
        items = (each for each in node.expressions if isinstance(each, exp.Alias))
        return {binding.fold(each.args["alias"]).lower(): UNTYPED for each in items}
    return {column.name.lower(): column.typed for column in columns if column.name}


def _naming(scope: Scope, aliases: dict[str, Typed], *, first: bool = False) -> Scope:
    """Give a scope in which select items may be named, too."""
    return Scope(
        scope.ctes, scope.parent, scope.relations, scope.merged, {**scope.aliases, **aliases}, aliases_first=first
    )


def _ordered(node: exp.Expr, binding: Binding, scope: Scope, columns: Sequence[Column]) -> None:
    order = node.args.get("order")
    if order is None:
        return
    aliases = {column.name.lower(): column.typed for column in columns}
    if isinstance(node, exp.Select):
        aliases |= _aliased(node, binding, tuple(columns) or None)
    expressions = Expressions(binding, query)
    for each in order.expressions:
        key = each.this if isinstance(each, exp.Ordered) else each
        bare = isinstance(key, exp.Column) and len(key.parts) == 1
        if not isinstance(key, exp.Literal):
            _equated(expressions.typed(key, _naming(scope, aliases, first=bare)), binding, key, "ORDER BY")


def _set_operation(node: exp.SetOperation, binding: Binding, scope: Scope) -> Columns:
    """Bind a chain of set operations from its first branch on: chains are thousands long."""
    chain: list[exp.SetOperation] = []
    first: exp.Expr = node
    while isinstance(first, exp.SetOperation):
        chain.append(first)
        first = first.this
    left = query(first, binding, scope)
    for operation in reversed(chain):
        left = _combined(operation, left, query(operation.expression, binding, scope), binding)
    if node.args.get("order") is not None:
        _ordered(node, binding, Scope(scope.ctes, scope, [Relation("", left)]), left or ())
    return left


def _combined(operation: exp.SetOperation, left: Columns, right: Columns, binding: Binding) -> Columns:
    if left is None or right is None:
        return None
    what = type(operation).__name__.upper()
    if len(left) != len(right):
        binding.refuse("column_count", f"{what} joins {len(left)} and {len(right)} columns", operation.expression)
        return left
    pairs = [(one.name, other.name) for one, other in zip(left, right, strict=True) if one.name != other.name]
    if pairs:
        told = ", ".join(f"{one} = {other}" for one, other in pairs)
        binding.note("by_position", f"{what} pairs {told}", operation.expression)
    expressions = Expressions(binding, query)
    kinds = [expressions.together([a.typed, b.typed], what, operation) for a, b in zip(left, right, strict=True)]
    return tuple(Column(column.name, kind) for column, kind in zip(left, kinds, strict=True))
