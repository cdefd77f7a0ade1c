"""Namespaces, and the jobs of one with what they read and write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nexus_core.graph.connection import Graph
from nexus_core.graph.read_cypher import JOB_TOUCHES
from nexus_core.graph.read_session import read_session
from nexus_core.graph.read_sight import Sight, whose
from nexus_core.model.access import Scope
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import NOW

_NAMESPACES = """
CALL () {
  MATCH (d:Dataset) RETURN DISTINCT d.namespace AS namespace, WHOSE AS needs
  UNION MATCH (j:Job)-[:READS|WRITES]-(d:Dataset) RETURN DISTINCT j.namespace AS namespace, WHOSE AS needs
}
RETURN collect([namespace, needs]) AS rows
"""
_JOBS = """
MATCH (j:Job {namespace: $namespace})
OPTIONAL MATCH (j)-[r:READS|WRITES]-(d:Dataset)
WITH j.name AS name, collect(DISTINCT [
  type(r), d.namespace, d.name, d.key,
  any(i IN range(0, size(r.froms) - 1) WHERE r.froms[i] <= $at AND $at < r.tos[i])
]) AS touched ORDER BY name
RETURN collect([name, touched]) AS rows
"""


@dataclass(frozen=True, slots=True)
class JobTouches:
    """A job and the visible datasets that it reads and writes; `open` if it never touched any other."""

    name: JobName
    inputs: Sequence[DatasetName]
    outputs: Sequence[DatasetName]
    open: bool


async def read_namespaces(graph: Graph, scope: Scope, timeout_s: float) -> list[str]:
    """Give the namespaces of visible datasets and of the jobs that touch them; raises UnavailableError."""
    async with read_session(graph, timeout_s) as session:
        sight = Sight(session, scope)
        await sight.learn_all()
        rows = await session.rows("namespaces", _NAMESPACES.replace("WHOSE", whose(scope, "d", "d.key")), {})
    return sorted({namespace for namespace, needs in rows if sight.sees(needs)})


async def read_job_sight(graph: Graph, name: JobName, scope: Scope, timeout_s: float) -> tuple[bool, bool]:
    """Tell whether a job is visible, which any dataset makes it that it ever touched, and whether all of them are."""
    if scope.everything:
        return True, True
    text = JOB_TOUCHES.replace("WHOSE", whose(scope, "d", "d.key"))
    async with read_session(graph, timeout_s) as session:
        sight = Sight(session, scope)
        touched = await session.rows("job.touches", text, {"key": node_key(name.id)})
        await sight.learn(touched)
    seen = [sight.sees(of) for of in touched]
    return any(seen), all(seen)


async def read_jobs(graph: Graph, namespace: str, scope: Scope, timeout_s: float) -> list[JobTouches]:
    """Give the jobs of a namespace by name, those without a visible dataset only to who sees everything."""
    async with read_session(graph, timeout_s) as session:
        rows = await session.rows("jobs", _JOBS, {"namespace": namespace, "at": NOW})
        sight = Sight(session, scope)
        await sight.learn(of[1:4] for _, touched in rows for of in touched if of[0])
    jobs = [_job(JobName(namespace, name), touched, sight) for name, touched in rows]
    return [job for job in jobs if scope.everything or job.inputs or job.outputs]


def _job(name: JobName, touched: Sequence[Sequence[Any]], sight: Sight) -> JobTouches:
    seen = {(role, DatasetName(of[0], of[1])) for role, *of, holds in touched if role and holds and sight.sees(of)}
    return JobTouches(
        name,
        inputs=sorted(dataset for role, dataset in seen if role == "READS"),
        outputs=sorted(dataset for role, dataset in seen if role == "WRITES"),
        open=all(sight.sees(of) for role, *of, _ in touched if role),
    )
