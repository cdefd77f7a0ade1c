"""What lies downstream of datasets, the jobs around some with all that they touch, and what feeds them.

It is for who simulates: names alone are read, whatever the caller may see. All else stands in the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from nexus_core.graph.connection import Graph
from nexus_core.graph.read_session import read_session
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import NOW

_HOLDS = "any(i IN range(0, size({r}.froms) - 1) WHERE {r}.froms[i] <= $at AND $at < {r}.tos[i])"
_HOLDS_NOW = "$at < {r}.tos[-1]"
"""The same where `$at` is NOW: only the last interval may be open. It reads one list, not two for each interval."""

_TOUCHED = """
WITH j, collect([type(t), d.namespace, d.name]) AS touched
RETURN collect([j.namespace, j.name, touched]) AS rows
"""
_FEEDS = f"""
UNWIND $nodes.keys AS key MATCH (t:Dataset {{key: key}})
CALL (t) {{
  MATCH (t)-[:HAS_FIELD]->(f:Field)<-[r:FEEDS|FED]-(s:Field) WHERE {_HOLDS.format(r="r")}
  RETURN s, f.field AS field, r
  UNION MATCH (t)<-[r:FEEDS|FED]-(s) WHERE {_HOLDS.format(r="r")} RETURN s, '' AS field, r
}}
WITH t, s, field, r LIMIT $most
RETURN collect([
  s.namespace, s.name, coalesce(s.field, ''), t.namespace, t.name, field, r.job_namespace, r.job_name
]) AS rows
"""
_FEEDS_MOST = 50_000
_USUAL_DEPTH = 20


@dataclass(frozen=True, slots=True)
class JobAround:
    """A job with the datasets that it reads and writes at the time asked for."""

    name: JobName
    reads: frozenset[DatasetName]
    writes: frozenset[DatasetName]


@dataclass(frozen=True, slots=True)
class Feed:
    """That a field ("" for the dataset as such) feeds another, as a job does (None where no job is told)."""

    source: DatasetName
    source_field: str
    target: DatasetName
    target_field: str
    job: JobName | None


async def read_downstream(
    graph: Graph, names: Iterable[DatasetName], at: int, depth: int, most: int, timeout_s: float
) -> list[DatasetName]:
    """Give what lies downstream of datasets at a time, in microseconds since 1970: at most `most`, the nearest first.

    `depth` counts datasets, and is a checked number. The datasets themselves are left out unless they lie in a cycle.
    Raises UnavailableError.
    """
    text, parameters = _downstream(depth, now=at == NOW), {"nodes": _keys(names), "at": at, "most": most}
    async with read_session(graph, timeout_s) as session:
        rows = await session.rows("impact.downstream", text, parameters)
    return [DatasetName(*row) for row in rows]


async def read_jobs_around(
    graph: Graph, names: Iterable[DatasetName], at: int, most: int, timeout_s: float
) -> list[JobAround]:
    """Give the jobs that read or write datasets at a time, at most `most` by name. Raises UnavailableError."""
    async with read_session(graph, timeout_s) as session:
        parameters = {"nodes": _keys(names), "at": at, "most": most}
        rows = await session.rows("impact.jobs", _jobs(now=at == NOW), parameters)
    return [_job(JobName(namespace, name), touched) for namespace, name, touched in rows]


async def read_jobs_named(graph: Graph, names: Iterable[JobName], at: int, timeout_s: float) -> list[JobAround]:
    """Give the known among jobs, as `read_jobs_around`."""
    keys = {"keys": sorted({node_key(name.id) for name in names})}
    async with read_session(graph, timeout_s) as session:
        rows = await session.rows("impact.named", _named(now=at == NOW), {"nodes": keys, "at": at})
    return [_job(JobName(namespace, name), touched) for namespace, name, touched in rows]


async def read_feeds(graph: Graph, targets: Iterable[DatasetName], at: int, timeout_s: float) -> list[Feed]:
    """Give what feeds datasets at a time. Raises UnavailableError."""
    async with read_session(graph, timeout_s) as session:
        rows = await session.rows("impact.feeds", _FEEDS, {"nodes": _keys(targets), "at": at, "most": _FEEDS_MOST})
    return [_feed(row) for row in rows]


def usual_queries() -> Iterator[tuple[str, dict[str, int]]]:
    """Give the queries of the usual questions, about now, with their numbers."""
    numbers = {"at": NOW, "most": 1}
    yield from ((text, numbers) for text in (_downstream(_USUAL_DEPTH, now=True), _jobs(now=True), _FEEDS))


@cache
def _downstream(depth: int, *, now: bool) -> str:
    """Neo4j turns `min(length(p))` into the depth at which a node was met, and prunes."""
    types, where = ("FEEDS", "") if now else ("FEEDS|FED", f"WHERE all(r IN rs WHERE {_HOLDS.format(r='r')}) ")
    return (
        "UNWIND $nodes.keys AS key MATCH (s:Dataset {key: key}) "
        f"MATCH p = (s)-[rs:{types}*1..{depth}]->(t:Dataset) {where}"
        "WITH t, min(length(p)) AS depth ORDER BY depth, t.namespace, t.name LIMIT $most "
        "RETURN collect([t.namespace, t.name]) AS rows"
    )


@cache
def _jobs(*, now: bool) -> str:
    holds = _HOLDS_NOW if now else _HOLDS
    return (
        "UNWIND $nodes.keys AS key MATCH (:Dataset {key: key})-[r:READS|WRITES]-(j:Job) "
        f"WHERE {holds.format(r='r')} WITH DISTINCT j ORDER BY j.namespace, j.name LIMIT $most "
        f"MATCH (j)-[t:READS|WRITES]-(d:Dataset) WHERE {holds.format(r='t')} {_TOUCHED}"
    )


@cache
def _named(*, now: bool) -> str:
    holds = (_HOLDS_NOW if now else _HOLDS).format(r="t")
    return f"UNWIND $nodes.keys AS key MATCH (j:Job {{key: key}})-[t:READS|WRITES]-(d:Dataset) WHERE {holds} {_TOUCHED}"


def _keys(names: Iterable[DatasetName]) -> dict[str, list[str]]:
    return {"keys": sorted({node_key(name.id) for name in names})}


def _job(name: JobName, touched: Sequence[Sequence[str]]) -> JobAround:
    sides = {
        role: frozenset(DatasetName(space, dataset) for side, space, dataset in touched if side == role)
        for role in ("READS", "WRITES")
    }
    return JobAround(name, sides["READS"], sides["WRITES"])


def _feed(row: Sequence[str]) -> Feed:
    source_space, source, source_field, target_space, target, target_field, job_space, job = row
    named = JobName(job_space, job) if job else None
    ends = DatasetName(source_space, source), DatasetName(target_space, target)
    return Feed(ends[0], source_field, ends[1], target_field, named)
