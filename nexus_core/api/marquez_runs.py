"""Marquez's read routes for what its clients ask beside namespaces, datasets and jobs: sources, versions, runs, tags.

`GET /sources` is our own (`api.sources`). Their router comes before that of `api.marquez`, whose names of datasets and
jobs may hold slashes.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from fastapi import APIRouter

from nexus_core.api.access import Reader
from nexus_core.api.marquez import EPOCH, Limit, Offset, dataset_answer, present, time_text
from nexus_core.api.services import Services, UsesServices
from nexus_core.errors import NotFoundError
from nexus_core.graph.read_jobs import read_job_sight
from nexus_core.model.access import Caller, Scope
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical_namespace, platform
from nexus_core.store.catalogue import namespaces_in
from nexus_core.store.catalogue_search import Search, search
from nexus_core.store.catalogue_versions import Version, schema_versions
from nexus_core.store.dataset_access import lookup_in
from nexus_core.store.runs import Run, run_by_id, runs_of

router = APIRouter(prefix="/api/v1", tags=["marquez"])

_VERSIONS = UUID("0b0d2d5c-54e7-5d5b-8f1a-5a7c2b9be0a1")
"""Namespace of the ids that schemas get as versions (RFC 9562, UUIDv5)."""
_STATES = {"COMPLETE": "COMPLETED", "FAIL": "FAILED", "ABORT": "ABORTED"}


@router.get("/sources/{source:path}", operation_id="marquezSource")
async def get_source(services: UsesServices, caller: Reader, source: str) -> dict[str, Any]:
    """Give one source: a namespace of datasets."""
    name = canonical_namespace(source)
    if name not in await namespaces_in(services.store, caller.scope):
        raise NotFoundError(f"source {source}")
    return _source(name)


@router.get("/tags", operation_id="marquezTags")
async def list_tags(services: UsesServices, caller: Reader, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """List the tags that datasets have, the most used first, of the 100 most used."""
    found = await search(services.store, Search((), {}, caller.scope, 1))
    tags = [value for value, _ in found.facets["tag"]]
    return {"tags": [{"name": tag, "description": None} for tag in tags[offset : offset + limit]]}


@router.get("/namespaces/{namespace:path}/datasets/{dataset:path}/versions", operation_id="marquezVersions")
async def list_versions(
    services: UsesServices, caller: Reader, namespace: str, dataset: str, limit: Limit = 100, offset: Offset = 0
) -> dict[str, Any]:
    """List the versions of a dataset's schema, the newest first; a dataset whose name ends so is given itself."""
    whole = await present(services, caller, DatasetName(namespace, f"{dataset}/versions"))
    if whole is not None:
        return dataset_answer(*whole)
    versions = await _versions(services, caller, namespace, dataset)
    return {"versions": versions[offset : offset + limit], "totalCount": len(versions)}


@router.get("/namespaces/{namespace:path}/datasets/{dataset:path}/versions/{version}", operation_id="marquezVersion")
async def get_version(
    services: UsesServices, caller: Reader, namespace: str, dataset: str, version: str
) -> dict[str, Any]:
    """Give one version of a dataset's schema."""
    whole = await present(services, caller, DatasetName(namespace, f"{dataset}/versions/{version}"))
    if whole is not None:
        return dataset_answer(*whole)
    for each in await _versions(services, caller, namespace, dataset):
        if each["version"] == version:
            return each
    raise NotFoundError(f"dataset {dataset} in {namespace}")


@router.get("/namespaces/{namespace:path}/jobs/{job:path}/runs", operation_id="marquezRuns")
async def list_runs(
    services: UsesServices, caller: Reader, namespace: str, job: str, limit: Limit = 100, offset: Offset = 0
) -> dict[str, Any]:
    """List the runs of a job that told of lineage, the latest first."""
    name = JobName(namespace, job)
    await _require_seen(services, caller.scope, name)
    runs = await runs_of(services.store, node_key(name.id), limit, offset)
    return {"runs": [_run(each) for each in runs], "totalCount": offset + len(runs)}


@router.get("/jobs/runs/{run_id}", operation_id="marquezRun")
async def get_run(services: UsesServices, caller: Reader, run_id: str) -> dict[str, Any]:
    """Give one run."""
    found = await run_by_id(services.store, run_id)
    if found is None:
        raise NotFoundError(f"run {run_id}")
    run, namespace, name = found
    try:
        await _require_seen(services, caller.scope, JobName(namespace, name))
    except NotFoundError as error:
        raise NotFoundError(f"run {run_id}") from error
    return _run(run)


async def _require_seen(services: Services, scope: Scope, name: JobName) -> None:
    timeout_s = services.settings.graph.query_timeout_s
    seen, _ = await read_job_sight(services.graph, name, scope, timeout_s, lookup_in(services.store))
    if not seen:
        raise NotFoundError(f"job {name.name} in {name.namespace}")


async def _versions(services: Services, caller: Caller, namespace: str, dataset: str) -> list[dict[str, Any]]:
    found = await present(services, caller, DatasetName(namespace, dataset))
    if found is None:
        raise NotFoundError(f"dataset {dataset} in {namespace}")
    owner, facets = found
    key = node_key(DatasetName(owner.namespace, owner.name).id)
    shown = dataset_answer(owner, facets)
    return [_version(shown, each) for each in await schema_versions(services.store, [key])]


def _version(shown: dict[str, Any], version: Version) -> dict[str, Any]:
    name = str(uuid5(_VERSIONS, f"{shown['namespace']} {shown['name']} {version.fingerprint} {version.valid_from}"))
    fields: list[dict[str, Any]] = [
        {"name": field, "type": kind, "description": None, "tags": []} for field, kind in version.fields
    ]
    told = {"version": name, "createdAt": time_text(version.valid_from), "fields": fields, "createdByRun": None}
    return shown | told | {"id": shown["id"] | {"version": name}, "lifecycleState": None, "facets": {}}


def _source(namespace: str) -> dict[str, Any]:
    return {
        "type": platform(namespace).upper(),
        "name": namespace,
        "createdAt": EPOCH,
        "updatedAt": EPOCH,
        "connectionUrl": namespace,
        "description": None,
    }


def _run(run: Run) -> dict[str, Any]:
    duration = int((run.ended_at - run.first_at).total_seconds() * 1000) if run.ended_at else None
    return {
        "id": run.run_id,
        "createdAt": time_text(run.first_at),
        "updatedAt": time_text(run.last_at),
        "nominalStartTime": None,
        "nominalEndTime": None,
        "state": _STATES.get(run.state, "RUNNING"),
        "startedAt": time_text(run.first_at),
        "endedAt": time_text(run.ended_at) if run.ended_at else None,
        "durationMs": duration,
        "args": {},
        "facets": {},
    }
