"""How much of the graph has lineage, by namespace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nexus_core.graph.connection import Graph
from nexus_core.graph.read_session import read_session
from nexus_core.graph.read_sight import Sight, whose
from nexus_core.model.access import Scope

_FIELDS = """
MATCH (f:Field) WHERE f.ordinal IS NOT NULL
WITH WHOSE AS whose, count(*) AS all,
     count(CASE WHEN EXISTS { (f)<-[:FEEDS]-() } THEN 1 END) AS fed,
     count(CASE WHEN EXISTS { (f)-[:FEEDS]-() } THEN 1 END) AS any
RETURN collect([whose, all, fed, any]) AS rows
"""
_DATASETS = """
MATCH (d:Dataset)
WITH WHOSE AS whose, count(*) AS all,
     count(CASE WHEN EXISTS { (d)<-[:FEEDS]-(:Dataset) } THEN 1 END) AS fed,
     count(CASE WHEN EXISTS { (d)-[:FEEDS]-(:Dataset) } THEN 1 END) AS any
RETURN collect([whose, all, fed, any]) AS rows
"""


@dataclass(frozen=True, slots=True)
class Share:
    """How many there are, how many of them come from somewhere, and how many have any lineage."""

    count: int = 0
    upstream_count: int = 0
    lineage_count: int = 0

    def plus(self, count: int, upstream_count: int, lineage_count: int) -> Share:
        """Add others."""
        return Share(self.count + count, self.upstream_count + upstream_count, self.lineage_count + lineage_count)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The shares of one namespace's datasets, and of the fields in their present schemas."""

    datasets: Share = Share()
    fields: Share = Share()


async def read_coverage(graph: Graph, scope: Scope, timeout_s: float) -> Mapping[str, Coverage]:
    """Count by visible namespace; scans datasets and fields once, about 1 s for a million fields.

    Raises UnavailableError, and OverloadedError beyond the time limit.
    """
    shares: dict[str, dict[str, Share]] = defaultdict(dict)
    async with read_session(graph, timeout_s) as session:
        sight = Sight(session, scope)
        await sight.learn_all()
        for what, query, of in (
            ("datasets", _DATASETS, whose(scope, "d", "d.key")),
            ("fields", _FIELDS, whose(scope, "f", "f.dataset_key")),
        ):
            rows: list[Any] = await session.rows(f"coverage {what}", query.replace("WHOSE", of), {})
            for dataset, *counts in rows:
                if sight.sees(dataset):
                    shares[dataset[0]][what] = shares[dataset[0]].get(what, Share()).plus(*counts)
    return {namespace: Coverage(**of) for namespace, of in sorted(shares.items())}
