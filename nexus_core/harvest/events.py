"""OpenLineage events (specification 2-0-2) of a harvest, as plain JSON objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from nexus_core.connectors.objects import SourceDataset, SourceJob
from nexus_core.harvest.facets import PRODUCER, Facets, copied_fields, dataset_facets, job_facets, job_notes, standard
from nexus_core.model.names import DatasetName, JobName

Event = dict[str, Any]

_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"
_RUNS = UUID("4c0f3b0e-6f0e-5f43-9d53-6c1b1d6a3f55")
"""Namespace of the run ids that we derive (RFC 9562, UUIDv5)."""


def of_dataset(dataset: SourceDataset, kind: str, dialect: str, at: datetime) -> list[Event]:
    """Give a dataset's event and, where it shows other datasets, that of the job that defines it."""
    events = [
        _event("DatasetEvent", at, dataset=asdict(dataset.name) | {"facets": dataset_facets(dataset)}),
    ]
    job = JobName(dataset.name.namespace, dataset.name.name)
    if dataset.definition:
        facets = job_facets(dataset.definition, dialect, dataset.kind.name, kind, "view")
        events.append(_static(job, facets, at, dataset.reads, [asdict(dataset.name)]))
    elif dataset.foreign and dataset.foreign.origin:
        origin = dataset.foreign.origin
        output = asdict(dataset.name) | {"facets": copied_fields(dataset, origin)}
        events.append(_static(job, {}, at, [origin], [output]))
    return events


def of_job(job: SourceJob, kind: str, dialect: str, at: datetime) -> Event:
    """Give a routine's JobEvent, or the RunEvent of a statement that ran."""
    if job.execution is None:
        facets = job_facets(job.text, dialect, job.kind.value, kind, "sql") | job_notes(job)
        return _static(job.name, facets, at, (), [])
    facets = job_facets(job.text, dialect, job.kind.value, kind, "query-log")
    day = job.execution.at.date().isoformat()
    run_id = uuid5(_RUNS, f"{job.name.namespace} {job.name.name} {day}")
    return of_run("COMPLETE", run_id, job.name, job.execution.at, facets, _query_id(job))


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


def _query_id(job: SourceJob) -> Facets:
    if job.execution is None or not job.execution.query_id:
        return {}
    given = {"externalQueryId": job.execution.query_id, "source": job.name.namespace}
    return {"externalQuery": standard("ExternalQueryRunFacet", "1-0-2", **given)}


def _static(
    job: JobName, facets: Facets, at: datetime, inputs: Sequence[DatasetName], outputs: list[dict[str, Any]]
) -> Event:
    named = [asdict(each) for each in inputs]
    return _event("JobEvent", at, job=asdict(job) | {"facets": facets}, inputs=named, outputs=outputs)


def _event(kind: str, at: datetime, **content: Any) -> Event:
    return {"eventTime": at.isoformat(), "producer": PRODUCER, "schemaURL": f"{_SCHEMA}/{kind}"} | content
