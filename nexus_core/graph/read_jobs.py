"""Namespaces, and the jobs of one with what they read and write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nexus_core.graph.connection import Graph
from nexus_core.graph.read_session import read_session
from nexus_core.model.access import Scope
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import NOW

_NAMESPACES = """
CALL () {
  MATCH (d:Dataset) RETURN DISTINCT d.namespace AS namespace, d.namespace AS needs
  UNION MATCH (j:Job)-[:READS|WRITES]-(d:Dataset) RETURN DISTINCT j.namespace AS namespace, d.namespace AS needs
}
RETURN collect([namespace, needs]) AS rows
"""
_JOBS = """
MATCH (j:Job {namespace: $namespace})
OPTIONAL MATCH (j)-[r:READS|WRITES]-(d:Dataset)
  WHERE any(i IN range(0, size(r.froms) - 1) WHERE r.froms[i] <= $at AND $at < r.tos[i])
WITH j.name AS name, collect(DISTINCT [type(r), d.namespace, d.name]) AS touched ORDER BY name
RETURN collect([name, touched]) AS rows
"""


@dataclass(frozen=True, slots=True)
class JobTouches:
    """A job and the visible datasets that it reads and writes."""

    name: JobName
    inputs: Sequence[DatasetName]
    outputs: Sequence[DatasetName]


async def read_namespaces(graph: Graph, scope: Scope, timeout_s: float) -> list[str]:
    """Give the namespaces of visible datasets and of the jobs that touch them; raises UnavailableError."""
    async with read_session(graph, timeout_s) as session:
        rows = await session.rows("namespaces", _NAMESPACES, {})
    return sorted({namespace for namespace, needs in rows if scope.sees(needs)})


async def read_jobs(graph: Graph, namespace: str, scope: Scope, timeout_s: float) -> list[JobTouches]:
    """Give the jobs of a namespace by name, those without a visible dataset only to who sees everything."""
    async with read_session(graph, timeout_s) as session:
        rows = await session.rows("jobs", _JOBS, {"namespace": namespace, "at": NOW})
    jobs = [_job(JobName(namespace, name), touched, scope) for name, touched in rows]
    return [job for job in jobs if scope.everything or job.inputs or job.outputs]


def _job(name: JobName, touched: Sequence[tuple[str | None, str, str]], scope: Scope) -> JobTouches:
    seen = [(role, DatasetName(space, dataset)) for role, space, dataset in touched if role and scope.sees(space)]
    return JobTouches(
        name,
        inputs=sorted(dataset for role, dataset in seen if role == "READS"),
        outputs=sorted(dataset for role, dataset in seen if role == "WRITES"),
    )
