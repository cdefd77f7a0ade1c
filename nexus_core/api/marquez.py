"""Marquez's read routes, so that its clients and UI read from us unchanged (github.com/MarquezProject/marquez, 0.51).

Only what its models require is answered; sources, versions, runs and tags are in `api.marquez_runs`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from nexus_core.api.access import Reader
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue import merged
from nexus_core.errors import InvalidInputError, NotFoundError
from nexus_core.graph.read import read_lineage
from nexus_core.graph.read_answer import (
    Asked,
    Direction,
    Granularity,
    LineageAnswer,
    LineageEdge,
    LineageNode,
    LineageQuery,
)
from nexus_core.graph.read_jobs import JobTouches, read_jobs, read_namespaces
from nexus_core.model.access import Caller
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical, canonical_namespace
from nexus_core.store.catalogue import Owner, datasets_in, jobs_of
from nexus_core.store.catalogue import owner as owner_of
from nexus_core.store.dataset_access import lookup_in, visible_names

router = APIRouter(prefix="/api/v1", tags=["marquez"])

_KINDS = {"dataset": 2, "datasetField": 3, "job": 2}  # parts after the kind
_TYPES = {"datasetField": "DATASET_FIELD", "job": "JOB"}
# As Marquez splits its ids: the colons of `scheme://host:port` separate nothing.
_COLON = re.compile(r":(?!//|\d+)")
EPOCH = "1970-01-01T00:00:00Z"
"""When it began, where that is not known."""

NodeIdParameter = Annotated[str, Query(alias="nodeId", min_length=1, max_length=8192)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=2**53)]
Depth = Annotated[int, Query(ge=1, le=50)]


@router.get("/namespaces", operation_id="marquezNamespaces")
async def list_namespaces(
    services: UsesServices, caller: Reader, limit: Limit = 100, offset: Offset = 0
) -> dict[str, Any]:
    """List namespaces of datasets and jobs."""
    names = await read_namespaces(
        services.graph, caller.scope, services.settings.graph.query_timeout_s, lookup_in(services.store)
    )
    shown = names[offset : offset + limit]
    return {"namespaces": [_namespace(name) for name in shown]}


@router.get("/namespaces/{namespace:path}/datasets", operation_id="marquezDatasets")
async def list_datasets(
    services: UsesServices, caller: Reader, namespace: str, limit: Limit = 100, offset: Offset = 0
) -> dict[str, Any]:
    """List the datasets of a namespace."""
    namespace = canonical_namespace(namespace)
    total, page = await datasets_in(services.store, namespace, caller.scope, limit, offset)
    told = ((owner, merged.merge(slots)) for owner, slots in page)
    shown = [dataset_answer(owner, of if caller.scope.everything else merged.of_this_alone(of)) for owner, of in told]
    return {"datasets": shown, "totalCount": total}


@router.get("/namespaces/{namespace:path}/jobs", operation_id="marquezJobs")
async def list_jobs(
    services: UsesServices, caller: Reader, namespace: str, limit: Limit = 100, offset: Offset = 0
) -> dict[str, Any]:
    """List the jobs of a namespace with what they read and write."""
    jobs = await read_jobs(
        services.graph, namespace, caller.scope, services.settings.graph.query_timeout_s, lookup_in(services.store)
    )
    shown = jobs[offset : offset + limit]
    known = await jobs_of(services.store, (node_key(job.name.id) for job in shown))
    return {"jobs": [_job(job, known.get(node_key(job.name.id))) for job in shown], "totalCount": len(jobs)}


@router.get("/namespaces/{namespace:path}/datasets/{dataset:path}", operation_id="marquezDataset")
async def get_dataset(services: UsesServices, caller: Reader, namespace: str, dataset: str) -> dict[str, Any]:
    """Give one dataset."""
    found = await present(services, caller, DatasetName(namespace, dataset))
    if found is None:
        raise NotFoundError(f"dataset {dataset} in {namespace}")
    return dataset_answer(*found)


@router.get("/namespaces/{namespace:path}/jobs/{job:path}", operation_id="marquezJob")
async def get_job(services: UsesServices, caller: Reader, namespace: str, job: str) -> dict[str, Any]:
    """Give one job with what it reads and writes."""
    timeout_s = services.settings.graph.query_timeout_s
    jobs = await read_jobs(services.graph, namespace, caller.scope, timeout_s, lookup_in(services.store))
    found = next((each for each in jobs if each.name.name == job), None)
    if found is None:
        raise NotFoundError(f"job {job} in {namespace}")
    return _job(found, (await jobs_of(services.store, [node_key(found.name.id)])).get(node_key(found.name.id)))


@router.get("/namespaces/{namespace:path}", operation_id="marquezNamespace")
async def get_namespace(services: UsesServices, caller: Reader, namespace: str) -> dict[str, Any]:
    """Give one namespace."""
    timeout_s = services.settings.graph.query_timeout_s
    names = await read_namespaces(services.graph, caller.scope, timeout_s, lookup_in(services.store))
    known = canonical_namespace(namespace)
    if known not in names and namespace not in names:
        raise NotFoundError(f"namespace {namespace}")
    return _namespace(known if known in names else namespace)


@router.get("/lineage", operation_id="marquezLineage")
async def get_lineage(
    services: UsesServices, caller: Reader, node_id: NodeIdParameter, depth: Depth = 20
) -> dict[str, Any]:
    """Give datasets and jobs around a dataset or job, both ways."""
    query = await _present(services, caller, _asked(node_id, Direction.BOTH, depth, Granularity.DATASET))
    answer = await read_lineage(
        services.graph, query, caller.scope, services.settings.graph.query_timeout_s, lookup_in(services.store)
    )
    return {"graph": _with_jobs(answer)}


@router.get("/column-lineage", operation_id="marquezColumnLineage")
async def get_column_lineage(
    services: UsesServices,
    caller: Reader,
    node_id: NodeIdParameter,
    depth: Depth = 20,
    with_downstream: Annotated[bool, Query(alias="withDownstream")] = False,
) -> dict[str, Any]:
    """Give what fields come from, and with `withDownstream` where they go."""
    direction = Direction.BOTH if with_downstream else Direction.UPSTREAM
    query = await _present(services, caller, _asked(node_id, direction, depth, Granularity.FIELD))
    answer = await read_lineage(
        services.graph, query, caller.scope, services.settings.graph.query_timeout_s, lookup_in(services.store)
    )
    return {"graph": _fields(answer)}


async def present(services: Services, caller: Caller, asked: DatasetName) -> tuple[Owner, Mapping[str, Any]] | None:
    """Give a dataset that the caller sees, with its facets as the caller may see them; None where there is none."""
    name = canonical(asked)
    seen = await visible_names(services.store, caller.scope, [name])
    found = await owner_of(services.store, node_key(name.id)) if seen else None
    if found is None:
        return None
    facets = merged.merge(found[1])
    return found[0], facets if caller.scope.everything else merged.of_this_alone(facets)


def _asked(node_id: str, direction: Direction, depth: int, granularity: Granularity) -> LineageQuery:
    kind, _, rest = node_id.partition("#")[0].partition(":")
    parts = _COLON.split(rest, maxsplit=_KINDS.get(kind, 2) - 1)
    if len(parts) != _KINDS.get(kind):
        raise InvalidInputError("is none of dataset:NS:NAME, datasetField:NS:NAME:FIELD, job:NS:NAME", "$.query.nodeId")
    asked = Asked.JOB if kind == "job" else Asked.DATASET
    field = parts[2] if kind == "datasetField" else None
    granularity = Granularity.FIELD if field else granularity
    return LineageQuery(parts[0], parts[1], field, asked, direction, depth, granularity)


async def _present(services: Services, caller: Caller, query: LineageQuery) -> LineageQuery:
    """Ask for a dataset by the name that stands for it; Marquez's clients follow no redirection.

    By a hidden name nothing is found.
    """
    if query.asked is Asked.JOB:
        return query
    aliases = await services.aliases.read(services.store)
    asked = canonical(DatasetName(query.namespace, query.name))
    first = aliases.of(asked)
    if first == asked or len(await visible_names(services.store, caller.scope, [first, asked])) < 2:
        return query
    return replace(query, namespace=first.namespace, name=first.name)


def _namespace(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "createdAt": EPOCH,
        "updatedAt": EPOCH,
        "ownerName": "anonymous",
        "description": None,
        "isHidden": False,
    }


def dataset_answer(owner: Owner, facets: Mapping[str, Any]) -> dict[str, Any]:
    """Give a dataset as Marquez's clients read it."""
    return {
        "id": {"namespace": owner.namespace, "name": owner.name},
        "type": "STREAM" if merged.kind_of(facets) == "topic" else "DB_TABLE",
        "name": owner.name,
        "physicalName": owner.name,
        "namespace": owner.namespace,
        "sourceName": owner.namespace,
        "createdAt": time_text(owner.first_seen_at),
        "updatedAt": time_text(owner.last_seen_at),
        "lastModifiedAt": None,
        "fields": [
            {"name": field.name, "type": field.type, "description": field.description, "tags": []}
            for field in merged.fields_of(facets)
        ],
        "tags": merged.tags_of(facets),
        "description": merged.description_of(facets),
        "facets": facets,
        "deleted": False,
    }


def _job(job: JobTouches, known: tuple[Owner, Mapping[str, Any]] | None) -> dict[str, Any]:
    owner, slots = known or (None, {})
    facets = merged.merge(slots) if job.open else merged.without_sql(merged.merge(slots))
    return {
        "id": {"namespace": job.name.namespace, "name": job.name.name},
        "type": "STREAM" if facets.get("jobType", {}).get("processingType") == "STREAMING" else "BATCH",
        "name": job.name.name,
        "simpleName": job.name.name,
        "parentJobName": None,
        "namespace": job.name.namespace,
        "createdAt": time_text(owner.first_seen_at) if owner else EPOCH,
        "updatedAt": time_text(owner.last_seen_at) if owner else EPOCH,
        "inputs": [{"namespace": each.namespace, "name": each.name} for each in job.inputs],
        "outputs": [{"namespace": each.namespace, "name": each.name} for each in job.outputs],
        "location": None,
        "description": merged.description_of(facets),
        "latestRun": None,
        "facets": {name: facet for name, facet in facets.items() if name in ("sql", "jobType", "documentation")},
    }


def time_text(at: datetime) -> str:
    """Give a time as Marquez writes it."""
    return at.isoformat().replace("+00:00", "Z")


def _with_jobs(answer: LineageAnswer) -> list[dict[str, Any]]:
    """Set the jobs between the datasets, as Marquez has them."""
    found = {node.id: _node(node.id, _TYPES.get(node.kind, "DATASET"), _named(node)) for node in answer.nodes}
    steps: dict[tuple[str, str], None] = {}
    for edge in answer.edges:
        job = _job_of(edge)
        if job is None:
            steps[edge.source, edge.target] = None
            continue
        data = {"namespace": job.namespace, "name": job.name, "type": "BATCH"}
        found.setdefault(job.id, _node(job.id, "JOB", data))
        steps |= {(edge.source, job.id): None, (job.id, edge.target): None}
    return _joined(found, steps)


def _job_of(edge: LineageEdge) -> JobName | None:
    """Give the job that stands between the ends of an edge."""
    if edge.kind != "DATASET" or edge.job_namespace is None or edge.job_name is None:
        return None
    return JobName(edge.job_namespace, edge.job_name)


def _fields(answer: LineageAnswer) -> list[dict[str, Any]]:
    nodes = {node.id: node for node in answer.nodes}
    found = {node.id: _node(node.id, _TYPES.get(node.kind, "DATASET"), _named(node)) for node in answer.nodes}
    for edge in answer.edges:
        found[edge.target]["data"].setdefault("inputFields", []).append(
            {
                **_named(nodes[edge.source]),
                "transformationDescription": edge.expression,
                "transformationType": edge.subtype,
            }
        )
    return _joined(found, [(edge.source, edge.target) for edge in answer.edges])


def _named(node: LineageNode) -> dict[str, Any]:
    if node.found is None:
        return {}
    if node.kind != "datasetField":
        name = {"namespace": node.found.namespace, "name": node.found.name}
        return {"id": name, **name}
    return {
        "namespace": node.found.namespace,
        "dataset": node.found.name,
        "field": node.found.field,
        "fieldType": node.found.type,
    }


def _node(node_id: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"id": node_id, "type": kind, "data": data, "inEdges": [], "outEdges": []}


def _joined(found: dict[str, dict[str, Any]], steps: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    for origin, destination in dict.fromkeys(steps):
        edge = {"origin": origin, "destination": destination}
        found[origin]["outEdges"].append(edge)
        found[destination]["inEdges"].append(edge)
    return list(found.values())
