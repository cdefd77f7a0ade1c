"""`nexus compact` beside a running worker, and what the API answers of forgotten history then."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.api.app import create_app
from nexus_core.cli.compacting import Policy, run_compact
from nexus_core.errors import ForgottenError
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.governance.dead_letters import DeadLetters
from nexus_core.graph.hash import graph_hash
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from nexus_core.worker.opening import run_worker
from tests.harvested import copied
from tests.merging import EPOCH, SPACE, Merging, at, column_facet, dataset, envelope, merging, run_event

pytestmark = pytest.mark.service

TABLE = {"namespace": SPACE, "name": "shop.public.t"}


def loaded(minutes: float, source: str, run: str) -> Any:
    facet = column_facet({"a": [(source, "a")]})
    outputs = [dataset("t", columnLineage=facet)]
    return envelope(run_event("COMPLETE", minutes, run, "load", inputs=[dataset(source)], outputs=outputs))


@asynccontextmanager
async def api(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        await ensure_admin_token(app.state.services.tokens, settings.data_dir / "admin-token")
        token = (settings.data_dir / "admin-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
            yield client


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(settings, stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def settled(merge: Merging) -> None:
    async with asyncio.timeout(60):
        while await merge.log.lag():  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def test_history_is_forgotten_beside_a_worker_and_asked_for_in_vain(
    neo4j: GraphSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data_dir=tmp_path, graph=neo4j)
    days = (datetime.now(UTC) - EPOCH).days
    day = 24 * 60
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser) as merge:
        await merge.merge(loaded(1, "one", "r1"), loaded(day, "two", "r2"), loaded(day + 1, "two", "r3"))
        await merge.merge(loaded(60 * day, "three", "r4"), copied(61 * day, "t", "u"))
        await merge.give_back()
        before = await graph_hash(merge.graph, bitemporal=True)
        async with api(settings) as client, working(settings):
            wanted = Policy(days - 30, days - 30)
            await run_compact(settings, wanted, apply=False)
            assert "Nothing is changed" in capsys.readouterr().out
            assert await graph_hash(merge.graph, bitemporal=True) == before
            now = await asked(client, "graph", **TABLE)
            past = await asked(client, "graph", **TABLE, as_of=at(31 * day))
            await run_compact(settings, wanted, apply=True)
            assert re.search(r"\b[1-9]\d* observations, ", capsys.readouterr().out)
            await merge.log.append([loaded(70 * day, "four", "r5")])
            await settled(merge)
            assert sources(await asked(client, "graph", **TABLE)) == {"four"}
            assert sources(past) == sources(await asked(client, "graph", **TABLE, as_of=at(31 * day))) == {"two"}
            assert sources(now) == sources(await asked(client, "graph", **TABLE, as_of=at(61.5 * day))) == {"three"}
            await refused(client, "graph", **TABLE, as_of=at(2 * day))
            await refused(client, "graph", **TABLE, known_at=at(2 * day))
            await refused(client, "diff", **{"from": at(2 * day)})
            await refused(client, "history", **TABLE, known_at=at(2 * day))
            kept = datetime.fromisoformat((await asked(client, "kept"))["kept_from"])
            assert abs(kept - (EPOCH + timedelta(days=30))) < timedelta(days=2)
            told = [row["at"] for row in (await asked(client, "history", **TABLE))["changes"]]
            assert told
            assert all(datetime.fromisoformat(one) > kept for one in told)
            await late_event_waits(client, merge, kept)


async def late_event_waits(client: httpx.AsyncClient, merge: Merging, kept: datetime) -> None:
    """What is dated before the horizon is durable and shown, and nobody can let it be merged."""
    late = run_event("COMPLETE", 3, "late", outputs=[dataset("t")])
    answer = await client.post("/api/v1/lineage", json=late)
    assert answer.status_code == 201
    assert "before the time from which history is kept" in " ".join(answer.json()["warnings"])
    with pytest.raises(ForgottenError):
        await DeadLetters(merge.log, kept).retry(answer.json()["id"])


async def asked(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(f"/api/v1/lineage/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def sources(answer: dict[str, Any]) -> set[str]:
    return {node["name"].removeprefix("shop.public.") for node in answer["nodes"]} - {"t", "u"}


async def refused(client: httpx.AsyncClient, path: str, **query: Any) -> None:
    answer = await client.get(f"/api/v1/lineage/{path}", params=query)
    assert answer.status_code == 410, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["kept_from"].removesuffix("+00:00") in answer.json()["detail"]
