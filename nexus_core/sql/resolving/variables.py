"""What a program's variables and functions mean inside of an SQL expression."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.values import CONDITION, Value, carried, pooled

ValueOf = Callable[[exp.Expr, Scope], Value]
"""Gives the sources of an expression; handed in, since expressions nest."""


def program_value(node: exp.Expr, scope: Scope, value_of: ValueOf) -> Value | None:
    """Give the sources of a variable, a field of a record, an element of a collection, or of a known function's call.

    None where the node is none of these.
    """
    return PROGRAM_NODES[type(node)](node, scope, value_of)


def called(node: exp.Expr, scope: Scope, value_of: ValueOf, schema: tuple[str, ...] = ()) -> Derived | None:
    """Give the rows of a function's call, None if the function is not known here."""
    functions, name = scope.resolution.functions, (*schema, node.name)
    if functions is None or not functions.knows(name):
        return None
    scope.resolution.budget.spend()
    return functions.rows(name, [value_of(each, scope) for each in node.expressions], scope.resolution)


def _parameter(node: exp.Expr, scope: Scope, _: ValueOf) -> Value | None:
    """`@x`, `$x`, `$1`, which in Snowflake is a column by its place."""
    if scope.resolution.traits.columns_by_place and isinstance(node.this, exp.Literal):
        return scope.at(int(node.name)).value
    return scope.resolution.variables.get(f"@{node.name}") or {}


def _placeholder(node: exp.Expr, scope: Scope, _: ValueOf) -> Value | None:
    """`:x`."""
    return scope.resolution.variables.get(node.name) or {}


def _anonymous(node: exp.Expr, scope: Scope, value_of: ValueOf) -> Value | None:
    """`f(x)`, or `v(i)`, an element of a collection."""
    variable = scope.resolution.variables.get(node.name)
    if variable is not None:
        return variable
    rows = called(node, scope, value_of)
    return None if rows is None else scalar(rows)


def scalar(rows: Derived) -> Value:
    """Give the value of rows that stand for one: what affects them decides over it."""
    return {**pooled(output.value for output in rows.outputs()), **carried(rows.indirect, CONDITION)}


def _dot(node: exp.Expr, scope: Scope, value_of: ValueOf) -> Value | None:
    """`:new.x`, `v(i).x`, `schema.f(x)`."""
    fields: list[str] = []
    inner = node
    while isinstance(inner, exp.Dot):
        if isinstance(inner.expression, exp.Anonymous):
            return _method(inner, scope, value_of)
        fields.append(inner.expression.name)
        inner = inner.this
    if isinstance(inner, exp.Bracket) and isinstance(inner.this, exp.Column) and not inner.this.table:
        inner = inner.this
        if scope.resolution.variables.get(inner.name) is None:
            return None
    if not isinstance(inner, (exp.Placeholder, exp.Anonymous, exp.Column)) or isinstance(node.this, exp.Column):
        return None
    return _field(inner, scope.resolution.traits.fold_text(fields[-1]), scope)


def _method(node: exp.Dot, scope: Scope, value_of: ValueOf) -> Value | None:
    names = tuple(part.name for part in node.this.walk() if isinstance(part, exp.Identifier))
    rows = called(node.expression, scope, value_of, names)
    return None if rows is None else scalar(rows)


def _field(node: exp.Expr, field: str, scope: Scope) -> Value | None:
    record = scope.resolution.record(node.name.lower())
    if record is not None:
        return record.value(field) if record.has(field) is not False else {}
    variable = scope.resolution.variables.get(node.name)
    return variable if variable is not None or not isinstance(node, exp.Placeholder) else {}


def _assigned(node: exp.Expr, scope: Scope, value_of: ValueOf) -> Value | None:
    """`@x := value` inside of a query."""
    if not isinstance(node.this, exp.Parameter):
        return None
    value = value_of(node.expression, scope)
    scope.resolution.variables.values[f"@{node.this.name.lower()}"] = value
    return value


PROGRAM_NODES: dict[type[exp.Expr], Callable[[exp.Expr, Scope, ValueOf], Value | None]] = {
    exp.Parameter: _parameter,
    exp.Placeholder: _placeholder,
    exp.Anonymous: _anonymous,
    exp.Dot: _dot,
    exp.PropertyEQ: _assigned,
}
"""What may name a variable or a function of the program, by node type."""
