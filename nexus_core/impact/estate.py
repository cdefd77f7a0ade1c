"""The part of the catalogue that changes may reach: what stands downstream, its statements, all schemas they name.

Everything is read, whatever the caller may see: what a caller sees of the outcome is decided afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from nexus_core.catalogue.identity import load_known
from nexus_core.catalogue.merged import fields_of, kind_of, merge, owners_of
from nexus_core.errors import NotFoundError
from nexus_core.eventlog.log import EventLog
from nexus_core.graph.connection import Graph
from nexus_core.graph.read_around import JobAround, read_downstream, read_feeds, read_jobs_around, read_jobs_named
from nexus_core.graph.read_edges import asked_at
from nexus_core.impact.texts import JobText, read_texts
from nexus_core.impact.then import schemas_then, texts_then
from nexus_core.model.aliases import Aliases
from nexus_core.model.dialects import dialect_of
from nexus_core.model.edge import node_key
from nexus_core.model.facets import HARVEST
from nexus_core.model.impact import Change, ChangeKind, Estate, FieldLink, Statement
from nexus_core.model.moments import microseconds
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical
from nexus_core.store.catalogue import jobs_of
from nexus_core.store.database import Store, reading

DATASETS_MOST, JOBS_MOST = 5_000, 5_000
"""Datasets that are followed downstream, and jobs that are judged: further ones are said to be cut."""


_Facets = Mapping[JobName, Mapping[str, Any]]
"""What is said of jobs, by the names of facets."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an estate is read from: the projection's store and graph, and the log, which has the texts.

    `main` has the policies in force.
    """

    store: Store
    main: Store
    graph: Graph
    log: EventLog
    aliases: Aliases
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """An estate, with whom its datasets and jobs belong to by their ids, and the texts as users may read them.

    `truncated` says that something downstream was left out for its number.
    """

    estate: Estate
    owners: Mapping[str, Sequence[str]]
    shown: Mapping[str, str]
    truncated: bool


async def read_estate(source: Source, changes: Sequence[Change], depth: int, as_of: datetime | None) -> Found:
    """Read what changes may reach, `depth` datasets far.

    Raises NotFoundError for a changed dataset or job that is not known, UnavailableError if store, log or graph fails.
    """
    starts = {change.dataset for change in changes}
    replaced = await _replaced(source, changes, as_of)
    starts |= {name for job in replaced for name in job.writes}
    reached, truncated = await _downstream(source, starts, depth, as_of)
    jobs = await read_jobs_around(source.graph, reached, asked_at(as_of), JOBS_MOST + 1, source.timeout_s)
    jobs = [*replaced, *(job for job in jobs if job not in replaced)]
    kept = [job for job in jobs[:JOBS_MOST] if not job.writes or job.writes & reached]
    named = reached | {name for job in kept for name in job.reads | job.writes}
    known = await _datasets(source, named, as_of)
    _require(changes, known, kept)
    texts, facets = await _texts(source, kept, as_of)
    statements = [made for job in kept if (made := _statement(job, texts.get(job.name), known)) is not None]
    estate = Estate(
        {name: each.fields for name, each in known.items() if each.fields},
        _once(statements),
        tuple(await _links(source, [job for job in kept if job.name not in texts], known, facets, as_of)),
    )
    owners: dict[str, Sequence[str]] = {name.id: owners_of(each) for name, each in facets.items()}
    owners |= {name.id: each.owners for name, each in known.items()}
    shown = {each.id: texts[each.job].shown for each in estate.statements}
    return Found(estate, owners, shown, truncated or len(jobs) > JOBS_MOST)


async def _replaced(source: Source, changes: Sequence[Change], as_of: datetime | None) -> list[JobAround]:
    """Give the jobs, of views too, whose statements changes replace."""
    named = {
        JobName(each.dataset.namespace, each.dataset.name) for each in changes if each.kind is ChangeKind.REPLACE_SQL
    }
    return await read_jobs_named(source.graph, named, asked_at(as_of), source.timeout_s) if named else []


@dataclass(frozen=True, slots=True)
class _Known:
    """What the catalogue says of a dataset."""

    fields: Mapping[str, str]
    kind: str
    owners: Sequence[str]


async def _downstream(
    source: Source, starts: Collection[DatasetName], depth: int, as_of: datetime | None
) -> tuple[set[DatasetName], bool]:
    """Give datasets and all that lies downstream of them; one that the graph does not have stands alone."""
    most = DATASETS_MOST + 1
    found = await read_downstream(source.graph, starts, asked_at(as_of), depth, most, source.timeout_s)
    return {*starts, *found[:DATASETS_MOST]}, len(found) == most


async def _datasets(
    source: Source, names: Collection[DatasetName], as_of: datetime | None
) -> dict[DatasetName, _Known]:
    """Give what is known of datasets, with the fields of the moment asked for."""
    async with reading(source.store) as connection:
        found = await load_known(connection, names, source.aliases)
    known = {DatasetName(each.owner.namespace, each.owner.name): _known(merge(each.slots)) for each in found}
    if as_of is None:
        return known
    fields = await schemas_then(source.store, source.aliases, known, microseconds(as_of))
    return {name: replace(each, fields=fields.get(name, {})) for name, each in known.items()}


def _known(facets: Mapping[str, Any]) -> _Known:
    fields = {field.name: field.type or "" for field in fields_of(facets)}
    return _Known(fields, kind_of(facets), owners_of(facets))


def _require(changes: Sequence[Change], known: Mapping[DatasetName, _Known], jobs: Sequence[JobAround]) -> None:
    named = {(job.name.namespace, job.name.name) for job in jobs}
    for change in changes:
        is_job = change.kind is ChangeKind.REPLACE_SQL and (change.dataset.namespace, change.dataset.name) in named
        if change.dataset not in known and not is_job:
            raise NotFoundError(f"dataset {change.dataset.name} in {change.dataset.namespace}")


async def _texts(
    source: Source, jobs: Sequence[JobAround], as_of: datetime | None
) -> tuple[dict[JobName, JobText], _Facets]:
    """Give the SQL of jobs that have some, as it was at the moment asked for, and what is said of all jobs now."""
    keys = {node_key(job.name.id): job.name for job in jobs}
    known = await jobs_of(source.store, keys)
    if as_of is None:
        texts = await read_texts(source.log, {keys[key]: each for key, each in known.items()})
    else:
        texts = await texts_then(source.store, source.log, keys.values(), microseconds(as_of))
    return texts, {keys[key]: merge(slots) for key, (_, slots) in known.items()}


def _statement(job: JobAround, text: JobText | None, known: Mapping[DatasetName, _Known]) -> Statement | None:
    if text is None:
        return None
    dialect = dialect_of(text.dialect, sorted(job.writes) + sorted(job.reads))
    defines = _defined(job, known)
    return Statement(
        job.name, text.sql, dialect, job.reads, job.writes, text.default_database, text.default_schema, defines
    )


def _defined(job: JobAround, known: Mapping[DatasetName, _Known]) -> DatasetName | None:
    """Give the dataset that is there by its job's text alone: one of the job's name, or a view."""
    if len(job.writes) != 1:
        return None
    (output,) = job.writes
    same = canonical(DatasetName(job.name.namespace, job.name.name)) == output
    is_view = output in known and known[output].kind.endswith("view")
    return output if same or is_view else None


def _once(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Let one statement define a dataset: that of its name first, then the least; the others are jobs that write it."""
    definers: dict[DatasetName, Statement] = {}
    for each in sorted(statements, key=lambda one: (one.defines is None or one.defines.name != one.job.name, one.job)):
        if each.defines is not None:
            definers.setdefault(each.defines, each)
    return tuple(each for each in statements if each.defines is None or definers[each.defines] is each)


async def _links(
    source: Source,
    jobs: Sequence[JobAround],
    known: Mapping[DatasetName, _Known],
    facets: _Facets,
    as_of: datetime | None,
) -> list[FieldLink]:
    """Give the lineage of jobs without SQL, by fields where it is known so, and of those that only read.

    What runs checks is left out: its checks are judged.
    """
    names = {job.name for job in jobs}
    targets = {name for job in jobs for name in job.writes}
    feeds = await read_feeds(source.graph, targets, asked_at(as_of), source.timeout_s) if targets else []
    links = [
        FieldLink(each.source, each.source_field, each.target, each.target_field, lasting=_lasts(each.target, known))
        for each in feeds
        if each.job in names
    ]
    return links + [
        FieldLink(name, "", job.name, "", harvested=HARVEST in facets.get(job.name, {}))
        for job in jobs
        if not job.writes and facets.get(job.name, {}).get("jobType", {}).get("jobType") != "TEST"
        for name in sorted(job.reads)
    ]


def _lasts(target: DatasetName, known: Mapping[DatasetName, _Known]) -> bool:
    """Whether a dataset keeps its fields when what feeds them is gone: a table does, a dashboard's sheet does not."""
    return target in known and known[target].kind in ("table", "topic", "collection")
