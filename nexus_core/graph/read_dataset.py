"""What touches one dataset directly: its neighbours by field and as a whole, and the jobs that read or write it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nexus_core.graph.connection import Graph
from nexus_core.graph.read_session import read_session
from nexus_core.model.access import Scope
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import NOW

_ROLES = {"WRITES": "writes", "READS": "reads"}

_TOUCHES = """
MATCH (d:Dataset {key: $key})
CALL (d) {
  MATCH (d)-[:FEEDS]->(t:Dataset) RETURN 'downstream' AS side, '' AS field, t.namespace AS namespace, t.key AS other
  UNION MATCH (d)<-[:FEEDS]-(t:Dataset) RETURN 'upstream' AS side, '' AS field, t.namespace AS namespace, t.key AS other
  UNION MATCH (d)-[:HAS_FIELD]->(f:Field)-[:FEEDS]->(t:Field)
    RETURN 'downstream' AS side, f.field AS field, t.namespace AS namespace, t.key AS other
  UNION MATCH (d)-[:HAS_FIELD]->(f:Field)<-[:FEEDS]-(t:Field)
    RETURN 'upstream' AS side, f.field AS field, t.namespace AS namespace, t.key AS other
}
WITH side, field, namespace, count(other) AS others
RETURN collect([side, field, namespace, others]) AS rows
"""
_JOBS = """
MATCH (d:Dataset {key: $key})-[r:READS|WRITES]-(j:Job)
WHERE any(i IN range(0, size(r.froms) - 1) WHERE r.froms[i] <= $at AND $at < r.tos[i])
WITH DISTINCT type(r) AS role, j.namespace AS namespace, j.name AS name ORDER BY role DESC, namespace, name LIMIT $most
RETURN collect([role, namespace, name]) AS rows
"""
_JOBS_MOST = 200


@dataclass(frozen=True, slots=True)
class Touches:
    """Counts of direct visible neighbours, upstream and downstream: of the dataset and by field; jobs with role."""

    dataset: tuple[int, int]
    fields: Mapping[str, tuple[int, int]]
    jobs: Sequence[tuple[JobName, str]]


async def read_touches(graph: Graph, name: DatasetName, scope: Scope, timeout_s: float) -> Touches:
    """Read what touches a dataset now, nothing for an unknown one; raises UnavailableError without Neo4j."""
    parameters: dict[str, Any] = {"key": node_key(name.id), "at": NOW, "most": _JOBS_MOST}
    async with read_session(graph, timeout_s) as session:
        rows = await session.rows("dataset.touches", _TOUCHES, parameters)
        jobs = await session.rows("dataset.jobs", _JOBS, parameters)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for side, field, namespace, others in rows:
        if scope.sees(namespace):
            counts[field][side == "downstream"] += others
    by_field = {field: (upstream, downstream) for field, (upstream, downstream) in counts.items()}
    return Touches(
        by_field.pop("", (0, 0)), by_field, [(JobName(space, job), _ROLES[role]) for role, space, job in jobs]
    )
