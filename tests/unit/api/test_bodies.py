"""Bodies of requests are made of what they name: nothing is assigned that a route did not mean to take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

SPEC = orjson.loads((Path(__file__).parents[3] / "ui_plugin/web/openapi.json").read_bytes())
FOREIGN = {("post", "/api/v1/lineage")}
"""OpenLineage's own shape, which allows more than it names."""


def test_every_object_of_a_body_refuses_what_it_does_not_name() -> None:
    checked = [each for body in bodies() for each in objects(*body, set())]
    assert len(checked) > 50
    assert [path for path, schema in checked if "additionalProperties" not in schema] == []


def bodies() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, item in SPEC["paths"].items():
        for method, said in item.items():
            if (method, path) not in FOREIGN:
                for content in said.get("requestBody", {}).get("content", {}).values():
                    yield f"{method} {path}", content["schema"]


def objects(path: str, schema: Mapping[str, Any], seen: set[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give the objects of a schema that have properties, each once; `{…: …}` of any keys says so by itself."""
    if "$ref" in schema:
        if schema["$ref"] in seen:
            return
        seen.add(schema["$ref"])
        schema = SPEC["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "properties" in schema:
        yield path, schema
    inner = list(schema.get("properties", {}).items())
    inner += [("[]", schema["items"])] if "items" in schema else []
    inner += [("", each) for key in ("anyOf", "oneOf", "allOf") for each in schema.get(key, ())]
    for name, each in inner:
        yield from objects(f"{path}.{name}" if name else path, each, seen)
