"""OpenLineage facets of what connectors read: standard ones, and ours of model.facets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nexus_core.connectors.objects import (
    Constraints,
    Execution,
    FieldLink,
    ForeignKey,
    SourceCode,
    SourceDataset,
    SourceField,
    SourceJob,
    SqlText,
    Tag,
)
from nexus_core.model import facets as ours

PRODUCER = "https://github.com/lineage-nexus/lineage-nexus"
_SPEC = "https://openlineage.io/spec/facets"
_BASE = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"

Facet = dict[str, Any]
Facets = dict[str, Facet]


def dataset_facets(dataset: SourceDataset) -> Facets:
    """Say everything that is known of a dataset; what is unknown has no facet."""
    kind, _, subtype = dataset.kind.value.partition(":")
    found = {
        "schema": standard("SchemaDatasetFacet", "1-2-0", fields=_fields(dataset.fields)),
        "dataSource": standard("DatasourceDatasetFacet", "1-0-1", name=dataset.name.namespace, uri=dataset.uri),
        "datasetType": standard("DatasetTypeDatasetFacet", "1-0-1", datasetType=kind, subType=subtype or None),
        ours.COLUMNS: own("DatasetFacet", fields=dict(_details(dataset.fields))),
    }
    return found | _described(dataset) | _labelled(dataset) | _structure(dataset) | _elsewhere(dataset)


def fingerprinted(facets: Facets) -> Facets:
    """Leave out what changes with every row: estimates count to two digits, and not when they were made or sampled."""
    found = dict(facets)
    if profile := facets.get(ours.PROFILE):
        found[ours.PROFILE] = {
            name: float(f"{profile[name]:.1e}") for name in ("row_count", "size_bytes") if name in profile
        }
    if columns := facets.get(ours.COLUMNS):
        found[ours.COLUMNS] = columns | {"fields": {name: _settled(said) for name, said in columns["fields"].items()}}
    return found


def _settled(said: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out a field's shares in a sample."""
    return {name: value for name, value in said.items() if name not in ("presence", "types")}


def job_facets(job: SourceJob, dialect: str | None, integration: str, origin: str) -> Facets:
    """Give a job its SQL or code, how to read it, and which kind of evidence it is."""
    processing = "STREAMING" if job.streaming else "BATCH"
    named = {"processingType": processing, "integration": integration.upper(), "jobType": job.kind.value}
    return {
        **(_sql(job.text, dialect) if job.text else {}),
        **(_code(job.code) if job.code else {}),
        "jobType": standard("JobTypeJobFacet", "2-0-4", **named),
        ours.ORIGIN: own("JobFacet", origin=origin),
        **_job_notes(job),
    }


def definition_facets(dataset: SourceDataset, dialect: str | None, integration: str, origin: str) -> Facets:
    """Give the job that a view is its definition, as a job of the view's kind."""
    named = {"processingType": "BATCH", "integration": integration.upper(), "jobType": dataset.kind.name}
    return {
        **(_sql(dataset.definition, dialect) if dataset.definition else {}),
        **(_code(dataset.code) if dataset.code else {}),
        "jobType": standard("JobTypeJobFacet", "2-0-4", **named),
        ours.ORIGIN: own("JobFacet", origin=origin),
    }


def run_facets(execution: Execution, source: str) -> Facets:
    """Give a run the source's id of it, and who ran it how often."""
    found = {}
    if execution.query_id:
        named = {"externalQueryId": execution.query_id, "source": source}
        found["externalQuery"] = standard("ExternalQueryRunFacet", "1-0-2", **named)
    if execution.uses:
        found[ours.USAGE] = own("RunFacet", uses=[asdict(use) for use in execution.uses])
    return found


def _sql(text: SqlText, dialect: str | None) -> Facets:
    dialect = text.dialect or dialect
    context = {"default_database": text.default_database, "default_schema": text.default_schema}
    return {
        "sql": standard("SQLJobFacet", "1-1-0", query=text.sql, dialect=dialect),
        ours.SQL_CONTEXT: own("JobFacet", dialect=dialect, **context),
    }


def _code(code: SourceCode) -> Facets:
    return {"sourceCode": standard("SourceCodeJobFacet", "1-0-1", language=code.language, sourceCode=code.text)}


def _job_notes(job: SourceJob) -> Facets:
    found = {}
    if job.description:
        found["documentation"] = standard("DocumentationJobFacet", "1-1-0", description=job.description)
    if job.owner:
        found["ownership"] = standard("OwnershipJobFacet", "1-0-1", owners=[_owner(job.owner)])
    if job.properties:
        found[ours.PROPERTIES] = own("JobFacet", properties=dict(job.properties))
    return found


def column_lineage(links: Sequence[FieldLink]) -> Facets:
    """Say where fields come from, and what affects all rows."""
    fields: dict[str, dict[str, Any]] = {}
    rows = []
    for link in links:
        if link.field is None:
            rows.append(_input_field(link))
        else:
            fields.setdefault(link.field, {"inputFields": []})["inputFields"].append(_input_field(link))
    if not links:
        return {}
    return {"columnLineage": standard("ColumnLineageDatasetFacet", "1-2-0", fields=fields, dataset=rows or None)}


def _input_field(link: FieldLink) -> dict[str, Any]:
    said = {"field": link.source_field, "transformations": [{"type": link.type, "subtype": link.subtype}]}
    return asdict(link.source) | said


def standard(facet: str, version: str, /, **content: Any) -> Facet:
    """Make a facet of OpenLineage's specification; None is left out."""
    return _facet(f"{_SPEC}/{version}/{facet}.json#/$defs/{facet}", content)


def own(base: str, /, **content: Any) -> Facet:
    """Make one of our facets, whose shape model.facets tells."""
    return _facet(f"{_BASE}/{base}", content)


def _facet(schema: str, content: Mapping[str, Any]) -> Facet:
    return {"_producer": PRODUCER, "_schemaURL": schema} | _known(content)


def _known(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value is not None}


def _owner(role: str) -> dict[str, str]:
    return {"name": f"role:{role}", "type": "TECHNICAL_OWNER"}


def _fields(fields: tuple[SourceField, ...]) -> list[dict[str, Any]]:
    return [
        _known(
            {
                "name": each.name,
                "type": each.type,
                "description": each.description,
                "ordinal_position": place,
                "fields": _fields(each.fields) or None,
            }
        )
        for place, each in enumerate(fields, start=1)
    ]


def _details(fields: tuple[SourceField, ...], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for field in fields:
        said = {name: getattr(field, name) for name in ("nullable", "default", "identity", "generated", "presence")}
        yield prefix + field.name, _known(said | {"types": dict(field.types) or None})
        yield from _details(field.fields, f"{prefix}{field.name}.")


def _labelled(dataset: SourceDataset) -> Facets:
    found = {}
    tags = [_tag(tag) for tag in dataset.tags] + list(_field_tags(dataset.fields))
    if tags:
        found["tags"] = standard("TagsDatasetFacet", "1-0-0", tags=tags)
    if dataset.properties:
        found[ours.PROPERTIES] = own("DatasetFacet", properties=dict(dataset.properties))
    return found


def _field_tags(fields: tuple[SourceField, ...], prefix: str = "") -> Iterator[dict[str, Any]]:
    for field in fields:
        yield from (_tag(tag) | {"field": prefix + field.name} for tag in field.tags)
        yield from _field_tags(field.fields, f"{prefix}{field.name}.")


def _tag(tag: Tag) -> dict[str, Any]:
    return {"key": tag.key, "value": tag.value or "true", "source": "SOURCE"}


def _described(dataset: SourceDataset) -> Facets:
    found = {}
    if dataset.description:
        found["documentation"] = standard("DocumentationDatasetFacet", "1-1-0", description=dataset.description)
    if dataset.owner:
        found["ownership"] = standard("OwnershipDatasetFacet", "1-0-1", owners=[_owner(dataset.owner)])
    return found


def _structure(dataset: SourceDataset) -> Facets:
    found = {}
    if dataset.constraints != Constraints():
        found[ours.CONSTRAINTS] = own("DatasetFacet", **_constraints(dataset.constraints))
    counted = dataset.profile.row_count_at
    profile = _known({"row_count": dataset.profile.row_count, "size_bytes": dataset.profile.size_bytes})
    if profile:
        found[ours.PROFILE] = own("DatasetFacet", **profile, row_count_at=counted.isoformat() if counted else None)
    return found


def _constraints(constraints: Constraints) -> dict[str, Any]:
    return {
        "primary_key": list(constraints.primary_key),
        "unique": [list(fields) for fields in constraints.unique],
        "foreign_keys": [_foreign_key(each) for each in constraints.foreign_keys],
        "checks": [asdict(each) for each in constraints.checks],
        "indexes": [asdict(each) for each in constraints.indexes],
        "triggers": [asdict(each) for each in constraints.triggers],
    }


def _foreign_key(key: ForeignKey) -> dict[str, Any]:
    return {"name": key.name, "fields": list(key.fields), "to": asdict(key.to) | {"fields": list(key.to_fields)}}


def _elsewhere(dataset: SourceDataset) -> Facets:
    """Say under which other names a dataset's rows are found."""
    found = {}
    if dataset.partitioning:
        parts = [{"name": each.name.name, "bound": each.bound} for each in dataset.partitioning.partitions]
        found[ours.PARTITIONS] = own("DatasetFacet", key=dataset.partitioning.key, partitions=parts)
        named = [asdict(each.name) | {"type": "PARTITION"} for each in dataset.partitioning.partitions]
        if named:
            found["symlinks"] = standard("SymlinksDatasetFacet", "1-0-1", identifiers=named)
    if foreign := dataset.foreign:
        found[ours.FOREIGN] = own(
            "DatasetFacet", server=foreign.server, wrapper=foreign.wrapper, options=dict(foreign.options)
        )
    return found
