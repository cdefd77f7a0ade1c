"""Differences of a whole estate over a day in which every dataset changed: the first page, all pages, the stream.

The ledger is filled by the worker's own merging, without a graph: differences are answered from the store alone.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import orjson

from benchmarks.events import run
from nexus_core.api.app import create_app
from nexus_core.eventlog.opening import open_log
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.graph.connection import open_graph
from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from nexus_core.store.database import open_store
from nexus_core.store.ledger_lease import Held, claim
from nexus_core.store.migration import migrate
from nexus_core.worker.opening import make_merger

DATASETS = 10_000
ROUND = 500
TRIES = 5
DAY = timedelta(days=1)
TARGET_S = 2.0  # to the first page
_START = datetime(2026, 1, 1, tzinfo=UTC)
_ANY = Authority(jobs=("*",), outputs=("*",))


def measure(datasets: int = DATASETS) -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    with tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        nowhere = GraphSettings(uri="bolt://127.0.0.1:1")
        yield from asyncio.run(_measured(Settings(data_dir=Path(folder), graph=nowhere), datasets))


async def _measured(settings: Settings, datasets: int) -> list[tuple[str, str]]:
    await migrate(settings.store_url)
    await _fill(settings, datasets)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        await ensure_admin_token(app.state.services.tokens, settings.data_dir / "admin-token")
        token = (settings.data_dir / "admin-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
            return [row async for row in _asked(client, datasets)]


async def _asked(client: httpx.AsyncClient, datasets: int) -> Any:
    query: dict[str, Any] = {"from": (_START + DAY / 2).isoformat(), "to": (_START + 3 * DAY / 2).isoformat()}
    what = f"difference over a day, {datasets} datasets, all changed"
    firsts = [await _timed(client, query) for _ in range(TRIES)]
    slowest, page = max(seconds for seconds, _ in firsts), firsts[0][1]
    cpu = sum(seconds.cpu for seconds, _ in firsts) / TRIES
    yield f"{what}: first page", f"{slowest.wall:.2f} s at most (target {TARGET_S:.0f} s), {cpu:.2f} s CPU"
    began, pages, rows = time.perf_counter(), 1, len(page["changes"])
    while page["next"]:
        _, page = await _timed(client, {**query, "limit": 10_000, "cursor": page["next"]})
        pages, rows = pages + 1, rows + len(page["changes"])
    yield f"{what}: {rows} rows in {pages} pages", f"{time.perf_counter() - began:.1f} s"
    narrow = {"from": (_START + DAY).isoformat(), "to": (_START + DAY + timedelta(milliseconds=10)).isoformat()}
    seconds, page = await _timed(client, narrow)
    yield f"difference over 10 ms, {len(page['changes'])} rows", f"{seconds.wall * 1000:.0f} ms"


class _Seconds(NamedTuple):
    wall: float
    cpu: float


async def _timed(client: httpx.AsyncClient, query: dict[str, Any]) -> tuple[_Seconds, Any]:
    began, used = time.perf_counter(), time.process_time()
    answer = await client.get("/api/v1/lineage/diff", params=query, timeout=120)
    seconds = _Seconds(time.perf_counter() - began, time.process_time() - used)
    answer.raise_for_status()
    return seconds, answer.json()


async def _fill(settings: Settings, datasets: int) -> None:
    """Take two versions of every dataset into the ledger, a day apart."""
    store = open_store(settings.store_url)
    log = await open_log(store, settings)
    async with open_graph(settings.graph) as graph, ParsePool(seconds=30, memory_mb=1024) as parser:
        merger = make_merger(store, log, graph, parser)
        for day in (0, 1):
            for first in range(0, datasets, ROUND):
                numbers = range(first, min(first + ROUND, datasets))
                envelopes = [_envelope(number, _START + day * DAY, changed=bool(day)) for number in numbers]
                await log.append(envelopes)
                await _take(store, merger, envelopes)
    await store.dispose()


async def _take(store: Any, merger: Any, envelopes: Sequence[Envelope]) -> None:
    await merger.take(envelopes, await claim(store, Held("bench", {})))


def _envelope(number: int, at: datetime, *, changed: bool) -> Envelope:
    moment = at + timedelta(milliseconds=number)
    *_, body = run(number, moment)
    event = orjson.loads(body)
    if changed:
        facets = event["outputs"][0]["facets"]
        facets["columnLineage"]["fields"].pop("c0", None)
        facets["schema"]["fields"][1]["type"] = "bigint"
    return Envelope(f"sha256:{uuid4().hex}", "bench", _ANY, moment, moment, EventKind.RUN, event)
