"""Facets of datasets, read once for each content: a job that runs again says the same, and reading is dear.

Facets may hold anything, so what has not the shape that it should have is left out. Nothing here raises for content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import orjson

from nexus_core.model.edge import digest
from nexus_core.model.names import DatasetName
from nexus_core.worker.cache import Cache

_KEPT_BYTES = 4 * 2**20  # of JSON, of each kind; read it takes some six times as much

_Value = TypeVar("_Value")


class SourceField(NamedTuple):
    """One input of a column lineage facet, names as written; kind and subtype are OpenLineage's, "" if not said."""

    dataset: DatasetName
    field: str
    kind: str
    subtype: str


@dataclass(frozen=True, slots=True)
class ColumnFacet:
    """A column lineage facet: output field → its inputs, and inputs that affect all rows; `fingerprint` of its JSON."""

    fields: Mapping[str, tuple[SourceField, ...]]
    rows: tuple[SourceField, ...]
    fingerprint: str


_SCHEMAS: Cache[tuple[tuple[str, str], ...]] = Cache(_KEPT_BYTES)
_COLUMNS: Cache[ColumnFacet] = Cache(_KEPT_BYTES)


def schema_fields(facets: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Give the fields of a schema facet as `((name, type), …)`, those within a struct by dotted name."""
    return _once(_SCHEMAS, mapping_in(facets.get("schema")), _schema)


def column_facet(facets: Mapping[str, Any]) -> ColumnFacet | None:
    """Give the column lineage facet; None where it says nothing."""
    found = _once(_COLUMNS, mapping_in(facets.get("columnLineage")), _columns)
    return found if found.fields or found.rows else None


def mapping_in(value: Any) -> Mapping[str, Any]:
    """Give a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def list_in(value: Any) -> list[Any]:
    """Give a JSON list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def text_in(value: Any) -> str | None:
    """Give a JSON string that is not empty; None for anything else."""
    return value if isinstance(value, str) and value else None


def dataset_in(value: Any) -> DatasetName | None:
    """Give the name of a dataset in a JSON object."""
    if not isinstance(value, dict):
        return None
    namespace, name = value.get("namespace"), value.get("name")
    if not (isinstance(namespace, str) and isinstance(name, str) and namespace and name):
        return None
    return _dataset_name(namespace, name)


@lru_cache(maxsize=4_096)
def _dataset_name(namespace: str, name: str) -> DatasetName:
    """Give one object for each name: a column facet names its few datasets many times over."""
    return DatasetName(namespace, name)


def _once(cache: Cache[_Value], facet: Mapping[str, Any], read: Callable[[Mapping[str, Any], str], _Value]) -> _Value:
    body = orjson.dumps(facet)
    fingerprint = digest(body)
    found = cache.get(fingerprint)
    if found is None:
        found = read(facet, fingerprint)
        cache.put(fingerprint, found, len(body))
    return found


def _schema(facet: Mapping[str, Any], _fingerprint: str) -> tuple[tuple[str, str], ...]:
    return tuple(dict(_schema_fields(list_in(facet.get("fields")), "")).items())


def _schema_fields(fields: list[Any], prefix: str) -> Iterator[tuple[str, str]]:
    for value in fields:
        if name := text_in(mapping_in(value).get("name")):
            yield prefix + name, text_in(value.get("type")) or ""
            yield from _schema_fields(list_in(value.get("fields")), f"{prefix}{name}.")


def _columns(facet: Mapping[str, Any], fingerprint: str) -> ColumnFacet:
    fields = {
        name: tuple(_source_fields(list_in(mapping_in(value).get("inputFields")), mapping_in(value)))
        for name, value in mapping_in(facet.get("fields")).items()
        if name
    }
    return ColumnFacet(fields, tuple(_source_fields(list_in(facet.get("dataset")), {})), fingerprint)


def _source_fields(values: list[Any], output: Mapping[str, Any]) -> Iterator[SourceField]:
    """Read input fields; the old form says the transformation once for the output field."""
    for value in values:
        dataset = dataset_in(value)
        name = text_in(value.get("field")) if dataset else None
        if dataset is None or name is None:
            continue
        said = list_in(value.get("transformations"))
        if not said:
            yield SourceField(dataset, name, "DIRECT", text_in(output.get("transformationType")) or "")
        for item in map(mapping_in, said):
            yield SourceField(dataset, name, text_in(item.get("type")) or "DIRECT", text_in(item.get("subtype")) or "")
