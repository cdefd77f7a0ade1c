"""Names that mean one dataset, and gaps in lineage, over HTTP: proposed, accepted, asked by the old name, undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.api.app import create_app
from nexus_core.cli.lineage_health import health_lines
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from tests.merging import HARVESTER, SPACE, Merging, dataset, dataset_event, envelope, merging, run_event

pytestmark = pytest.mark.service

SHORT, WHOLE = "public.totals", "shop.public.totals"
PAIR = {"left": {"namespace": SPACE, "name": SHORT}, "right": {"namespace": SPACE, "name": WHOLE}}


@pytest.fixture
async def merge(neo4j: GraphSettings, tmp_path: Path) -> AsyncIterator[Merging]:
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser) as running:
        yield running


@pytest.fixture
async def api(neo4j: GraphSettings, tmp_path: Path, merge: Merging) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(data_dir=tmp_path, graph=neo4j))
    async with app.router.lifespan_context(app):
        await ensure_admin_token(app.state.services.tokens, tmp_path / "admin-token")
        token = (tmp_path / "admin-token").read_text().strip()
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://localhost:8000",
            headers={"Authorization": f"Bearer {token}"},
        ) as client:
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
