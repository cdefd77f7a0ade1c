"""Lets Neo4j plan the usual reads before anybody asks: a fresh server needs seconds for the first of each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import structlog

from nexus_core.errors import OverloadedError, UnavailableError
from nexus_core.graph import read_around, read_cypher
from nexus_core.graph.connection import Graph
from nexus_core.graph.read_answer import Direction, Granularity
from nexus_core.graph.read_frontier import keys_of
from nexus_core.graph.read_session import read_session
from nexus_core.graph.read_whole_cypher import reach, shown

_DEPTHS = (1, 2, 5, 20)
_NUMBERS = {"at": 0, "known": 0, "room": 1}
_NO_KEYS = {"key": "", "namespace": "", "inside": ".", "met": {"nodes": [], "up": [], "down": []}}
_NOTHING = {**keys_of([]), **_NO_KEYS, **_NUMBERS}


async def warm_up(graph: Graph, timeout_s: float) -> None:
    """Ask each usual query about nothing; a Neo4j that does not answer yet is left to the first reader."""
    try:
        async with read_session(graph, timeout_s) as session:
            for text in _usual_queries():
                await session.rows("lineage.warm_up", text, _NOTHING)
            for text, numbers in read_around.usual_queries():
                await session.rows("lineage.warm_up", text, {**_NOTHING, **numbers})
    except (UnavailableError, OverloadedError) as error:
        structlog.get_logger().info("graph.not_warm", reason=str(error))


def _usual_queries() -> Iterator[str]:
    kinds = [read_cypher.Hops(of, indirect=False, past=past) for past, of in product((False, True), Granularity)]
    for hops in kinds:
        yield shown(hops, None)
        yield from _reaches(hops)
    yield from (shown(hops, "[o.namespace]") for hops in kinds if not hops.past)
    yield from (*read_cypher.START_NODE.values(), read_cypher.START_JOB, read_cypher.FACTS)
    for hops in kinds:
        yield from (read_cypher.edges(hops), read_cypher.start_fields(hops))
        for side in Direction.BOTH.sides:
            yield from (read_cypher.neighbours(hops, side, "[t.namespace]"), read_cypher.step(hops, side))


def _reaches(hops: read_cypher.Hops) -> Iterator[str]:
    for depth in (2, 5) if hops.past else _DEPTHS:
        yield reach(hops, Direction.BOTH, depth, all_fields=False)
        if hops.granularity is Granularity.FIELD:
            yield reach(hops, Direction.BOTH, depth, all_fields=True)
    for side in Direction.BOTH.sides:
        yield reach(hops, side, 5, all_fields=False)
