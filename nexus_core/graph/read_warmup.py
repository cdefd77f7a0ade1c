"""Lets Neo4j plan the usual reads before anybody asks: a fresh server needs seconds for the first of each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import structlog

from nexus_core.errors import OverloadedError, UnavailableError
from nexus_core.graph import read_cypher
from nexus_core.graph.connection import Graph
from nexus_core.graph.read_answer import Direction, Granularity
from nexus_core.graph.read_frontier import keys_of
from nexus_core.graph.read_session import read_session
from nexus_core.graph.read_whole_cypher import whole

_DEPTHS = (1, 2, 5, 20)
_NOTHING = {
    **keys_of([]),
    "key": "",
    "namespace": "",
    "inside": ".",
    "at": 0,
    "known": 0,
    "room": 1,
    "limit": 0,
    "depth": 1,
}


async def warm_up(graph: Graph, timeout_s: float) -> None:
    """Ask each usual query about nothing; a Neo4j that does not answer yet is left to the first reader."""
    try:
        async with read_session(graph, timeout_s) as session:
            for text in _usual_queries():
                await session.rows("lineage.warm_up", text, _NOTHING)
    except (UnavailableError, OverloadedError) as error:
        structlog.get_logger().info("graph.not_warm", reason=str(error))


def _usual_queries() -> Iterator[str]:
    yield from (*read_cypher.START_NODE.values(), read_cypher.START_JOB, read_cypher.FACTS)
    for past, granularity in product((False, True), Granularity):
        hops = read_cypher.Hops(granularity, indirect=False, past=past)
        yield from (read_cypher.edges(hops), read_cypher.start_fields(hops))
        for direction, depth in product(Direction, (2, 5) if past else _DEPTHS):
            yield whole(hops, direction, depth)
        for side in Direction.BOTH.sides:
            yield read_cypher.neighbours(hops, side)
            yield read_cypher.step(hops, side)
