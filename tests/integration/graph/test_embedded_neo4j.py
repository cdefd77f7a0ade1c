"""The embedded Neo4j, as the session's fixture starts it."""

from __future__ import annotations

import pytest

from nexus_core.graph.connection import Graph

pytestmark = pytest.mark.service


async def test_it_is_community_5_26_and_empty(clean_graph: Graph) -> None:
    records, _, _ = await clean_graph.execute_query("CALL dbms.components() YIELD versions, edition")
    assert [(r["versions"][0].rpartition(".")[0], r["edition"]) for r in records] == [("5.26", "community")]
    counted, _, _ = await clean_graph.execute_query("MATCH (n) RETURN count(n) AS nodes")
    assert counted[0]["nodes"] == 0
