"""Classes are the same on both stores, by several workers at once, and after workers that were killed in between."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nexus_core.classification.step import Classification
from nexus_core.eventlog.opening import open_log
from nexus_core.model.classes import UNDECIDED, Act
from nexus_core.store.database import open_store
from tests.integration.classification.estate import Lineage, copied, known, lineage, whole
from tests.stores import STORES

pytestmark = pytest.mark.service

LENGTH = 12


@pytest.fixture(params=STORES)
async def running(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Lineage]:
    settings = await STORES[request.param](request, tmp_path)
    async with lineage(tmp_path, settings) as made:
        yield made


async def chain(running: Lineage) -> None:
    """A column that is handed from table to table, and beside it one of which nothing is known."""
    for number in range(LENGTH):
        edges = [copied(f"t{number}.x", f"t{number + 1}.x"), whole(f"t{number}", f"t{number + 1}")]
        await running.write(f"load{number}", f"t{number + 1}", *edges, known(f"t{number + 1}"))
    await running.decide(Act.SET, "t0.x", "PII")


async def check(running: Lineage) -> None:
    for number in range(LENGTH + 1):
        assert [await running.of(f"t{number}.{at}") for at in ("x", "y")] == ["PII", UNDECIDED]


async def another(running: Lineage) -> Classification:
    """Another worker's, with connections of its own."""
    store = open_store(running.settings.store_url)
    return Classification(store, store, await open_log(store, running.settings))


async def test_several_workers_at_once_compute_the_same(running: Lineage) -> None:
    await chain(running)
    workers = [await another(running) for _ in range(3)]

    async def work(one: Classification) -> None:
        while await one.step():
            pass

    await asyncio.gather(*map(work, workers))
    await check(running)
    for one in workers:
        await one.main.dispose()


async def test_what_a_killed_worker_left_is_computed_again(running: Lineage) -> None:
    await chain(running)
    rnd = random.Random(7)
    for _ in range(6):
        killed = await another(running)
        task = asyncio.create_task(killed.step())
        for _ in range(rnd.randrange(1, 60)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await killed.main.dispose()
    await running.settle()
    await check(running)
