"""Reads JSON Schemas (drafts 4 to 2020-12): properties as nested fields, references within and between documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nexus_core.connectors._kafka_schema import Growth, SchemaError, Shape
from nexus_core.connectors.objects import SourceField, Tag

_TAGS = "confluent:tags"
Schema = Mapping[str, Any]


def read(text: str, references: Sequence[tuple[str, str]] = ()) -> Shape:
    """Read a schema; `references` are other documents, each with the name that `$ref` gives it. Raises SchemaError."""
    documents = {name: _parsed(each) for name, each in references}
    return _Reader(documents).shape(_parsed(text), _parsed(text), Growth())


def _parsed(text: str) -> Schema:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise SchemaError("no JSON") from error
    return found if isinstance(found, dict) else {}


class _Reader:
    def __init__(self, documents: Mapping[str, Schema]) -> None:
        self._documents = documents

    def shape(self, schema: Any, document: Schema, growth: Growth) -> Shape:
        if not isinstance(schema, dict):
            return Shape("any")
        if isinstance(reference := schema.get("$ref"), str):
            return self._referred(reference, document, growth)
        for key in ("oneOf", "anyOf"):
            if isinstance(schema.get(key), list):
                return self._choice(schema, schema[key], document, growth)
        return self._plain(schema, document, growth)

    def _referred(self, reference: str, document: Schema, growth: Growth) -> Shape:
        name, _, pointer = reference.partition("#")
        target = self._documents.get(name) if name and name != document.get("$id") else document
        if target is None:
            return Shape(name.rpartition("/")[2] or "any")
        place = f"{name}#{pointer}"
        if not growth.may_open(place):
            return Shape(reference.rpartition("/")[2] or "object")
        growth.within.append(place)
        found = self.shape(_at(target, pointer), target, growth)
        growth.within.pop()
        return found

    def _choice(self, schema: Schema, options: Sequence[Any], document: Schema, growth: Growth) -> Shape:
        shapes = [self.shape(each, document, growth) for each in options]
        present = [each for each in shapes if each.type != "null"]
        nullable = True if len(present) < len(shapes) else None
        if len(present) == 1:
            return Shape(present[0].type, present[0].fields, nullable, _text(schema) or present[0].description)
        fields = {field.name: field for each in present for field in each.fields}
        names = list(dict.fromkeys(each.type for each in present))
        return Shape("|".join(names) or "null", tuple(fields.values()), nullable, _text(schema))

    def _plain(self, schema: Schema, document: Schema, growth: Growth) -> Shape:
        kinds, nullable = _kinds(schema)
        fields = list(self._properties(schema, document, growth))
        for each in schema.get("allOf") or ():
            fields += self.shape(each, document, growth).fields
        kind = "|".join(kinds) or ("object" if fields else "any")
        if kind == "array":
            item = self.shape(schema.get("items"), document, growth)
            return Shape(f"array<{item.type}>", item.fields, nullable, _text(schema))
        if isinstance(schema.get("format"), str):
            kind = f"{kind}({schema['format']})"
        return Shape(kind, tuple(fields), nullable, _text(schema), _tags(schema))

    def _properties(self, schema: Schema, document: Schema, growth: Growth) -> list[SourceField]:
        properties, required = schema.get("properties"), schema.get("required")
        if not isinstance(properties, dict) or not growth.may_open(""):
            return []
        needed = required if isinstance(required, list) else []
        return [self._field(name, each, document, growth, needed=name in needed) for name, each in properties.items()]

    def _field(self, name: str, schema: Any, document: Schema, growth: Growth, *, needed: bool) -> SourceField:
        growth.field_count += 1
        growth.within.append(f"property {len(growth.within)}")
        shape = self.shape(schema, document, growth)
        growth.within.pop()
        own = schema if isinstance(schema, dict) else {}
        return SourceField(
            name,
            shape.type,
            _text(own) or shape.description,
            nullable=not needed or bool(shape.nullable),
            default=json.dumps(own["default"]) if "default" in own else None,
            fields=shape.fields,
            tags=shape.tags or _tags(own),
        )


def _at(document: Schema, pointer: str) -> Any:
    """Follow a JSON pointer (RFC 6901); the empty one is the whole document."""
    found: Any = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, dict) else None
    if found is None:
        raise SchemaError(f"$ref {pointer} leads nowhere")
    return found


def _kinds(schema: Schema) -> tuple[list[str], bool | None]:
    given = schema.get("type")
    kinds = [given] if isinstance(given, str) else [each for each in given or () if isinstance(each, str)]
    if kinds != ["null"] and "null" in kinds:
        return [each for each in kinds if each != "null"], True
    return kinds, None


def _tags(schema: Schema) -> tuple[Tag, ...]:
    found = schema.get(_TAGS)
    return tuple(Tag(each) for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def _text(schema: Schema) -> str | None:
    found = schema.get("description") or schema.get("title")
    return found if isinstance(found, str) and found else None
