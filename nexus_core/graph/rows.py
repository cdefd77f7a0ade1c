"""Parameters of the write queries: nodes as rows with their keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from nexus_core.graph.claims import DatasetShape
from nexus_core.model.edge import Edge, EdgeKind, node_key
from nexus_core.model.names import DatasetName, FieldName, JobName
from nexus_core.model.naming import canonical_field, platform

Row = dict[str, Any]


def dataset_rows(shape: DatasetShape) -> tuple[Row, list[Row]]:
    """Give a dataset that events name, with the keys of its fields, and these fields."""
    fields = field_rows(shape)
    row = _dataset(shape.name) | {"dataset_kind": shape.kind, "field_keys": [field["key"] for field in fields]}
    return row, fields


def field_rows(shape: DatasetShape) -> list[Row]:
    """Give every field that a dataset's schema ever had; those that it has now in their order, counted from 1."""
    types: dict[str, str] = {}
    for field, type_ in shape.fields:
        types.setdefault(canonical_field(shape.name.namespace, field), type_)
    ordinals = {field: ordinal for ordinal, field in enumerate(types, start=1)}
    members: dict[str, list[tuple[int, int, str]]] = {}
    for field, held in shape.members.items():
        members.setdefault(canonical_field(shape.name.namespace, field), list(held))
    return [
        _field(shape.name, field)
        | {"type": types.get(field), "ordinal": ordinals.get(field)}
        | {name: [one[index] for one in members.get(field, ())] for index, name in enumerate(("froms", "tos", "types"))}
        for field in (*types, *(members.keys() - types.keys()))
    ]


def job_row(job: JobName) -> Row:
    """Give a job."""
    return {"key": node_key(job.id), "namespace": job.namespace, "name": job.name}


def end_keys(edge: Edge, job: JobName | None) -> tuple[str, str]:
    """Give the keys of an edge's source and target."""
    source = _job_key(job) if edge.kind == EdgeKind.WRITES else _key(*edge[2:5])
    target = _job_key(job) if edge.kind == EdgeKind.READS else _key(*edge[5:8])
    return source, target


def end_labels(edge: Edge) -> tuple[str, str]:
    """Give the labels of an edge's source and target."""
    source = "Job" if edge.kind == EdgeKind.WRITES else "Field" if edge.source_field else "Dataset"
    target = "Job" if edge.kind == EdgeKind.READS else "Field" if edge.target_field else "Dataset"
    return source, target


def endpoint_rows(
    edges: Iterable[tuple[Edge, JobName | None]], without: Collection[str] = ()
) -> tuple[list[Row], list[Row], list[Row]]:
    """Give the datasets, fields and jobs that edges need, each once, but those whose key is among `without`."""
    ends: set[tuple[str, str, str]] = set()
    jobs: dict[JobName, None] = {}
    for edge, job in edges:
        if job and edge.kind in (EdgeKind.READS, EdgeKind.WRITES):
            jobs[job] = None
        ends |= {edge[2:5], edge[5:8]}
    datasets = {(namespace, name) for namespace, name, _ in ends if name}
    fields = (end for end in ends if end[1] and end[2] and _key(*end) not in without)
    return (
        [_dataset(DatasetName(*of)) for of in datasets if _key(*of, "") not in without],
        [_field(DatasetName(namespace, name), field) for namespace, name, field in fields],
        [row for row in map(job_row, jobs) if row["key"] not in without],
    )


@lru_cache(maxsize=8_192)
def _key(namespace: str, name: str, field: str) -> str:
    dataset = DatasetName(namespace, name)
    return node_key(FieldName(dataset, field).id if field else dataset.id)


def _job_key(job: JobName | None) -> str:
    return node_key(job.id) if job else ""


def _dataset(name: DatasetName) -> Row:
    return {
        "key": node_key(name.id),
        "namespace": name.namespace,
        "name": name.name,
        "platform": platform(name.namespace),
    }


def _field(dataset: DatasetName, field: str) -> Row:
    return {
        "key": node_key(FieldName(dataset, field).id),
        "dataset_key": node_key(dataset.id),
        "namespace": dataset.namespace,
        "name": dataset.name,
        "field": field,
    }
