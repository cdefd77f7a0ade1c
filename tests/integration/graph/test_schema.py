"""Constraints and indexes, as several processes that start at once make them on a new Neo4j."""

from __future__ import annotations

import asyncio

import pytest

from nexus_core.graph.connection import Graph
from nexus_core.graph.schema import prepare_graph

pytestmark = pytest.mark.service

STARTERS, ROUNDS = 4, 5


async def test_processes_that_start_at_once_all_find_the_schema_made(clean_graph: Graph) -> None:
    for _ in range(ROUNDS):
        await _drop_all(clean_graph)
        await asyncio.gather(*(prepare_graph(clean_graph) for _ in range(STARTERS)))
    found, _, _ = await clean_graph.execute_query("SHOW INDEXES YIELD type WHERE type = 'RANGE' RETURN count(*) AS n")
    assert found[0]["n"] == 10


async def _drop_all(graph: Graph) -> None:
    for kind, shown in (("CONSTRAINT", "CONSTRAINTS"), ("INDEX", "INDEXES")):
        named, _, _ = await graph.execute_query(f"SHOW {shown} YIELD name, type WHERE type <> 'LOOKUP' RETURN name")
        for each in named:
            await graph.execute_query(f"DROP {kind} {each['name']} IF EXISTS")
