"""Policies through the real application: planned, proposed, approved by another, explained."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from nexus_core.api.app import create_app
from nexus_core.cli.policy import explanation_lines, plan_lines
from nexus_core.governance.roles import Roles, Wanted
from nexus_core.model.access import EVERYTHING, Scope
from nexus_core.settings import GraphSettings, Settings
from nexus_core.store.policy_tables import policy_version
from tests.integration.test_usage import merge, stored  # noqa: F401 fixtures
from tests.merging import SPACE, Merging, dataset, dataset_event, envelope

pytestmark = pytest.mark.service

POLICIES, USERS = "/api/v1/policies", "/api/v1/users"
ORDERS = "shop.public.orders"
NULLED: Mapping[str, Any] = {
    "version": 1,
    "policies": [{"name": "all", "match": {}, "mask": {"kind": "null"}, "clear_for": ["steward"]}],
}


@pytest.fixture
async def app(merge: Merging, stored: Settings) -> AsyncIterator[FastAPI]:  # noqa: F811
    await merge.merge(envelope(dataset_event(0, dataset("orders", {"id": "int", "email": "text"}))))
    app = create_app(stored.model_copy(update={"graph": GraphSettings(uri="bolt://127.0.0.1:1")}))
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def _signed_in(
    app: FastAPI, name: str, *roles: str, scope: Scope = EVERYTHING
) -> AsyncIterator[httpx.AsyncClient]:
    services = app.state.services
    token = await services.tokens.create(f"{name} makes users", ["admin"])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        person = {"name": name, "password": "correct horse battery", "groups": []}
        admin = {"Authorization": f"Bearer {token.secret}"}
        made = await client.post(USERS, json=person, headers=admin)
        assert made.status_code == 201, made.text
        for role in roles:
            await Roles(services.main).bind(Wanted(role, "account", made.json()["id"], scope))
        session = await client.post("/api/v1/session", json={"name": name, "password": person["password"]})
        client.headers["x-csrf-token"] = session.json()["csrf"]
        yield client


@pytest.fixture
async def anna(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with _signed_in(app, "anna", "steward") as client:
        yield client


@pytest.fixture
async def ben(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with _signed_in(app, "ben", "steward") as client:
        yield client


@pytest.fixture
async def carl(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with _signed_in(app, "carl", "analyst") as client:
        yield client


async def _propose(client: httpx.AsyncClient, document: Mapping[str, Any] = NULLED) -> int:
    answer = await client.post(POLICIES, json={"document": document, "comment": "why not"})
    assert answer.status_code == 201, answer.text
    version: int = answer.json()["version"]
    return version


async def _decide(client: httpx.AsyncClient, version: int, action: str) -> tuple[int, dict[str, Any]]:
    answer = await client.post(f"{POLICIES}/versions/{version}/decision", json={"action": action})
    return answer.status_code, answer.json()


async def _explained(client: httpx.AsyncClient, **asked: str) -> dict[str, Any]:
    answer = await client.get(f"{POLICIES}/explain", params={"column": f"{ORDERS}.email", **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("stored", ["sqlite", "postgresql"], indirect=True)
async def test_who_wrote_a_document_does_not_approve_it(
    app: FastAPI, anna: httpx.AsyncClient, ben: httpx.AsyncClient
) -> None:
    version = await _propose(anna)
    assert (await anna.get(POLICIES)).json() is None
    assert (await _decide(anna, version, "approve"))[0] == 403
    assert (await _decide(ben, version, "withdraw"))[0] == 403
    status, decided = await _decide(ben, version, "approve")
    assert (status, decided["state"], decided["author"], decided["decider"]) == (200, "active", "anna", "ben")
    assert (await _decide(ben, version, "approve"))[0] == 412
    assert (await anna.get(POLICIES)).json()["document"]["policies"][0]["name"] == "all"
    with pytest.raises(IntegrityError):  # nor does anyone who reaches the table through this application's own role
        async with app.state.services.main.begin() as connection:
            await connection.execute(update(policy_version).values(decider_id=policy_version.c.author_id))


async def test_a_document_that_was_planned_against_another_is_not_approved(
    anna: httpx.AsyncClient, ben: httpx.AsyncClient
) -> None:
    first, second = await _propose(anna), await _propose(anna, {"version": 1})
    assert (await _decide(ben, first, "approve"))[0] == 200
    status, problem = await _decide(ben, second, "approve")
    assert status == 412
    assert "no longer in force" in problem["detail"]
    assert (await _decide(anna, second, "withdraw"))[1]["state"] == "withdrawn"
    third = await _propose(ben, {"version": 1})
    assert (await _decide(anna, third, "approve"))[0] == 200
    listed = (await anna.get(f"{POLICIES}/versions")).json()
    assert [each["state"] for each in listed] == ["active", "withdrawn", "superseded"]


async def test_what_everyone_sees_before_and_after(
    anna: httpx.AsyncClient, ben: httpx.AsyncClient, carl: httpx.AsyncClient
) -> None:
    before = await _explained(carl)
    assert before["mask"]["kind"] == "refuse"
    assert "no policy matches" in before["reason"]
    plan = (await anna.post(f"{POLICIES}/plan", json=NULLED)).json()
    assert {(each["audience"], each["after"]["kind"], each["direction"]) for each in plan["changes"]} == {
        ("steward", "clear", "looser"),
        ("analyst", "null", "looser"),
        ("no role", "null", "looser"),
    }
    assert any("email (not classified)" in line or "email (" in line for line in plan_lines(plan))
    await _decide(ben, await _propose(anna), "approve")
    assert (await _explained(carl))["mask"]["kind"] == "null"
    told = await _explained(anna, account="ben")
    assert (told["mask"]["kind"], told["roles"]) == ("clear", ["steward"])
    assert any(line.startswith("  all: clear") for line in explanation_lines(told))
    assert "policy all" in told["sentence"]


async def test_only_who_governs_asks_about_others(anna: httpx.AsyncClient, carl: httpx.AsyncClient) -> None:
    asked = {"column": f"{ORDERS}.email", "account": "anna"}
    assert (await carl.get(f"{POLICIES}/explain", params=asked)).status_code == 403
    assert (await carl.get(POLICIES)).status_code == 403
    assert (await carl.post(POLICIES, json={"document": NULLED})).status_code == 403
    assert (await anna.get(f"{POLICIES}/explain", params={**asked, "account": "nobody"})).status_code == 404


async def test_an_admin_sees_nothing_in_clear_by_that(
    app: FastAPI, anna: httpx.AsyncClient, ben: httpx.AsyncClient
) -> None:
    await _decide(ben, await _propose(anna), "approve")
    token = await app.state.services.tokens.create("platform", ["admin"])
    anna.headers["Authorization"] = f"Bearer {token.secret}"
    assert (await _explained(anna))["mask"]["kind"] == "null"


async def test_hidden_columns_are_missing_ones(app: FastAPI) -> None:
    token = await app.state.services.tokens.create("viewer", ["viewer:mysql://*"])
    headers = {"Authorization": f"Bearer {token.secret}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        hidden = await client.get(f"{POLICIES}/explain", params={"column": f"{ORDERS}.email"})
        missing = await client.get(f"{POLICIES}/explain", params={"column": "nothing.email"})
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json()["detail"].replace(ORDERS, "nothing") == missing.json()["detail"]


async def test_a_steward_of_a_part_has_no_plan_of_the_whole(app: FastAPI) -> None:
    async with _signed_in(app, "dora", "steward", scope=Scope.of(SPACE)) as client:
        answer = await client.post(f"{POLICIES}/plan", json=NULLED)
        assert answer.status_code == 403
        assert "without a limit of scope" in answer.json()["detail"]


WRONG_MASK = {"name": "p", "match": {}, "mask": {"kind": "clear"}}


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"version": 3}, "$.body.version"),
        (
            {"version": 1, "policies": [{"name": "p", "match": {}, "mask": {"kind": "clear"}}]},
            "$.body.policies[0].mask",
        ),
        (
            {
                "version": 1,
                "tests": [{"roles": ["x"], "column": {"field": "a"}, "expect": {"kind": "clear"}}],
            },
            "$.tests[0]",
        ),
    ],
)
async def test_what_is_wrong_is_told_with_its_place(
    anna: httpx.AsyncClient, document: Mapping[str, Any], path: str
) -> None:
    answer = await anna.post(f"{POLICIES}/plan", json=document)
    assert answer.status_code == 422
    assert answer.json()["path"].startswith(path)


async def test_what_is_in_force_is_given_as_it_was_written(anna: httpx.AsyncClient, ben: httpx.AsyncClient) -> None:
    await _decide(ben, await _propose(anna), "approve")
    assert (await anna.get(POLICIES)).json()["document"] == NULLED


async def test_policies_in_force_are_written_for_another_engine_within_scope(
    app: FastAPI,
    merge: Merging,  # noqa: F811
    anna: httpx.AsyncClient,
    ben: httpx.AsyncClient,
    carl: httpx.AsyncClient,
) -> None:
    await _decide(ben, await _propose(anna), "approve")
    for number, (space, table) in enumerate([("mysql://a:3306", "shop.orders"), ("mysql://b:3306", "shop.people")], 1):
        made = {**dataset("x", {"id": "int(11)", "email": "varchar(80)"}), "namespace": space, "name": table}
        await merge.merge(envelope(dataset_event(number, made)))
    native = f"{POLICIES}/native"
    assert (await carl.get(native, params={"kind": "mysql"})).status_code == 403
    several = await anna.get(native, params={"kind": "mysql"})
    assert (several.status_code, several.json()["path"]) == (422, "$.query.namespace")
    found = (await anna.get(native, params={"kind": "mysql", "namespace": "mysql://a:3306"})).json()
    assert (found["kind"], found["namespace"], found["dataset_count"]) == ("mysql", "mysql://a:3306", 1)
    assert "CAST(NULL AS SIGNED) AS `id`, CAST(NULL AS CHAR) AS `email` FROM `shop`.`orders`" in found["sql"]
    assert "`id` AS `id`, `email` AS `email` FROM `shop`.`orders`" in found["sql"]
    assert (await anna.get(native, params={"kind": "mysql", "namespace": SPACE})).status_code == 422
    async with _signed_in(app, "dora", "steward", scope=Scope.of("mysql://b:3306")) as dora:
        own = (await dora.get(native, params={"kind": "mysql"})).json()
        assert "people" in own["sql"]
        assert "shop`.`orders" not in own["sql"]
        hidden = await dora.get(native, params={"kind": "mysql", "namespace": "mysql://a:3306"})
        missing = await dora.get(native, params={"kind": "mysql", "namespace": "mysql://c:3306"})
        assert hidden.status_code == missing.status_code == 404
        assert hidden.text.replace("//a", "//c") == missing.text
