"""How much the graph holds, by namespace."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from nexus_core.graph.connection import Graph
from nexus_core.graph.read_session import read_session
from nexus_core.graph.read_sight import Sight, whose
from nexus_core.model.access import Scope

_DATASETS = """
MATCH (d:Dataset) WITH WHOSE AS whose, d.platform AS platform, count(*) AS datasets
RETURN collect([whose, platform, datasets]) AS rows
"""
_FIELDS = """
MATCH (f:Field)
WITH WHOSE AS whose, count(*) AS fields,
     count(CASE WHEN EXISTS { (f)-[:FEEDS]-() } THEN 1 END) AS with_lineage
RETURN collect([whose, fields, with_lineage]) AS rows
"""
_EDGES = """
MATCH (n)-[:FEEDS]->(m) WITH WHOSE AS whose, OTHER AS other, count(*) AS edges
RETURN collect([whose, other, edges]) AS rows
"""
_JOBS = """
MATCH (d:Dataset)-[:READS|WRITES]-(j:Job) WITH WHOSE AS whose, collect(DISTINCT j.key) AS jobs
RETURN collect([whose, jobs]) AS rows
"""
_NODE_KEY = "coalesce({0}.dataset_key, {0}.key)"


@dataclass(slots=True)
class Totals:
    """Counts of what a caller sees; an edge counts if both its ends do, a job where it touches a dataset."""

    datasets: int = 0
    fields: int = 0
    fields_with_lineage: int = 0
    edges: int = 0
    jobs: int = 0
    platforms: Counter[str] = field(default_factory=Counter)


async def read_totals(graph: Graph, scope: Scope, timeout_s: float) -> Totals:
    """Count the visible part of the graph; scans it once, about 1 s for a million fields.

    Raises UnavailableError, and OverloadedError beyond the time limit.
    """
    totals, jobs = Totals(), set[str]()
    async with read_session(graph, timeout_s) as session:
        sight = Sight(session, scope)
        await sight.learn_all()
        own, of_field = whose(scope, "d", "d.key"), whose(scope, "f", "f.dataset_key")
        for of, platform, datasets in await session.rows("total datasets", _DATASETS.replace("WHOSE", own), {}):
            if sight.sees(of):
                totals.datasets += datasets
                totals.platforms[platform] += datasets
        for of, fields, with_lineage in await session.rows("total fields", _FIELDS.replace("WHOSE", of_field), {}):
            if sight.sees(of):
                totals.fields += fields
                totals.fields_with_lineage += with_lineage
        for of, other, edges in await session.rows("total edges", _edges(scope), {}):
            totals.edges += edges if sight.sees(of) and sight.sees(other) else 0
        for of, keys in await session.rows("total jobs", _JOBS.replace("WHOSE", own), {}):
            jobs.update(keys if sight.sees(of) else ())
    totals.jobs = len(jobs)
    return totals


def _edges(scope: Scope) -> str:
    ends = {"WHOSE": "n", "OTHER": "m"}
    text = _EDGES
    for place, node in ends.items():
        text = text.replace(place, whose(scope, node, _NODE_KEY.format(node)))
    return text
