"""Statements that write: whether a target has the columns, and takes the types, that they give it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from nexus_core.model.trial import OutputColumn
from nexus_core.sql.binding import kinds
from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.expressions import Expressions
from nexus_core.sql.binding.kinds import LITERAL, kind_of
from nexus_core.sql.binding.queries import Columns, query, renamed, unique, with_queries
from nexus_core.sql.binding.relations import Column, Relation, Scope, Typed
from nexus_core.sql.binding.sources import Sources


def write(node: exp.Expr, binding: Binding, parent: Scope) -> Columns:
    """Bind a statement that is no query, to the columns that it returns."""
    scope = with_queries(node, binding, parent)
    handler = _HANDLERS.get(type(node))
    if handler is None:
        binding.doubt("unsupported", f"{type(node).__name__} is not judged", node)
        return None
    return handler(node, binding, scope)


def _target(node: exp.Expr) -> tuple[exp.Table | None, list[exp.Expr]]:
    """Give the table that is written, and the columns that are listed."""
    if isinstance(node, exp.Schema):
        table = node.this
        return (table if isinstance(table, exp.Table) else None), list(node.expressions)
    return (node if isinstance(node, exp.Table) else None), []


def _insert(node: exp.Expr, binding: Binding, scope: Scope) -> Columns:
    table, named = _target(node.this)
    source = node.args.get("expression")
    if table is None:
        binding.doubt("unsupported", "a target that is no table is not judged", node)
        return None
    relation = binding.table(table, alias=_alias(table, binding))
    binding.run_triggers("INSERT", relation, (), table.this)
    columns = listed(named, relation, binding, node)
    _filled(source, columns, binding, scope, listed=bool(named))
    required(relation, columns, source, binding, node)
    _conflict(node, relation, binding, scope)
    return _returned(node, relation, binding, scope)


def _alias(table: exp.Table, binding: Binding) -> str:
    alias = table.args.get("alias")
    return binding.fold(alias.this) if isinstance(alias, exp.TableAlias) and alias.this is not None else ""


def listed(names: Sequence[exp.Expr], relation: Relation, binding: Binding, node: exp.Expr) -> Columns:
    """Give the target's columns in the order in which they are filled; without names it is all of them."""
    if not names:
        _writes(relation, relation.top or (), binding)
        return relation.top
    found = [written(each, relation, binding) for each in names]
    _writes(relation, found, binding)
    if len({column.name.lower() for column in found}) < len(found):
        binding.refuse("duplicate_column", "a column is filled twice", node)
    return tuple(found)


def _writes(relation: Relation, columns: Sequence[Column], binding: Binding) -> None:
    name = ".".join(relation.name)
    before = binding.writes.get(name, ())
    binding.writes[name] = tuple(dict.fromkeys((*before, *(column.name for column in columns))))


def written(each: exp.Expr, relation: Relation, binding: Binding) -> Column:
    """Give the column of a target that a name means, or refuse it."""
    identifier = each.this if isinstance(each, (exp.Column, exp.ColumnDef, exp.Ordered)) else each
    if isinstance(identifier, exp.Column):
        identifier = identifier.this
    name = binding.fold(identifier)
    found = relation.having(name)
    binding.filled[binding.places.name(identifier)] = None
    if found:
        binding.use(identifier, found[0], relation.alias)
        return found[0]
    if relation.columns is None:
        binding.use(identifier, Column(name, table="?"), relation.alias)
    else:
        binding.refuse("unknown_column", f"{name} is no column of {'.'.join(relation.name)}", identifier)
    return Column(name)


def _filled(source: exp.Expr | None, columns: Columns, binding: Binding, scope: Scope, *, listed: bool) -> None:
    if isinstance(source, exp.Values):
        _filled_by_values(source, columns, binding, scope, listed=listed)
        return
    if not isinstance(source, (exp.Query, exp.Table)):
        return
    given = query(source, binding, scope)
    if given is None or columns is None:
        return
    _counted(len(given), len(columns), binding, source, listed=listed)
    pairs = list(zip(given, columns, strict=False))
    for column, target in pairs:
        assigned(column.typed, target, binding, source)
    if not listed:
        told = ", ".join(f"{column.name} = {target.name}" for column, target in pairs if column.name != target.name)
        if told:
            binding.note("by_position", f"INSERT pairs {told}", source)


def _filled_by_values(source: exp.Values, columns: Columns, binding: Binding, scope: Scope, *, listed: bool) -> None:
    expressions = Expressions(binding, query)
    for row in source.expressions:
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        if columns is not None:
            _counted(len(cells), len(columns), binding, row, listed=listed)
        for cell, target in zip(cells, columns or (Column(""),) * len(cells), strict=False):
            assigned(expressions.typed(cell, scope), target, binding, cell)


def _counted(given: int, wanted: int, binding: Binding, node: exp.Expr, *, listed: bool) -> None:
    fewer = given < wanted and binding.strict and not listed
    if given != wanted and not fewer:
        binding.refuse("column_count", f"{wanted} columns get {given} values", node)
    elif fewer:
        binding.note("by_position", f"{wanted} columns get {given} values", node)


def assigned(value: Typed, target: Column, binding: Binding, node: exp.Expr) -> None:
    """Judge a value that goes into a column."""
    wanted = target.typed.kind
    if value.kind == LITERAL:
        Expressions(binding, query).fitting(value, wanted, node)
    elif value.kind and wanted and not kinds.assignable(value.kind, wanted):
        if binding.strict:
            binding.refuse("no_assignment", f"{target.name} is {wanted}, the value is {value.kind}", node)
        else:
            binding.note("implicit_cast", f"{target.name} is {wanted}, the value is {value.kind}", node)
    elif value.kind and wanted and not kinds.widens(value.kind, wanted):
        binding.note("lossy_cast", f"{target.name} is {wanted}, the value is {value.kind}", node)
    elif value.declared and target.typed.declared and _length(value.declared) > _length(target.typed.declared):
        binding.note("lossy_cast", f"{target.name} is {target.typed.declared}, the value {value.declared}", node)


def _length(declared: str) -> float:
    inner = declared.partition("(")[2].partition(")")[0].partition(",")[0].strip()
    return float(inner) if inner.isdigit() else float("inf")


def required(
    relation: Relation,
    columns: Columns,
    source: exp.Expr | None,
    binding: Binding,
    node: exp.Expr,
) -> None:
    """Refuse an INSERT that leaves out, or gives NULL to, a column which takes none."""
    if relation.columns is None or columns is None:
        return
    table = relation.columns[0].table if relation.columns else ""
    named = [column.name.lower() for column in columns]
    for wanted in binding.required(table):
        if wanted.lower() not in named:
            binding.refuse("not_null", f"{wanted} takes no NULL and is not filled", node)
            continue
        at = named.index(wanted.lower())
        cells = _cells(source, at)
        if any(isinstance(cell, exp.Null) for cell in cells):
            binding.refuse("not_null", f"{wanted} takes no NULL", node)
        elif not cells or not all(isinstance(cell, exp.Literal) for cell in cells):
            binding.doubt("null_possible", f"whether {wanted} gets a NULL depends on the rows", node)


def _cells(source: exp.Expr | None, at: int) -> list[exp.Expr]:
    if isinstance(source, exp.Values):
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in source.expressions]
        return [row[at] for row in rows if at < len(row)]
    if isinstance(source, exp.Select) and at < len(source.expressions):
        item = source.expressions[at]
        return [item.this if isinstance(item, exp.Alias) else item]
    return []


def _conflict(node: exp.Expr, relation: Relation, binding: Binding, scope: Scope) -> None:
    conflict = node.args.get("conflict")
    if conflict is None:
        return
    for key in conflict.args.get("conflict_keys") or ():
        written(key, relation, binding)
    inner = Scope(scope.ctes, scope, [relation, Relation("excluded", relation.columns)])
    source = node.args.get("expression")
    if conflict.args.get("duplicate") and isinstance(source, exp.Select):
        inner.relations += _reading(source, binding, scope).relations
    _set(conflict.expressions, [relation], inner, binding)
    if (where := conflict.args.get("where")) is not None:
        Expressions(binding, query).condition(where.this if isinstance(where, exp.Where) else where, inner, "WHERE")


def _reading(source: exp.Select, binding: Binding, scope: Scope) -> Scope:
    inner = Scope(scope.ctes, scope)
    sources = _sources(binding)
    if (clause := source.args.get("from_")) is not None:
        sources.add(clause.this, inner)
    for join in source.args.get("joins") or ():
        sources.join(join, inner)
    return inner


def _sources(binding: Binding) -> Sources:
    return Sources(binding, Expressions(binding, query), query)


def _set(items: Sequence[exp.Expr], targets: Sequence[Relation], scope: Scope, binding: Binding) -> None:
    """Judge the assignments of SET: bare names are columns of the target."""
    expressions = Expressions(binding, query)
    for item in items:
        if not isinstance(item, exp.EQ):
            continue
        value = expressions.typed(item.expression, scope)
        names = item.this.expressions if isinstance(item.this, exp.Tuple) else [item.this]
        for name in names:
            relation = _owner(name, targets, scope, binding)
            column = written(name, relation, binding)
            _writes(relation, [column], binding)
            binding.run_triggers("UPDATE", relation, [column.name], name)
            if len(names) == 1:
                assigned(value, column, binding, item)


def _owner(name: exp.Expr, targets: Sequence[Relation], scope: Scope, binding: Binding) -> Relation:
    if isinstance(name, exp.Column) and len(name.parts) > 1:
        found = scope.relation([binding.fold(part) for part in name.parts[:-1]])
        if found is not None:
            return found
    having = [each for each in targets if each.having(name.name)]
    return having[0] if having else targets[0]


def _update(node: exp.Expr, binding: Binding, scope: Scope) -> Columns:
    inner = Scope(scope.ctes, scope)
    sources = _sources(binding)
    sources.add(node.this, inner)
    targets = list(inner.relations)
    if (clause := node.args.get("from_")) is not None:
        sources.add(clause.this, inner)
    for join in node.args.get("joins") or ():
        sources.join(join, inner)
    _set(node.expressions, targets, inner, binding)
    if (where := node.args.get("where")) is not None:
        Expressions(binding, query).condition(where.this, inner, "WHERE")
    return _returned(node, targets[0], binding, inner)


def _delete(node: exp.Expr, binding: Binding, scope: Scope) -> Columns:
    inner = Scope(scope.ctes, scope)
    sources = _sources(binding)
    sources.add(node.this, inner)
    binding.run_triggers("DELETE", inner.relations[0], (), node.this)
    for item in node.args.get("using") or ():
        sources.add(item, inner)
    for join in node.args.get("joins") or ():
        sources.join(join, inner)
    if (where := node.args.get("where")) is not None:
        Expressions(binding, query).condition(where.this, inner, "WHERE")
    return _returned(node, inner.relations[0], binding, inner)


def _merge(node: exp.Expr, binding: Binding, scope: Scope) -> Columns:
    inner = Scope(scope.ctes, scope)
    sources, expressions = _sources(binding), Expressions(binding, query)
    sources.add(node.this, inner)
    target = inner.relations[0]
    sources.add(node.args["using"], inner)
    expressions.condition(node.args["on"], inner, "ON")
    for when in node.args["whens"].expressions:
        if (condition := when.args.get("condition")) is not None:
            expressions.condition(condition, inner, "WHEN")
        then = when.args["then"]
        if isinstance(then, exp.Update):
            _set(then.expressions, [target], inner, binding)
        elif isinstance(then, exp.Var) and then.name.upper() == "DELETE":
            binding.run_triggers("DELETE", target, (), then)
        elif isinstance(then, exp.Insert):
            binding.run_triggers("INSERT", target, (), then)
            _merge_insert(then, target, binding, inner)
    return ()


def _merge_insert(then: exp.Insert, target: Relation, binding: Binding, scope: Scope) -> None:
    named = then.this.expressions if isinstance(then.this, exp.Tuple) else []
    columns = listed(named, target, binding, then)
    given = then.args.get("expression")
    cells = given.expressions if isinstance(given, exp.Tuple) else []
    if columns is not None and cells:
        _counted(len(cells), len(columns), binding, then, listed=bool(named))
    for cell, column in zip(cells, columns or (), strict=False):
        assigned(Expressions(binding, query).typed(cell, scope), column, binding, cell)


def _returned(node: exp.Expr, relation: Relation, binding: Binding, scope: Scope) -> Columns:
    returning = node.args.get("returning")
    if returning is None:
        return ()
    select = exp.Select(expressions=returning.expressions)
    inner = Scope(scope.ctes, Scope(scope.ctes, scope, [relation]))
    inner.relations = [relation]
    expressions = Expressions(binding, query)
    found = [Column(item.alias_or_name, expressions.typed(item, inner)) for item in select.expressions]
    return relation.top if any(isinstance(each, exp.Star) for each in returning.expressions) else tuple(found)


def _create(node: exp.Expr, binding: Binding, scope: Scope) -> Columns:
    table, listed = _target(node.this)
    made = node.args.get("expression")
    if table is None or str(node.args.get("kind")).upper() not in ("TABLE", "VIEW"):
        binding.doubt("unsupported", f"CREATE {node.args.get('kind')} is not judged", node)
        return None
    name = ".".join(binding.session.name(table))
    if not isinstance(made, exp.Query):
        defined = [each for each in listed if isinstance(each, exp.ColumnDef)]
        binding.made[name] = tuple(_defined(each, binding) for each in defined)
        return ()
    names = [binding.fold(_identifier(each)) for each in listed if _identifier(each) is not None]
    columns = renamed(query(made, binding, scope), names, binding, node)
    unique(columns, binding, node)
    binding.made[name] = columns
    told = [OutputColumn("*", "")] if columns is None else [made_of(each) for each in columns]
    binding.makes[name] = tuple(told)
    return ()


def made_of(column: Column) -> OutputColumn:
    """Give a column as a statement makes it: a constant's is a text."""
    kind = "text" if column.typed.kind == LITERAL else column.typed.kind
    return OutputColumn(column.name, kind, column.typed.declared or kind)


def _identifier(each: exp.Expr) -> exp.Expr:
    return each.this if isinstance(each, (exp.ColumnDef, exp.Column)) else each


def _defined(each: exp.ColumnDef, binding: Binding) -> Column:
    kind = each.args.get("kind")
    declared = kind.sql(binding.traits.name or None) if isinstance(kind, exp.Expr) else ""
    return Column(binding.fold(each.this), Typed(kind_of(declared), declared))


def _nothing(_: exp.Expr, __: Binding, ___: Scope) -> Columns:
    return ()


_HANDLERS: dict[type[exp.Expr], Callable[[exp.Expr, Binding, Scope], Columns]] = {
    exp.Insert: _insert,
    exp.Update: _update,
    exp.Delete: _delete,
    exp.Merge: _merge,
    exp.Create: _create,
    exp.Set: _nothing,
    exp.Use: _nothing,
    exp.Transaction: _nothing,
    exp.Commit: _nothing,
    exp.Rollback: _nothing,
}
