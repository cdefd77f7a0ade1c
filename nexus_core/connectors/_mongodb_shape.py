"""What a MongoDB command or view does, without its values: collections, fields and operators stay, data become `?`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

_COMMANDS = frozenset({"find", "aggregate", "count", "distinct", "key"})
_SHOWN = frozenset({*_COMMANDS, "pipeline", "filter", "query", "projection", "sort"})
_TARGET = frozenset({"into", "db", "coll", "on", "whenMatched", "whenNotMatched"})
_NAMES: Mapping[str, frozenset[str]] = {
    "$lookup": frozenset({"from", "localField", "foreignField", "as", "db", "coll"}),
    "$graphLookup": frozenset({"from", "connectFromField", "connectToField", "as", "depthField", "db", "coll"}),
    "$merge": _TARGET,
    "$out": _TARGET,
    "into": _TARGET,
    "from": frozenset({"db", "coll"}),
    "$unionWith": frozenset({"coll", "db"}),
    "$unwind": frozenset({"includeArrayIndex"}),
    "$map": frozenset({"as"}),
    "$filter": frozenset({"as"}),
    "$getField": frozenset({"field"}),
    "$setField": frozenset({"field"}),
    "$geoNear": frozenset({"key", "distanceField"}),
    "$densify": frozenset({"field"}),
}
_NAMED = frozenset({"$out", "$merge", "$unionWith", "$unset", "$count", "$getField"})
"""Operators whose argument, where it is a text or a list of them, names collections or fields."""


class _Inside(Enum):
    QUERY = "query"
    FLAGS = "flags"
    EXPRESSION = "expression"


_CHANGES = {
    **dict.fromkeys(("$match", "filter", "query", "restrictSearchWithMatch"), _Inside.QUERY),
    **dict.fromkeys(("$project", "projection", "$sort", "sort", "sortBy"), _Inside.FLAGS),
    "$expr": _Inside.EXPRESSION,
}


def of_command(command: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parts of a find, aggregate, count or distinct that tell what it reads and writes."""
    return {
        name: value if name in _COMMANDS and isinstance(value, str) else _shape(value, name, "", _inside(name))
        for name, value in command.items()
        if name in _SHOWN
    }


def of_view(source: str, stages: Any) -> dict[str, Any]:
    """Give a view's definition in the same way."""
    return {"viewOn": source, "pipeline": _shape(stages or [], "pipeline", "", _Inside.EXPRESSION)}


def _inside(name: str, now: _Inside = _Inside.EXPRESSION) -> _Inside:
    if now is _Inside.FLAGS and name.startswith("$"):
        return _Inside.EXPRESSION
    return _CHANGES.get(name, now)


def _shape(value: Any, key: str, parent: str, inside: _Inside) -> Any:
    if key == "$literal":
        return "?"
    if isinstance(value, Mapping):
        return {name: _shape(each, name, key, _inside(name, inside)) for name, each in value.items()}
    if isinstance(value, list):
        found = [_shape(each, key, parent, inside) for each in value]
        return ["?"] if found and all(each == "?" for each in found) else found
    return value if _is_kept(value, key, parent, inside) else "?"


def _is_kept(value: Any, key: str, parent: str, inside: _Inside) -> bool:
    if inside is _Inside.QUERY:
        return False
    if isinstance(value, str):
        return value.startswith("$") or key in _NAMED or key in _NAMES.get(parent, ())
    return inside is _Inside.FLAGS and isinstance(value, (bool, int, float)) and value in (-1, 0, 1)
