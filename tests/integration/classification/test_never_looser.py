"""Whatever breaks off, comes twice, comes from another projection or knows less: classes are never loosened."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_core.classification.step import Classification
from nexus_core.model.classes import Act
from nexus_core.store.class_facts import mark, mark_all
from nexus_core.store.classes import read_generation
from nexus_core.store.database import open_store, reading, writing
from nexus_core.store.ledger_lease import Held, claim
from tests.integration.classification.estate import Lineage, copied, known, lineage, named, whole
from tests.stores import sqlite_settings


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Lineage]:
    async with lineage(tmp_path / "main") as found:
        yield found


async def chain(running: Lineage, length: int = 3) -> None:
    """`t0.x` is PII, and each table is made from the one before."""
    for at in range(1, length):
        source, target = f"t{at - 1}", f"t{at}"
        edges = (copied(f"{source}.x", f"{target}.x"), whole(source, target), known(target))
        await running.write(f"job {at}", target, *edges)
    await running.decide(Act.SET, "t0.x", "PII")


async def all_of(running: Lineage, length: int = 3) -> list[str | None]:
    return [await running.of(f"t{at}.x") for at in range(length)]


async def broken_off(after: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with lineage(Path(folder)) as running:
            await chain(running)
            await running.settle()
            await running.write("more", "t3", copied("t2.x", "t3.x"), whole("t2", "t3"), known("t3"))
            step = asyncio.create_task(running.classes.step())
            for _ in range(after):
                await asyncio.sleep(0)
            step.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await step
            assert await all_of(running) == ["PII"] * 3
            assert await running.of("t3.x") in (None, "PII")
            again = Classification(running.store, running.store, running.classes.backlog)
            while await again.step():
                pass
            assert await all_of(running, 4) == ["PII"] * 4


@given(st.integers(0, 400))
@settings(max_examples=15)
def test_a_step_that_is_broken_off_leaves_what_was_enforced(after: int) -> None:
    asyncio.run(broken_off(after))


async def test_of_two_at_once_one_writes(running: Lineage) -> None:
    await chain(running)
    other = Classification(running.store, running.store, running.classes.backlog)
    await asyncio.gather(running.classes.step(), other.step())
    await running.settle()
    assert await all_of(running) == ["PII"] * 3
    async with reading(running.store) as connection:
        generation = (await read_generation(connection)).generation
    assert generation >= 1
    await running.settle()
    async with reading(running.store) as connection:
        assert (await read_generation(connection)).generation == generation


async def test_a_ledger_that_knows_less_loosens_nothing(running: Lineage, tmp_path: Path) -> None:
    await chain(running)
    await running.settle()
    replayed = await sqlite_settings(tmp_path / "replayed")
    ledger = open_store(replayed.store_url)
    try:
        classes = Classification(running.store, ledger, running.classes.backlog, projection_id=2)
        half = Lineage(ledger, await claim(ledger, Held("test", {})), replayed, classes)
        async with writing(ledger) as connection:
            await mark(connection, [named(f"t{at}") for at in range(3)])
        await half.settle()
        assert await all_of(running) == ["PII"] * 3
        assert {(row.name, row.reason) for row in await running.requests()} == {
            ("shop.public.t0", "unsupported"),
            ("shop.public.t1", "unsupported"),
            ("shop.public.t2", "unsupported"),
        }
        await chain(half)
        await half.settle()
        assert await all_of(running) == ["PII"] * 3
        assert await running.requests() == []
    finally:
        await ledger.dispose()


async def test_another_projection_is_gone_through_as_a_whole(running: Lineage) -> None:
    await chain(running)
    await running.settle()
    again = Classification(running.store, running.store, running.classes.backlog, projection_id=2)
    while await again.step():
        pass
    assert await all_of(running) == ["PII"] * 3
    assert await running.requests() == []


async def test_a_replay_in_any_order_gives_the_same(tmp_path: Path) -> None:
    found: list[Any] = []
    for at, settles in enumerate((True, False)):
        async with lineage(tmp_path / str(at)) as running:
            await running.write("in", "b", copied("a.x", "b.x"), whole("a", "b"), known("b"))
            await running.decide(Act.SET, "a.x", "PII")
            if settles:
                await running.settle()
            await running.write("in", "b", copied("a.y", "b.x"), whole("a", "b"), known("b"))
            await running.decide(Act.APPROVE, "b.x", by="bert")
            await running.write("out", "c", copied("b.x", "c.x"), whole("b", "c"))
            await running.settle()
            if not settles:
                async with writing(running.store) as connection:
                    await mark_all(connection)
                await running.settle()
            found.append([await running.of(each) for each in ("a.x", "b.x", "c.x", "c.y")])
    assert found[0] == found[1]
