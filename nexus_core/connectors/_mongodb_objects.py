"""From what MongoDB answers to what a connector yields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nexus_core.connectors import _mongodb_pipeline as pipeline
from nexus_core.connectors import _mongodb_schema as schema
from nexus_core.connectors import _mongodb_shape
from nexus_core.connectors.objects import (
    Constraints,
    DatasetKind,
    NamedSql,
    Profile,
    SourceCode,
    SourceDataset,
    SourceField,
    Tag,
)
from nexus_core.model.names import DatasetName

Document = Mapping[str, Any]
LANGUAGE = "MongoDB aggregation"
_OPTIONS = (
    *("capped", "size", "max", "expireAfterSeconds", "timeseries", "clusteredIndex", "collation"),
    "changeStreamPreAndPostImages",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A database of a server."""

    namespace: str
    database: str

    @property
    def name(self) -> DatasetName:
        """The database itself, as the beginning of its collections' names."""
        return DatasetName(self.namespace, self.database)

    def collection(self, name: str) -> DatasetName:
        """Name a collection of this database."""
        return DatasetName(self.namespace, f"{self.database}.{name}")


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one collection: its entry of listCollections, fields, indexes and statistics."""

    entry: Document
    fields: tuple[SourceField, ...]
    indexes: tuple[Document, ...] = ()
    statistics: Document | None = None


def collection(read: Read, place: Place) -> SourceDataset:
    """Make a collection."""
    options = read.entry.get("options") or {}
    declared = (options.get("validator") or {}).get("$jsonSchema") or {}
    fields = schema.tagged(schema.merged(read.fields, schema.declared(declared)), dict(_encrypted(options)))
    description = declared.get("description") or declared.get("title")
    return SourceDataset(
        name=place.collection(read.entry["name"]),
        kind=DatasetKind.COLLECTION,
        uri=f"{place.namespace}/{place.database}",
        fields=fields,
        description=str(description) if description else None,
        constraints=_constraints(read, options),
        profile=_profile(read.statistics or {}),
        properties=tuple(_properties(read, options)),
    )


def view(read: Read, place: Place, below: tuple[SourceField, ...] = ()) -> SourceDataset:
    """Make a view, with the sources of its fields as far as its pipeline tells them.

    Where no row of it was seen, its fields are what the pipeline makes of those `below`, of the collection it is on.
    """
    options = read.entry["options"]
    flow = pipeline.resolve(place.name, options["viewOn"], options.get("pipeline") or ())
    fields = read.fields or tuple(_resolved(flow, below))
    unknown = f"of collections only, since {flow.opaque} is not known" if flow.opaque else None
    return SourceDataset(
        name=place.collection(read.entry["name"]),
        kind=DatasetKind.VIEW,
        uri=f"{place.namespace}/{place.database}",
        fields=fields,
        code=SourceCode(text(_mongodb_shape.of_view(options["viewOn"], options.get("pipeline"))), LANGUAGE),
        reads=flow.reads,
        links=flow.links(schema.paths(fields)),
        properties=(("lineage", unknown),) if unknown else (),
    )


def text(value: Any) -> str:
    """Write a definition as JSON, values of BSON's own types as text."""
    return json.dumps(value, default=str, ensure_ascii=False)


def _resolved(flow: pipeline.Flow, below: tuple[SourceField, ...]) -> Iterator[SourceField]:
    if flow.opaque:
        return
    kept = {each.name: each for each in below if not flow.document.at((each.name,)).gone}
    made = {path[0]: SourceField(path[0], "any") for path in flow.document.names() if len(path) == 1}
    for name in sorted({*kept, *made}, key=lambda name: (name != "_id", name)):
        yield made.get(name) or replace(kept[name], presence=None, types=())


def _constraints(read: Read, options: Document) -> Constraints:
    validator = options.get("validator")
    unique = (tuple(index["key"]) for index in read.indexes if index.get("unique"))
    return Constraints(
        primary_key=("_id",),
        unique=tuple(unique),
        checks=(NamedSql("validator", text(validator)),) if validator else (),
        indexes=tuple(NamedSql(index["name"], _create(read.entry["name"], index)) for index in read.indexes),
    )


def _create(name: str, index: Document) -> str:
    """Write the command that makes an index."""
    said = {key: value for key, value in index.items() if key not in ("v", "key", "ns", "name")}
    return f"db.getCollection({text(name)}).createIndex({text(index['key'])}, {text({'name': index['name'], **said})})"


def _profile(statistics: Document) -> Profile:
    storage = statistics.get("storageStats") or {}
    count, size = storage.get("count", statistics.get("count")), storage.get("size")
    return Profile(None if count is None else int(count), None if size is None else int(size))


def _properties(read: Read, options: Document) -> Iterator[tuple[str, str]]:
    if read.entry.get("type") == "timeseries":
        yield "type", "timeseries"
    for name in _OPTIONS:
        if name in options:
            yield name, text(options[name])
    if options.get("validator"):
        yield "validationLevel", str(options.get("validationLevel", "strict"))
        yield "validationAction", str(options.get("validationAction", "error"))
    for index in read.indexes:
        if "expireAfterSeconds" in index:
            yield f"expires by {'.'.join(index['key'])}", f"{index['expireAfterSeconds']} s"


def _encrypted(options: Document) -> Iterable[tuple[str, Tag]]:
    """Tag the fields that clients encrypt (manual, "Queryable Encryption")."""
    for each in (options.get("encryptedFields") or {}).get("fields") or ():
        yield each["path"], Tag("encrypted", "queryable" if each.get("queries") else None)
