"""Reads do not outlive who asked, nor their time limit."""

import asyncio
import time

import pytest

from nexus_core.errors import OverloadedError
from nexus_core.graph.read_session import read_session

LONG = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH count(a * b) AS n RETURN [n] AS rows"
_RUNNING = "SHOW TRANSACTIONS YIELD metaData WHERE metaData.query = 'long' RETURN count(*) AS running"


async def running(graph):
    records, _, _ = await graph.execute_query(_RUNNING)
    return records[0]["running"]


async def ask(graph, timeout_s):
    async with read_session(graph, timeout_s) as session:
        return await session.rows("long", LONG, {})


async def until(graph, count):
    deadline = time.monotonic() + 20
    while await running(graph) != count:
        assert time.monotonic() < deadline, await running(graph)
        await asyncio.sleep(0.1)


async def test_a_cancelled_read_frees_neo4j(clean_graph):
    asked = asyncio.create_task(ask(clean_graph, 60))
    await until(clean_graph, 1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await until(clean_graph, 0)


async def test_a_read_beyond_its_time_is_stopped(clean_graph):
    with pytest.raises(OverloadedError):
        await ask(clean_graph, 0.5)
    await until(clean_graph, 0)
