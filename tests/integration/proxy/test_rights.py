"""Rights that are taken away end sessions, whatever they do, and nothing passes while rights are not known."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from nexus_core.governance.proxy_passwords import ProxyPasswords
from nexus_core.governance.users import open_users
from tests.integration.proxy.conftest import Starts
from tests.proxying import PROFILE, Running

pytestmark = pytest.mark.service
WITHIN_S = 5.0


@asynccontextmanager
async def three_sessions(running: Running) -> AsyncIterator[list[asyncio.Task[object]]]:
    """An open cursor that is fetched from, an idle transaction, a COPY that streams; until they fail."""

    async def fetch() -> object:
        async with await running.connect() as connection, connection.transaction():
            await connection.execute("DECLARE c CURSOR FOR SELECT generate_series(1, 1000000000)")
            while (await connection.execute("FETCH 10 FROM c")).rowcount:  # noqa: ASYNC110 a client that is slow
                await asyncio.sleep(0.05)
        return None

    async def wait() -> object:
        async with await running.connect() as connection:
            await connection.execute("BEGIN")
            await connection.execute("SELECT 1")
            while True:
                await asyncio.sleep(0.2)
                connection.pgconn.consume_input()

    async def copy() -> object:
        copied = "COPY (SELECT generate_series(1, 1000000000)) TO STDOUT"
        async with (
            await running.connect() as connection,
            connection.cursor() as cursor,
            cursor.copy(copied) as rows,
        ):
            async for _ in rows:
                await asyncio.sleep(0)
        return None

    tasks: list[asyncio.Task[object]] = [asyncio.create_task(each()) for each in (fetch, wait, copy)]
    while len(running.proxy.sessions) < 3:  # noqa: ASYNC110 nobody tells
        await asyncio.sleep(0.05)
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def all_end(tasks: list[asyncio.Task[object]]) -> None:
    began = time.monotonic()
    done, pending = await asyncio.wait(tasks, timeout=30)
    assert not pending
    for task in done:
        assert isinstance(task.exception(), psycopg.Error), task.exception()
    assert time.monotonic() - began < WITHIN_S + 5  # of which five are this busy machine's


async def test_a_disabled_user_loses_every_session(running: Running) -> None:
    async with three_sessions(running) as tasks:
        await open_users(running.store).disable(running.user)
        await all_end(tasks)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await running.connect()


async def test_another_profile_or_generation_ends_sessions(running: Running) -> None:
    async with await running.connect() as connection:
        running.profiles.profile = replace(PROFILE, generation=2)
        running.profiles.changes += 1
        await running.proxy.watch.look()
        with pytest.raises(psycopg.errors.AdminShutdown, match="has changed"):
            await connection.execute("SELECT 1")
    async with await running.connect() as connection:
        running.profiles.changes += 1
        await running.proxy.watch.look()
        assert await (await connection.execute("SELECT 1")).fetchone() == (1,)
        running.profiles.profile = None
        await running.proxy.watch.look()
        with pytest.raises(psycopg.errors.AdminShutdown):
            await connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="nobody is served"):
        await running.connect()


async def test_ending_the_password_ends_what_it_began_and_a_new_one_does_not(running: Running) -> None:
    passwords = ProxyPasswords(running.store)
    async with await running.connect() as connection:
        made = await passwords.make(running.user, timedelta(minutes=1))
        await running.proxy.watch.look()
        assert await (await connection.execute("SELECT 1")).fetchone() == (1,)
        await passwords.end(running.user.id)
        await running.proxy.watch.look()
        with pytest.raises(psycopg.errors.AdminShutdown):
            await connection.execute("SELECT 1")
    running.password = made.password
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await running.connect()


async def test_rows_wait_while_rights_are_not_known_and_sessions_end_if_that_lasts(running: Running) -> None:
    async with await running.connect() as connection:
        running.profiles.leased_at = datetime.now(UTC) - timedelta(seconds=6)
        await running.proxy.watch.look()
        running.proxy.watch.enforce()
        waiting = asyncio.create_task(connection.execute("SELECT 1"))
        await asyncio.sleep(1)
        assert not waiting.done()
        with pytest.raises(psycopg.OperationalError, match="not known now"):
            await running.connect()
        running.profiles.leased_at = None
        assert await (await waiting).fetchone() == (1,)
        running.profiles.leased_at = datetime.now(UTC) - timedelta(seconds=31)
        await running.proxy.watch.look()
        running.proxy.watch.enforce()
        with pytest.raises(psycopg.errors.AdminShutdown):
            await connection.execute("SELECT 1")


async def test_sessions_are_limited_by_person_by_time_and_by_statement(starts: Starts) -> None:
    def short(rules):  # type: ignore[no-untyped-def]
        return replace(rules, times=replace(rules.times, idle=1, idle_in_transaction=1, statement=1))

    async with starts(short) as running:
        running.proxy.sessions.most_of_one = 3
        idle, held, slow = [await running.connect() for _ in range(3)]
        with pytest.raises(psycopg.OperationalError, match="you have 3 sessions"):
            await running.connect()
        await held.execute("BEGIN")
        with pytest.raises(psycopg.errors.QueryCanceled):
            await slow.execute("SELECT pg_sleep(60)")
        for connection, error in (
            (idle, psycopg.OperationalError),
            (held, psycopg.errors.IdleInTransactionSessionTimeout),
        ):
            with pytest.raises(error):
                await connection.execute("SELECT 1")
            await connection.close()
        await slow.close()


async def test_draining_lets_statements_end_and_transactions_commit(running: Running) -> None:
    idle, busy = await running.connect(), await running.connect()
    await busy.execute("BEGIN")
    running.stop.set()
    await asyncio.sleep(0.3)
    with pytest.raises(psycopg.OperationalError):
        await idle.execute("SELECT 1")
    assert await (await busy.execute("SELECT 1")).fetchone() == (1,)
    await busy.execute("COMMIT")
    await asyncio.wait_for(asyncio.shield(running.run), 20)
    for connection in (idle, busy):
        await connection.close()
