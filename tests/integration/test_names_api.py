"""Names that mean one dataset, and gaps in lineage, over HTTP: proposed, accepted, asked by the old name, undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.cli.lineage_health import health_lines
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from tests.admin_api import admin_api
from tests.merging import HARVESTER, SPACE, Merging, dataset, dataset_event, envelope, merging, run_event
from tests.stores import STORES

pytestmark = pytest.mark.service

SHORT, WHOLE = "public.totals", "shop.public.totals"
PAIR = {"left": {"namespace": SPACE, "name": SHORT}, "right": {"namespace": SPACE, "name": WHOLE}}


@pytest.fixture
async def stored(neo4j: GraphSettings, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """On SQLite, or on the kind of store that the test asks for by an indirect parameter."""
    settings = await STORES[getattr(request, "param", "sqlite")](request, tmp_path)
    return settings.model_copy(update={"graph": neo4j})


@pytest.fixture
async def merge(neo4j: GraphSettings, tmp_path: Path, stored: Settings) -> AsyncIterator[Merging]:
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser, stored) as running:
        yield running


@pytest.fixture
async def api(tmp_path: Path, stored: Settings, merge: Merging) -> AsyncIterator[httpx.AsyncClient]:
    async with admin_api(stored, tmp_path) as (client, _):
        yield client


async def get(api: httpx.AsyncClient, path: str, status: int = 200, **query: Any) -> Any:
    answer = await api.get(f"/api/v1{path}", params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


async def decide(api: httpx.AsyncClient, action: str, status: int = 201) -> Any:
    answer = await api.post("/api/v1/names/decisions", json={"action": action, **PAIR})
    assert answer.status_code == status, answer.text
    return answer.json()


def events() -> list[Any]:
    described = dataset("totals", {"id": "int", "total": "numeric"}, ownership={"owners": [{"name": "team:sales"}]})
    short = dataset("", documentation={"description": "By the short name"}) | {"name": SHORT}
    return [
        envelope(dataset_event(0, described), HARVESTER, "harvester"),
        envelope(run_event("COMPLETE", 1, "1", "load", inputs=[dataset("orders")], outputs=[dataset("totals")])),
        envelope(run_event("COMPLETE", 2, "2", "fill", inputs=[dataset("returns")], outputs=[short])),
        envelope(run_event("COMPLETE", 3, "3", "broken", "frobnicate 'x' here", outputs=[dataset("totals")])),
    ]


def _sources(changes: list[dict[str, Any]]) -> set[str]:
    edges = (change["after"] for change in changes if change["what"] == "edge")
    return {edge["source"].rpartition(".")[2] for edge in edges}


@pytest.mark.parametrize("stored", ["postgresql"], indirect=True)
async def test_a_decision_joins_names_and_old_ones_lead_to_the_new(api: httpx.AsyncClient, merge: Merging) -> None:
    await merge.merge(*events())
    (proposed,) = (await get(api, "/names/proposals"))["items"]
    assert (proposed["left"], proposed["right"]) == (PAIR["left"], PAIR["right"])
    assert (proposed["reason"], proposed["score"], proposed["state"]) == ("shorter", 85, "open")
    await decide(api, "undo", 422)

    accepted = await decide(api, "accept")
    await merge.merge()
    assert (await get(api, "/names/proposals"))["items"] == []
    (pair,) = (await get(api, "/names/decisions"))["items"]
    assert (pair["event"], pair["state"]) == (accepted["event"], "accepted")

    for path in ("/datasets/one", "/lineage/graph"):
        moved = await api.get(f"/api/v1{path}", params={"namespace": "postgresql://DB", "name": SHORT, "depth": 2})
        assert moved.status_code == 308
        assert moved.next_request is not None
        assert dict(moved.next_request.url.params) == {"namespace": SPACE, "name": WHOLE, "depth": "2"}
    one = (await api.get("/api/v1/datasets/one", params=PAIR["left"], follow_redirects=True)).json()
    assert (one["name"], one["description"], one["owners"]) == (WHOLE, "By the short name", ["team:sales"])
    assert (one["upstream_count"], len(one["versions"])) == (2, 1)
    graph = await get(api, "/lineage/graph", namespace=SPACE, name=WHOLE)
    assert {node["name"] for node in graph["nodes"]} == {WHOLE, "shop.public.orders", "shop.public.returns"}
    assert [each["name"] for each in (await get(api, "/datasets", q="totals"))["items"]] == [WHOLE]
    past = (await get(api, "/lineage/history", namespace=SPACE, name=WHOLE))["changes"]
    assert _sources(past) == {"orders", "returns"}
    assert {change["dataset"] for change in past} == {f"dataset:{SPACE}:{WHOLE}"}
    window = {"from": "2025-12-31T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    for asked in (window, window | {"namespace": SPACE}, window | {"namespace": SPACE, "name": WHOLE}):
        changes = (await get(api, "/lineage/diff", **asked))["changes"]
        assert _sources(changes) == {"orders", "returns"}
        assert {change["dataset"] for change in changes} == {f"dataset:{SPACE}:{WHOLE}"}
    assert (await api.get("/api/v1/lineage/history", params=PAIR["left"])).status_code == 308
    names = await get(api, "/names/one", namespace=SPACE, name=SHORT)
    assert [each["name"] for each in names["names"]] == [WHOLE, SHORT]

    await decide(api, "undo")
    await merge.merge()
    assert (await get(api, "/datasets/one", **PAIR["left"]))["upstream_count"] == 1
    assert {each["name"] for each in (await get(api, "/datasets", q="totals"))["items"]} == {SHORT, WHOLE}
    await decide(api, "reject")
    await merge.merge()
    assert (await get(api, "/names/proposals"))["items"] == []
    assert len((await get(api, "/names/decisions", state="rejected"))["items"]) == 1


@pytest.mark.parametrize("stored", ["sqlite", "postgresql"], indirect=True)
async def test_gaps_in_lineage_are_counted(api: httpx.AsyncClient, merge: Merging) -> None:
    await merge.merge(*events())
    health = await get(api, "/lineage/health")
    (coverage,) = health["coverage"]
    assert (coverage["platform"], coverage["datasets"], coverage["fields"]) == ("postgres", 4, 2)
    assert (coverage["datasets_with_upstream"], coverage["datasets_with_lineage"]) == (2, 4)
    (dialect,) = health["sql"]
    assert (dialect["dialect"], dialect["jobs"], dialect["complete"]) == ("postgres", 1, 0)
    sample = dialect["problems"][0]["samples"][0]
    assert (sample["job_name"], "'x'" in sample["message"]) == ("broken", False)
    assert health["orphan_count"] == 3
    assert {each["name"] for each in health["orphans"]} == {SHORT, "shop.public.orders", "shop.public.returns"}
    assert health["proposals"] == {"shorter": 1}
    lines = "\n".join(health_lines(health))
    assert "datasets 50% upstream, 100% any, of 4" in lines
    assert "postgres: 0% of 1" in lines

    await decide(api, "accept")
    await merge.merge()
    assert (await get(api, "/lineage/health"))["orphan_count"] == 2


async def test_decisions_need_an_authority(api: httpx.AsyncClient, merge: Merging) -> None:
    await merge.merge(*events())
    answer = await api.post("/api/v1/tokens", json={"name": "reader", "authority": ["viewer"]})
    assert answer.status_code == 201, answer.text
    api.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    await decide(api, "accept", 403)
