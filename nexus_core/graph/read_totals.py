"""How much the graph holds, by namespace."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from nexus_core.graph.connection import Graph
from nexus_core.graph.read_session import read_session
from nexus_core.model.access import Scope

_DATASETS = """
MATCH (d:Dataset) WITH d.namespace AS namespace, d.platform AS platform, count(*) AS datasets
RETURN collect([namespace, platform, datasets]) AS rows
"""
_FIELDS = """
MATCH (f:Field)
WITH f.namespace AS namespace, count(*) AS fields,
     count(CASE WHEN EXISTS { (f)-[:FEEDS]-() } THEN 1 END) AS with_lineage
RETURN collect([namespace, fields, with_lineage]) AS rows
"""
_EDGES = """
MATCH (n)-[:FEEDS]->() WITH n.namespace AS namespace, count(*) AS edges
RETURN collect([namespace, edges]) AS rows
"""
_JOBS = """
MATCH (d:Dataset)-[:READS|WRITES]-(j:Job) WITH d.namespace AS namespace, collect(DISTINCT j.key) AS jobs
RETURN collect([namespace, jobs]) AS rows
"""


@dataclass(slots=True)
class Totals:
    """Counts of what a caller sees; an edge counts where it starts, a job where it touches a dataset."""

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
        for namespace, platform, datasets in await session.rows("total datasets", _DATASETS, {}):
            if scope.sees(namespace):
                totals.datasets += datasets
                totals.platforms[platform] += datasets
        for namespace, fields, with_lineage in await session.rows("total fields", _FIELDS, {}):
            if scope.sees(namespace):
                totals.fields += fields
                totals.fields_with_lineage += with_lineage
        for namespace, edges in await session.rows("total edges", _EDGES, {}):
            totals.edges += edges if scope.sees(namespace) else 0
        for namespace, keys in await session.rows("total jobs", _JOBS, {}):
            jobs.update(keys if scope.sees(namespace) else ())
    totals.jobs = len(jobs)
    return totals
