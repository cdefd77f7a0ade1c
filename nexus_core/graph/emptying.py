"""Empties a graph that a discarded projection leaves."""

from __future__ import annotations

from nexus_core.graph.connection import Graph
from nexus_core.graph.failures import translated

_EMPTY = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
_COUNT = "MATCH (n) RETURN count(n) AS count"


async def empty_graph(graph: Graph) -> None:
    """Delete all nodes and relationships, 10,000 nodes a transaction; constraints and indexes stay."""
    with translated():
        async with graph.session() as session:  # such a query makes its own transactions
            await (await session.run(_EMPTY)).consume()


async def count_nodes(graph: Graph) -> int:
    """Count all nodes, from Neo4j's statistics."""
    with translated():
        records, _, _ = await graph.execute_query(_COUNT)
    return int(records[0]["count"])
