"""The sources of an expression's value, and of its parts where it is a struct: a walk by each node type's rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sqlglot import exp

from nexus_core.model.statement import Transformation
from nexus_core.sql.resolving.aggregates import is_aggregate
from nexus_core.sql.resolving.parts import parts
from nexus_core.sql.resolving.relations import hidden
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.shapes import aligned, at_position, fields, merged, part, passed, row, whole_of
from nexus_core.sql.resolving.values import (
    AGGREGATION,
    CONDITION,
    IDENTITY,
    TRANSFORMATION,
    WINDOW,
    Deferred,
    Output,
    Shape,
    Value,
    carried,
    pooled,
    through,
)
from nexus_core.sql.resolving.variables import PROGRAM_NODES, program_value


def value_of(expression: exp.Expr, scope: Scope, role: Transformation = IDENTITY) -> Value:
    """Give the sources of an expression that takes part in something larger with a role."""
    value: Value = {}
    stack: list[tuple[exp.Expr, Transformation]] = [(expression, role)]
    while stack:
        node, outer = stack.pop()
        scope.resolution.budget.spend()
        reader = _reader_of(type(node))
        found = reader(node, scope, outer) if reader is not None else None
        if found is not None:
            value.update(found)
        else:
            stack.extend((child, through(outer, step)) for child, step in reversed(list(parts(node, scope))))
    return value


def output_of(node: exp.Expr, scope: Scope) -> Output:
    """Give an expression as a column without a name: its sources, and those of its parts."""
    plain = node.unnest()
    if isinstance(plain, exp.Column) and not isinstance(plain.this, exp.Star):
        return scope.output(plain)
    if isinstance(plain, exp.Query):
        return _nested(plain, scope)
    if isinstance(plain, exp.Array) and len(plain.expressions) == 1 and isinstance(plain.expressions[0], exp.Query):
        rows = _nested(plain.expressions[0], scope)
        return Output("", carried(rows.value, TRANSFORMATION), structure=passed(whole_of(rows), TRANSFORMATION))
    structure = Deferred(partial(_SHAPES[type(plain)], plain, scope)) if type(plain) in _SHAPES else None
    return _accessed(plain, scope) or Output("", value_of(plain, scope), structure=structure)


def _all(node: exp.Expr, scope: Scope, role: Transformation) -> Value:
    """Give the columns of a star as a function's argument, as in `struct(*)`."""
    outputs = hidden(scope.outputs(), [each.name for each in node.args.get("except_") or ()])
    return carried(pooled(output.value for output in outputs), role)


def _column(node: exp.Expr, scope: Scope, role: Transformation) -> Value:
    assert isinstance(node, exp.Column)  # noqa: S101 - the table of readers says so
    if not isinstance(node.this, exp.Star):
        return carried(scope.column(node), role)
    relation = scope.relation([part.name for part in node.parts[:-1]])
    outputs = relation.outputs() if relation else ()
    return carried(pooled(output.value for output in outputs), role)


def _subquery(node: exp.Expr, scope: Scope, role: Transformation) -> Value:
    """Give what a nested query yields; what affects its rows is a condition here, or keeps its kind in a clause."""
    derived = scope.resolution.query(node, scope.ctes, scope)
    made = TRANSFORMATION if _makes_one(node) else IDENTITY
    value = carried(pooled(output.value for output in derived.outputs()), through(role, made))
    value.update(derived.indirect if role.indirect else carried(derived.indirect, through(role, CONDITION)))
    return value


def _makes_one(node: exp.Expr) -> bool:
    """Whether a query makes one value of its columns: a text by T-SQL's FOR JSON and FOR XML, or SELECT AS STRUCT."""
    inner = node.unnest()
    return bool(inner.args.get("for_")) or _is_struct(inner)


def _is_struct(query: exp.Expr) -> bool:
    return isinstance(query, exp.Select) and query.args.get("kind") == "STRUCT"


def _nested(node: exp.Query, scope: Scope) -> Output:
    """Give a scalar subquery as a column; of SELECT AS STRUCT the whole row."""
    derived = scope.resolution.query(node, scope.ctes, scope)
    around = carried(derived.indirect, CONDITION)
    made = TRANSFORMATION if _makes_one(node) else IDENTITY
    value = {**carried(pooled(output.value for output in derived.outputs()), made), **around}
    is_row = len(derived.outputs()) != 1 or _is_struct(node.unnest())
    shape = row(derived.outputs()) if is_row else whole_of(derived.outputs()[0])
    return Output("", value, structure=passed(shape, IDENTITY, around))


def _exists(node: exp.Expr, scope: Scope, role: Transformation) -> Value | None:
    return _decisive(node.this, scope, role) if isinstance(node.this, exp.Query) else None


def _nothing(_: exp.Expr, __: Scope, ___: Transformation) -> Value:
    return {}


def _decisive(node: exp.Expr, scope: Scope, role: Transformation) -> Value:
    """Give what decides whether EXISTS finds a row: what it selects does not matter."""
    derived = scope.resolution.query(node, scope.ctes, scope)
    return derived.indirect if role.indirect else carried(derived.indirect, through(role, CONDITION))


def _bound(node: exp.Expr, scope: Scope, role: Transformation) -> Value:
    """Give what `x -> f(x)` or `[f(x) FOR x IN list IF g(x)]` uses beside its variables, which are no columns."""
    variables = [*node.expressions, node.args.get("position")] if isinstance(node, exp.Lambda) else [node.expression]
    names = [each for each in variables if isinstance(each, exp.Identifier)]
    inner = Scope(scope.resolution, scope.ctes, scope)
    inner.merged = {(name := scope.resolution.traits.fold(each)): Output(name, {}) for each in names}
    value = value_of(node.this, inner, role)
    if isinstance(node, exp.Comprehension):
        value.update(value_of(node.args["iterator"], scope, through(role, TRANSFORMATION)))
        if (condition := node.args.get("condition")) is not None:
            value.update(value_of(condition, inner, through(role, CONDITION)))
    return value


_ACCESS = (exp.Dot, exp.Bracket, exp.StructExtract)
_JSON_ACCESS = (exp.JSONExtract, exp.JSONExtractScalar, exp.GetExtract)


def _programmed(node: exp.Expr, scope: Scope, role: Transformation) -> Value | None:
    """Give what a variable or function of the program gives, else read the node as SQL."""
    found = program_value(node, scope, value_of) if type(node) in PROGRAM_NODES else None
    if found is not None:
        return carried(found, role)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
        return _called_on(node, scope, role)
    return _access(node, scope, role) if isinstance(node, exp.Dot) else None


def _column_before(node: exp.Expr, scope: Scope) -> exp.Column | None:
    """Give the column whose method `x.f()` or `t.x.f()` calls, None where the names are a package's or a schema's."""
    names = list(node.flatten()) if isinstance(node, exp.Dot) else [node]
    identifiers = [each for each in names if isinstance(each, exp.Identifier)]
    if len(identifiers) != len(names) or len(names) > 2:
        return None
    fold = scope.resolution.traits.fold
    if len(names) == 2:
        found = scope.relation([fold(identifiers[0])]) is not None
        return exp.Column(this=identifiers[1].copy(), table=identifiers[0].copy()) if found else None
    known = scope.resolution.traits.name == "duckdb" or scope.has(fold(identifiers[0]))
    return exp.Column(this=identifiers[0].copy()) if known else None


def _called_on(node: exp.Dot, scope: Scope, role: Transformation) -> Value:
    """Give what `f(a).g()` uses; sqlglot has made bare names of the columns before the dot."""
    value = pooled(value_of(each, scope, through(role, TRANSFORMATION)) for each in (node.this, node.expression))
    made = AGGREGATION if any(is_aggregate(each) for each in node.this.walk()) else TRANSFORMATION
    for each in (node.this, *node.this.find_all(exp.Dot)):
        if (column := _column_before(each, scope)) is not None:
            value.update(carried(scope.column(column), through(role, made)))
    if isinstance(node.this, exp.Identifier):
        return value
    for name in node.this.find_all(exp.Identifier):
        if isinstance(name.parent, (exp.Dot, exp.Column)) or (
            isinstance(name.parent, exp.XMLElement) and name.arg_key == "this"
        ):
            continue
        step = WINDOW if isinstance(name.parent, exp.Ordered) else made
        value.update(carried(scope.column(exp.Column(this=name.copy())), through(role, step)))
    return value


def _access(node: exp.Expr, scope: Scope, role: Transformation) -> Value | None:
    found = _accessed(node, scope)
    return None if found is None else carried(found.value, role)


def _accessed(node: exp.Expr, scope: Scope) -> Output | None:
    """Give a part of a struct, array or object that an expression takes out; None if it does something else."""
    if isinstance(node, _JSON_ACCESS):
        return _of_built_object(node, scope)
    if not isinstance(node, _ACCESS):
        return None
    steps: list[exp.Expr] = []
    inner: exp.Expr = node
    while isinstance(inner, (*_ACCESS, exp.Paren)):
        if isinstance(inner, exp.Dot) and isinstance(inner.expression, exp.Func):
            return None
        steps.append(inner)
        inner = inner.this
    found = _field_of_row(inner, steps, scope) or output_of(inner, scope)
    for step in reversed(steps):
        found = _step(step, found, scope)
    return found


def _field_of_row(inner: exp.Expr, steps: list[exp.Expr], scope: Scope) -> Output | None:
    """Read `(row).field` in which the name means a relation: one of its columns."""
    while steps and isinstance(steps[-1], exp.Paren):
        steps.pop()
    field = steps[-1].expression if steps and isinstance(steps[-1], exp.Dot) else None
    if not isinstance(inner, exp.Column) or inner.table or not isinstance(field, exp.Identifier):
        return None
    relation = scope.relation([inner.name])
    if relation is None or relation.has(inner.name) is True:
        return None
    steps.pop()
    return scope.output(exp.Column(this=field, table=inner.this))


def _step(step: exp.Expr, whole: Output, scope: Scope) -> Output:
    if isinstance(step, exp.Paren):
        return whole
    if isinstance(step, exp.Bracket):
        return _item(step, whole, scope)
    key = step.expression
    if isinstance(key, exp.Star):
        outputs = struct_fields(whole, scope)
        return Output("", pooled(output.value for output in outputs), structure=row(outputs))
    if isinstance(key, exp.Literal) and not key.is_string:
        return at_position(whole, int(key.name)) or _item(step, whole, scope)
    return scope.field(whole, scope.resolution.traits.fold(key) if isinstance(key, exp.Identifier) else key.name)


def _item(step: exp.Expr, whole: Output, scope: Scope) -> Output:
    """Give an item of an array or map; by a literal key of what is known to be a struct, that field."""
    keys = step.expressions or [step.expression]
    if len(keys) == 1 and isinstance(keys[0], exp.Literal) and keys[0].is_string:
        built = [field.name.lower() for field in whole.shape.fields] if whole.shape else ()
        if keys[0].name.lower() in built or field_names(whole, scope):
            return scope.field(whole, keys[0].name)
        return Output("", carried(whole.value, TRANSFORMATION), structure=Shape())
    index = pooled(value_of(key, scope, TRANSFORMATION) for key in keys)
    shape = passed(whole_of(whole), TRANSFORMATION, index)
    return Output("", {**carried(whole.value, TRANSFORMATION), **index}, structure=shape)


def _of_built_object(node: exp.Expr, scope: Scope) -> Output | None:
    """Give what a constant path takes out of an object that the query itself builds."""
    path = node.expression
    if node.this is None or path is None:  # Exasol's takes several paths, which stand elsewhere
        return None
    keys = [step.name for step in path.expressions[1:]] if isinstance(path, exp.JSONPath) else [path.name]
    whole = node.this.unnest()
    shape = scope.output(whole).shape if isinstance(whole, exp.Column) else _shape(whole, scope)
    if shape is None or not shape.fields or not isinstance(path, (exp.JSONPath, exp.Literal)):
        return None
    found = Output("", {}, structure=shape)
    for key in keys:
        if not found.shape or key.lower() not in [field.name.lower() for field in found.shape.fields]:
            break
        found = part(found, key)
    else:
        return replace(
            found, value=carried(found.value, TRANSFORMATION), structure=passed(whole_of(found), TRANSFORMATION)
        )
    return None


def field_names(whole: Output, scope: Scope) -> tuple[str, ...] | None:
    """Give the names of a struct's fields by the type that the schema gives it, None if it does not."""
    leaves = [leaf for leaf, _ in (whole.shape.rest if whole.shape else whole.value)]
    return scope.resolution.session.field_names(leaves[0]) if len(leaves) == 1 else None


def is_map(whole: Output, scope: Scope) -> bool:
    """Whether the schema's type says that a value is a map."""
    leaves = [leaf for leaf, _ in (whole.shape.rest if whole.shape else whole.value)]
    return len(leaves) == 1 and scope.resolution.session.type_of(leaves[0]).lower().startswith("map")


def struct_fields(whole: Output, scope: Scope) -> list[Output]:
    """Give all fields of a struct as columns."""
    return fields(whole, field_names(whole, scope))


_SELECTING = (
    exp.Alias,
    exp.Order,
    exp.Limit,
    exp.Filter,
    exp.HavingMax,
    exp.IgnoreNulls,
    exp.RespectNulls,
    exp.Window,
    exp.WithinGroup,
    exp.ArrayAgg,
    exp.ArrayUniqueAgg,
    exp.ArrayConcatAgg,
    exp.AnyValue,
    exp.ArgMax,
    exp.ArgMin,
    exp.First,
    exp.Last,
    exp.FirstValue,
    exp.LastValue,
    exp.NthValue,
    exp.Lag,
    exp.Lead,
    exp.Explode,
    exp.ArrayFilter,
    exp.ArraySort,
    exp.ArraySlice,
    exp.ArrayDistinct,
    exp.ArrayReverse,
    exp.Distinct,
)
"""What gives its first part, or some of it, as it is."""

_CHOOSING = (exp.Case, exp.If, exp.Coalesce, exp.ArrayConcat, exp.Array)
"""What gives one of its parts, or all of them in a row."""

_WITH_OBJECTS = {"snowflake", "duckdb"}
"""Dialects in which values with fields match by the fields' names; in others by their places, as one type has them."""


def _shape(node: exp.Expr, scope: Scope) -> Shape | None:
    """Give what is known of the parts of an expression's value, None where it is nothing of its own."""
    rule = _SHAPES.get(type(node))
    return rule(node, scope) if rule else None


def _selected(node: exp.Expr, scope: Scope) -> Shape | None:
    first, *others = parts(node, scope)
    inner = _inner(first[0], scope)
    if inner is None:
        return None
    return passed(inner, first[1], pooled(value_of(child, scope, role) for child, role in others))


def _inner(node: exp.Expr, scope: Scope) -> Shape | None:
    """Give the shape of a part: also a column's own."""
    plain = node.unnest()
    if isinstance(plain, (exp.Column, *_ACCESS)):
        return whole_of(output_of(plain, scope))
    return _shape(plain, scope)


def _chosen(node: exp.Expr, scope: Scope) -> Shape | None:
    shapes: list[Shape] = []
    others: list[tuple[exp.Expr, Transformation]] = []
    for child, role in parts(node, scope):
        if role is CONDITION:
            others.append((child, role))
        elif not isinstance(child, exp.Query) and (inner := _inner(child, scope)) is not None:
            shapes.append(passed(inner, role))
    together = merged(shapes if scope.resolution.traits.name in _WITH_OBJECTS else aligned(shapes))
    if together is None:
        return None
    return passed(together, IDENTITY, pooled(value_of(child, scope, role) for child, role in others))


def _struct(node: exp.Expr, scope: Scope) -> Shape:
    outputs: list[Output] = []
    for each in node.expressions:
        if isinstance(each, exp.Star):
            outputs.extend(scope.outputs())
        elif isinstance(each, exp.Column) and isinstance(each.this, exp.Star):
            relation = scope.relation([part.name for part in each.parts[:-1]])
            outputs.extend(relation.outputs() if relation else ())
        else:
            outputs.append(_struct_field(each, scope))
    return row(outputs)


def _struct_field(each: exp.Expr, scope: Scope) -> Output:
    fold = scope.resolution.traits.fold
    if isinstance(each, exp.PropertyEQ):
        key = each.this
        name = fold(key) if isinstance(key, exp.Identifier) else key.name
        return replace(output_of(each.expression, scope), name=name, expression=each.expression, item=None)
    output = output_of(each.this if isinstance(each, exp.Alias) else each, scope)
    if isinstance(each, exp.Alias):
        return replace(output, name=scope.resolution.traits.fold_text(each.alias), item=None)
    last = each.expression if isinstance(each, exp.Dot) else each.this if isinstance(each, exp.Column) else None
    return replace(output, name=fold(last) if isinstance(last, exp.Identifier) else "", item=None)


def _map(node: exp.Expr, scope: Scope) -> Shape | None:
    """Give a map of constant keys."""
    keys, values = node.args.get("keys"), node.args.get("values")
    if not isinstance(keys, exp.Array) or not isinstance(values, exp.Array):
        return None
    pairs = zip(keys.expressions, values.expressions, strict=False)
    return Shape(tuple(Output(key.name, value_of(value, scope)) for key, value in pairs))


def _cast(node: exp.Expr, scope: Scope) -> Shape | None:
    """Give a struct under the field names of the type that it is cast to."""
    inner = _inner(node.this, scope)
    names = [each.name for each in node.args["to"].expressions if isinstance(each, exp.ColumnDef)]
    if inner is None or not names:
        return None
    renamed = tuple(replace(field, name=name) for field, name in zip(inner.fields, names, strict=False))
    return replace(inner, fields=renamed)


_SHAPES: dict[type[exp.Expr], Callable[[exp.Expr, Scope], Shape | None]] = {
    **dict.fromkeys(_SELECTING, _selected),
    **dict.fromkeys(_CHOOSING, _chosen),
    exp.Struct: _struct,
    exp.StarMap: lambda node, scope: row(scope.outputs()) if isinstance(node.this, exp.Star) else None,
    exp.Tuple: _struct,
    exp.VarMap: _map,
    exp.Map: _map,
    exp.Cast: _cast,
    exp.TryCast: _cast,
}


Reader = Callable[[exp.Expr, Scope, Transformation], Value | None]

_READERS_OF: tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Reader], ...] = (
    (exp.Column, _column),
    (exp.Star, _all),
    (exp.Query, _subquery),
    (exp.Exists, _exists),
    ((exp.Lambda, exp.Comprehension), _bound),
    (tuple(PROGRAM_NODES), _programmed),
    ((*_ACCESS, *_JSON_ACCESS), _access),
    ((exp.DataType, exp.Identifier), _nothing),
)
"""How nodes are read that are more than their parts; a reader that gives None leaves it at the parts."""


def _reader_of(kind: type[exp.Expr]) -> Reader | None:
    if kind not in _READERS:
        _READERS[kind] = next((reader for kinds, reader in _READERS_OF if issubclass(kind, kinds)), None)
    return _READERS[kind]


_READERS: dict[type[exp.Expr], Reader | None] = {}
