"""Sessions of real clients through the proxy: what passes, what is refused and how the session goes on."""

from __future__ import annotations

import asyncio

import asyncpg
import psycopg
import pytest

from tests.proxying import Running

pytestmark = pytest.mark.service


async def test_simple_and_extended_statements_pass_and_refusals_leave_the_session_whole(running: Running) -> None:
    async with await running.connect() as connection:
        rows = await (await connection.execute("SELECT n, n::text FROM generate_series(1, 3) n")).fetchall()
        assert rows == [(1, "1"), (2, "2"), (3, "3")]
        assert await (await connection.execute("SELECT %s::int + 1", (41,))).fetchone() == (42,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="it is forbidden") as refused:
            await connection.execute("SELECT 'FORBIDDEN'")
        assert refused.value.diag.message_hint == "Leave it out."
        assert "Recorded in the audit log as ps_" in (refused.value.diag.message_detail or "")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("SELECT 'FORBIDDEN', %s::int", (1,))
        assert await (await connection.execute("SELECT SPLICE 1")).fetchone() == (5,)
        assert await (await connection.execute("SELECT SPLICE %s::int", (1,), binary=True)).fetchone() == (5,)
        with pytest.raises(psycopg.errors.DivisionByZero):
            await connection.execute("SELECT 1/0")


async def test_a_refusal_within_a_transaction_fails_it_as_the_database_would(running: Running) -> None:
    async with await running.connect() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with connection.transaction():
                await connection.execute("SELECT FORBIDDEN")
        await connection.execute("BEGIN")
        with pytest.raises(psycopg.errors.DivisionByZero):
            await connection.execute("SELECT 1/0")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("SELECT FORBIDDEN", prepare=True)
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            await connection.execute("SELECT 1")
        await connection.execute("ROLLBACK")
        assert await (await connection.execute("SELECT 1")).fetchone() == (1,)


async def test_a_refusal_within_a_pipeline_skips_to_the_sync(running: Running) -> None:
    async with await running.connect() as connection:
        async with connection.pipeline() as pipeline:
            before = await connection.execute("SELECT 1")
            await pipeline.sync()
            refused = await connection.execute("SELECT FORBIDDEN")
            skipped = await connection.execute("SELECT 2")
            assert await before.fetchone() == (1,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await refused.fetchone()
            with pytest.raises(psycopg.Error):
                await skipped.fetchone()
            await pipeline.sync()
            after = await connection.execute("SELECT 3")
            assert await after.fetchone() == (3,)
        assert await (await connection.execute("SELECT 4")).fetchone() == (4,)


async def test_asyncpg_reads_binary_prepares_and_uses_cursors(running: Running) -> None:
    connection = await asyncpg.connect(
        running.url().partition("?")[0], ssl="require", server_settings={"application_name": "asyncpg"}
    )
    try:
        assert await connection.fetchval("SELECT $1::numeric * 2", 21) == 42
        for _ in range(3):
            assert len(await connection.fetch("SELECT generate_series(1, $1::int)", 100)) == 100
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT 'FORBIDDEN' || $1", "x")
        async with connection.transaction():
            seen = [row[0] async for row in connection.cursor("SELECT generate_series(1, 120)")]
        assert seen == list(range(1, 121))
    finally:
        await connection.close()


async def test_long_results_are_copied_and_streamed(running: Running) -> None:
    async with await running.connect() as connection:
        rows = await (await connection.execute("SELECT repeat('x', 1000) FROM generate_series(1, 20000)")).fetchall()
        assert len(rows) == 20_000
        taken = 0
        async with (
            connection.cursor() as cursor,
            cursor.copy("COPY (SELECT generate_series(1, 50000)) TO STDOUT") as copy,
        ):
            async for part in copy:
                taken += bytes(part).count(b"\n")
        assert taken == 50_000
        (wide,) = await (await connection.execute("SELECT repeat('y', 5000000)")).fetchone() or ("",)
        assert len(wide) == 5_000_000


async def test_notices_come_with_the_statement(running: Running) -> None:
    told: list[str] = []
    async with await running.connect() as connection:
        connection.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        await connection.execute("SELECT 'MASKED'")
    assert told == ["it rests on masked values"]


async def test_a_running_statement_is_cancelled(running: Running) -> None:
    async with await running.connect() as connection:
        sleeping = asyncio.create_task(connection.execute("SELECT pg_sleep(60)"))
        await asyncio.sleep(0.3)
        await connection.cancel_safe()
        with pytest.raises(psycopg.errors.QueryCanceled):
            await sleeping
        assert await (await connection.execute("SELECT 1")).fetchone() == (1,)


async def test_logins_need_tls_and_the_password(running: Running) -> None:
    with pytest.raises(psycopg.OperationalError, match="by TLS only"):
        await running.connect(sslmode="disable", sslrootcert="")
    running.password, right = "wrong", running.password
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await running.connect()
    running.login, login = "nobody", running.login
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await running.connect()
    running.login, running.password = login, right
    async with await running.connect(channel_binding="require") as connection:
        assert connection.info.parameter_status("session_authorization") == login
