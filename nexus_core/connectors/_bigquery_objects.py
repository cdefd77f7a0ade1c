"""From BigQuery's resources (REST API v2: tables, routines) to what a connector yields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from nexus_core.connectors.objects import (
    Constraints,
    DatasetKind,
    FieldLink,
    Foreign,
    ForeignKey,
    JobKind,
    Partition,
    Partitioning,
    Profile,
    SourceCode,
    SourceDataset,
    SourceField,
    SourceJob,
    SqlText,
    Tag,
)
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical

NAMESPACE = "bigquery"
Resource = Mapping[str, Any]

_TYPES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}
_KINDS = {
    "VIEW": DatasetKind.VIEW,
    "MATERIALIZED_VIEW": DatasetKind.MATERIALIZED_VIEW,
    "EXTERNAL": DatasetKind.FOREIGN_TABLE,
}
_ROUTINES = {
    "PROCEDURE": ("PROCEDURE", JobKind.PROCEDURE),
    "TABLE_VALUED_FUNCTION": ("TABLE FUNCTION", JobKind.FUNCTION),
}
_FILE = re.compile(r"(?P<bucket>[a-z0-9+]+://[^/?]+)/?(?P<key>[^?]*)(?:\?.*)?", re.DOTALL)


def name(reference: Resource) -> DatasetName:
    """Name a table by `PROJECT.DATASET.TABLE`, as OpenLineage does."""
    parts = (reference["projectId"], reference["datasetId"], reference["tableId"])
    return canonical(DatasetName(NAMESPACE, ".".join(parts)))


def file_name(uri: str) -> DatasetName:
    """Name a file by its bucket and key; of other addresses the query part, which may hold a key, is left out."""
    match = _FILE.fullmatch(uri)
    if match is None:
        return DatasetName("file", uri)
    return canonical(DatasetName(match["bucket"], match["key"] or "/"))


def dataset(resource: Resource) -> SourceDataset:
    """Make a table, a view, an external table, a snapshot or a clone."""
    own = name(resource["tableReference"])
    origin = (resource.get("snapshotDefinition") or resource.get("cloneDefinition") or {}).get("baseTableReference")
    fields = tuple(field(each) for each in resource.get("schema", {}).get("fields", ()))
    external = resource.get("externalDataConfiguration")
    return SourceDataset(
        name=own,
        kind=_kind(resource),
        uri=_uri(resource["tableReference"]),
        fields=fields,
        description=resource.get("description") or None,
        constraints=_constraints(resource),
        profile=_profile(resource),
        partitioning=_partitioning(resource),
        foreign=_foreign(external) if external else None,
        definition=_definition(own, resource),
        code=_legacy(resource),
        reads=tuple(_reads(origin, external)),
        links=tuple(FieldLink(each.name, name(origin), each.name) for each in fields) if origin else (),
        tags=tuple(_labels(resource)),
        properties=tuple(_properties(resource)),
    )


def sharded(latest: Resource, tables: Sequence[str], stem: str) -> SourceDataset:
    """Make one dataset `STEM_*` of tables that share a schema and end in dates; it answers to their names, too."""
    whole = dataset(latest)
    reference = latest["tableReference"]
    parts = tuple(Partition(name({**reference, "tableId": table}), table[len(stem) + 1 :]) for table in tables)
    return SourceDataset(
        name=name({**reference, "tableId": f"{stem}_*"}),
        kind=DatasetKind.PARTITIONED_TABLE,
        uri=whole.uri,
        fields=whole.fields,
        description=whole.description,
        partitioning=Partitioning("_TABLE_SUFFIX", parts),
        tags=whole.tags,
        properties=whole.properties,
    )


def _uri(reference: Resource) -> str:
    return f"bigquery://{reference['projectId']}/{reference['datasetId']}"


def _kind(resource: Resource) -> DatasetKind:
    if "timePartitioning" in resource or "rangePartitioning" in resource:
        return DatasetKind.PARTITIONED_TABLE
    return _KINDS.get(resource.get("type", ""), DatasetKind.TABLE)


def field(resource: Resource) -> SourceField:
    """Make a column with those nested in it."""
    repeated = resource.get("mode") == "REPEATED"
    policies = resource.get("policyTags", {}).get("names", ())
    masks = resource.get("dataPolicies", ())
    return SourceField(
        name=resource["name"],
        type=f"ARRAY<{_type(resource)}>" if repeated else _type(resource),
        description=resource.get("description") or None,
        nullable=resource.get("mode") != "REQUIRED",
        default=resource.get("defaultValueExpression"),
        fields=tuple(field(each) for each in resource.get("fields", ())),
        tags=(
            *(Tag("POLICY_TAG", each) for each in policies),
            *(Tag("DATA_POLICY", each["name"]) for each in masks if "name" in each),
        ),
    )


def _type(resource: Resource) -> str:
    """Give the type as SQL has it, with its parameters; RECORD is a STRUCT of its fields."""
    kind = resource["type"]
    if kind in ("RECORD", "STRUCT"):
        inner = (f"{each['name']} {field(each).type}" for each in resource.get("fields", ()))
        return f"STRUCT<{', '.join(inner)}>"
    numbers = [resource[each] for each in ("maxLength", "precision", "scale") if resource.get(each)]
    known = _TYPES.get(kind, kind)
    return f"{known}({', '.join(str(each) for each in numbers)})" if numbers else str(known)


def _constraints(resource: Resource) -> Constraints:
    found = resource.get("tableConstraints", {})
    keys = (_foreign_key(each) for each in found.get("foreignKeys", ()))
    return Constraints(tuple(found.get("primaryKey", {}).get("columns", ())), foreign_keys=tuple(keys))


def _foreign_key(resource: Resource) -> ForeignKey:
    pairs = resource.get("columnReferences", ())
    fields = tuple(each["referencingColumn"] for each in pairs)
    to_fields = tuple(each["referencedColumn"] for each in pairs)
    return ForeignKey(resource.get("name", ""), fields, name(resource["referencedTable"]), to_fields)


def _profile(resource: Resource) -> Profile:
    if resource.get("type") == "VIEW" or "externalDataConfiguration" in resource:
        return Profile()
    rows, size, changed = (resource.get(each) for each in ("numRows", "numBytes", "lastModifiedTime"))
    at = datetime.fromtimestamp(int(changed) / 1000, UTC) if changed else None
    return Profile(int(rows) if rows else None, int(size) if size else None, at if rows else None)


def _partitioning(resource: Resource) -> Partitioning | None:
    """Tell the key; the parts themselves have no names that statements use."""
    if by_time := resource.get("timePartitioning"):
        column = by_time.get("field", "_PARTITIONTIME")
        return Partitioning(f"{by_time.get('type', 'DAY')}({column})", ())
    if by_range := resource.get("rangePartitioning"):
        said = by_range.get("range", {})
        limits = ", ".join(str(said[each]) for each in ("start", "end", "interval") if each in said)
        return Partitioning(f"RANGE({', '.join([by_range['field'], *([limits] if limits else [])])})", ())
    return None


def _foreign(external: Resource) -> Foreign:
    uris = [_shown(uri) for uri in external.get("sourceUris", ())]
    options = {"uris": ", ".join(uris), "connection": external.get("connectionId")}
    wrapper = external.get("sourceFormat", "EXTERNAL")
    return Foreign("files", wrapper, {key: value for key, value in options.items() if value})


def _shown(uri: str) -> str:
    return uri.partition("?")[0]


def _reads(origin: Resource | None, external: Resource | None) -> Iterator[DatasetName]:
    if origin:
        yield name(origin)
    if external:
        yield from dict.fromkeys(file_name(uri) for uri in external.get("sourceUris", ()))


def _definition(own: DatasetName, resource: Resource) -> SqlText | None:
    """Give the statement that makes a view, since the source keeps its query only."""
    view = resource.get("view") or resource.get("materializedView")
    if not view or view.get("useLegacySql"):
        return None
    head = "CREATE VIEW" if "view" in resource else "CREATE MATERIALIZED VIEW"
    reference = resource["tableReference"]
    return SqlText(f"{head} `{own.name}` AS\n{view['query']}", reference["projectId"], reference["datasetId"])


def _legacy(resource: Resource) -> SourceCode | None:
    """Show a view in legacy SQL, which is another language than BigQuery's dialect."""
    view = resource.get("view", {})
    return SourceCode(view["query"], "BigQuery legacy SQL") if view.get("useLegacySql") and "query" in view else None


def _labels(resource: Resource) -> Iterator[Tag]:
    for group in ("labels", "resourceTags"):
        yield from (Tag(key, value or None) for key, value in sorted(resource.get(group, {}).items()))


def _properties(resource: Resource) -> Iterator[tuple[str, str]]:
    by_time = resource.get("timePartitioning", {})
    found = {
        "location": resource.get("location"),
        "friendly_name": resource.get("friendlyName"),
        "clustering": ", ".join(resource.get("clustering", {}).get("fields", ())),
        "partition_filter_required": resource.get("requirePartitionFilter") or by_time.get("requirePartitionFilter"),
        "partition_expiration_ms": by_time.get("expirationMs"),
        "expires_ms": resource.get("expirationTime"),
        "snapshot_time": resource.get("snapshotDefinition", {}).get("snapshotTime"),
        "clone_time": resource.get("cloneDefinition", {}).get("cloneTime"),
        "refresh_interval_ms": resource.get("materializedView", {}).get("refreshIntervalMs"),
    }
    yield from ((key, str(value)) for key, value in found.items() if value)


def routine(resource: Resource) -> SourceJob:
    """Make a procedure or a function; what is not in SQL is code."""
    reference = resource["routineReference"]
    place = (reference["projectId"], reference["datasetId"])
    head, kind = _ROUTINES.get(resource.get("routineType", ""), ("FUNCTION", JobKind.FUNCTION))
    body, language = resource.get("definitionBody", ""), resource.get("language", "SQL")
    sql = f"CREATE {head} `{'.'.join(place)}.{reference['routineId']}`({_arguments(resource)})"
    return SourceJob(
        name=JobName(NAMESPACE, f"{'.'.join(place)}.{reference['routineId']}({_argument_types(resource)})"),
        kind=kind,
        text=SqlText(sql + _body(head, body), *place) if body and language == "SQL" else None,
        code=SourceCode(body, language.title()) if body and language != "SQL" else None,
        description=resource.get("description") or None,
    )


def _body(head: str, body: str) -> str:
    return f"\n{body}" if head == "PROCEDURE" else f" AS (\n{body}\n)"


def _arguments(resource: Resource) -> str:
    given: Iterable[Resource] = resource.get("arguments", ())
    return ", ".join(f"{each.get('name', f'_{place}')} {_argument_type(each)}" for place, each in enumerate(given))


def _argument_types(resource: Resource) -> str:
    return ", ".join(_argument_type(each) for each in resource.get("arguments", ()))


def _argument_type(argument: Resource) -> str:
    return _standard_type(argument["dataType"]) if "dataType" in argument else "ANY TYPE"


def _standard_type(kind: Resource) -> str:
    """Write a StandardSqlDataType."""
    if "arrayElementType" in kind:
        return f"ARRAY<{_standard_type(kind['arrayElementType'])}>"
    if "structType" in kind:
        inner = (
            f"{each.get('name', '')} {_standard_type(each['type'])}" for each in kind["structType"].get("fields", ())
        )
        return f"STRUCT<{', '.join(inner)}>"
    return str(kind.get("typeKind", "ANY TYPE"))
