"""Column types as the schema writes them: which fields a struct has."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError

_NESTED = ("struct", "row", "object", "array", "list", "map", "nested", "tuple", "[]")


def field_names(text: str, dialect: str, path: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """Give the fields of a struct type, or of the part of it that a path leads to; None if it is no struct."""
    lowered = text.lower()
    return _field_names(text, dialect, path) if any(word in lowered for word in _NESTED) else None


@lru_cache(maxsize=4096)
def _field_names(text: str, dialect: str, path: tuple[str, ...]) -> tuple[str, ...] | None:
    try:
        kind: exp.Expr | None = exp.DataType.build(text, dialect=dialect or None, udt=True)
    except (SqlglotError, ValueError):
        return None
    for name in path:
        found = [each.args.get("kind") for each in _fields(kind) if each.name.lower() == name.lower()]
        kind = found[0] if found else None
    return tuple(each.name for each in _fields(kind)) or None


def _fields(kind: exp.Expr | None) -> Iterable[exp.ColumnDef]:
    """Give a struct's fields, those of its items if it is an array of structs."""
    while isinstance(kind, exp.DataType) and kind.is_type("array", "list"):
        kind = kind.expressions[0] if kind.expressions else None
    return [each for each in kind.expressions if isinstance(each, exp.ColumnDef)] if kind else []
