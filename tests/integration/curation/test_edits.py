"""Edits of curated metadata over HTTP and through the worker: seen at once, merged, reverted, and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from tests.admin_api import admin_api
from tests.merging import HARVESTER, SPACE, Merging, dataset, dataset_event, envelope, merging, run_event
from tests.stores import STORES

pytestmark = pytest.mark.service
NAME = "shop.public.orders"
ORDERS = {"namespace": SPACE, "name": NAME}


@pytest.fixture
async def stored(neo4j: GraphSettings, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    settings = await STORES[getattr(request, "param", "sqlite")](request, tmp_path)
    return settings.model_copy(update={"graph": neo4j})


@pytest.fixture
async def merge(neo4j: GraphSettings, tmp_path: Path, stored: Settings) -> AsyncIterator[Merging]:
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser, stored) as running:
        await running.merge(
            envelope(
                dataset_event(
                    0,
                    dataset(
                        "orders",
                        {"id": "int", "note": "text"},
                        documentation={"description": "harvested"},
                        tags={"tags": [{"key": "raw"}, {"key": "kept"}]},
                        ownership={"owners": [{"name": "team:ops"}]},
                    ),
                ),
                HARVESTER,
                "harvester",
            ),
            envelope(run_event("COMPLETE", 1, "1", "load", inputs=[dataset("orders")], outputs=[dataset("totals")])),
        )
        yield running


@pytest.fixture
async def api(tmp_path: Path, stored: Settings, merge: Merging) -> AsyncIterator[httpx.AsyncClient]:
    async with admin_api(stored, tmp_path) as (client, _):
        yield client


async def put(api: httpx.AsyncClient, facet: str, value: Any, etag: str = "none", status: int = 200, **of: str) -> Any:
    answer = await api.put(
        "/api/v1/curated/facet",
        params={**(of or ORDERS), "facet": facet},
        json={"value": value},
        headers={"If-Match": f'"{etag}"'},
    )
    assert answer.status_code == status, answer.text
    return answer.json()


async def get(api: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await api.get(f"/api/v1{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def detail(api: httpx.AsyncClient) -> Any:
    return await get(api, "/datasets/one", **ORDERS)


async def edit_all(api: httpx.AsyncClient) -> Any:
    """Curate every facet; gives the answer for the description."""
    await put(api, "content", {"title": "Sales"}, kind="domain", name="sales")
    await put(api, "content", {"title": "Order"}, kind="term", name="order")
    made = await put(api, "description", {"text": "**curated** <script>x</script>"})
    await put(api, "tags", {"add": ["gold:1"], "remove": ["raw"]})
    await put(api, "owners", {"add": ["ann"], "remove": ["team:ops"]})
    await put(api, "domain", {"name": "sales"})
    await put(api, "terms", {"add": ["order"]})
    await put(api, "certification", {"state": "certified"})
    await put(api, "description", {"text": "the note"}, namespace=SPACE, name=NAME, field="note")
    return made


async def check_search(api: httpx.AsyncClient) -> None:
    page = await get(api, "/datasets", q="orders", domain="sales")
    assert [each["curated"] for each in page["items"]] == [
        ["certification", "description", "domain", "owners", "tags", "terms"]
    ]
    assert page["items"][0]["description"].startswith("**curated**")


@pytest.mark.parametrize("stored", STORES, indirect=True)
async def test_an_edit_shows_at_once_and_its_revert_takes_it_back(api: httpx.AsyncClient, merge: Merging) -> None:
    made = await edit_all(api)
    assert "<script" not in made["html"]
    assert "<strong>curated</strong>" in made["html"]
    for _ in range(2):  # from the curated rows, then from the catalogue too
        found = await detail(api)
        assert found["description"] == "**curated** <script>x</script>"
        assert (found["tags"], found["owners"]) == (["gold:1", "kept"], ["ann"])
        assert (found["domain"], found["terms"], found["certification"]) == ("sales", ["order"], "certified")
        assert found["sources"]["documentation"] == ["curated", "harvest"]
        note = next(field for field in found["fields"] if field["name"] == "note")
        assert (note["description"], note["description_curated"]) == ("the note", True)
        await merge.merge()
    await check_search(api)
    answer = await api.post(
        "/api/v1/curated/revert",
        params={**ORDERS, "facet": "description"},
        json={"event": None},
        headers={"If-Match": made["etag"]},
    )
    assert answer.status_code == 200, answer.text
    await merge.merge()
    assert (await detail(api))["description"] == "harvested"
    history = await get(api, "/curated/history", **ORDERS, facet="description")
    assert [(each["version"], each["after"] is None, each["by"]) for each in history] == [
        (2, True, "admin"),
        (1, False, "admin"),
    ]


@pytest.mark.parametrize("stored", STORES, indirect=True)
async def test_of_concurrent_edits_of_one_version_one_is_made_and_the_others_are_told(api: httpx.AsyncClient) -> None:
    async def one(number: int) -> int:
        answer = await api.put(
            "/api/v1/curated/facet",
            params={**ORDERS, "facet": "description"},
            json={"value": {"text": f"{number}"}},
            headers={"If-Match": '"none"'},
        )
        return answer.status_code

    assert sorted(await asyncio.gather(*map(one, range(8)))) == [200] + [412] * 7


async def test_concurrent_additions_to_a_list_all_count(api: httpx.AsyncClient, merge: Merging) -> None:
    async def one(number: int) -> None:
        edit = {**ORDERS, "facet": "tags", "add": [f"t{number}"]}
        answer = await api.post("/api/v1/curated/edits", json={"edits": [edit]})
        assert answer.status_code == 200, answer.text

    await asyncio.gather(*map(one, range(5)))
    await merge.merge()
    assert (await detail(api))["tags"] == ["t0", "t1", "t2", "t3", "t4", "raw", "kept"]


async def test_nobody_sends_an_edit_as_an_event_and_no_producer_hides_one(
    api: httpx.AsyncClient, merge: Merging
) -> None:
    await put(api, "description", {"text": "curated"})
    sent = await api.get("/api/v1/curated", params=ORDERS)
    assert sent.status_code == 200
    (edit,) = [each for each in await merge.log.pending(range(64), 10) if each.kind == "JobEvent"]
    answer = await api.post("/api/v1/lineage", json=edit.event)
    assert answer.status_code == 403, answer.text
    late = dataset_event(
        10**6,
        dataset(
            "orders",
            documentation={"description": "forged"},
            tags={"tags": [], "removed": [{"tag": "kept", "field": None}]},
        ),
    )
    await merge.merge(envelope(late, HARVESTER, "harvester"))
    found = await detail(api)
    assert (found["description"], found["tags"]) == ("curated", [])


async def test_wrong_edits_are_refused_with_their_place_and_nothing_is_made(api: httpx.AsyncClient) -> None:
    for facet, value in (
        ("tags", {"add": ["classification:Public"]}),
        ("domain", {"name": "nowhere"}),
        ("terms", {"add": ["nothing"]}),
        ("description", {"text": "a\x00"}),
        ("content", {"title": "x"}),
        ("tags", {"add": ["a"], "removed": ["b"]}),
    ):
        await put(api, facet, value, status=422)
    good = {**ORDERS, "facet": "tags", "add": ["fine"]}
    answer = await api.post("/api/v1/curated/edits", json={"edits": [good, {**good, "facet": "description"}]})
    assert answer.status_code == 422
    assert all(each["etag"] == "none" for each in (await get(api, "/curated", **ORDERS))["facets"])
    missing = await api.put("/api/v1/curated/facet", params={**ORDERS, "facet": "tags"}, json={"value": None})
    assert missing.status_code == 422
    unknown = await api.get("/api/v1/curated", params={**ORDERS, "name": "shop.public.nothing"})
    assert unknown.status_code == 404


@pytest.mark.parametrize("stored", STORES, indirect=True)
async def test_a_dataset_is_seen_by_its_domains_people_once_it_is_in_it(api: httpx.AsyncClient, merge: Merging) -> None:
    made = await api.post("/api/v1/tokens", json={"name": "sales-person", "authority": ["viewer:domain=sales"]})
    headers = {"Authorization": f"Bearer {made.json()['token']}"}

    async def sees() -> tuple[int, int, int]:
        one = await api.get("/api/v1/datasets/one", params=ORDERS, headers=headers)
        graph = await api.get("/api/v1/lineage/graph", params={**ORDERS, "depth": 1}, headers=headers)
        page = await api.get("/api/v1/datasets", headers=headers)
        return one.status_code, graph.status_code, page.json()["total"]

    assert await sees() == (404, 404, 0)
    await put(api, "content", {"title": "Sales"}, kind="domain", name="sales")
    moved = await put(api, "domain", {"name": "sales"})
    await merge.merge()
    assert await sees() == (200, 200, 1)
    await put(api, "domain", None, moved["etag"])
    await merge.merge()
    assert await sees() == (404, 404, 0)
