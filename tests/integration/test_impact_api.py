"""POST /api/v1/impact over one merged store and graph: what it reaches, says, hides and refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.api.app import create_app
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.governance.tokens import open_tokens
from nexus_core.model.envelope import Envelope
from nexus_core.model.facets import HARVEST, ORIGIN, SQL_CONTEXT
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from nexus_core.store.database import open_store
from tests.merging import HARVESTER, SPACE, Merging, at, dataset, dataset_event, envelope, merging, run_event
from tests.stores import sqlite_settings

pytestmark = pytest.mark.service

_CONTEXT = {"dialect": "postgres", "default_database": "shop", "default_schema": "public"}
_ORDERS = {"id": "integer", "customer_id": "integer", "amount": "numeric(10,2)", "note": "text"}
_OLD = {"id": "integer", "customer_id": "integer", "price": "numeric(10,2)"}
_OLD_FILL = "insert into totals select customer_id, sum(price) from orders group by customer_id"
_FILL = "insert into totals select customer_id, sum(amount) from orders where note <> 'canary' group by customer_id"


def _view(name: str, sql: str, reads: str) -> Envelope:
    job = {
        "namespace": SPACE,
        "name": f"shop.public.{name}",
        "facets": {
            "jobType": {"integration": "POSTGRESQL", "jobType": "VIEW", "processingType": "BATCH"},
            "sql": {"query": sql, "dialect": "postgres"},
            ORIGIN: {"origin": "view"},
            SQL_CONTEXT: _CONTEXT,
        },
    }
    told = {"eventTime": at(1), "producer": "https://example.org/test", "job": job}
    return envelope({**told, "inputs": [dataset(reads)], "outputs": [dataset(name)]}, HARVESTER)


def _elsewhere(space: str, name: str, kind: str, fields: dict[str, tuple[str, str, str]]) -> dict[str, Any]:
    """A topic, sheet or dashboard whose fields come each from a field `(namespace, name, field)`."""
    sources = {
        field: {"inputFields": [{"namespace": of[0], "name": of[1], "field": of[2]}]} for field, of in fields.items()
    }
    facets = {
        "schema": {"fields": [{"name": field, "type": "string"} for field in fields]},
        "datasetType": {"datasetType": kind},
        "columnLineage": {"fields": sources},
    }
    return {"namespace": space, "name": name, "facets": facets}


_AMOUNT = (SPACE, "shop.public.orders", "amount")
_TOPIC = _elsewhere("kafka://broker:9092", "orders", "TOPIC", {"amount": _AMOUNT})
_SHEET = _elsewhere("tableau://bi", "shop.sheet", "SHEET", {"Amount": _AMOUNT})
_BOARD = _elsewhere("tableau://bi", "shop.board", "DASHBOARD", {"Amount": ("tableau://bi", "shop.sheet", "Amount")})
_MASKED = {"version": 1, "policies": [{"name": "hide", "match": {"fields": ["amount"]}, "mask": {"kind": "null"}}]}


def _others() -> list[Envelope]:
    """What stands downstream without SQL: a topic with its consumer, a sheet on a dashboard, a quality check."""
    orders = {"namespace": SPACE, "name": "shop.public.orders"}
    assertions = [{"assertion": "not_null", "column": "amount", "success": True}]
    tested = {**orders, "inputFacets": {"dataQualityAssertions": {"assertions": assertions}}}
    sheet = {key: _SHEET[key] for key in ("namespace", "name")}
    topic = {key: _TOPIC[key] for key in ("namespace", "name")}
    return [
        envelope(run_event("COMPLETE", 3, "r1", "connect", None, [orders], [_TOPIC])),
        envelope(run_event("COMPLETE", 4, "r2", "consumer", None, [topic], [])),
        envelope(run_event("COMPLETE", 3, "r3", "sheets", None, [orders], [_SHEET])),
        envelope(run_event("COMPLETE", 4, "r4", "boards", None, [sheet], [_BOARD])),
        envelope(_tests(tested)),
        envelope(_harvest(orders)),
    ]


def _tests(read: dict[str, Any]) -> dict[str, Any]:
    """What `run_checks` tells."""
    told = run_event("COMPLETE", 5, "r5", "checks", None, [read], [])
    told["job"]["facets"]["jobType"] = {"integration": "LINEAGE_NEXUS", "jobType": "TEST", "processingType": "BATCH"}
    return told


def _harvest(read: dict[str, Any]) -> dict[str, Any]:
    """What Airflow tells of a task that harvests."""
    told = run_event("COMPLETE", 6, "r6", "harvesting", None, [read], [])
    told["job"]["facets"][HARVEST] = {"source": SPACE}
    return told


def _events() -> list[Envelope]:
    owned = {"ownership": {"owners": [{"name": "team:sales"}]}}
    fill = run_event("COMPLETE", 2, "run", "fill", _FILL, [dataset("orders")], [dataset("totals")])
    fill["job"]["facets"]["sql"]["dialect"] = "postgres"
    earlier = run_event("COMPLETE", -80, "earlier", "fill", _OLD_FILL, [dataset("orders")], [dataset("totals")])
    consumer = run_event("COMPLETE", 2, "other", "reader", None, [dataset("orders")], [])
    return [
        envelope(dataset_event(-90, dataset("orders", _OLD)), HARVESTER),
        envelope(earlier),
        envelope(dataset_event(0, dataset("orders", _ORDERS)), HARVESTER),
        envelope(dataset_event(0, dataset("totals", {"customer_id": "integer", "total": "numeric"})), HARVESTER),
        envelope(
            dataset_event(0, dataset("spent", {"customer_id": "integer", "amount": "numeric(10,2)"}, **owned)),
            HARVESTER,
        ),
        envelope(dataset_event(0, dataset("most", {"m": "numeric"})), HARVESTER),
        _view("spent", "create view spent as select customer_id, amount from orders", "orders"),
        _view("most", "create view most as select max(amount) as m from spent", "spent"),
        envelope(fill),
        envelope(consumer),
    ]


@pytest.fixture
async def settings(neo4j: GraphSettings, tmp_path: Path) -> Settings:
    return (await sqlite_settings(tmp_path)).model_copy(update={"graph": neo4j})


@pytest.fixture
async def estate(settings: Settings, tmp_path: Path) -> AsyncIterator[Merging]:
    async with (
        ParsePool(seconds=30, memory_mb=1024) as parser,
        merging(settings.graph, tmp_path, parser, settings) as merge,
    ):
        await merge.merge(*_events())
        yield merge


@pytest.fixture
async def api(settings: Settings, estate: Merging, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        await ensure_admin_token(app.state.services.tokens, tmp_path / "admin-token")
        token = (tmp_path / "admin-token").read_text().strip()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://localhost:8000",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        ) as client:
            yield client


def _change(kind: str, name: str = "orders", **said: Any) -> dict[str, Any]:
    return {"kind": kind, "namespace": SPACE, "name": f"shop.public.{name}", **said}


async def _asked(api: httpx.AsyncClient, *changes: dict[str, Any], **said: Any) -> dict[str, Any]:
    answer = await api.post("/api/v1/impact", json={"changes": list(changes), **said})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_impact_over_one_estate(api: httpx.AsyncClient, settings: Settings) -> None:
    await _check_what_is_followed(api)
    await _check_what_was(api)
    await _check_what_is_refused(api)
    await _check_scenarios(api)
    await _check_what_is_hidden(api, settings)


async def test_what_has_no_statement_is_reached_too(
    settings: Settings, api: httpx.AsyncClient, estate: Merging
) -> None:
    await estate.merge(*_others())
    await _decided(api, settings)
    dropped = _verdicts(await _asked(api, _change("drop_field", field="amount")))
    expected = {
        "orders": "breaks",
        "sheet": "breaks",
        "board": "breaks",
        "consumer": "changes",
        "harvesting": "changes",
    }
    assert {name: dropped.get(name) for name in expected} == expected
    assert "checks" not in dropped
    checks = [verdict for name, verdict in dropped.items() if len(name) == 32]  # a check's key
    assert checks == ["breaks"]
    renamed = await _asked(api, _change("rename_field", field="amount", to="value"))
    (policy,) = [each for each in renamed["assets"] if each["id"] == "policy:hide"]
    assert (policy["verdict"], policy["reason"]["code"]) == ("changes", "mask_lapses")
    gone = _verdicts(await _asked(api, _change("drop_dataset")))
    assert (gone["board"], gone["harvesting"]) == ("breaks", "changes")


async def _decided(api: httpx.AsyncClient, settings: Settings) -> None:
    """Put a policy in force: one steward proposes it, another approves."""
    store = open_store(settings.store_url)
    made = [await open_tokens(store).create(name, ["admin"]) for name in ("anna", "ben")]
    await store.dispose()
    heads = [{"Authorization": f"Bearer {each.secret}"} for each in made]
    asked = {"document": _MASKED, "comment": "why not"}
    version = (await api.post("/api/v1/policies", json=asked, headers=heads[0])).json()["version"]
    path = f"/api/v1/policies/versions/{version}/decision"
    assert (await api.post(path, json={"action": "approve"}, headers=heads[1])).status_code == 200


def _verdicts(told: dict[str, Any]) -> dict[str, str]:
    return {each["id"].rpartition(":")[2].rpartition(".")[2]: each["verdict"] for each in told["assets"]}


async def _check_what_is_followed(api: httpx.AsyncClient) -> None:
    told = await _asked(api, _change("drop_field", field="amount"))
    assert _verdicts(told) == {"spent": "breaks", "most": "breaks", "fill": "breaks", "reader": "unknown"}
    assert (told["hidden"], told["truncated"]) == (False, False)
    by_id = {each["id"]: each for each in told["assets"]}
    fill = by_id["job:airflow:fill"]
    assert fill["statement"][fill["start"] : fill["end"]] == "amount"
    assert "canary" not in fill["statement"]
    assert len(fill["statement"]) == len(_FILL)
    spent = by_id[f"dataset:{SPACE}:shop.public.spent"]
    assert spent["owners"] == ["team:sales"]
    assert (spent["dataset"], fill["dataset"]) == ({"namespace": SPACE, "name": "shop.public.spent"}, None)
    path = [f"dataset:{SPACE}:shop.public.{name}" for name in ("orders", "spent", "most")]
    assert by_id[path[-1]]["path"] == path
    renamed = await _asked(api, _change("rename_field", field="amount", to="value"))
    patches = {each["id"]: each["patch"] for each in renamed["assets"]}
    assert patches[path[1]] == "create view spent as select customer_id, value AS amount from orders"
    replaced = _change("replace_sql", "spent", sql="create view spent as select customer_id from orders")
    assert _verdicts(await _asked(api, replaced)) == {"spent": "changes", "most": "breaks"}


async def _check_what_was(api: httpx.AsyncClient) -> None:
    told = await _asked(api, _change("drop_field", field="price"), as_of=at(-10))
    assert _verdicts(told) == {"fill": "breaks"}
    (fill,) = told["assets"]
    assert fill["statement"] == _OLD_FILL
    assert fill["statement"][fill["start"] : fill["end"]] == "price"
    later = {"changes": [_change("drop_field", field="amount")], "as_of": at(-10)}
    assert (await api.post("/api/v1/impact", json=later)).status_code == 422


async def _check_what_is_refused(api: httpx.AsyncClient) -> None:
    for status, change in (
        (404, _change("drop_field", "nothing", field="amount")),
        (422, _change("drop_field", field="nothing")),
        (422, _change("rename_field", field="amount")),
        (422, _change("vanish", field="amount")),
    ):
        answer = await api.post("/api/v1/impact", json={"changes": [change]})
        assert answer.status_code == status, answer.text
    assert (await api.post("/api/v1/impact", json={"changes": []})).status_code == 422


async def _check_scenarios(api: httpx.AsyncClient) -> None:
    path = "/api/v1/impact/scenarios"
    asked = {"title": "Drop it", "asked": {"changes": [_change("drop_field", field="amount")], "depth": 1}}
    made = (await api.post(path, json=asked)).json()
    told = (await api.post(f"{path}/{made['id']}/impact")).json()
    assert _verdicts(told)["spent"] == "breaks"
    asked["title"] = "Drop the amount"
    assert (await api.put(f"{path}/{made['id']}", json=asked)).status_code == 200
    assert [each["title"] for each in (await api.get(path)).json()] == ["Drop the amount"]
    assert (await api.get(f"{path}/{made['id']}")).json()["asked"]["depth"] == 1
    assert (await api.delete(f"{path}/{made['id']}")).status_code == 204
    assert (await api.get(f"{path}/{made['id']}")).status_code == 404
    assert await _audited(api, made["id"]) == [f"scenario.{step}" for step in ("make", "change", "remove")]
    other = {"title": "Hidden", "asked": {"changes": [_change("drop_dataset", "spent")]}}
    assert (await api.post(path, json=other)).status_code == 201


async def _audited(api: httpx.AsyncClient, scenario_id: str) -> list[str]:
    records = (await api.get(f"/api/v1/audit?target=scenario={scenario_id}")).json()["items"]
    return [each["action"] for each in reversed(records) if each["outcome"] == "done"]


async def _check_what_is_hidden(api: httpx.AsyncClient, settings: Settings) -> None:
    store = open_store(settings.store_url)
    made = await open_tokens(store).create("viewer", ["viewer:dataset=*/shop.public.[om]*"])
    await store.dispose()
    api.headers["Authorization"] = f"Bearer {made.secret}"
    told = await _asked(api, _change("drop_field", field="amount"))
    assert told["hidden"] is True
    most = next(each for each in told["assets"] if each["id"].endswith("most"))
    assert (most["verdict"], most["statement"], most["patch"]) == ("breaks", None, None)
    assert most["path"] == [f"dataset:{SPACE}:shop.public.orders", "hidden", f"dataset:{SPACE}:shop.public.most"]
    assert "spent" not in str(told)
    assert (await api.get("/api/v1/impact/scenarios")).json() == []
    for name in ("spent", "nowhere"):
        answer = await api.post("/api/v1/impact", json={"changes": [_change("drop_field", name, field="amount")]})
        assert answer.status_code == 404
    replaced = _change("replace_sql", "most", sql="select secret from spent")
    assert (await api.post("/api/v1/impact", json={"changes": [replaced]})).status_code == 404
