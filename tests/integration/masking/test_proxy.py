"""Both walls, the reconciler and the proxy together, as real clients see them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from pathlib import Path

import asyncpg
import psycopg
import pytest
import sqlalchemy

from nexus_core.governance.users import open_users
from tests.masking import CANARIES
from tests.masking_governed import SHOP
from tests.masking_served import Served
from tests.maven import jars

pytestmark = pytest.mark.service
JDBC = "org.postgresql:postgresql:42.7.8"


async def test_clients_see_what_policies_let_them_see(served: Served) -> None:
    for client in (_psycopg, _asyncpg, _psql, _jdbc):
        await client(served)


async def test_sqlalchemy_reflects_and_reads(served: Served) -> None:
    await _sqlalchemy(served)


@pytest.mark.parametrize("server", ["newest_postgresql"], indirect=True)
async def test_clients_of_the_newest_server_see_the_same(served: Served) -> None:
    for client in (_psycopg, _asyncpg, _psql, _jdbc, _sqlalchemy):
        await client(served)


async def _psycopg(served: Served) -> None:
    async with await served.connect("carl") as analyst, await served.connect("stella") as steward:
        query = "SELECT email, country FROM customers WHERE id = 1"
        assert await (await analyst.execute(query)).fetchone() == (None, "DE")
        assert await (await steward.execute(query)).fetchone() == ("CANARY-ada@example.com", "DE")
        found = await analyst.execute("SELECT count(*) FROM customers WHERE email LIKE 'CANARY%'")
        assert await found.fetchone() == (0,)
        for text in ("DELETE FROM public.orders", "SELECT pg_read_file('/etc/passwd')", "LISTEN told"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await steward.execute(text)
        async with analyst.pipeline():
            cursors = [await analyst.execute("SELECT total FROM orders WHERE id = %s", (each,)) for each in (1, 2, 3)]
            assert [len(await each.fetchall()) for each in cursors] == [1, 1, 1]
        seen = b""
        async with analyst.cursor() as cursor, cursor.copy("COPY customers TO STDOUT") as rows:
            async for part in rows:
                seen += bytes(part)
    assert seen.count(b"\n") == 40
    assert not [each for each in CANARIES if each.encode() in seen]


async def _asyncpg(served: Served) -> None:
    connection = await asyncpg.connect(served.url("carl"))
    try:
        rows = await connection.fetch("SELECT * FROM customers WHERE id < $1", 10)
        assert len(rows) == 9
        assert not [each for each in CANARIES if each in repr(rows)]
        async with connection.transaction():
            assert len([row async for row in connection.cursor("SELECT id FROM orders")]) == 120
    finally:
        await connection.close()


async def _sqlalchemy(served: Served) -> None:
    def read() -> tuple[set[str], list[str], int]:
        engine = sqlalchemy.create_engine(served.url("carl", "postgresql+psycopg"))
        inspected = sqlalchemy.inspect(engine)
        tables = set(inspected.get_table_names(schema="public"))
        columns = [each["name"] for each in inspected.get_columns("customers", schema="public")]
        with engine.connect() as connection:
            table = sqlalchemy.Table("orders", sqlalchemy.MetaData(), autoload_with=connection, schema="public")
            count = connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(table)).scalar_one()
        engine.dispose()
        return tables, columns, count

    tables, columns, count = await asyncio.to_thread(read)
    assert {"orders", "countries"} <= tables
    assert {"id", "email", "country"} <= set(columns)
    assert count == 120


async def _psql(served: Served) -> None:
    typed = "\\d orders\n\\dt\nTABLE countries;\nSELECT 1/0;\n\\dv\n"
    said = await _run(["psql", "-X", served.url("carl")], typed)
    assert "total" in said
    assert "France" in said
    assert "division by zero" in said


async def _jdbc(served: Served) -> None:
    (jar,) = await asyncio.to_thread(jars, JDBC)
    source = Path(__file__).parents[2] / "data" / "jdbc" / "Read.java"
    url = f"jdbc:postgresql://127.0.0.1:{served.port}/{SHOP}?sslmode=require"
    command = ["java", "-cp", str(jar), str(source), url, "carl", served.passwords["carl"]]
    said = await _run(command, "")
    assert said.splitlines() == [*(f"null {each}" for each in range(1, 8)), "orders 120", "refused 42501", "columns 13"]


async def _run(command: list[str], typed: str) -> str:
    def run() -> str:
        calm = {**os.environ, "PAGER": "cat"}
        done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=120, env=calm)
        return done.stdout + done.stderr

    return await asyncio.to_thread(run)


async def test_a_new_class_is_enforced_and_a_lost_role_ends_sessions_within_seconds(served: Served) -> None:
    async with await served.connect("carl") as analyst, await served.connect("stella") as steward:
        assert await (await analyst.execute("SELECT name FROM countries WHERE code = 'DE'")).fetchone() == ("Germany",)
        every = await served.governance.columns()
        began = time.monotonic()
        await served.governance.classify({"public.countries": dict.fromkeys(every["public.countries"], "PII")})
        await _until_cut(analyst)
        assert time.monotonic() - began < 10  # 5 on a machine of its own
        await open_users(served.governance.main).disable(await open_users(served.governance.main).one("stella"))
        await _until_cut(steward)
    async with await served.let_in() as analyst:
        masked = await analyst.execute("SELECT name FROM countries WHERE code IS NULL LIMIT 1")
        assert await masked.fetchone() == (None,)


async def _until_cut(connection: psycopg.AsyncConnection) -> None:
    async with asyncio.timeout(60):
        with pytest.raises(psycopg.OperationalError):
            await _ask_always(connection)


async def _ask_always(connection: psycopg.AsyncConnection) -> None:
    while True:
        await connection.execute("SELECT 1")
        await asyncio.sleep(0.2)
