"""What one event says of datasets and jobs for the catalogue: facets by slot, under the authority of its sender."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from nexus_core.catalogue.curated import CURATED, facet_of, slot_of
from nexus_core.events.curation import read_curation
from nexus_core.events.decision import is_decision
from nexus_core.model.curation import OBJECTS, SubjectKind
from nexus_core.model.edge import node_key
from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.model.facets import HARVEST, ORIGIN, READING
from nexus_core.model.moments import microseconds
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical

CLASSES = (CURATED, "curator", "rule", "harvest", "event")
"""Source classes in the order in which they are believed (lineage.md §2).

`curated` is what was edited through our API, `curator` what a token with that authority says in events of its own.
"""

_OURS = "lineageNexus_"
_ELSEWHERE = frozenset({"columnLineage"})  # in the graph
_JOB_FACETS = frozenset({"sql", "jobType", "documentation", "ownership", "tags", "sourceCodeLocation", HARVEST})
_CLASSIFYING = "classification"
_STATES = {"START": 0, "RUNNING": 0, "OTHER": 0, "COMPLETE": 1, "ABORT": 1, "FAIL": 1}
_QUERY_JOB = re.compile(r"(?P<task>.+)\.query\.(?P<number>\d{1,4})", re.DOTALL)
RUN = "run"
"""The slot's facet for a job's last run, which no producer can send: facets have names with a schema."""
_RUN_SLOT = f"event/{RUN}"


class Fact(NamedTuple):
    """One facet that an event says of an owner; a later one in the same slot replaces it."""

    key: str
    namespace: str
    name: str
    is_job: bool
    slot: str
    facet: Mapping[str, Any]
    valid_at: int
    event_id: str
    seen_at: datetime

    @property
    def order(self) -> tuple[int, str]:
        """What decides between two facts of one slot."""
        return self.valid_at, self.event_id

    @property
    def is_run(self) -> bool:
        """Whether it tells of a job's last run."""
        return self.is_job and self.slot == _RUN_SLOT


def facts_of(envelope: Envelope) -> Iterator[Fact]:
    """Give what an event says; what has not the shape that it should have is left out. Each owner has one at least."""
    event = envelope.event
    if is_decision(envelope.kind, event):
        yield from _curated_facts(envelope)
        return
    job_facets = _mapping(_mapping(event.get("job")).get("facets"))
    if envelope.kind is EventKind.DATASET:
        datasets = [event.get("dataset")]
    else:
        datasets = [*_list(event.get("inputs")), *_list(event.get("outputs"))]
        if not _only_reads(envelope, job_facets):
            yield from _job_facts(envelope, job_facets)
    found_by_harvest = envelope.kind is EventKind.DATASET or ORIGIN in job_facets
    for said in datasets:
        if isinstance(said, dict):
            yield from _dataset_facts(envelope, said, found_by_harvest=found_by_harvest)


def _curated_facts(envelope: Envelope) -> Iterator[Fact]:
    """Give what an edit says of a dataset or job; terms, domains and products are nothing of the catalogue's."""
    said = read_curation(envelope)
    if said is None or said.subject.kind in OBJECTS:
        return
    of = said.subject
    slot, facet = slot_of(said.facet, of.field), facet_of(said.facet, of.field, said.value)
    is_job = of.kind is SubjectKind.JOB
    yield _fact(envelope, of.key, of.namespace, of.name, slot, facet, is_job=is_job)
    yield _fact(envelope, of.key, of.namespace, of.name, "", {}, is_job=is_job)


def _dataset_facts(envelope: Envelope, said: Mapping[str, Any], *, found_by_harvest: bool) -> Iterator[Fact]:
    name = canonical(DatasetName(str(said.get("namespace")), str(said.get("name"))))
    harvests = _covers(envelope.authority, name.namespace)
    source = _source(envelope, harvests=harvests and found_by_harvest)
    facets = {**_mapping(said.get("facets")), **_mapping(said.get("outputFacets"))}
    kept = {key: value for key, value in facets.items() if _counts(key, value, harvests=harvests)}
    key = node_key(name.id)
    for facet, value in kept.items():
        shown = _without_classes(value) if facet == "tags" and source == "event" else value
        yield _fact(envelope, key, name.namespace, name.name, f"{source}/{facet}", shown)
    yield _fact(envelope, key, name.namespace, name.name, "", {})


def _job_facts(envelope: Envelope, facets: Mapping[str, Any]) -> Iterator[Fact]:
    job = _mapping(envelope.event.get("job"))
    name = JobName(str(job.get("namespace")), str(job.get("name")))
    task, number = _task_of(envelope, name, facets)
    if task is not None:
        if isinstance(facets.get("sql"), dict):
            slot = f"event/sql {number:>4}"
            yield _fact(envelope, node_key(task.id), task.namespace, task.name, slot, facets["sql"], is_job=True)
        return
    key = node_key(name.id)
    for facet in _JOB_FACETS & facets.keys():
        if isinstance(facets[facet], dict):
            yield _fact(envelope, key, name.namespace, name.name, f"event/{facet}", facets[facet], is_job=True)
    if envelope.kind is EventKind.RUN:
        state = str(envelope.event.get("eventType") or "OTHER")
        run = {
            "state": state,
            "at": envelope.valid_at.astimezone(UTC).isoformat(),
            "airflow_url": _airflow_url(envelope),
        }
        # Of a START and a COMPLETE at one moment, the end is the later.
        fact = _fact(envelope, key, name.namespace, name.name, _RUN_SLOT, run, is_job=True)
        yield fact._replace(event_id=f"{_STATES.get(state, 0)}{fact.event_id}")
    yield _fact(envelope, key, name.namespace, name.name, "", {}, is_job=True)


def _only_reads(envelope: Envelope, facets: Mapping[str, Any]) -> bool:
    """Whether a harvest tells of a statement that only read: it counts as usage, and is no job of the catalogue."""
    namespace = str(_mapping(envelope.event.get("job")).get("namespace"))
    return _mapping(facets.get(ORIGIN)).get("origin") == READING and _covers(envelope.authority, namespace)


def _task_of(envelope: Envelope, job: JobName, facets: Mapping[str, Any]) -> tuple[JobName | None, str]:
    """Give the task that a job `TASK.query.N` is one statement of, and N: the graph has the task alone."""
    query = _QUERY_JOB.fullmatch(job.name)
    run_facets = _mapping(_mapping(envelope.event.get("run")).get("facets"))
    parent = _mapping(_mapping(run_facets.get("parent")).get("job"))
    if query and parent.get("name") == query["task"] and _mapping(facets.get("jobType")).get("jobType") == "QUERY":
        return JobName(str(parent.get("namespace") or job.namespace), query["task"]), query["number"]
    return None, ""


def _fact(
    envelope: Envelope,
    key: str,
    namespace: str,
    name: str,
    slot: str,
    facet: Mapping[str, Any],
    *,
    is_job: bool = False,
) -> Fact:
    at = microseconds(envelope.valid_at)
    return Fact(key, namespace, name, is_job, slot, facet, at, envelope.id, envelope.valid_at)


def _source(envelope: Envelope, *, harvests: bool) -> str:
    if harvests:
        return "harvest"
    if envelope.kind is not EventKind.DATASET:
        return "event"
    told = envelope.event["dataset"]
    return "curator" if envelope.authority.may_curate(DatasetName(told["namespace"], told["name"])) else "event"


def _counts(facet: str, value: Any, *, harvests: bool) -> bool:
    """Whether a facet has an effect: our own ones need the harvest authority for the source."""
    return isinstance(value, dict) and facet not in _ELSEWHERE and (harvests or not facet.startswith(_OURS))


def _without_classes(facet: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out tags that classify, which need a steward."""
    tags = [tag for tag in _list(facet.get("tags")) if str(_mapping(tag).get("key")).lower() != _CLASSIFYING]
    return {**facet, "tags": tags}


def _airflow_url(envelope: Envelope) -> str | None:
    """Give the address of the DAG in the Airflow that told of the run."""
    run_facets = _mapping(_mapping(envelope.event.get("run")).get("facets"))
    airflow = _mapping(run_facets.get("airflow"))
    log_url = _mapping(airflow.get("taskInstance")).get("log_url")
    dag = _mapping(airflow.get("dag")).get("dag_id")
    if not isinstance(log_url, str) or not isinstance(dag, str):
        return None
    try:
        parts = urlsplit(log_url)
    except ValueError:  # such as "http://[": not an address
        return None
    before, dags, _ = parts.path.partition("/dags/")
    if parts.scheme not in {"http", "https"} or not dags:
        return None
    return f"{parts.scheme}://{parts.netloc}{before}/dags/{dag}"


def _covers(authority: Authority, namespace: str) -> bool:
    return any(pattern == "*" or fnmatchcase(namespace, pattern) for pattern in authority.harvest)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
