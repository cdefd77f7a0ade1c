"""How much of the graph has lineage, by namespace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nexus_core.graph.connection import Graph
from nexus_core.graph.read_session import read_session
from nexus_core.model.access import Scope

_FIELDS = """
MATCH (f:Field) WHERE f.ordinal IS NOT NULL
WITH f.namespace AS namespace, count(*) AS all,
     count(CASE WHEN EXISTS { (f)<-[:FEEDS]-() } THEN 1 END) AS fed,
     count(CASE WHEN EXISTS { (f)-[:FEEDS]-() } THEN 1 END) AS any
RETURN collect([namespace, all, fed, any]) AS rows
"""
_DATASETS = """
MATCH (d:Dataset)
WITH d.namespace AS namespace, count(*) AS all,
     count(CASE WHEN EXISTS { (d)<-[:FEEDS]-(:Dataset) } THEN 1 END) AS fed,
     count(CASE WHEN EXISTS { (d)-[:FEEDS]-(:Dataset) } THEN 1 END) AS any
RETURN collect([namespace, all, fed, any]) AS rows
"""


@dataclass(frozen=True, slots=True)
class Share:
    """How many there are, how many of them come from somewhere, and how many have any lineage."""

    count: int = 0
    upstream_count: int = 0
    lineage_count: int = 0


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
        for what, query in (("datasets", _DATASETS), ("fields", _FIELDS)):
            rows: list[Any] = await session.rows(f"coverage {what}", query, {})
            for namespace, *counts in rows:
                if scope.sees(namespace):
                    shares[namespace][what] = Share(*counts)
    return {namespace: Coverage(**of) for namespace, of in sorted(shares.items())}
