"""What administrators are told of the installation, of sign-ins and of rights; roles that change; policies as text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from nexus_core.api.app import create_app
from nexus_core.governance.roles import Roles, Wanted
from nexus_core.model.access import EVERYTHING, Reach, Scope
from nexus_core.model.audit import Act, Action, Outcome
from nexus_core.settings import GraphSettings, OidcSettings, SsoSettings
from tests.stores import sqlite_settings

IDP = OidcSettings(issuer="https://127.0.0.1:1", client_id="nexus", step_up_acr="gold", title="Example account")
DOCUMENT = """\
# who sees addresses
version: 1
policies:
  - name: addresses
    match: {classes: [PII]}
    mask: {kind: "null"}
    clear_for: [steward]
tests:
  - roles: [viewer]
    column: {namespace: s, dataset: t, field: email, classification: PII}
    expect: {kind: "%s"}
"""


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[FastAPI]:
    changed = {"graph": GraphSettings(uri="bolt://127.0.0.1:1"), "sso": SsoSettings(oidc={"corporate": IDP})}
    made = create_app((await sqlite_settings(tmp_path)).model_copy(update=changed))
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with await client_of(app, "admin") as client:
        yield client


async def client_of(app: FastAPI, *grants: str) -> httpx.AsyncClient:
    made = await app.state.services.tokens.create("-".join(grants), grants)
    headers = {"Authorization": f"Bearer {made.secret}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000", headers=headers)


async def test_an_admin_sees_what_works_and_what_does_not(app: FastAPI, admin: httpx.AsyncClient) -> None:
    told = (await admin.get("/api/v1/system")).json()
    assert (told["version"], told["lag_events"], told["dead_count"]) == (version("lineage-nexus"), 0, 0)
    parts = {part["name"]: part for part in told["parts"]}
    assert parts["store"]["ok"]
    assert not parts["graph"]["ok"]
    assert "nexus doctor" in parts["graph"]["advice"]
    assert "no sign of life" in parts["worker"]["seen"]
    assert parts["signer"]["ok"]  # nothing was recorded that it would have to sign
    await app.state.services.audit.record(None, Act(Action.AUDIT_READ))
    parts = {part["name"]: part for part in (await admin.get("/api/v1/system")).json()["parts"]}
    assert "nexus signer" in parts["signer"]["advice"]


async def test_an_admin_sees_how_people_sign_in(app: FastAPI, admin: httpx.AsyncClient) -> None:
    audit, act = app.state.services.audit, Act(Action.SIGN_IN, {"by": "oidc:corporate"})
    await audit.record(None, act, Outcome.REFUSED)
    await audit.record(None, act, Outcome.DONE)
    await app.state.services.tokens.create("directory", [f"scim:oidc:{IDP.issuer}"])
    told = (await admin.get("/api/v1/system/sign-in")).json()
    (provider,) = told["providers"]
    assert (provider["key"], provider["asks_step_up"], told["password"]) == ("oidc:corporate", True, False)
    assert "127.0.0.1" in provider["problem"]
    assert provider["last_refused_at"] <= provider["last_done_at"]
    assert [(each["issuer"], each["token"]) for each in told["scim"]] == [(f"oidc:{IDP.issuer}", "directory")]


async def test_only_admins_are_told_of_the_installation(app: FastAPI) -> None:
    for grant in ("viewer", "steward", "auditor", "producer:x", "events-raw"):
        async with await client_of(app, grant) as client:
            for path in ("/api/v1/system", "/api/v1/system/sign-in"):
                assert (await client.get(path)).status_code == 403
            assert (await client.get("/api/v1/access/rights", params={"account": "acc_1"})).status_code == 403


async def test_rights_are_told_with_their_scope(app: FastAPI, admin: httpx.AsyncClient) -> None:
    async with await client_of(app, "viewer:dataset=*orders") as viewer:
        (own,) = (await viewer.get("/api/v1/access/rights")).json()
        assert (own["permissions"], own["scope"][0]["datasets"]) == (["read"], ["*orders"])
        account = (await viewer.get("/api/v1/session")).json()["account_id"]
    await Roles(app.state.services.main).bind(
        Wanted("auditor", "account", account, Scope((Reach(domains=("sales",)),)), "report")
    )
    told = (await admin.get("/api/v1/access/rights", params={"account": account})).json()
    assert [(each["role"], each["scope"][0]["domains"]) for each in told if each["role"] == "auditor"] == [
        ("auditor", ["sales"])
    ]


async def test_a_role_of_ones_own_changes_for_others_only(app: FastAPI, admin: httpx.AsyncClient) -> None:
    roles, me = Roles(app.state.services.main), (await admin.get("/api/v1/session")).json()["account_id"]
    for name in ("reviewer", "mine"):
        assert (await admin.post("/api/v1/roles", json={"name": name, "permissions": ["read"]})).status_code == 201
    await roles.bind(Wanted("mine", "account", me, EVERYTHING))
    await roles.bind(Wanted("reviewer", "group", "some", Scope.of("postgres://*")))

    async def change(name: str, *permissions: str) -> httpx.Response:
        return await admin.put(f"/api/v1/roles/{name}", json={"permissions": list(permissions)})

    changed = await change("reviewer", "read", "curate")
    assert (changed.status_code, changed.json()["permissions"]) == (200, ["curate", "read"])
    assert (await change("mine", "read", "govern")).status_code == 403
    assert (await change("reviewer", "admin")).status_code == 422  # a scope limits its binding
    assert (await change("viewer", "read", "govern")).status_code == 422
    assert (await change("nobody", "read")).status_code == 404
    assert {role.name: sorted(role.permissions) for role in await roles.all() if not role.built_in} == {
        "mine": ["read"],
        "reviewer": ["curate", "read"],
    }


@pytest.mark.parametrize(("expect", "passed"), [("null", True), ("clear", False)])
async def test_policies_are_read_as_their_author_writes_them(
    admin: httpx.AsyncClient, expect: str, passed: bool
) -> None:
    read = (await admin.post("/api/v1/policies/read", json={"text": DOCUMENT % expect})).json()
    assert read["problem"] is None
    assert read["document"]["policies"][0]["name"] == "addresses"
    (test,) = read["tests"]
    assert (test["passed"], test["expected"], test["seen"]) == (passed, expect, "null")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: 1\npolicies:\n  - [", {"line": 3}),
        ("version: 1\npolicies:\n  - name: x\n", {"path": "$.policies[0].match", "line": None}),
    ],
)
async def test_a_policy_text_that_is_wrong_says_where(
    admin: httpx.AsyncClient, text: str, told: dict[str, Any]
) -> None:
    read = (await admin.post("/api/v1/policies/read", json={"text": text})).json()
    assert read["document"] is None
    assert read["problem"]
    assert {key: read[key] for key in told} == told


async def test_versions_are_given_as_text_that_reads_back(app: FastAPI, admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/api/v1/policies/text")).json()["text"].startswith("version: 1")
    document = (await admin.post("/api/v1/policies/read", json={"text": DOCUMENT % "null"})).json()["document"]
    async with await client_of(app, "steward") as steward:
        made = await steward.post("/api/v1/policies", json={"document": document, "comment": ""})
        assert made.status_code == 201, made.text
        text = (await steward.get("/api/v1/policies/text", params={"version": made.json()["version"]})).json()["text"]
        again = (await steward.post("/api/v1/policies/read", json={"text": text})).json()
    assert again["document"] == document
    assert (await admin.get("/api/v1/policies/text", params={"version": 99})).status_code == 404
