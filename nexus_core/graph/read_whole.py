"""The search in one query: Neo4j's pruned breadth-first expansion, where it gives the exact answer."""

from __future__ import annotations

from collections.abc import Mapping

from nexus_core.graph import read_cypher
from nexus_core.graph.read_answer import Asked, Direction, FoundNode, Granularity, LineageQuery
from nexus_core.graph.read_frontier import Reached, keys_of, node_of
from nexus_core.graph.read_session import ReadSession


async def expand(
    session: ReadSession, query: LineageQuery, hops: read_cypher.Hops, when: Mapping[str, int], start: FoundNode
) -> Reached | None:
    """Give all that one start reaches, or None where only the search level by level is exact.

    That is so if the answer exceeds the limit (ties by id), if hops of two kinds mix (indirect ones, jobs), and if
    a field search meets a dataset whose lineage is known for the dataset alone.
    """
    if query.asked is Asked.JOB or hops.indirect or start.kind != _KIND[query.granularity]:
        return None
    reached = Reached()
    reached.add(start, 0, visible=True)
    for side in query.direction.sides:
        if not await _expand_side(session, query, hops, when, start, side, reached):
            return None
    return reached if len(reached.visible) <= query.limit else None


_KIND = {Granularity.DATASET: "dataset", Granularity.FIELD: "datasetField"}


async def _expand_side(
    session: ReadSession,
    query: LineageQuery,
    hops: read_cypher.Hops,
    when: Mapping[str, int],
    start: FoundNode,
    side: Direction,
    reached: Reached,
) -> bool:
    parameters = {"key": start.key, **when, "room": query.limit + 1}
    rows = await session.rows(f"lineage.reach.{side}", read_cypher.reach(hops, side, query.depth), parameters)
    if len(rows) > query.limit:
        return False
    inner = [start]
    for row in rows:
        node, depth = node_of(row), row[-1]
        reached.add(node, depth, visible=True)
        if depth < query.depth:
            inner.append(node)
    return query.granularity is Granularity.DATASET or not await _unresolved(session, hops, when, side, inner)


async def _unresolved(
    session: ReadSession, hops: read_cypher.Hops, when: Mapping[str, int], side: Direction, nodes: list[FoundNode]
) -> bool:
    parameters = {**keys_of(nodes), **when}
    return bool(await session.rows(f"lineage.unresolved.{side}", read_cypher.unresolved(hops, side), parameters))
