"""What touches one dataset directly: its neighbours by field and as a whole, and the jobs that read or write it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nexus_core.graph.connection import Graph
from nexus_core.graph.read_session import read_session
from nexus_core.graph.read_sight import Sight, Whose, whose
from nexus_core.model.access import Scope
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import NOW

_ROLES = {"WRITES": "writes", "READS": "reads"}

_TOUCHES = """
MATCH (d:Dataset {key: $key})
CALL (d) {
  MATCH (d)-[:FEEDS]->(t:Dataset) RETURN 'downstream' AS side, '' AS field, t
  UNION MATCH (d)<-[:FEEDS]-(t:Dataset) RETURN 'upstream' AS side, '' AS field, t
  UNION MATCH (d)-[:HAS_FIELD]->(f:Field)-[:FEEDS]->(t:Field) RETURN 'downstream' AS side, f.field AS field, t
  UNION MATCH (d)-[:HAS_FIELD]->(f:Field)<-[:FEEDS]-(t:Field) RETURN 'upstream' AS side, f.field AS field, t
}
WITH side, field, WHOSE AS whose, count(t) AS others
RETURN collect([side, field, whose, others]) AS rows
"""
_JOBS = """
MATCH (d:Dataset {key: $key})-[r:READS|WRITES]-(j:Job)
WHERE any(i IN range(0, size(r.froms) - 1) WHERE r.froms[i] <= $at AND $at < r.tos[i])
WITH DISTINCT type(r) AS role, j.namespace AS namespace, j.name AS name, j
ORDER BY role DESC, namespace, name LIMIT $most
RETURN collect([role, namespace, name, TOUCHED]) AS rows
"""
_JOBS_MOST, _TOUCHED_MOST = 200, 1_000
_TOUCHED = f"COLLECT {{ MATCH (j)-[:READS|WRITES]-(o:Dataset) WITH DISTINCT o LIMIT {_TOUCHED_MOST} RETURN WHOSE }}"


@dataclass(frozen=True, slots=True)
class Touches:
    """Counts of direct visible neighbours, upstream and downstream: of the dataset and by field; jobs with role.

    `private` are those of the jobs that touched datasets which the caller does not see.
    """

    dataset: tuple[int, int]
    fields: Mapping[str, tuple[int, int]]
    jobs: Sequence[tuple[JobName, str]]
    private: frozenset[JobName] = frozenset()


async def read_touches(graph: Graph, name: DatasetName, scope: Scope, timeout_s: float) -> Touches:
    """Read what touches a dataset now, nothing for an unknown one; raises UnavailableError without Neo4j."""
    parameters: dict[str, Any] = {"key": node_key(name.id), "at": NOW, "most": _JOBS_MOST}
    async with read_session(graph, timeout_s) as session:
        neighbour = whose(scope, "t", "coalesce(t.dataset_key, t.key)")
        rows = await session.rows("dataset.touches", _TOUCHES.replace("WHOSE", neighbour), parameters)
        jobs = await session.rows("dataset.jobs", _jobs(scope), parameters)
        sight = Sight(session, scope)
        await sight.learn([*(of for _, _, of, _ in rows), *(of for *_, touched in jobs for of in touched)])
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for side, field, of, others in rows:
        if sight.sees(of):
            counts[field][side == "downstream"] += others
    by_field = {field: (upstream, downstream) for field, (upstream, downstream) in counts.items()}
    named = [(JobName(space, job), _ROLES[role]) for role, space, job, _ in jobs]
    private = {JobName(space, job) for _, space, job, touched in jobs if not _is_open(sight, touched)}
    return Touches(by_field.pop("", (0, 0)), by_field, named, frozenset(private))


def _jobs(scope: Scope) -> str:
    touched = "[]" if scope.everything else _TOUCHED.replace("WHOSE", whose(scope, "o", "o.key"))
    return _JOBS.replace("TOUCHED", touched)


def _is_open(sight: Sight, touched: Sequence[Whose]) -> bool:
    return len(touched) < _TOUCHED_MOST and all(map(sight.sees, touched))
