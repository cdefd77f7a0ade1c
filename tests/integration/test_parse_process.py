"""The parse process: answers as `derive` does, is killed when it overruns, and lives on."""

from __future__ import annotations

import asyncio

import pytest

from nexus_core.errors import SqlOverrunError
from nexus_core.model.statement import SqlRequest
from nexus_core.sql import ParseProcess, derive, references

SMALL = SqlRequest("create table x as select lower(a) as a from t, u", "postgres", {"t": {"a": "int"}})
SLOW = SqlRequest("select " + ",".join(f"f{n}(a{n})" for n in range(30_000)) + " from t", "postgres")


async def test_it_answers_as_derive_does() -> None:
    async with ParseProcess(seconds=30, memory_mb=1024) as process:
        assert await process.derive(SMALL) == derive(SMALL)
        assert await process.references(SMALL) == references(SMALL)


async def test_callers_take_turns() -> None:
    requests = [SqlRequest(f"select a{n} from t", "postgres") for n in range(20)]
    async with ParseProcess(seconds=30, memory_mb=1024) as process:
        answers = await asyncio.gather(*(process.derive(request) for request in requests))
    assert answers == [derive(request) for request in requests]


async def test_an_overrun_by_the_clock_is_transient_and_survived() -> None:
    async with ParseProcess(seconds=0.5, memory_mb=1024) as process:
        with pytest.raises(SqlOverrunError, match="longer than") as overrun:
            await process.derive(SLOW)
        assert overrun.value.transient
        assert await process.derive(SMALL) == derive(SMALL)


async def test_an_overrun_of_memory_is_transient_and_survived() -> None:
    async with ParseProcess(seconds=60, memory_mb=170) as process:
        with pytest.raises(SqlOverrunError, match="MiB"):
            await process.derive(SLOW)
        assert await process.derive(SMALL) == derive(SMALL)


async def test_a_caller_who_leaves_does_not_confuse_the_next() -> None:
    async with ParseProcess(seconds=30, memory_mb=1024) as process:
        await process.derive(SMALL)
        left = asyncio.create_task(process.derive(SLOW))
        await asyncio.sleep(0.1)
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
        other = SqlRequest("select b from t", "postgres")
        assert await process.derive(other) == derive(other)
