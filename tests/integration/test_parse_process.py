"""The parse processes: answers as `derive` does, is killed when it overruns, and lives on."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from nexus_core.errors import SqlOverrunError
from nexus_core.model.statement import SqlRequest
from nexus_core.model.trial import TrialRequest, World
from nexus_core.sql import ParsePool, derive, references
from nexus_core.sql.binding.binder import tried

SMALL = SqlRequest("create table x as select lower(a) as a from t, u", "postgres", {"t": {"a": "int"}})
SLOW = SqlRequest("select " + ",".join(f"f{n}(a{n})" for n in range(30_000)) + " from t", "postgres")
SLOWER = SqlRequest("; ".join([SLOW.sql] * 4), "postgres")


async def test_it_answers_as_derive_does() -> None:
    async with ParsePool(seconds=30, memory_mb=1024) as pool:
        assert await pool.derive(SMALL) == derive(SMALL)
        assert await pool.references(SMALL) == references(SMALL)


async def test_callers_take_turns() -> None:
    requests = [SqlRequest(f"select a{n} from t", "postgres") for n in range(20)]
    async with ParsePool(seconds=30, memory_mb=1024) as pool:
        answers = await asyncio.gather(*(pool.derive(request) for request in requests))
    assert answers == [derive(request) for request in requests]


async def test_an_overrun_by_the_clock_is_transient_and_survived() -> None:
    async with ParsePool(seconds=0.5, memory_mb=1024) as pool:
        with pytest.raises(SqlOverrunError, match="longer than") as overrun:
            await pool.derive(SLOW)
        assert overrun.value.transient
        assert await pool.derive(SMALL) == derive(SMALL)


async def test_an_overrun_of_memory_is_transient_and_survived() -> None:
    async with ParsePool(seconds=60, memory_mb=170) as pool:
        with pytest.raises(SqlOverrunError, match="MiB"):
            await pool.derive(SLOW)
        assert await pool.derive(SMALL) == derive(SMALL)


async def test_a_caller_who_leaves_does_not_confuse_the_next() -> None:
    async with ParsePool(seconds=30, memory_mb=1024) as pool:
        await pool.derive(SMALL)
        left = asyncio.create_task(pool.derive(SLOW))
        await asyncio.sleep(0.1)
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
        other = SqlRequest("select b from t", "postgres")
        assert await pool.derive(other) == derive(other)


async def test_a_child_that_is_killed_costs_only_its_own_request() -> None:
    requests = [SqlRequest(f"select b{n} from t", "postgres") for n in range(20)]
    async with ParsePool(seconds=2, memory_mb=1024, processes=2) as pool:
        slow = asyncio.create_task(pool.derive(SLOWER))
        answers = await asyncio.gather(*(pool.derive(request) for request in requests))
        assert answers == [derive(request) for request in requests]
        with pytest.raises(SqlOverrunError, match="longer than"):
            await slow


async def test_trials_asked_at_once_are_answered_each_as_it_is_alone() -> None:
    requests = [_trial(f"select a, {n} as n from t where missing > {n}") for n in range(40)]
    async with ParsePool(seconds=30, memory_mb=1024, processes=2) as pool:
        assert await asyncio.gather(*(pool.tried(request) for request in requests)) == [
            tried(each) for each in requests
        ]


async def test_a_trial_that_overruns_costs_none_of_those_asked_with_it() -> None:
    requests = [_trial(f"select a, {n} as n from t") for n in range(10)]
    async with ParsePool(seconds=3, memory_mb=1024) as pool:
        slow = asyncio.create_task(pool.tried(_trial(SLOWER.sql)))
        assert await asyncio.gather(*(pool.tried(request) for request in requests)) == [
            tried(each) for each in requests
        ]
        with pytest.raises(SqlOverrunError, match="longer than"):
            await slow


def _trial(sql: str) -> TrialRequest:
    return TrialRequest(sql, "postgres", (World({"t": {"a": "int"}}), World({"t": {"b": "int"}}, ("u",))))


async def test_children_are_no_more_than_asked_for_and_start_as_needed() -> None:
    requests = [SqlRequest(f"select c{n} from t", "postgres") for n in range(40)]
    async with ParsePool(seconds=30, memory_mb=1024, processes=2) as pool:
        await pool.derive(SMALL)
        assert len(_children()) == 1
        await asyncio.gather(*(pool.derive(request) for request in requests))
        assert len(_children()) == 2
    assert not _children()


async def test_children_are_started_before_the_first_question_where_many_will_come() -> None:
    async with ParsePool(seconds=30, memory_mb=1024, processes=2) as pool:
        pool.warm()
        pool.warm()
        async with asyncio.timeout(60):
            while len(_children()) < 2:  # noqa: ASYNC110 processes tell no event
                await asyncio.sleep(0.05)
        assert await pool.derive(SMALL) == derive(SMALL)
    assert not _children()


def _children() -> list[str]:
    """Give the ids of this process's children that derive."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"nexus_core.sql.child" in (folder / "cmdline").read_bytes():
                status = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(status[1]) == os.getpid() and status[0] != "Z":
                    found.append(folder.name)
    return found
