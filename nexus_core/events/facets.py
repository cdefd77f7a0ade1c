"""Shapes of OpenLineage's standard facets, taken from the classes that its own client generates from the specification.

Facets that the client does not know are checked as `BaseFacet` only and kept verbatim, and so is a facet whose
`_schemaURL` names a later major version than the client's: its shape is not ours to judge.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import re
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import attr
import orjson
from openlineage.client import generated
from openlineage.client.generated import base

from nexus_core.events.shape import (
    Place,
    Shape,
    anything,
    flag,
    list_of,
    map_of,
    mistyped,
    name,
    number,
    one_of,
    record,
    text,
    whole,
)

_PARENTS: dict[type, str] = {
    base.RunFacet: "RunFacet",
    base.JobFacet: "JobFacet",
    base.DatasetFacet: "DatasetFacet",
    base.InputDatasetFacet: "InputDatasetFacet",
    base.OutputDatasetFacet: "OutputDatasetFacet",
}
# Keys that the specification does not derive from the class's name.
_KEYS = {
    "SQLJobFacet": "sql",
    "DatasourceDatasetFacet": "dataSource",
    "DatasetVersionDatasetFacet": "version",
    "ProcessingEngineRunFacet": "processing_engine",
    "InputSubsetInputDatasetFacet": "subset",
    "OutputSubsetOutputDatasetFacet": "subset",
    "DataQualityAssertionsDatasetFacet": "dataQualityAssertions",
}
_SCALARS: dict[Any, Shape] = {str: text, bool: flag, int: whole, float: number, Any: anything}
_NAMES = frozenset({"namespace", "name"})
_MAJOR = re.compile(r"/(\d+)-\d+-\d+/")
_LARGE = frozenset({"columnLineage"})
_REMEMBERED = 4096  # facets, as digests of 32 bytes
_BASE = record({"_producer": text, "_schemaURL": text}, {})


def facets_of(parent: type) -> Shape:
    """Give the shape of a `facets` object whose standard facets derive from `parent`."""
    known = dict(_standard(parent))

    def check(value: Any, place: Place) -> None:
        if type(value) is not dict:
            raise mistyped("an object", value, place)
        for key, facet in value.items():
            here = (place, key)
            _BASE(facet, here)
            if key in known and facet.get("_deleted") is not True:
                major, shape = known[key]
                if _major(facet["_schemaURL"]) <= major:
                    (once if key in _LARGE else _always)(shape, facet, here)

    once = _Once()
    return check


class _Once:
    """Checks a facet whose content was found right before no second time: a job that runs again says the same."""

    def __init__(self) -> None:
        self._right: set[bytes] = set()

    def __call__(self, shape: Shape, facet: Mapping[str, Any], place: Place) -> None:
        content = hashlib.sha256(orjson.dumps(facet)).digest()
        if content in self._right:
            return
        shape(facet, place)
        if len(self._right) >= _REMEMBERED:
            self._right.clear()
        self._right.add(content)


def _always(shape: Shape, facet: Mapping[str, Any], place: Place) -> None:
    shape(facet, place)


def _standard(parent: type) -> Iterator[tuple[str, tuple[int, Shape]]]:
    for module in pkgutil.iter_modules(generated.__path__):
        members = vars(importlib.import_module(f"{generated.__name__}.{module.name}"))
        for made in members.values():
            if isinstance(made, type) and issubclass(made, base.BaseFacet) and parent in made.__mro__[1:]:
                yield _key(made, _PARENTS[parent]), (_major(made._get_schema()), _shape_of_class(made))


def _key(facet: type, suffix: str) -> str:
    stem = facet.__name__.removesuffix(suffix)
    return _KEYS.get(facet.__name__, stem[:1].lower() + stem[1:])


def _major(url: str) -> int:
    found = _MAJOR.search(url)
    return int(found[1]) if found else 0


def _shape_of_class(made: type, seen: Mapping[type, Shape] | None = None) -> Shape:
    """Derive the shape of a generated class; a class that contains itself ends as "anything" there."""
    inner = {**(seen or {}), made: anything}
    hints = get_type_hints(made)
    shapes: tuple[dict[str, Shape], dict[str, Shape]] = ({}, {})
    for field in attr.fields(made):
        if field.name in {"_producer", "_schemaURL"}:
            continue
        shape = name if field.name in _NAMES and field.default is attr.NOTHING else _shape_of(hints[field.name], inner)
        shapes[field.default is not attr.NOTHING][field.name] = shape
    return record(*shapes)


def _shape_of(hint: Any, seen: Mapping[type, Shape]) -> Shape:
    if hint in _SCALARS:
        return _SCALARS[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        present = [each for each in arguments if each is not type(None)]
        return _shape_of(present[0], seen) if len(present) == 1 else anything
    if origin is list:
        return list_of(_shape_of(arguments[0], seen))
    if origin is dict:
        return map_of(_shape_of(arguments[1], seen))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return one_of(hint)
    if isinstance(hint, type) and attr.has(hint):
        return seen[hint] if hint in seen else _shape_of_class(hint, seen)
    return anything
