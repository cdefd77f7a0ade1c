"""Transactions of SQLite whose BEGIN travels with the first statement, and rows by key in one statement."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Boolean, Column, MetaData, String, Table, text

from nexus_core.errors import UnavailableError
from nexus_core.store.by_key import rows_by
from nexus_core.store.database import Store, open_store, reading, writing

_TABLE = Table("t", MetaData(), Column("key", String, primary_key=True), Column("done", Boolean))


class _Row(NamedTuple):
    key: str
    done: bool


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = open_store(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    async with writing(made) as connection:
        await connection.execute(text("CREATE TABLE t (key TEXT PRIMARY KEY, done BOOLEAN)"))
        await connection.execute(text("INSERT INTO t VALUES ('a', 1), ('b', 0), ('c', 1)"))
    yield made
    await made.dispose()


async def test_rows_come_by_key_each_once_with_flags_as_such(store: Store) -> None:
    async with reading(store) as connection:
        rows = await rows_by(connection, _Row, _TABLE.c.key, ["b", "a", "b", "none"])
        assert await rows_by(connection, _Row, _TABLE.c.key, []) == []
    assert sorted(rows) == [("a", True), ("b", False)]
    assert all(type(row.done) is bool for row in rows)


async def test_more_keys_than_parameters_of_a_statement(store: Store) -> None:
    async with reading(store) as connection:
        rows = await rows_by(connection, _Row, _TABLE.c.key, [*map(str, range(40_000)), "c"])
    assert [row.key for row in rows] == ["c"]


async def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    async def fail() -> None:
        async with writing(store) as connection:
            await connection.execute(text("DELETE FROM t"))
            await connection.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(UnavailableError):
        await fail()
    async with reading(store) as connection:
        assert (await connection.execute(text("SELECT count(*) FROM t"))).scalar_one() == 3


async def test_a_read_sees_one_moment(store: Store) -> None:
    async with reading(store) as connection:
        before = (await connection.execute(text("SELECT count(*) FROM t"))).scalar_one()
        async with writing(store) as other:
            await other.execute(text("DELETE FROM t"))
        assert (await connection.execute(text("SELECT count(*) FROM t"))).scalar_one() == before


async def test_a_transaction_without_a_statement_holds_no_lock(store: Store) -> None:
    async with writing(store), asyncio.timeout(5), writing(store) as other:
        await other.execute(text("DELETE FROM t"))


async def test_a_cancelled_statement_gives_its_connection_back(store: Store) -> None:
    async def wait() -> None:
        async with writing(store) as connection:
            await connection.execute(text("DELETE FROM t"))
            await asyncio.sleep(60)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), writing(store) as connection:
        assert (await connection.execute(text("SELECT count(*) FROM t"))).scalar_one() == 3


async def test_a_statement_that_is_cancelled_before_it_runs_holds_no_lock(store: Store) -> None:
    async def write() -> None:
        async with writing(store) as connection:
            await connection.execute(text("DELETE FROM t"))

    for turns in range(12):
        task = asyncio.create_task(write())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    async with asyncio.timeout(5), writing(store) as connection:
        await connection.execute(text("DELETE FROM t"))
