"""The schema of a MongoDB collection: inferred from documents, and declared by its `$jsonSchema` validator.

Only names, types and shares leave this module. Keys that are values themselves (an object keyed by customer, say) are
shown as one field `*`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from nexus_core.connectors._mongodb_node import Path
from nexus_core.connectors.objects import SourceField, Tag

FIELDS_MAX = 5_000
"""Most fields that are told of one object."""

_MAP_KEYS = re.compile(
    r"\d+|[0-9a-fA-F]{24}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[^@\s]+@[^@\s]+|[\d\W_]+"
)
_MAP_KEYS_MIN = 3
_SPARSE_KEYS_MIN, _SPARSE_PRESENCE = 100, 0.05
_TYPES = {
    "NoneType": "null",
    "bool": "bool",
    "int": "int",
    "Int64": "long",
    "float": "double",
    "Decimal128": "decimal",
    "str": "string",
    "datetime": "date",
    "DatetimeMS": "date",
    "ObjectId": "objectId",
    "bytes": "binData",
    "Binary": "binData",
    "Regex": "regex",
    "Pattern": "regex",
    "Timestamp": "timestamp",
    "Code": "javascript",
    "DBRef": "dbPointer",
    "MinKey": "minKey",
    "MaxKey": "maxKey",
}
_JSON_TYPES = {"integer": "int", "number": "number", "boolean": "bool"}


@dataclass(slots=True)
class Seen:
    """What was seen of a value: how often, as which types, and below it."""

    count: int = 0
    types: Counter[str] = field(default_factory=Counter)
    elements: Counter[str] = field(default_factory=Counter)
    objects: int = 0
    fields: dict[str, Seen] = field(default_factory=dict)

    def add(self, value: Any) -> None:
        """Count a value."""
        self.count += 1
        self.types[type_name(value)] += 1
        for each in _elements(value):
            self.elements[type_name(each)] += 1
            self._look_into(each)
        self._look_into(value)

    def _look_into(self, value: Any) -> None:
        if isinstance(value, Mapping):
            self.objects += 1
            for name, each in value.items():
                if name in self.fields or len(self.fields) < FIELDS_MAX:
                    self.fields.setdefault(name, Seen()).add(each)


def type_name(value: Any) -> str:
    """Name a type as `$type` does."""
    if isinstance(value, Mapping):
        return "object"
    if isinstance(value, list):
        return "array"
    return "date" if isinstance(value, datetime) else _TYPES.get(type(value).__name__, type(value).__name__)


def inferred(documents: Iterable[Mapping[str, Any]]) -> tuple[SourceField, ...]:
    """Infer fields: `_id` first, the rest by name.

    Shares have two digits; that of a nested field is of the objects that could hold it.
    """
    seen = Seen()
    for document in documents:
        seen.add(document)
    return _fields(seen)


def declared(schema: Mapping[str, Any]) -> tuple[SourceField, ...]:
    """Read the fields that a `$jsonSchema` declares (manual, "$jsonSchema")."""
    required = schema.get("required") or ()
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return ()
    return tuple(
        _declared(name, each, required=name in required) for name, each in properties.items() if isinstance(each, dict)
    )


def merged(seen: tuple[SourceField, ...], said: tuple[SourceField, ...]) -> tuple[SourceField, ...]:
    """Give the fields that were seen with what is declared of them, and those that are only declared."""
    by_name = {each.name: each for each in said}
    found = [_both(each, by_name.pop(each.name)) if each.name in by_name else each for each in seen]
    unseen = [replace(each, presence=0.0) if seen else each for each in by_name.values()]
    return _ordered([*found, *unseen])


def tagged(fields: tuple[SourceField, ...], paths: Mapping[str, Tag], prefix: str = "") -> tuple[SourceField, ...]:
    """Tag fields by their dotted paths."""
    return tuple(
        replace(
            each,
            tags=(paths[prefix + each.name],) if prefix + each.name in paths else (),
            fields=tagged(each.fields, paths, f"{prefix}{each.name}."),
        )
        for each in fields
    )


def paths(fields: Iterable[SourceField], prefix: Path = ()) -> Iterator[Path]:
    """Give the paths of fields, outer before inner."""
    for each in fields:
        yield (*prefix, each.name)
        yield from paths(each.fields, (*prefix, each.name))


def _elements(value: Any) -> Iterator[Any]:
    """Give the elements of an array, and of arrays in it."""
    for each in value if isinstance(value, list) else ():
        if isinstance(each, list):
            yield from _elements(each)
        else:
            yield each


def _fields(seen: Seen, depth: int = 0) -> tuple[SourceField, ...]:
    shown = {"*": _together(seen)} if depth and _is_map(seen) else seen.fields
    return _ordered([_field(name, each, seen.objects, depth) for name, each in shown.items()])


def _field(name: str, seen: Seen, objects: int, depth: int) -> SourceField:
    types = tuple((each, round(count / seen.count, 2)) for each, count in sorted(seen.types.items()))
    presence = round(min(seen.count / objects, 1.0), 2)
    return SourceField(name, _shown(seen), presence=presence, types=types, fields=_fields(seen, depth + 1))


def _shown(seen: Seen) -> str:
    inner = "|".join(sorted(seen.elements))
    named = (f"array<{inner}>" if each == "array" and inner else each for each in sorted(seen.types))
    return "|".join(each for each in named if each != "null") or "null"


def _is_map(seen: Seen) -> bool:
    keys = seen.fields
    if len(keys) >= _MAP_KEYS_MIN and sum(bool(_MAP_KEYS.fullmatch(key)) for key in keys) >= 0.9 * len(keys):
        return True
    presence = sum(each.count for each in keys.values()) / max(len(keys) * seen.objects, 1)
    return len(keys) >= _SPARSE_KEYS_MIN and presence < _SPARSE_PRESENCE


def _together(seen: Seen) -> Seen:
    """Give the values of all keys as those of one."""
    found = Seen(count=seen.objects)
    for each in seen.fields.values():
        found.objects += each.objects
        found.types.update(each.types)
        found.elements.update(each.elements)
        for name, inner in each.fields.items():
            found.fields[name] = _sum(found.fields[name], inner) if name in found.fields else inner
    found.count = max(sum(found.types.values()), 1)
    return found


def _sum(left: Seen, right: Seen) -> Seen:
    found = Seen(left.count + right.count, left.types + right.types, left.elements + right.elements)
    found.objects = left.objects + right.objects
    found.fields = dict(left.fields)
    for name, each in right.fields.items():
        found.fields[name] = _sum(found.fields[name], each) if name in found.fields else each
    return found


def _ordered(fields: Iterable[SourceField]) -> tuple[SourceField, ...]:
    return tuple(sorted(fields, key=lambda each: (each.name != "_id", each.name)))


def _declared(name: str, said: Mapping[str, Any], *, required: bool) -> SourceField:
    types = said.get("bsonType", said.get("type", ()))
    named = [_JSON_TYPES.get(each, each) for each in ([types] if isinstance(types, str) else types)]
    items = said.get("items") if isinstance(said.get("items"), Mapping) else None
    description = said.get("description") or said.get("title")
    return SourceField(
        name,
        "|".join(sorted(each for each in named if each != "null")) or "any",
        description=str(description) if description else None,
        nullable=not required or "null" in named,
        fields=_ordered(declared(items or said)),
    )


def _both(seen: SourceField, said: SourceField) -> SourceField:
    fields = merged(seen.fields, said.fields)
    return replace(seen, description=said.description, nullable=said.nullable, fields=fields)
