"""A replay where store and log are PostgreSQL, or the log is Kafka: equal, read with its own ledger, and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.api.app import create_app
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.graph.connection import open_graph
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from nexus_core.store.projections import active_projection
from nexus_core.worker.opening import run_worker
from tests.eventlogs import kafka_settings
from tests.integration.merge.test_replay import Replaying, events, place, quiet, unwarmed
from tests.merging import SPACE, at, merging
from tests.stores import postgresql_settings

__all__ = ["place", "unwarmed"]

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

TABLE = {"namespace": SPACE, "name": "shop.public.d1"}


@pytest.fixture(params=["sql", "kafka"])
async def replaying(neo4j: GraphSettings, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Replaying]:
    """Both have their store, and the ledgers of all projections, in PostgreSQL."""
    settings = await postgresql_settings(request.getfixturevalue("postgresql"), tmp_path / "main")
    changed: dict[str, Any] = {"graph": neo4j}
    if request.param == "kafka":
        changed["eventlog"] = kafka_settings(request.getfixturevalue("kafka"), f"replay-{tmp_path.name}")
    settings = settings.model_copy(update=changed)
    async with (
        ParsePool(seconds=30, memory_mb=1024) as parser,
        merging(neo4j, tmp_path / "main", parser, settings) as merge,
    ):
        yield Replaying(merge, settings)
        await merge.log.aclose()


@pytest.mark.usefixtures("unwarmed")
async def test_a_second_ledger_answers_as_the_first_did(replaying: Replaying, place: tuple[str, str, str]) -> None:
    made, merge = events(40), replaying.merge
    await merge.merge(*made[:35])
    await merge.give_back()
    target = await replaying.build(place)
    async with api(replaying.settings) as client:
        before = [await answers(client, what) for what in ("diff", "history")]
        assert all(rows for rows in before)
        async with replaying.replay(target) as replay:
            await replay.catch_up(quiet)
            assert (await replay.switch(accept_difference=False)).is_equal
        assert (await active_projection(merge.store)).id == target.id
        await asyncio.sleep(0.5)
        assert [await answers(client, what) for what in ("diff", "history")] == before
        await goes_on(replaying, made[35:])
        assert await answers(client, "history") != before[1]
    async with open_graph(replaying.settings.graph) as former:
        found, _, _ = await former.execute_query("MATCH ()-[r:FEEDS]->() RETURN count(r) AS n")
    assert found[0]["n"] > 0


async def goes_on(replaying: Replaying, more: list[Any]) -> None:
    """Merge by a worker that finds its projection itself."""
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(replaying.settings, stop))
    await replaying.merge.log.append(more)
    async with asyncio.timeout(120):
        while await replaying.merge.log.lag():  # noqa: ASYNC110 another task tells nothing
            await asyncio.sleep(0.1)
    stop.set()
    await working


@asynccontextmanager
async def api(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        await ensure_admin_token(app.state.services.tokens, settings.data_dir / "admin-token")
        headers = {"Authorization": f"Bearer {(settings.data_dir / 'admin-token').read_text().strip()}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
            yield client


async def answers(client: httpx.AsyncClient, what: str) -> list[dict[str, Any]]:
    asked = {"from": at(0), "to": at(500)} if what == "diff" else TABLE
    answer = await client.get(f"/api/v1/lineage/{what}", params={**asked, "limit": 1000})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["changes"]
    assert all(datetime.fromisoformat(row["at"]) for row in rows)
    return rows
