"""No row before its intent is durable; every execution and refusal is told."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import psycopg
import pytest

from nexus_core.errors import UnavailableError
from nexus_core.governance.audit import Audit
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Outcome, Place
from nexus_core.proxy.protocol.frames import frame
from nexus_core.store.audit import Wanted, page
from tests.proxying import Running
from tests.wire_client import SYNC, connected, execute

pytestmark = pytest.mark.service


class Slow(Audit):
    """An audit log whose disk is slow, or away."""

    seconds = 0.0
    is_away = False

    async def record(
        self, caller: Caller | None, act: Act, outcome: Outcome = Outcome.DONE, of: int | None = None
    ) -> Place:
        if outcome == Outcome.INTENDED:
            await asyncio.sleep(self.seconds)
            if self.is_away:
                raise UnavailableError("The store", "it is away")
        return await Audit.record(self, caller, act, outcome, of)


async def records(running: Running, *actions: str) -> list[dict[str, Any]]:
    """What the log has, oldest first, with what is personal opened."""
    found = []
    for kept in reversed(await page(running.store, Wanted(actions), 100)):
        said = orjson.loads(kept.body)
        said["personal"] = {name: orjson.loads(opening.value) for name, opening in kept.personal.items()}
        found.append(said)
    return found


async def ended(running: Running) -> None:
    """Wait until the log tells that the one session ended, which comes last."""
    async with asyncio.timeout(30):
        while not (found := await records(running, "session.end")):  # noqa: ASYNC110 the store tells nobody
            await asyncio.sleep(0.1)
    assert [each["target"]["reason"] for each in found] == ["client"]


async def test_rows_wait_for_the_intent(running: Running) -> None:
    slow = Slow(running.store, "proxy")
    running.proxy.audit = slow
    async with await running.connect() as connection:
        slow.seconds = 0.7
        waiting = asyncio.create_task(connection.execute("SELECT 1"))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        assert await (await waiting).fetchone() == (1,)
        slow.is_away = True
        with pytest.raises(psycopg.OperationalError, match="audit log cannot be written"):
            await connection.execute("SELECT 'another'")


async def test_every_execution_is_told_with_its_rows(running: Running) -> None:
    async with await running.connect() as connection:
        for _ in range(3):
            await connection.execute("SELECT generate_series(1, 7) AS seven")
        with pytest.raises(psycopg.errors.DivisionByZero):
            await connection.execute("SELECT 1/0")
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as refused:
            await connection.execute("SELECT FORBIDDEN")
        await connection.execute("SELECT generate_series(1, %s)", (4,), prepare=True)
    await ended(running)
    said = await records(running, "proxy.statement")
    by_outcome = {
        outcome: [each for each in said if each["outcome"] == outcome] for outcome in ("intended", "done", "refused")
    }
    told = {each["seq"]: each["personal"]["statement"] for each in by_outcome["intended"]}
    results = [(told[each["of"]], each["target"]["results"]) for each in by_outcome["done"]]
    assert sorted(results) == [
        ("SELECT 1/0", "!22012"),
        ("SELECT generate_series(1, $1)", "4"),
        ("SELECT generate_series(1, 7) AS seven", "7×3"),
    ]
    (refusal,) = by_outcome["refused"]
    number = f"{refusal['target']['session']}.{refusal['target']['statement']}"
    assert number in (refused.value.diag.message_detail or "")
    assert all(each["personal"]["actor"] == {"id": running.user.id, "name": "Ada"} for each in said)


async def test_an_execution_is_charged_with_what_its_name_may_stand_for(running: Running) -> None:
    """A second Parse of a name fails at the source, which keeps the first; SQL's PREPARE shares the names."""
    async with await running.connect() as connection:
        pg = connection.pgconn
        await asyncio.to_thread(pg.prepare, b"s", b"SELECT 'first'")
        await asyncio.to_thread(pg.prepare, b"s", b"SELECT 'second'")
        assert (await asyncio.to_thread(pg.exec_prepared, b"s", [])).get_value(0, 0) == b"first"
        await connection.execute("DEALLOCATE s")
        await connection.execute("PREPARE s AS SELECT 'third'")
        assert (await asyncio.to_thread(pg.exec_prepared, b"s", [])).get_value(0, 0) == b"third"
    await ended(running)
    said = await records(running, "proxy.statement")
    told = {each["seq"]: each["personal"]["statement"] for each in said if each["outcome"] == "intended"}
    ran = {told[each["of"]]: each["target"]["results"] for each in said if each["outcome"] == "done"}
    assert ran["SELECT 'first'"].startswith("1")
    assert ran["PREPARE s AS SELECT 'third'"] == "0 1"


async def test_rows_of_a_cursor_that_sql_declared_are_told_where_the_protocol_fetches_them(running: Running) -> None:
    async with connected(running.port, tls=True) as client:
        await client.log_in(running.login, running.password, "shop")
        await client.ask("BEGIN")
        await client.ask("DECLARE c CURSOR FOR SELECT generate_series(1, 5)")
        client.send(execute(b"c"), SYNC)
        assert b"SELECT 5" in await client.said()
        client.send(frame(b"X"))
    await ended(running)
    said = await records(running, "proxy.statement")
    told = {each["seq"]: each["personal"]["statement"] for each in said if each["outcome"] == "intended"}
    ran = {told[each["of"]]: each["target"]["results"] for each in said if each["outcome"] == "done"}
    assert ran["DECLARE c CURSOR FOR SELECT generate_series(1, 5)"] == "0 5"
