"""From a real PostgreSQL through API and worker: a table is dropped, harvested again, held, confirmed, undone."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from nexus_core.api.app import create_app
from nexus_core.connectors import open_connector
from nexus_core.harvest import HarvestReport, HarvestState, harvest
from nexus_core.settings import GraphSettings, Settings
from tests.harvested import harvest as harvested
from tests.merging import SPACE, Merging
from tests.services import PostgreSQL

pytestmark = pytest.mark.service

_NUMBERS = itertools.count()


@pytest.fixture
async def steward(merge: Merging, neo4j: GraphSettings, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The API on the worker's store, asked by an admin."""
    app = create_app(Settings.load(data_dir=tmp_path, graph=neo4j))
    async with app.router.lifespan_context(app):
        made = await app.state.services.tokens.create("admin", ["admin"])
        headers = {"Authorization": f"Bearer {made.secret}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost:8000/api/v1/", headers=headers
        ) as client:
            yield client


@pytest.fixture
def database(postgresql: PostgreSQL) -> Iterator[str]:
    name = f"retired_{next(_NUMBERS)}"
    _run(postgresql, "postgres", f"CREATE DATABASE {name}")
    yield name
    _run(postgresql, "postgres", f"DROP DATABASE {name} WITH (FORCE)")


def _run(server: PostgreSQL, database: str, *statements: str) -> None:
    with psycopg.connect(server.url(database), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


async def _harvest(
    server: PostgreSQL, database: str, steward: httpx.AsyncClient, merge: Merging
) -> tuple[HarvestReport, str]:
    """Harvest as the operator does: from where the last one ended, events over HTTP; gives the COMPLETE's id."""
    url = server.url(database)
    namespace = open_connector(url).namespace
    states = await _json(steward.get("harvests/state", params={"source": namespace}))
    state = HarvestState(states[0]["watermark"], states[0]["fingerprints"]) if states else None
    events: list[dict[str, Any]] = []
    report = await asyncio.to_thread(harvest, open_connector(url, query_log=False), events.extend, state=state)
    results = (await _json(steward.post("lineage/batch", json=events)))["results"]
    assert {result["status"] for result in results} == {201}
    await merge.merge()
    return report, str(results[-1]["id"])


async def _json(asked: Any) -> Any:
    answer = await asked
    assert answer.status_code < 300, answer.text
    return answer.json()


async def _feeds(steward: httpx.AsyncClient, namespace: str, name: str, **asked: str) -> set[tuple[str, str]]:
    params = {"namespace": namespace, "name": name, "granularity": "field", "direction": "both", **asked}
    found = await _json(steward.get("lineage/graph", params=params))
    return {
        (edge["source"].rpartition(".")[2], edge["target"].rpartition(".")[2])
        for edge in found["edges"]
        if edge["kind"] == "DIRECT"
    }


async def test_a_dropped_table_ends_and_comes_back(
    merge: Merging, steward: httpx.AsyncClient, postgresql: PostgreSQL, database: str
) -> None:
    _run(
        postgresql,
        database,
        "CREATE TABLE orders (id int, amount numeric)",
        "CREATE VIEW totals AS SELECT amount AS total FROM orders",
        "CREATE VIEW shown AS SELECT total AS seen FROM totals",
    )
    report, _ = await _harvest(postgresql, database, steward, merge)
    space, shown = report.source, f"{database}.public.shown"
    whole = {("orders:amount", "totals:total"), ("totals:total", "shown:seen")}
    assert await _feeds(steward, space, shown) == whole
    before = (await _json(steward.get("datasets/one", params={"namespace": space, "name": shown})))["updated_at"]

    _run(postgresql, database, "DROP TABLE orders CASCADE")
    _, harvest_id = await _harvest(postgresql, database, steward, merge)
    assert await _feeds(steward, space, shown) == set()
    assert await _feeds(steward, space, shown, as_of=before) == whole
    detail = await _json(steward.get("datasets/one", params={"namespace": space, "name": f"{database}.public.orders"}))
    assert (detail["lifecycle"]["state"], detail["lifecycle"]["event"]) == ("dropped", harvest_id)
    matches = (await _json(steward.get("datasets", params={"q": "orders"})))["items"]
    assert [match["lifecycle"]["state"] for match in matches if match["name"].startswith(database)] == ["dropped"]
    (ended,) = await _json(steward.get("retirements", params={"state": "ended", "source": space}))
    assert (ended["id"], ended["by"], ended["counts"]) == (harvest_id, "harvest", {"ended": 3})

    _run(
        postgresql,
        database,
        "CREATE TABLE orders (id int, amount numeric)",
        "CREATE VIEW totals AS SELECT amount AS total FROM orders",
        "CREATE VIEW shown AS SELECT total AS seen FROM totals",
    )
    await _harvest(postgresql, database, steward, merge)
    assert await _feeds(steward, space, shown) == whole
    detail = await _json(steward.get("datasets/one", params={"namespace": space, "name": f"{database}.public.orders"}))
    assert detail["lifecycle"] is None

    dropped = {"lifecycleStateChange": {"_producer": "x", "_schemaURL": "x", "lifecycleStateChange": "DROP"}}
    view = {"namespace": space, "name": shown, "facets": dropped}
    told = {"eventTime": datetime.now(UTC).isoformat(), "producer": "x", "dataset": view}
    await _json(steward.post("lineage", json=told))
    await merge.merge()
    assert await _feeds(steward, space, shown) == set()
    await _harvest(postgresql, database, steward, merge)  # which finds it unchanged
    assert await _feeds(steward, space, shown) == whole


async def test_a_hold_is_listed_confirmed_and_undone(merge: Merging, steward: httpx.AsyncClient) -> None:
    many = [f"t{number}" for number in range(20)]
    second = harvested(10, *many[:4])
    await merge.merge(*harvested(5, *many), *second)
    (hold,) = await _json(steward.get("retirements"))
    assert (hold["id"], hold["counts"], hold["covered_count"]) == (second[-1].id, {"held": 16}, 20)
    assert hold["objects"][0] == {"namespace": SPACE, "name": "shop.public.t10", "kind": "object", "state": "held"}

    some = [{"namespace": SPACE, "name": f"shop.public.{name}"} for name in many[4:6]]
    confirmed = await _json(steward.post(f"retirements/{hold['id']}/confirm", json={"objects": some}))
    assert confirmed["object_count"] == 2
    await merge.merge()
    now = await _json(steward.get(f"retirements/{hold['id']}"))
    assert now["counts"] == {"ended": 2, "held": 14}

    undone = await _json(steward.post(f"retirements/{hold['id']}/undo", json={}))
    assert undone["object_count"] == 16
    await merge.merge()
    assert await _json(steward.get("retirements")) == []
    assert (await _json(steward.get("retirements", params={"state": "undone"})))[0]["counts"] == {"undone": 16}
    assert (await steward.post(f"retirements/{hold['id']}/confirm", json={})).status_code == 404


async def test_a_steward_retires_restores_and_sets_limits(merge: Merging, steward: httpx.AsyncClient) -> None:
    await merge.merge(*harvested(5, "a"))
    table = {"namespace": SPACE, "name": "shop.public.a"}
    unknown = await steward.post("retirements", json={"objects": [table]})
    assert unknown.status_code == 404  # a manifest lists it, no event has told of it
    event = {"eventTime": "2026-01-01T00:00:00Z", "producer": "x", "dataset": {**table, "facets": {}}}
    await _json(steward.post("lineage", json=event))
    await merge.merge()
    made = await _json(steward.post("retirements", json={"objects": [table]}))
    await merge.merge()
    (ended,) = await _json(steward.get("retirements", params={"state": "ended"}))
    assert (ended["id"], ended["by"], ended["objects"][0]["state"]) == (made["id"], "curator", "ended")
    await _json(steward.post(f"retirements/{made['id']}/undo", json={}))
    await merge.merge()
    assert await _json(steward.get("retirements", params={"state": "ended"})) == []

    guard = {"source": SPACE, "share": 0.5, "least": 3}
    assert (await _json(steward.get("retirements/guard", params={"source": SPACE})))["share"] == 0.25
    await _json(steward.put("retirements/guard", json=guard))
    await merge.merge()
    found = await _json(steward.get("retirements/guard", params={"source": SPACE}))
    assert {part: found[part] for part in guard} == guard
