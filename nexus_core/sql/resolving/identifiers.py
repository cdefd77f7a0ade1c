"""Tables that a text names by a value: `IDENTIFIER(:name)`, `TABLE($name)`, `IDENTIFIER('a.b')`."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import SqlglotError

from nexus_core.errors import SqlError
from nexus_core.sql.resolving.resolution import Resolution


def identified(node: exp.Expr, resolution: Resolution) -> exp.Table | None:
    """Give the table that a FROM item or target names by a value, None if it does not.

    Raises SqlError `dynamic_sql` where the value cannot be known.
    """
    value = _value(node)
    if value is None:
        return None
    name = _text(value, resolution)
    if name is None:
        raise SqlError("dynamic_sql", "a table whose name only the run knows", resolution.number)
    try:
        table = exp.to_table(name, dialect=resolution.traits.sqlglot)
    except (SqlglotError, ValueError) as error:
        raise SqlError("dynamic_sql", "a table name that cannot be read", resolution.number) from error
    if (alias := node.args.get("alias")) is not None:
        table.set("alias", alias.copy())
    return table


def _value(node: exp.Expr) -> exp.Expr | None:
    inner = node.this
    if isinstance(node, exp.TableFromRows):
        return inner if isinstance(inner, (exp.Placeholder, exp.Parameter, exp.Literal)) else None
    if isinstance(inner, exp.DynamicIdentifier):
        return inner.this if isinstance(inner.this, exp.Expr) else None
    if isinstance(inner, exp.Anonymous) and inner.name.upper() == "IDENTIFIER" and inner.expressions:
        first = inner.expressions[0]
        return first if isinstance(first, exp.Expr) else None
    return None


def _text(value: exp.Expr, resolution: Resolution) -> str | None:
    constants = resolution.variables.constants
    if isinstance(value, exp.Literal) and value.is_string:
        return value.name
    if isinstance(value, exp.Parameter):
        return constants.get(f"@{value.name.lower()}")
    if isinstance(value, (exp.Placeholder, exp.Column)):
        return constants.get(value.name.lower())
    if isinstance(value, (exp.DPipe, exp.Concat)):
        parts = [value.this, value.expression] if isinstance(value, exp.DPipe) else value.expressions
        texts = [_text(part, resolution) for part in parts]
        known = [text for text in texts if text is not None]
        return "".join(known) if len(known) == len(texts) else None
    return None
