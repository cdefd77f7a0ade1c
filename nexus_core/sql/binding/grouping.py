"""Which select items a GROUP BY leaves without a single value: PostgreSQL refuses them, but for those of a key's table.

Primary keys are not known here, so this is a note: it tells only where it comes anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.relations import Scope

_CLOSED = (exp.AggFunc, exp.Window, exp.Query)
_Meaning = tuple[str, ...]


def note_ungrouped(node: exp.Select, keys: Sequence[exp.Expr], binding: Binding, scope: Scope) -> None:
    """Note the columns of select items that are neither grouped by nor within an aggregate."""
    items = [item.this if isinstance(item, exp.Alias) else item for item in node.expressions]
    grouped = {_meaning(key, binding, scope) for key in _expressions(node, keys, items, binding, scope)}
    for item in items:
        for column in _single(item, grouped, binding, scope):
            binding.note("ungrouped_column", f"{column.sql()} is not grouped by", column)


def _expressions(
    node: exp.Select, keys: Sequence[exp.Expr], items: Sequence[exp.Expr], binding: Binding, scope: Scope
) -> Iterator[exp.Expr]:
    """Give what keys group by: ordinals mean select items, and so do names, unless a column is so named."""
    named = {each.alias.lower(): item for each, item in zip(node.expressions, items, strict=True) if each.alias}
    for key in keys:
        if isinstance(key, exp.Literal) and key.name.isdigit() and 0 < int(key.name) <= len(items):
            yield items[int(key.name) - 1]
        elif isinstance(key, exp.Column) and len(key.parts) == 1 and binding.is_outside(key, scope):
            yield named.get(key.name.lower(), key)
        else:
            yield key


def _single(node: exp.Expr, grouped: set[_Meaning], binding: Binding, scope: Scope) -> Iterator[exp.Column]:
    """Give the columns of an expression that have no single value in a group."""
    if isinstance(node, _CLOSED) or _meaning(node, binding, scope) in grouped:
        return
    if isinstance(node, exp.Column):
        if not isinstance(node.this, exp.Star) and not binding.is_outside(node, scope):
            yield node
        return
    for child in node.iter_expressions():
        yield from _single(child, grouped, binding, scope)


def _meaning(node: exp.Expr, binding: Binding, scope: Scope) -> _Meaning:
    """Give a column by the relation that has it, else an expression's text."""
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return ("", node.sql().lower())
    parts = [binding.fold(part).lower() for part in node.parts]
    if len(parts) > 1:
        return (parts[-2], parts[-1])
    having = [relation.alias.lower() for relation in scope.relations if relation.having(parts[0])]
    return (having[0] if having else "", parts[0])
