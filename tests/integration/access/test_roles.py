"""Roles and bindings: what they add up to, who may give them, and what the audit log says of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, update

from nexus_core.api.app import create_app
from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.governance.roles import BUILT_IN, Roles, Wanted
from nexus_core.governance.tokens import open_tokens
from nexus_core.model.access import EVERYTHING, Caller, Permission, Reach, Scope
from nexus_core.settings import GraphSettings
from nexus_core.store.account_tables import account_groups
from nexus_core.store.database import Store, open_store, writing
from nexus_core.store.role_tables import role_bindings
from tests.services import nexus_command
from tests.stores import STORES, sqlite_settings

ROLES = "/api/v1/roles"
BINDINGS = f"{ROLES}/bindings"
SALES = Scope((Reach(("postgres://*",), ("postgres://a/shop.*",), ("sales",), "Confidential"),))


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    settings = await STORES[request.param](request, tmp_path)
    store = open_store(settings.store_url)
    yield store
    await store.dispose()


async def test_bindings_of_an_account_and_its_groups_add_up(store: Store) -> None:
    roles, ann = Roles(store), await account(store, "ann")
    assert (await roles.rights_of_account(ann, ["none"])).grants == ()
    await roles.create("loader", ["ingest", "harvest"])
    await roles.bind(Wanted("viewer", "account", ann, SALES, "quarter report"))
    await roles.bind(Wanted("auditor", "group", "o'group", EVERYTHING))
    await roles.bind(Wanted("loader", "group", "etl", Scope((Reach(("airflow",), ("pg/*",)), Reach(("kafka://k",))))))
    await roles.bind(Wanted("steward", "group", "others", EVERYTHING))
    rights = await roles.rights_of_account(ann, ["o'group", "etl"])
    caller = Caller(ann, "ann", rights.grants)
    assert caller.permissions == {Permission.READ, Permission.AUDIT, Permission.INGEST, Permission.HARVEST}
    assert caller.roles == {"viewer", "auditor", "loader"}
    assert caller.scope == EVERYTHING
    assert (await roles.rights_of_account(ann)).grants[0].scope == SALES
    assert (rights.authority.jobs, rights.authority.outputs) == (("airflow", "kafka://k"), ("pg/*", "*"))
    assert rights.authority.harvest == ("kafka://k",)
    assert not rights.authority.curator


async def test_what_has_expired_or_was_ended_counts_for_nothing(store: Store) -> None:
    roles, ann = Roles(store), await account(store, "ann")
    made = await roles.bind(Wanted("viewer", "account", ann, EVERYTHING, "", datetime.now(UTC) + timedelta(hours=1)))
    assert len((await roles.rights_of_account(ann)).grants) == 1
    async with writing(store) as connection:
        await connection.execute(update(role_bindings).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert (await roles.rights_of_account(ann)).grants == ()
    assert [each.id for each in await roles.bindings()] == [made.id]
    await roles.unbind(made.id)
    with pytest.raises(NotFoundError):
        await roles.unbind(made.id)


async def test_what_cannot_be_is_refused(store: Store) -> None:
    roles, ann = Roles(store), await account(store, "ann")
    for name, permissions in (
        ("admin", ["read"]),
        ("Own", ["read"]),
        ("own", ["root"]),
        ("own", []),
        ("a'b", ["read"]),
    ):
        with pytest.raises(InvalidInputError):
            await roles.create(name, permissions)
    await roles.create("own", ["admin", "read"])
    past = datetime.now(UTC) - timedelta(seconds=1)
    for wanted in (
        Wanted("nobody", "account", ann, EVERYTHING),
        Wanted("viewer", "account", "acc_nobody", EVERYTHING),
        Wanted("viewer", "machine", ann, EVERYTHING),
        Wanted("viewer", "group", "", EVERYTHING),
        Wanted("viewer", "account", ann, EVERYTHING, expires_at=past),
        Wanted("own", "account", ann, SALES),  # who manages rights can lift every limit
    ):
        with pytest.raises(InvalidInputError):
            await roles.bind(wanted)
    with pytest.raises(ForbiddenError):
        await roles.bind(Wanted("viewer", "account", ann, EVERYTHING), by=ann)
    async with writing(store) as connection:
        await connection.execute(insert(account_groups), {"account_id": ann, "group_name": "boss", "source": "local"})
    with pytest.raises(ForbiddenError):
        await roles.bind(Wanted("viewer", "group", "boss", EVERYTHING), by=ann)
    await roles.bind(Wanted("own", "account", ann, EVERYTHING))
    with pytest.raises(InvalidInputError, match="somebody has"):
        await roles.delete("own")
    with pytest.raises(InvalidInputError):
        await roles.delete("viewer")
    with pytest.raises(NotFoundError):
        await roles.delete("other")


async def test_who_runs_the_platform_may_see_nothing_in_clear_by_that(store: Store) -> None:
    roles, ann = Roles(store), await account(store, "ann")
    await roles.bind(Wanted("admin", "account", ann, EVERYTHING))
    await roles.bind(Wanted("analyst", "account", ann, EVERYTHING))
    caller = Caller(ann, "ann", (await roles.rights_of_account(ann)).grants)
    assert caller.roles == {"admin", "analyst"}
    assert caller.clear_roles == {"analyst"}
    assert Permission.RAW_EVENTS not in BUILT_IN["admin"]


async def account(store: Store, name: str) -> str:
    return (await open_tokens(store).create(name, ["producer:x"])).token.account.id


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[FastAPI]:
    settings = (await sqlite_settings(tmp_path)).model_copy(update={"graph": GraphSettings(uri="bolt://127.0.0.1:1")})
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def client_of(app: FastAPI, *grants: str) -> httpx.AsyncClient:
    made = await app.state.services.tokens.create("-".join(grants), grants)
    headers = {"Authorization": f"Bearer {made.secret}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000", headers=headers)


async def test_an_admin_makes_roles_and_gives_them_on_the_record(app: FastAPI) -> None:
    ann = await account(app.state.services.main, "ann")
    asked: dict[str, Any] = {"role": "viewer", "subject_kind": "account", "subject": ann}
    reach = {"namespaces": ["postgres://*"], "ceiling": "PII"}
    async with await client_of(app, "admin") as admin, await client_of(app, "auditor") as auditor:
        assert (await admin.post(ROLES, json={"name": "own", "permissions": ["read", "audit"]})).status_code == 201
        assert "own" in [role["name"] for role in (await admin.get(ROLES)).json()]
        made = await admin.post(BINDINGS, json={**asked, "scope": [reach], "purpose": "why"})
        assert made.status_code == 201, made.text
        (listed,) = (await admin.get(BINDINGS)).json()
        assert listed["scope"] == [
            {"namespaces": ["postgres://*"], "datasets": None, "domains": None, "ceiling": "PII"}
        ]
        assert (await admin.delete(f"{BINDINGS}/{listed['id']}")).status_code == 204
        assert (await admin.delete(f"{BINDINGS}/{listed['id']}")).status_code == 404
        assert (await admin.delete(f"{ROLES}/own")).status_code == 204
        told = (await auditor.get("/api/v1/audit")).json()["items"]
        acts = [(each["action"], each["outcome"]) for each in reversed(told) if each["action"].startswith("role.")]
        assert acts == [
            ("role.create", "intended"),
            ("role.create", "done"),
            ("role.bind", "intended"),
            ("role.bind", "done"),
            ("role.unbind", "intended"),
            ("role.unbind", "done"),
            ("role.unbind", "intended"),
            ("role.unbind", "failed"),
            ("role.delete", "intended"),
            ("role.delete", "done"),
        ]


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "rb_1"},
        {"created_by": "acc_x"},
        {"permissions": ["admin"]},
        {"scope": [{"everything": True}]},
        {"scope": [{"namespaces": ["[a"]}]},
        {"scope": [{"namespaces": ["a\u0000b"]}]},
        {"scope": [{"ceiling": "Secret"}]},
        {"scope": "everything"},
        {"role": "viewer'; DROP TABLE role_bindings --"},
        {"subject": "x' OR '1'='1"},
        {"subject_kind": "root"},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2999-01-01T00:00:00"},
    ],
)
async def test_a_binding_is_made_of_what_it_may_be_made_of(app: FastAPI, changed: dict[str, Any]) -> None:
    ann = await account(app.state.services.main, "ann")
    asked = {"role": "viewer", "subject_kind": "account", "subject": ann, **changed}
    async with await client_of(app, "admin") as admin:
        answer = await admin.post(BINDINGS, json=asked)
        assert answer.status_code == 422, answer.text
        assert (await admin.get(BINDINGS)).json() == []


async def test_roles_are_for_admins_and_need_the_csrf_token_of_a_session(app: FastAPI) -> None:
    made = await app.state.services.tokens.create("boss", ["admin"])
    for grants in (["viewer"], ["auditor"], ["steward"], ["curator"], ["producer:x"], ["events-raw"]):
        async with await client_of(app, *grants) as client:
            for method, path in (
                ("GET", ROLES),
                ("GET", BINDINGS),
                ("DELETE", f"{BINDINGS}/x"),
                ("DELETE", f"{ROLES}/x"),
            ):
                assert (await client.request(method, path)).status_code == 403
            assert (await client.post(ROLES, json={"name": "own", "permissions": ["read"]})).status_code == 403
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000") as browser:
        session = (await browser.post("/api/v1/session", json={"token": made.secret})).json()
        body = {"name": "own", "permissions": ["read"]}
        assert (await browser.post(ROLES, json=body)).status_code == 403
        assert (await browser.post(ROLES, json=body, headers={"X-CSRF-Token": session["csrf"]})).status_code == 201
        mine = {"role": "steward", "subject_kind": "account", "subject": session["account_id"]}
        refused = await browser.post(BINDINGS, json=mine, headers={"X-CSRF-Token": session["csrf"]})
        assert refused.status_code == 403  # nobody gives a role to themselves


async def test_the_command_makes_lists_and_ends_them(tmp_path: Path) -> None:
    await sqlite_settings(tmp_path)
    scope = "namespace=postgres://*;class=PII"
    nexus_command("role", "create", "own", "--permission", "read", data=tmp_path)
    made = nexus_command("role", "bind", "own", "--group", "analysts", "--scope", scope, data=tmp_path)
    listed = nexus_command("role", "list", data=tmp_path)
    assert f"{made.strip()}  own  group analysts" in listed
    assert '"ceiling":"PII"' in listed
    nexus_command("role", "unbind", made.strip(), data=tmp_path)
    nexus_command("role", "delete", "own", data=tmp_path)
    assert "own" not in nexus_command("role", "list", data=tmp_path)


async def test_a_curator_of_some_datasets_says_nothing_of_others(app: FastAPI) -> None:
    own, other = ({"namespace": "pg://db", "name": name} for name in ("shop.t", "crm.t"))
    links = {"left": own, "right": {"namespace": "pg://db", "name": "shop.u"}}

    def told(dataset: dict[str, str]) -> dict[str, Any]:
        facets = {"documentation": {"_producer": "p", "_schemaURL": "s", "description": "d"}}
        at = "2026-01-01T00:00:00Z"
        return {"eventTime": at, "producer": "p", "schemaURL": "s", "dataset": {**dataset, "facets": facets}}

    shop = "pg://db/shop.*"
    async with (
        await client_of(app, f"curator:{shop}", "backfill") as curator,
        await client_of(app, f"alias:{shop}") as alias,
    ):
        assert (await curator.post("/api/v1/lineage", json=told(own))).status_code == 201
        assert (await curator.post("/api/v1/lineage", json=told(other))).status_code == 403
        edit = {"value": {"text": "d"}}
        asked = {"facet": "description", "kind": "dataset"}
        answer = await curator.put(
            "/api/v1/curated/facet", params={**other, **asked}, json=edit, headers={"If-Match": "*"}
        )
        assert answer.status_code == 404
        for client in (curator, alias):
            path = "/api/v1/names/decisions"
            made = await client.post(path, json={"action": "accept", **links})
            assert made.status_code == 201, made.text
            refused = await client.post(path, json={"action": "accept", "left": own, "right": other})
            assert refused.status_code == 404
