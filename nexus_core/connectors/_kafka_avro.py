"""Reads Avro schemas (specification 1.12): records as nested fields, with docs, defaults and logical types."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nexus_core.connectors._kafka_schema import Growth, SchemaError, Shape
from nexus_core.connectors.objects import SourceField, Tag

_PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_TAGS = "confluent:tags"


def read(text: str, references: Sequence[str] = ()) -> Shape:
    """Read a schema; `references` are the texts that define its other names, in order. Raises SchemaError."""
    schemas = _Schemas()
    for each in references:
        schemas.learn(_parsed(each), "")
    schema = _parsed(text)
    schemas.learn(schema, "")
    return schemas.shape(schema, "", Growth())


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        if text.strip() in _PRIMITIVES:
            return text.strip()
        raise SchemaError("no JSON") from error


class _Schemas:
    """Named types that are known, by full name."""

    def __init__(self) -> None:
        self._named: dict[str, Mapping[str, Any]] = {}

    def learn(self, schema: Any, namespace: str, depth: int = 0) -> None:
        """Note the named types of a schema, wherever in it they are defined."""
        if depth > 100:
            raise SchemaError("nested too deeply")
        if isinstance(schema, list):
            for branch in schema:
                self.learn(branch, namespace, depth + 1)
        elif isinstance(schema, dict):
            name = _full_name(schema, namespace)
            if name and schema.get("type") in ("record", "error", "enum", "fixed"):
                self._named[name] = schema
                namespace = name.rpartition(".")[0]
            inner = [field.get("type") for field in schema.get("fields") or () if isinstance(field, dict)]
            for each in (*inner, schema.get("items"), schema.get("values"), schema.get("type")):
                if isinstance(each, dict | list):
                    self.learn(each, namespace, depth + 1)

    def shape(self, schema: Any, namespace: str, growth: Growth) -> Shape:
        if isinstance(schema, str):
            return self._of_name(schema, namespace, growth)
        if isinstance(schema, list):
            return self._of_union(schema, namespace, growth)
        if not isinstance(schema, dict):
            raise SchemaError("neither name, union nor object")
        kind = schema.get("type")
        if kind in ("record", "error"):
            return self._of_record(schema, namespace, growth)
        if kind in ("array", "map"):
            inner = self.shape(schema.get("items" if kind == "array" else "values"), namespace, growth)
            return Shape(f"{kind}<{inner.type}>", inner.fields)
        if isinstance(kind, dict | list):
            return self.shape(kind, namespace, growth)
        if kind == "enum":
            return Shape("enum", description=_text(schema.get("doc")))
        return self._of_name(_logical(schema), namespace, growth)

    def _of_name(self, name: str, namespace: str, growth: Growth) -> Shape:
        found = self._named.get(name) or self._named.get(f"{namespace}.{name}")
        if found is None:
            return Shape(name)
        return self.shape(found, _full_name(found, namespace).rpartition(".")[0], growth)

    def _of_union(self, branches: Sequence[Any], namespace: str, growth: Growth) -> Shape:
        nullable = "null" in branches
        shapes = [(each, self.shape(each, namespace, growth)) for each in branches if each != "null"]
        if len(shapes) == 1:
            only = shapes[0][1]
            return Shape(only.type, only.fields, nullable, only.description)
        records = tuple(SourceField(shape.type, shape.type, fields=shape.fields) for _, shape in shapes if shape.fields)
        return Shape(f"union<{'|'.join(shape.type for _, shape in shapes)}>", records, nullable)

    def _of_record(self, schema: Mapping[str, Any], namespace: str, growth: Growth) -> Shape:
        name = _full_name(schema, namespace)
        description = _text(schema.get("doc"))
        if not growth.may_open(name):
            return Shape(name.rpartition(".")[2] or "record", description=description)
        growth.within.append(name)
        fields = tuple(self._field(each, name.rpartition(".")[0], growth) for each in schema.get("fields") or ())
        growth.within.pop()
        return Shape(name.rpartition(".")[2] or "record", fields, description=description, tags=_tags(schema))

    def _field(self, field: Any, namespace: str, growth: Growth) -> SourceField:
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            raise SchemaError("a field has no name")
        growth.field_count += 1
        shape = self.shape(field.get("type"), namespace, growth)
        return SourceField(
            field["name"],
            shape.type,
            _text(field.get("doc")) or shape.description,
            nullable=bool(shape.nullable),
            default=json.dumps(field["default"]) if "default" in field else None,
            fields=shape.fields,
            tags=_tags(field),
        )


def _full_name(schema: Mapping[str, Any], namespace: str) -> str:
    name = _text(schema.get("name")) or ""
    space = schema.get("namespace", namespace)
    return name if "." in name or not space else f"{space}.{name}"


def _logical(schema: Mapping[str, Any]) -> str:
    """Name a logical type, with its precision where it has one."""
    logical, plain = schema.get("logicalType"), schema.get("type")
    if logical == "decimal":
        return f"decimal({schema.get('precision', '?')},{schema.get('scale', 0)})"
    found = logical if isinstance(logical, str) else plain
    if not isinstance(found, str):
        raise SchemaError("an object has no type")
    return found


def _tags(schema: Mapping[str, Any]) -> tuple[Tag, ...]:
    found = schema.get(_TAGS)
    return tuple(Tag(each) for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
