"""Calls share commits, and none waits for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nexus_core.errors import UnavailableError
from nexus_core.eventlog.commit import GroupCommit


class Disk:
    """Takes rows one commit at a time, once `open`."""

    def __init__(self) -> None:
        self.open, self.commits, self.failure = asyncio.Event(), [], None

    async def insert(self, rows: list[dict[str, Any]]) -> set[str]:
        await self.open.wait()
        if self.failure is not None:
            raise self.failure
        self.commits.append([row["id"] for row in rows])
        return {row["id"] for row in rows}


async def start(commit: GroupCommit, *names: str) -> list[asyncio.Task[list[bool]]]:
    calls = [asyncio.create_task(commit.add([{"id": name}])) for name in names]
    for _ in range(8):  # a commit begins once some turns of the loop bring no further call
        await asyncio.sleep(0)
    return calls


async def test_calls_that_come_during_a_commit_share_the_next() -> None:
    disk = Disk()
    commit = GroupCommit(disk.insert)
    first, second, again = await start(commit, "a", "b", "b")
    disk.open.set()
    assert [await first, await second, await again] == [[True], [True], [False]]
    assert disk.commits == [["a", "b", "b"]]


async def test_a_failure_that_nobody_foresaw_reaches_every_caller() -> None:
    disk = Disk()
    disk.failure = LookupError("no such thing")
    commit = GroupCommit(disk.insert)
    first = await start(commit, "a")
    later = await start(commit, "b")
    committing = commit._committing
    disk.open.set()
    for call in (*first, *later):
        with pytest.raises(UnavailableError, match="LookupError"):
            await call
    assert committing is not None
    with pytest.raises(LookupError):
        await committing
    disk.failure = None
    assert await commit.add([{"id": "a"}]) == [True]


async def test_what_nobody_waits_for_is_not_kept() -> None:
    disk = Disk()
    commit = GroupCommit(disk.insert)
    await start(commit, "a")
    [left] = await start(commit, "b")
    left.cancel()
    await asyncio.wait([left])
    assert commit._waiting == []
    disk.open.set()


async def test_calls_that_come_within_a_turn_or_two_share_the_first_commit() -> None:
    disk = Disk()
    disk.open.set()
    commit = GroupCommit(disk.insert)
    first = asyncio.create_task(commit.add([{"id": "a"}]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [await commit.add([{"id": "b"}]), await first] == [[True], [True]]
    assert disk.commits == [["a", "b"]]


async def test_nothing_is_stored_for_calls_that_have_all_gone() -> None:
    disk = Disk()
    disk.open.set()
    commit = GroupCommit(disk.insert)
    gone = asyncio.create_task(commit.add([{"id": "a"}]))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait([gone])
    assert await commit.add([{"id": "b"}]) == [True]
    assert disk.commits == [["b"]]


async def test_as_many_calls_as_shared_a_commit_are_waited_for_and_no_more_once_fewer_come() -> None:
    disk = Disk()
    disk.open.set()
    commit = GroupCommit(disk.insert)
    for call in await start(commit, "a", "b"):
        await call
    first = (await start(commit, "c"))[0]
    assert [await commit.add([{"id": "d"}]), await first] == [[True], [True]]
    assert disk.commits == [["a", "b"], ["c", "d"]]
    assert [await commit.add([{"id": name}]) for name in "ef"] == [[True], [True]]
    assert disk.commits[2:] == [["e"], ["f"]]
