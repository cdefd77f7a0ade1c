"""An identity provider manages its people and groups by SCIM 2.0: the protocol's own tester, rights, links, endings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from scim2_client import BaseSyncSCIMClient
from scim2_tester import Status, check_server

from nexus_core.api.app import create_app
from nexus_core.errors import AuthenticationError
from nexus_core.governance.roles import Roles, Wanted
from nexus_core.model.access import EVERYTHING
from nexus_core.settings import GraphSettings
from nexus_core.store.account_users import Profile, User, UserRows
from nexus_core.store.accounts import Account
from tests.stores import STORES

ISSUER = "oidc:https://idp.example.org/realms/corporate"
BASE = "http://localhost:8000/scim/v2"
USER, GROUP, PATCH = (
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:Group",
    "urn:ietf:params:scim:api:messages:2.0:PatchOp",
)


@pytest.fixture
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    empty = await STORES[getattr(request, "param", "sqlite")](request, tmp_path)
    made = create_app(empty.model_copy(update={"graph": GraphSettings(uri="bolt://127.0.0.1:1")}))
    async with made.router.lifespan_context(made):
        yield made


async def client(app: Any, *authority: str) -> httpx.AsyncClient:
    made = await app.state.services.tokens.create(" ".join(authority), authority)
    headers = {"Authorization": f"Bearer {made.secret}", "Content-Type": "application/scim+json"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE, headers=headers)


@pytest.fixture
async def provider(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with await client(app, f"scim:{ISSUER}") as opened:
        yield opened


async def send(
    to: httpx.AsyncClient, method: str, path: str, body: Any = None, status: int = 200, **headers: str
) -> Any:
    answer = await to.request(method, path, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def user(to: httpx.AsyncClient, name: str = "alice", **told: Any) -> dict[str, Any]:
    body = {"schemas": [USER], "userName": name, "externalId": f"sub-{name}", **told}
    found: dict[str, Any] = await send(to, "POST", "/Users", body, 201)
    return found


async def group(to: httpx.AsyncClient, name: str, *members: dict[str, Any]) -> dict[str, Any]:
    body = {"schemas": [GROUP], "displayName": name, "members": [{"value": each["id"]} for each in members]}
    found: dict[str, Any] = await send(to, "POST", "/Groups", body, 201)
    return found


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


class ProtocolClient(BaseSyncSCIMClient):
    """The tester's client, which is not asynchronous, on the test's loop."""

    def __init__(self, to: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._to, self._loop = to, loop

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(self._to.request(method, url, **kwargs), self._loop).result(60)


async def test_the_tester_of_the_protocol_finds_nothing(provider: httpx.AsyncClient) -> None:
    tester = ProtocolClient(provider, asyncio.get_running_loop())
    found = await asyncio.to_thread(check_server, tester)
    wrong = {each.reason for each in found if each.status in (Status.ERROR, Status.CRITICAL)}
    assert wrong == {"PATCH modify() did not remove attribute 'active'"}  # which an account always is, or is not
    assert len(found) > 50


async def test_a_token_manages_the_people_of_one_provider_and_nothing_else(
    app: Any, provider: httpx.AsyncClient
) -> None:
    alice = await user(provider)
    readers = await group(provider, "readers", alice)
    assert (await provider.get("http://localhost:8000/api/v1/datasets")).status_code == 403
    async with await client(app, "scim:saml:https://other.example.org") as other:
        for path in (f"/Users/{alice['id']}", f"/Groups/{readers['id']}"):
            for method in ("GET", "PUT", "PATCH", "DELETE"):
                schema, name = (USER, "userName") if "Users" in path else (GROUP, "displayName")
                body = (
                    patch({"op": "add", "path": name, "value": "x"})
                    if method == "PATCH"
                    else {"schemas": [schema], name: "x"}
                )
                await send(other, method, path, body, 404)
        assert (await send(other, "GET", "/Users"))["totalResults"] == 0
        body = {"schemas": [GROUP], "displayName": "theirs", "members": [{"value": alice["id"]}]}
        assert (await send(other, "POST", "/Groups", body, 400))["scimType"] == "invalidValue"
        assert (await user(other))["id"] != alice["id"]
    for authority in (["admin"], ["steward"], ["viewer"], [f"scim:{ISSUER}", "scim:saml:https://other.example.org"]):
        async with await client(app, *authority) as stranger:
            for path in ("/Users", "/Groups", "/Schemas", "/ServiceProviderConfig", "/nothing"):
                assert (await send(stranger, "GET", path, status=403))["status"] == "403"
    anonymous = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
    assert (await send(anonymous, "GET", "/Users", status=401))["schemas"] == [
        "urn:ietf:params:scim:api:messages:2.0:Error"
    ]


async def test_an_account_is_linked_by_the_external_id_and_never_by_name(app: Any, provider: httpx.AsyncClient) -> None:
    people = UserRows(app.state.services.main)
    signed_in = User("acc_1", ISSUER, "sub-alice", "Alice of the sign-in", Profile(), _now(), groups=("from-sign-in",))
    assert await people.add(signed_in, None, "sso")
    assert await people.add(User("acc_2", ISSUER, "another", "bob", Profile(), _now()), None, "sso")
    assert (await user(provider, "alice"))["id"] == "acc_1"
    assert (await user(provider, "bob"))["id"] not in ("acc_1", "acc_2")
    await group(provider, "from-scim")
    alice = await people.by_id("acc_1")
    assert alice is not None
    assert alice.groups == ()  # from now on groups are told here only
    taken = await provider.post("/Users", json={"schemas": [USER], "userName": "ALICE", "externalId": "new"})
    assert (taken.status_code, taken.json()["scimType"]) == (409, "uniqueness")
    again = await provider.post("/Users", json={"schemas": [USER], "userName": "new", "externalId": "sub-alice"})
    assert again.status_code == 409


@pytest.mark.parametrize("app", STORES, indirect=True)
async def test_ending_a_person_ends_what_works_and_opens_again_only_what_the_provider_ended(
    app: Any, provider: httpx.AsyncClient
) -> None:
    services = app.state.services
    alice = await user(provider, emails=[{"value": "a@example.org"}, {"value": "b@example.org", "primary": True}])
    assert (await services.users.one(alice["id"])).profile.email == "b@example.org"
    session = (await services.sessions.start_for(Account(alice["id"], "alice", "person"), None)).secret
    at = f"/Users/{alice['id']}"
    ended = await send(provider, "PATCH", at, patch({"op": "Replace", "path": "active", "value": "False"}))
    assert ended["active"] is False
    with pytest.raises(AuthenticationError):
        await services.sessions.prove(session)
    assert (await send(provider, "PATCH", at, patch({"op": "replace", "value": {"active": True}})))["active"]
    await services.users.disable(await services.users.one(alice["id"]))
    assert not (await send(provider, "PATCH", at, patch({"op": "replace", "value": {"active": True}})))["active"]
    await services.users.disable(await services.users.one(alice["id"]), disabled=False)
    await send(provider, "DELETE", at, status=204)
    await send(provider, "GET", at, status=404)
    assert (await services.users.one(alice["id"])).disabled_at is not None
    back = await user(provider)
    assert (back["id"], back["active"]) == (alice["id"], True)
    async with await client(app, "auditor") as auditor:
        told = await send(auditor, "GET", "http://localhost:8000/api/v1/audit")
    assert {each["action"] for each in told["items"]} >= {"user.create", "user.disable", "user.enable", "user.remove"}


async def test_groups_give_and_take_roles_within_a_session(app: Any, provider: httpx.AsyncClient) -> None:
    services = app.state.services
    alice, bob = await user(provider), await user(provider, "bob")
    await Roles(services.main).bind(Wanted("steward", "group", "stewards", EVERYTHING), "")
    session = await services.sessions.start_for(Account(alice["id"], "alice", "person"), None)

    async def roles() -> set[str]:
        return set((await services.sessions.prove(session.secret)).caller.roles)

    assert await roles() == set()
    stewards = await group(provider, "stewards", bob)
    at = f"/Groups/{stewards['id']}"
    await send(provider, "PATCH", at, patch({"op": "Add", "path": "members", "value": [{"value": alice["id"]}]}))
    await _until(lambda: roles(), {"steward"})
    shown = await send(provider, "GET", f"/Users/{alice['id']}")
    assert [each["display"] for each in shown["groups"]] == ["stewards"]
    await send(provider, "PATCH", at, patch({"op": "Remove", "path": f'members[value eq "{alice["id"]}"]'}))
    await _until(lambda: roles(), set())
    body = {"schemas": [GROUP], "displayName": "former stewards", "members": [{"value": alice["id"]}]}
    await send(provider, "PUT", at, body)
    assert (await services.users.one(alice["id"])).groups == ("former stewards",)
    assert (await services.users.one(bob["id"])).groups == ()
    await send(provider, "DELETE", at, status=204)
    assert (await services.users.one(alice["id"])).groups == ()


async def test_versions_filters_and_pages(provider: httpx.AsyncClient) -> None:
    made = [await user(provider, f"user{number}") for number in range(5)]
    at, version = f"/Users/{made[0]['id']}", made[0]["meta"]["version"]
    answer = await provider.get(at, headers={"If-None-Match": version})
    assert (answer.status_code, answer.headers["etag"]) == (304, version)
    change = patch({"op": "replace", "path": "displayName", "value": "Ursula"})
    changed = await send(provider, "PATCH", at, change, **{"If-Match": version})
    assert changed["meta"]["version"] != version
    for method, body in (("PATCH", change), ("PUT", {"schemas": [USER], "userName": "x"}), ("DELETE", None)):
        await send(provider, method, at, body, 412, **{"If-Match": version})

    async def names(**query: Any) -> tuple[int, list[str]]:
        answer = await provider.get("/Users", params=query)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        return found["totalResults"], [each["userName"] for each in found.get("Resources", [])]

    assert await names(startIndex=2, count=2) == (5, ["user1", "user2"])
    assert await names(count=0) == (5, [])
    assert await names(filter='userName eq "USER3"') == (1, ["user3"])
    assert await names(filter='externalId eq "sub-user4"') == (1, ["user4"])
    assert await names(filter='displayName co "urs" and active eq true') == (1, ["user0"])
    assert await names(filter='userName sw "user"', startIndex=5) == (5, ["user4"])
    refused = await provider.get("/Users", params={"filter": "userName eq"})
    assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidFilter")
    wrong: list[Any] = [
        {},
        [],
        {"schemas": [USER]},
        {"schemas": [USER], "userName": "a\x00b"},
        {"schemas": [USER], "userName": "x" * 501},
    ]
    for body in wrong:
        await send(provider, "POST", "/Users", body, 400)


def _now() -> datetime:
    return datetime.now(UTC)


async def _until(asked: Callable[[], Any], wanted: Any) -> None:
    """Rights hold within two seconds."""
    for _ in range(40):
        if await asked() == wanted:
            return
        await asyncio.sleep(0.1)
    assert await asked() == wanted
