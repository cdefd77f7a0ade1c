"""OpenLineage events (specification 2-0-2) of a harvest, as plain JSON objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from nexus_core.connectors._statements import only_reads
from nexus_core.connectors.objects import DatasetKind, Execution, FieldLink, JobKind, SourceDataset, SourceJob, Written
from nexus_core.harvest.facets import (
    PRODUCER,
    Facets,
    assertion_facets,
    column_lineage,
    dataset_facets,
    definition_facets,
    job_facets,
)
from nexus_core.harvest.facets import run_facets as run_facets_of
from nexus_core.model.facets import READING
from nexus_core.model.names import DatasetName, JobName

Event = dict[str, Any]

_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"
_DASHBOARDS = {DatasetKind.DATA_SOURCE, DatasetKind.SHEET, DatasetKind.DASHBOARD}
_RUNS = UUID("4c0f3b0e-6f0e-5f43-9d53-6c1b1d6a3f55")
"""Namespace of the run ids that we derive (RFC 9562, UUIDv5)."""


def of_dataset(dataset: SourceDataset, kind: str, dialect: str | None, at: datetime) -> list[Event]:
    """Give a dataset's event and, where it shows other datasets, that of the job that defines it."""
    found = [_event("DatasetEvent", at, dataset=asdict(dataset.name) | {"facets": dataset_facets(dataset)})]
    job = JobName(dataset.name.namespace, dataset.name.name)
    origin = dataset.foreign.origin if dataset.foreign else None
    if dataset.definition or dataset.code or dataset.reads or dataset.links:
        facets = definition_facets(dataset, dialect, kind, "dashboard" if dataset.kind in _DASHBOARDS else "view")
        found.append(_static(job, facets, at, dataset.reads, [Written(dataset.name, dataset.links)]))
    elif origin:
        links = tuple(FieldLink(each.name, origin, each.origin or each.name) for each in dataset.fields)
        found.append(_static(job, {}, at, [origin], [Written(dataset.name, links)]))
    return found


def of_job(job: SourceJob, kind: str, dialect: str | None, at: datetime) -> Event:
    """Give a job's JobEvent, or the RunEvent of its execution."""
    if job.execution is None:
        return _static(job.name, job_facets(job, dialect, kind, "sql"), at, job.inputs, job.outputs)
    facets = job_facets(job, dialect, kind, _origin(job))
    state = "FAIL" if job.execution.failed else "COMPLETE"
    said = run_facets_of(job.execution, job.name.namespace)
    event = of_run(state, _run_id(job, job.execution), job.name, job.execution.at, facets, said)
    return event | _named(job.inputs, job.outputs) | _tested(job)


def _tested(job: SourceJob) -> dict[str, Any]:
    """Give the inputs of a test with what it found of each."""
    found = job.execution.assertions if job.execution else ()
    if not found:
        return {}
    facets = ((name, assertion_facets([each for each in found if each.dataset == name])) for name in job.inputs)
    return {"inputs": [asdict(name) | ({"inputFacets": said} if said else {}) for name, said in facets]}


def _origin(job: SourceJob) -> str:
    if job.kind is not JobKind.QUERY:
        return "sql"
    return READING if job.text and not job.outputs and only_reads(job.text.sql) else "query-log"


def _run_id(job: SourceJob, execution: Execution) -> UUID:
    """Give one id to all executions of a statement on a day, and to each of another job."""
    day = execution.at.date().isoformat()
    which = day if job.kind is JobKind.QUERY else execution.query_id or execution.at.isoformat()
    return uuid5(_RUNS, f"{job.name.namespace} {job.name.name} {which}")


def of_run(state: str, run_id: UUID, job: JobName, at: datetime, job_facets: Facets, run_facets: Facets) -> Event:
    """Give one event of a run that names no datasets."""
    return _event(
        "RunEvent",
        at,
        eventType=state,
        run={"runId": str(run_id), "facets": run_facets},
        job=asdict(job) | {"facets": job_facets},
        inputs=[],
        outputs=[],
    )


def _static(
    job: JobName, facets: Facets, at: datetime, inputs: Sequence[DatasetName], outputs: Sequence[Written]
) -> Event:
    return _event("JobEvent", at, job=asdict(job) | {"facets": facets}, **_named(inputs, outputs))


def _named(inputs: Sequence[DatasetName], outputs: Sequence[Written]) -> dict[str, Any]:
    written = [asdict(each.name) | _facets(column_lineage(each.links)) for each in outputs]
    return {"inputs": [asdict(each) for each in inputs], "outputs": written}


def _facets(facets: Facets) -> dict[str, Any]:
    return {"facets": facets} if facets else {}


def _event(kind: str, at: datetime, **content: Any) -> Event:
    return {"eventTime": at.isoformat(), "producer": PRODUCER, "schemaURL": f"{_SCHEMA}/{kind}"} | content
