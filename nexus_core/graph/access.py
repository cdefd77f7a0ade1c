"""Writes what scopes ask of datasets onto their nodes, beside the facts: the hash of the graph leaves it out."""

from __future__ import annotations

from collections.abc import Mapping

from nexus_core.graph.connection import Graph
from nexus_core.graph.failures import answered
from nexus_core.model.access import Attributes

ACCESS = ("domain", "class_name", "access_generation")
"""The properties, which are no facts that events tell of lineage."""

_SECONDS = 60.0
_BATCH = 5_000
_WRITE = """
UNWIND $rows AS row MATCH (d:Dataset {key: row.key})
SET d.domain = row.domain, d.class_name = row.class_name, d.access_generation = row.generation
"""


async def write_access(graph: Graph, told: Mapping[str, Attributes]) -> None:
    """Write attributes by dataset key; what the graph does not have is left out. Raises UnavailableError.

    A node that comes later has none, and is hidden from who is limited by them, until this is called again.
    """
    rows = [
        {"key": key, "domain": of.domain, "class_name": of.class_name, "generation": of.generation}
        for key, of in sorted(told.items())
    ]
    for start in range(0, len(rows), _BATCH):
        async with answered(_SECONDS):
            await graph.execute_query(_WRITE, rows=rows[start : start + _BATCH])
