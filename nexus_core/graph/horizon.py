"""How far back the graph's history counts: one node, which the hash and comparisons read."""

from __future__ import annotations

from nexus_core.graph.connection import Graph
from nexus_core.graph.failures import answered
from nexus_core.model.retention import ALL_KEPT, Horizon

_SECONDS = 30.0

# It only ever grows, so a writer that was stopped for long does no harm.
_TELL = """
MERGE (h:Horizon {id: 1})
SET h.valid_from = CASE WHEN coalesce(h.valid_from, 0) < $valid_from THEN $valid_from ELSE h.valid_from END,
    h.known_from = CASE WHEN coalesce(h.known_from, 0) < $known_from THEN $known_from ELSE h.known_from END
"""

_READ = "MATCH (h:Horizon {id: 1}) RETURN h.valid_from AS valid_from, h.known_from AS known_from"


async def tell_horizon(graph: Graph, horizon: Horizon) -> None:
    """Note how far back history is kept; raises UnavailableError while Neo4j does not answer."""
    async with answered(_SECONDS):
        await graph.execute_query(_TELL, **horizon._asdict())


async def horizon_of(graph: Graph) -> Horizon:
    """Give how far back the graph's history counts; raises UnavailableError while Neo4j does not answer."""
    async with answered(_SECONDS):
        records, _, _ = await graph.execute_query(_READ)
    return Horizon(records[0]["valid_from"], records[0]["known_from"]) if records else ALL_KEPT
