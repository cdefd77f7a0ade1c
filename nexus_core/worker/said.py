"""What one event says, read out of its envelope once: the only place that knows OpenLineage's JSON.

Ingestion has checked the types that the specification fixes; facets may hold anything, so whatever has not the shape
that it should have is left out. Nothing here raises for content.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from nexus_core.events.decision import is_decision, read_decision
from nexus_core.events.folding import folded_job
from nexus_core.model.decision import Decision
from nexus_core.model.edge import digest, digest_of, node_key
from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.model.facets import HARVEST, MANIFEST, ORIGIN, READING, SQL_CONTEXT, USAGE
from nexus_core.model.moments import microseconds
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical
from nexus_core.model.partition import beside
from nexus_core.worker.facets import (
    ColumnFacet,
    column_facet,
    dataset_in,
    list_in,
    mapping_in,
    schema_fields,
    text_in,
)

_ORIGINS = {"view", "query-log", "dashboard", "sql", READING}
_DECISION = "DECISION"
_LIFECYCLE, _DROP, _RENAME = "lifecycleStateChange", "DROP", "RENAME"
_LARGEST_INT = 2**31


@dataclass(frozen=True, slots=True)
class SqlText:
    """A SQL facet with what the event says about how to read it."""

    text: str
    dialect: str | None
    default_database: str | None
    default_schema: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a harvest's event says of the harvest itself; `objects` as `(namespace, name, fingerprint)`."""

    source: str | None
    scope: str
    watermark: str | None
    chunk_count: int
    digest: str | None
    partial: bool
    chunk: int | None
    objects: tuple[tuple[str, str, str | None], ...]


class Teller(StrEnum):
    """Who says that a dataset or job ended or is there."""

    CURATOR = "curator"
    HARVEST = "harvest"
    PRODUCER = "producer"


@dataclass(frozen=True, slots=True)
class LifecycleChange:
    """That a dataset ended (`gone`), or is there, as a facet says; `teller` by the authority for it."""

    dataset: DatasetName
    gone: bool
    teller: Teller


@dataclass(frozen=True, slots=True)
class Link:
    """That a dataset has another name, as the symlinks facet says; `trusted` by a sender who may join names."""

    dataset: DatasetName
    other: DatasetName
    trusted: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One event's content. Times are microseconds since 1970; `job` is folded, dataset names are as written.

    `slot` tells the parallel parts of one unit apart (map index, statement), `attempt` orders retries of one.
    `schemas` are facets' fields as `((name, type), …)`; `kinds` are dataset types such as VIEW. `uses` tell which
    accounts ("" where that is not known) ran the statement how often. `principal` is there for decisions only.
    """

    event_id: str
    kind: EventKind
    principal_class: str
    job: JobName | None
    run_id: str | None
    parent_run_id: str | None
    slot: str | None
    attempt: int
    event_type: str
    streaming: bool
    valid_at: int
    accepted_at: int
    inputs: tuple[DatasetName, ...] = ()
    outputs: tuple[DatasetName, ...] = ()
    sql: SqlText | None = None
    origin: str = "sql"
    source_code: str | None = None
    columns: Mapping[DatasetName, ColumnFacet] = field(default_factory=dict)
    schemas: Mapping[DatasetName, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    kinds: Mapping[DatasetName, str] = field(default_factory=dict)
    manifest: Manifest | None = None
    decision: Decision | None = None
    dropped: tuple[DatasetName, ...] = ()
    lifecycle: tuple[LifecycleChange, ...] = ()
    links: tuple[Link, ...] = ()
    uses: tuple[tuple[str, int], ...] = ()
    principal: str = ""

    @property
    def datasets(self) -> tuple[DatasetName, ...]:
        """Every dataset that it names as its own input or output, or as dropped, which is no output."""
        return self.inputs + self.outputs + self.dropped

    @property
    def tells_lineage(self) -> bool:
        """Whether it belongs to a unit: a dataset's own event does where it tells of columns, a decision never."""
        if self.kind is EventKind.DATASET:
            return bool(self.columns)
        return self.event_type != _DECISION

    @property
    def run_key(self) -> str:
        """The run that it belongs to, whoever of a principal class reports it; a static event is its own.

        It lies in the partition of its job, or of the DatasetEvent's dataset.
        """
        run = self.run_id if self.run_id is not None else self.event_id
        key = digest_of([self.principal_class, self.job and [self.job.namespace, self.job.name], run])
        owner = self.job or next((canonical(name) for name in self.datasets), None)
        return beside(node_key(owner.id), key) if owner else key


def read_event(envelope: Envelope) -> Said:
    """Read an envelope."""
    event = envelope.event
    if is_decision(envelope.kind, event):
        return _decided(envelope)
    run, job = mapping_in(event.get("run")), mapping_in(event.get("job"))
    run_facets, job_facets = mapping_in(run.get("facets")), mapping_in(job.get("facets"))
    inputs, outputs = _datasets(event, envelope.kind)
    facets: dict[DatasetName, dict[str, Any]] = {}
    for name, value in [*inputs, *outputs]:
        facets.setdefault(name, {}).update(mapping_in(value.get("facets")))
    dropped = {name for name, of in facets.items() if _lifecycle_state(of) == _DROP}
    described = {name for name, of in facets.items() if of} | {name for name, _ in outputs}
    harvesting = _harvests(envelope.authority, described, run_facets, job)
    job_name, query = folded_job(event)
    sql = _sql(job_facets, trusted=harvesting)
    slot, attempt = _slot(run_facets, query=query, sql=sql)
    return Said(
        event_id=envelope.id,
        kind=envelope.kind,
        principal_class=_principal_class(envelope, job_facets, harvesting=harvesting),
        job=job_name,
        run_id=run["runId"] if envelope.kind is EventKind.RUN else None,
        parent_run_id=_parent_run(run_facets, query=query),
        slot=slot,
        attempt=attempt,
        event_type=str(event.get("eventType") or "OTHER") if envelope.kind is EventKind.RUN else "STATIC",
        streaming=mapping_in(job_facets.get("jobType")).get("processingType") == "STREAMING",
        valid_at=microseconds(envelope.valid_at),
        accepted_at=microseconds(envelope.accepted_at),
        inputs=tuple(dict.fromkeys(name for name, _ in inputs)),
        outputs=tuple(dict.fromkeys(name for name, _ in outputs if name not in dropped)),
        sql=sql,
        origin=_origin(job_facets) if harvesting else "sql",
        source_code=_source_code(job_facets),
        columns={name: facet for name, _ in outputs if name not in dropped and (facet := column_facet(facets[name]))},
        schemas={name: fields for name, of in facets.items() if (fields := schema_fields(of))},
        kinds={name: kind for name, of in facets.items() if (kind := _dataset_kind(of))},
        manifest=_manifest(run_facets, envelope.authority),
        dropped=tuple(dict.fromkeys(name for name, _ in outputs if name in dropped)),
        lifecycle=tuple(_lifecycle(envelope, facets, {name for name, _ in outputs})),
        links=tuple(_links(facets, envelope.authority, harvesting=harvesting)),
        uses=tuple(_uses(run_facets)) if harvesting else (),
    )


def _decided(envelope: Envelope) -> Said:
    """Read a decision, which names no job and no dataset of its own."""
    return Said(
        event_id=envelope.id,
        kind=envelope.kind,
        principal_class="curator",
        job=None,
        run_id=None,
        parent_run_id=None,
        slot=None,
        attempt=0,
        event_type=_DECISION,
        streaming=False,
        valid_at=microseconds(envelope.valid_at),
        accepted_at=microseconds(envelope.accepted_at),
        decision=read_decision(envelope),
        principal=envelope.principal,
    )


def _number(value: Any, default: int) -> int:
    return value if isinstance(value, int) and abs(value) < _LARGEST_INT else default


def _datasets(
    event: Mapping[str, Any], kind: EventKind
) -> tuple[list[tuple[DatasetName, Mapping[str, Any]]], list[tuple[DatasetName, Mapping[str, Any]]]]:
    if kind is EventKind.DATASET:
        return [], list(_named([event.get("dataset")]))
    return list(_named(list_in(event.get("inputs")))), list(_named(list_in(event.get("outputs"))))


def _named(values: list[Any]) -> Iterator[tuple[DatasetName, Mapping[str, Any]]]:
    for value in values:
        if name := dataset_in(value):
            yield name, value


def _harvests(
    authority: Authority,
    described: Collection[DatasetName],
    run_facets: Mapping[str, Any],
    job: Mapping[str, Any],
) -> bool:
    """Whether the principal may harvest the source of all that the event describes or writes, else of its job.

    What a job of the source only reads may be of any other.
    """
    if not authority.harvest:
        return False
    source = text_in(mapping_in(run_facets.get(HARVEST)).get("source"))
    namespaces = {name.namespace for name in described} | ({source} if source else set())
    if not namespaces and job:
        namespaces = {job["namespace"]}
    return bool(namespaces) and all(_covers(authority, namespace) for namespace in namespaces)


def _covers(authority: Authority, namespace: str) -> bool:
    return any(fnmatchcase(namespace, pattern) for pattern in authority.harvest)


def _principal_class(envelope: Envelope, job_facets: Mapping[str, Any], *, harvesting: bool) -> str:
    """Give who speaks: a harvest shows itself by a DatasetEvent or by the origin of a job that it found."""
    if harvesting and (envelope.kind is EventKind.DATASET or ORIGIN in job_facets):
        return "harvest"
    return "producer"


def _parent_run(run_facets: Mapping[str, Any], *, query: bool) -> str | None:
    """Give the run that a unit's runs share: a query's task belongs to the root run, which its facet names."""
    parent = mapping_in(run_facets.get("parent"))
    root = text_in(mapping_in(mapping_in(parent.get("root")).get("run")).get("runId"))
    direct = text_in(mapping_in(parent.get("run")).get("runId"))
    return root or direct if query else direct


def _slot(run_facets: Mapping[str, Any], *, query: bool, sql: SqlText | None) -> tuple[str | None, int]:
    if query:
        return (f"statement {digest(sql.text.encode())}" if sql else None), 0
    task = mapping_in(mapping_in(run_facets.get("airflow")).get("taskInstance"))
    if not task:
        return None, 0
    return f"map {_number(task.get('map_index'), -1)}", _number(task.get("try_number"), 0)


def _sql(job_facets: Mapping[str, Any], *, trusted: bool) -> SqlText | None:
    facet = mapping_in(job_facets.get("sql"))
    text = text_in(facet.get("query"))
    if text is None:
        return None
    context = mapping_in(job_facets.get(SQL_CONTEXT)) if trusted else {}
    return SqlText(
        text=text,
        dialect=text_in(context.get("dialect")) or text_in(facet.get("dialect")),
        default_database=text_in(context.get("default_database")),
        default_schema=text_in(context.get("default_schema")),
    )


def _origin(job_facets: Mapping[str, Any]) -> str:
    origin = mapping_in(job_facets.get(ORIGIN)).get("origin")
    return origin if isinstance(origin, str) and origin in _ORIGINS else "sql"


def _source_code(job_facets: Mapping[str, Any]) -> str | None:
    source = text_in(mapping_in(job_facets.get("sourceCode")).get("sourceCode"))
    return digest(source.encode()) if source else None


def _dataset_kind(facets: Mapping[str, Any]) -> str | None:
    return text_in(mapping_in(facets.get("datasetType")).get("datasetType"))


def _lifecycle_state(facets: Mapping[str, Any]) -> str | None:
    return text_in(mapping_in(facets.get(_LIFECYCLE)).get(_LIFECYCLE))


def _lifecycle(
    envelope: Envelope, facets: Mapping[DatasetName, Mapping[str, Any]], outputs: Collection[DatasetName]
) -> Iterator[LifecycleChange]:
    """Read lifecycle facets of an event that tells of something done: a run that failed, or goes on, did not.

    RENAME is the end of the former name, never a merge of the two.
    """
    if envelope.kind is EventKind.RUN and envelope.event.get("eventType") != "COMPLETE":
        return
    for name, of in facets.items():
        state = _lifecycle_state(of)
        teller = _teller(envelope.authority, name, written=name in outputs)
        if state is None or teller is None:
            continue
        yield LifecycleChange(name, state == _DROP, teller)
        former = dataset_in(mapping_in(of[_LIFECYCLE]).get("previousIdentifier"))
        if state == _RENAME and former and former != name:
            renamer = _teller(envelope.authority, former, written=False)
            if renamer:
                yield LifecycleChange(former, True, renamer)


def _teller(authority: Authority, name: DatasetName, *, written: bool) -> Teller | None:
    """Give as whom a principal says that a dataset ended: a producer only of what it may write, and did."""
    if _covers(authority, name.namespace):
        return Teller.HARVEST
    if authority.may_curate(name):
        return Teller.CURATOR
    whole = f"{name.namespace}/{name.name}"
    if written and any(fnmatchcase(whole, pattern) for pattern in authority.outputs):
        return Teller.PRODUCER
    return None


def _links(
    facets: Mapping[DatasetName, Mapping[str, Any]], authority: Authority, *, harvesting: bool
) -> Iterator[Link]:
    """Read symlinks: they join names by the alias authority; a harvest may say which partitions a table has."""
    for name, of in facets.items():
        for value in list_in(mapping_in(of.get("symlinks")).get("identifiers")):
            if other := dataset_in(value):
                partition = harvesting and value.get("type") == "PARTITION" and _covers(authority, other.namespace)
                yield Link(name, other, trusted=authority.may_join(name, other) or partition)


def _uses(run_facets: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for use in list_in(mapping_in(run_facets.get(USAGE)).get("uses")):
        count = _number(mapping_in(use).get("count"), 0)
        if count > 0:
            yield text_in(use.get("user")) or "", count


def _manifest(run_facets: Mapping[str, Any], authority: Authority) -> Manifest | None:
    harvest, chunk = mapping_in(run_facets.get(HARVEST)), mapping_in(run_facets.get(MANIFEST))
    source = text_in(harvest.get("source"))
    if not authority.harvest or not (harvest or chunk) or (source and not _covers(authority, source)):
        return None
    return Manifest(
        source=source,
        scope=text_in(harvest.get("scope")) or "",
        watermark=text_in(harvest.get("watermark")),
        chunk_count=_number(harvest.get("chunk_count"), 0),
        digest=text_in(harvest.get("digest")),
        partial=bool(harvest.get("partial")),
        chunk=_number(chunk["chunk"], 0) if "chunk" in chunk else None,
        objects=tuple(_objects(list_in(chunk.get("objects")), authority)),
    )


def _objects(values: list[Any], authority: Authority) -> Iterator[tuple[str, str, str | None]]:
    for value in values:
        if (name := dataset_in(value)) and _covers(authority, name.namespace):
            yield name.namespace, name.name, text_in(value.get("fingerprint"))
