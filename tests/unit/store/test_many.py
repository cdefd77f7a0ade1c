"""Rows of any count go to the driver by a statement that is compiled once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, String, Table, delete, insert, select
from sqlalchemy.sql.expression import bindparam

from nexus_core.store.database import open_store, writing
from nexus_core.store.many import AtOnce, Many
from nexus_core.store.metadata import UtcDateTime

TABLE = Table(
    "thing",
    MetaData(),
    Column("key", String, primary_key=True),
    Column("size", BigInteger),
    Column("body", LargeBinary),
    Column("seen_at", UtcDateTime),
)
NAMES = tuple(column.name for column in TABLE.columns)
SEEN = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = [("a", 1, b"\0x", SEEN), ("b", None, None, None)]


@pytest.fixture
async def connection():
    store = open_store("sqlite+aiosqlite://")
    async with writing(store) as opened:
        await opened.run_sync(TABLE.metadata.create_all)
        yield opened
    await store.dispose()


async def held(connection):
    return [tuple(row) for row in await connection.execute(select(TABLE).order_by(TABLE.c.key))]


async def test_rows_by_name_are_written_as_sqlalchemy_would(connection):
    await Many(lambda _dialect: insert(TABLE)).run(connection, [dict(zip(NAMES, row, strict=True)) for row in ROWS])
    assert await held(connection) == ROWS


@pytest.mark.parametrize("order", [NAMES, NAMES[::-1]])
async def test_rows_by_place_are_written_whatever_their_order(connection, order):
    rows = [tuple(row[NAMES.index(name)] for name in order) for row in ROWS]
    await Many(lambda _dialect: insert(TABLE)).run_tuples(connection, rows, order)
    assert await held(connection) == ROWS


async def test_no_rows_are_no_statement(connection):
    removal = Many(lambda _dialect: delete(TABLE).where(TABLE.c.key == bindparam("key")))
    await Many(lambda _dialect: insert(TABLE)).run_tuples(connection, ROWS, NAMES)
    await removal.run(connection, [])
    await removal.run_tuples(connection, [], ("key",))
    assert await held(connection) == ROWS
    await removal.run_tuples(connection, [("a",)], ("key",))
    assert await held(connection) == ROWS[1:]


@pytest.mark.parametrize("count", [0, 1, 2, 15, 100])
async def test_rows_at_once_answer_with_what_is_new(connection, count):
    insertion = AtOnce(TABLE, lambda made: made.on_conflict_do_nothing(index_elements=["key"]).returning(TABLE.c.key))
    rows = [dict(zip(NAMES, (f"k{number:03}", number, b"\0", SEEN), strict=True)) for number in range(count)]
    assert [key for (key,) in await insertion.run(connection, rows[::2])] == [row["key"] for row in rows[::2]]
    assert {key for (key,) in await insertion.run(connection, rows)} == {row["key"] for row in rows[1::2]}
    assert await held(connection) == [tuple(row.values()) for row in rows]
