"""People with passwords, their sessions and tokens, through the real application."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import httpx
import pytest

from nexus_core.api.app import create_app
from nexus_core.governance import users
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.governance.roles import Roles, Wanted
from nexus_core.model.access import EVERYTHING, Reach, Scope
from nexus_core.settings import GraphSettings
from tests.stores import STORES

SESSION, USERS, OWN = "/api/v1/session", "/api/v1/users", "/api/v1/tokens/own"
PASSWORD = "correct horse battery"
ALICE = {"name": "Alice", "password": PASSWORD, "email": "alice@example.org", "groups": ["stewards"]}


BOTH = pytest.mark.parametrize("app", STORES, indirect=True)
"""Marks tests whose statements the two stores may take differently."""


@pytest.fixture
async def app(request, tmp_path):
    empty = await STORES[getattr(request, "param", "sqlite")](request, tmp_path)
    settings = empty.model_copy(update={"graph": GraphSettings(uri="bolt://127.0.0.1:1")})
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


def client(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000")


@pytest.fixture
async def browser(app):
    async with client(app) as opened:
        yield opened


@pytest.fixture
async def admin(app, tmp_path):
    await ensure_admin_token(app.state.services.tokens, tmp_path / "admin-token")
    async with client(app) as opened:
        opened.headers["Authorization"] = "Bearer " + (tmp_path / "admin-token").read_text().strip()
        yield opened


@pytest.fixture
async def alice(admin):
    answer = await admin.post(USERS, json=ALICE)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def sign_in(browser, name="alice", password=PASSWORD):
    return await browser.post(SESSION, json={"name": name, "password": password})


async def bind(app, subject, role="viewer", kind="account", scope=EVERYTHING):
    return await Roles(app.state.services.main).bind(Wanted(role, kind, subject, scope))


@BOTH
async def test_a_person_signs_in_and_has_the_rights_of_account_and_groups(app, alice, browser):
    signed_in = await sign_in(browser)
    assert (signed_in.status_code, signed_in.json()["permissions"]) == (201, [])
    await bind(app, alice["id"])
    await bind(app, "stewards", "steward", "group")
    await bind(app, "others", "admin", "group")
    app.state.services.identities._remembered.clear()
    assert (await browser.get(SESSION)).json()["permissions"] == ["curate", "govern", "read"]


async def test_neither_words_nor_time_tell_whether_a_name_exists(alice, browser):
    answers, took = [], []
    for name in ("alice", "nobody", "alice", "nobody"):
        began = time.perf_counter()
        answers.append(await sign_in(browser, name, "wrong password here"))
        took.append(time.perf_counter() - began)
    assert {(each.status_code, each.json()["detail"]) for each in answers} == {(401, answers[0].json()["detail"])}
    known, unknown = min(took[0], took[2]), took[3]
    assert 0.2 < unknown / known < 5


@pytest.mark.parametrize("name", ["alice", "nobody"])
async def test_attempts_slow_down_for_known_and_unknown_names_alike(alice, browser, name):
    answers = [await sign_in(browser, name, "wrong password here") for _ in range(6)]
    assert [each.status_code for each in answers] == [401, 401, 401, 401, 401, 429]
    assert answers[-1].headers["retry-after"] == "1"
    assert (await sign_in(browser, name)).status_code == 429


@BOTH
async def test_many_attempts_at_once_get_no_further(alice, app, monkeypatch):
    at_once = Mock(now=Mock(return_value=datetime.now(UTC)))  # however long a busy machine takes to try them
    monkeypatch.setattr(users, "datetime", at_once)

    async def attempt():
        async with client(app) as browser:
            return (await sign_in(browser, "alice", "wrong password here")).status_code

    assert sorted(await asyncio.gather(*(attempt() for _ in range(12)))) == [401] * 5 + [429] * 7


async def test_a_right_password_forgets_the_failed_ones(alice, browser):
    for _ in range(3):
        assert [(await sign_in(browser, "alice", "wrong password here")).status_code for _ in range(3)] == [401] * 3
        assert (await sign_in(browser, "ALICE")).status_code == 201


@BOTH
async def test_disabling_ends_sessions_and_tokens_within_five_seconds(app, admin, alice, browser):
    await bind(app, alice["id"])
    csrf = {"X-CSRF-Token": (await sign_in(browser)).json()["csrf"]}
    own = await browser.post(OWN, json={"authority": ["viewer"], "expires_days": 1}, headers=csrf)
    bearer = {"Authorization": f"Bearer {own.json()['token']}"}
    async with client(app) as other:
        assert (await other.get(SESSION, headers=bearer)).json()["permissions"] == ["read"]
        disabled = await admin.patch(f"{USERS}/{alice['id']}", json={"disabled": True})
        assert disabled.json()["disabled_at"] is not None
        await gone_within(5, browser, {})
        await gone_within(5, other, bearer)
    assert (await sign_in(browser)).status_code == 401
    await admin.patch(f"{USERS}/{alice['id']}", json={"disabled": False})
    assert (await sign_in(browser)).status_code == 201


async def gone_within(seconds, browser, headers):
    deadline = time.monotonic() + seconds
    while (await browser.get(SESSION, headers=headers)).status_code != 401:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)


@BOTH
async def test_disabling_a_group_ends_sessions_and_takes_its_rights(app, admin, alice, browser):
    await bind(app, "stewards", "steward", "group")
    await sign_in(browser)
    assert (await admin.put("/api/v1/groups/stewards", json={"disabled": True})).status_code == 204
    assert (await browser.get(SESSION)).status_code == 401
    app.state.services.identities._remembered.clear()
    assert (await sign_in(browser)).json()["permissions"] == []
    groups = (await admin.get("/api/v1/groups")).json()
    assert [each["name"] for each in groups if each["disabled"]] == ["stewards"]
    await admin.put("/api/v1/groups/stewards", json={"disabled": False})
    assert not any(each["disabled"] for each in (await admin.get("/api/v1/groups")).json())
    app.state.services.identities._remembered.clear()
    assert "curate" in (await browser.get(SESSION)).json()["permissions"]


async def test_a_role_that_is_taken_ends_within_five_seconds(app, alice, browser):
    binding = await bind(app, alice["id"])
    await sign_in(browser)
    await Roles(app.state.services.main).unbind(binding.id)
    deadline = time.monotonic() + 5
    while (await browser.get(SESSION)).json()["permissions"]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)


async def test_ones_token_never_allows_more_than_oneself(app, alice, browser):
    binding = await bind(app, alice["id"], scope=Scope((Reach(namespaces=("postgres://*",)),)))
    csrf = {"X-CSRF-Token": (await sign_in(browser)).json()["csrf"]}
    asked = {"authority": ["admin", "producer:*"], "expires_days": 30}
    secret = (await browser.post(OWN, json=asked, headers=csrf)).json()["token"]
    services = app.state.services
    identity = await services.tokens.prove(secret)
    assert identity.caller.permissions == {"read"}
    assert not identity.caller.scope.everything
    assert not identity.authority.jobs
    await Roles(services.main).unbind(binding.id)
    services.tokens._remembered.clear()
    services.identities._remembered.clear()
    assert (await services.tokens.prove(secret)).caller.permissions == frozenset()


async def test_tokens_make_no_tokens_and_change_no_passwords(app, admin, alice, browser):
    csrf = {"X-CSRF-Token": (await sign_in(browser)).json()["csrf"]}
    own = (await browser.post(OWN, json={"authority": ["viewer"], "expires_days": 1}, headers=csrf)).json()
    async with client(app) as other:
        other.headers["Authorization"] = f"Bearer {own['token']}"
        asked = {"authority": ["viewer"], "expires_days": 1}
        assert (await other.post(OWN, json=asked)).status_code == 403
        change = {"current": PASSWORD, "new": "another horse battery"}
        assert (await other.put(f"{SESSION}/password", json=change)).status_code == 403
    admins = (await admin.get("/api/v1/tokens")).json()[0]
    assert (await browser.delete(f"{OWN}/{admins['id']}", headers=csrf)).status_code == 404
    assert (await browser.delete(f"{OWN}/{own['id']}", headers=csrf)).status_code == 204


@BOTH
async def test_changing_ones_password_ends_the_other_sessions(app, alice, browser):
    csrf = {"X-CSRF-Token": (await sign_in(browser)).json()["csrf"]}
    async with client(app) as other:
        await sign_in(other)
        wrong = {"current": "wrong password here", "new": "another horse battery"}
        assert (await browser.put(f"{SESSION}/password", json=wrong, headers=csrf)).status_code == 401
        change = {"current": PASSWORD, "new": "another horse battery"}
        assert (await browser.put(f"{SESSION}/password", json=change, headers=csrf)).status_code == 204
        assert (await other.get(SESSION)).status_code == 401
    assert (await browser.get(SESSION)).status_code == 200
    assert (await sign_in(browser)).status_code == 401
    assert (await sign_in(browser, password="another horse battery")).status_code == 201


async def test_signing_in_ends_the_session_that_the_browser_had(alice, browser):
    await sign_in(browser)
    before = browser.cookies["nexus_session"]
    await sign_in(browser)
    assert browser.cookies["nexus_session"] != before
    browser.cookies.set("nexus_session", before)
    browser.cookies.delete("nexus_session", domain="localhost.local")
    assert (await browser.get(SESSION, headers={"Cookie": f"nexus_session={before}"})).status_code == 401


async def test_no_other_sites_page_signs_anyone_in(alice, browser):
    body = {"name": "alice", "password": PASSWORD}
    for site in ("cross-site", "same-site"):
        assert (await browser.post(SESSION, json=body, headers={"Sec-Fetch-Site": site})).status_code == 403


async def test_a_sign_in_is_one_of_two(browser):
    both = {"token": "x", "name": "alice", "password": "y"}
    for body in ({}, {"name": "alice"}, both, {"token": "x", "is_admin": True}):
        assert (await browser.post(SESSION, json=body)).status_code == 422


async def test_passwords_that_are_guessed_early_are_refused(admin):
    for password in ("short", "a" * 20, "abcdefghijklmnopqrst", "alicealicealice1", "PasswordPassword1", "x" * 300):
        assert (await admin.post(USERS, json={**ALICE, "password": password})).status_code == 422


async def test_names_that_cannot_be_are_refused(admin):
    for name in ("", " ", "a b", "a/b", "x" * 101, "a\x00b"):
        assert (await admin.post(USERS, json={**ALICE, "name": name})).status_code == 422


@BOTH
async def test_a_name_is_taken_once_in_all_its_spellings(admin, alice):
    for name in ("alice", "ALICE", "\uff41lice"):
        assert (await admin.post(USERS, json={**ALICE, "name": name})).status_code == 422


async def test_people_are_managed_by_admins_only(alice, browser):
    csrf = {"X-CSRF-Token": (await sign_in(browser)).json()["csrf"]}
    assert (await browser.get(USERS)).status_code == 403
    assert (await browser.post(USERS, json={**ALICE, "name": "eve"}, headers=csrf)).status_code == 403
    assert (await browser.patch(f"{USERS}/{alice['id']}", json={"groups": ["x"]}, headers=csrf)).status_code == 403
    assert (await browser.put("/api/v1/groups/stewards", json={"disabled": True}, headers=csrf)).status_code == 403


async def test_no_password_lies_in_the_store_or_the_audit_log(admin, alice, browser, tmp_path):
    await sign_in(browser)
    assert all(PASSWORD.encode() not in path.read_bytes() for path in tmp_path.glob("nexus.db*"))
    assert PASSWORD not in (await admin.get("/api/v1/audit")).text


async def test_acts_on_people_are_recorded(admin, alice, browser):
    await sign_in(browser)
    await sign_in(browser, "alice", "wrong password here")
    await admin.patch(f"{USERS}/{alice['id']}", json={"disabled": True, "groups": []})
    page = (await admin.get("/api/v1/audit")).text
    for action in ("user.create", "session.start", "user.change", "user.disable"):
        assert f'"{action}"' in page
    assert "refused" in page


async def test_dormant_tokens_are_told(app, admin):
    await app.state.services.tokens.create("old", ["viewer"])
    assert (await admin.get("/api/v1/tokens", params={"dormant_days": 1})).json() == []
    from nexus_core.governance.tokens import dormant

    found = dormant(await app.state.services.tokens.all(), 30, datetime.now(UTC) + timedelta(days=31))
    assert {token.account.name for token in found} >= {"old"}


async def test_ways_tell_whether_there_are_passwords(app, admin, browser):
    assert (await browser.get(f"{SESSION}/ways")).json() == {"password": False, "providers": []}
    await admin.post(USERS, json=ALICE)
    assert (await browser.get(f"{SESSION}/ways")).json()["password"] is True


@BOTH
async def test_people_make_and_end_their_password_for_the_masking_proxy(app, admin, alice, browser):
    passwords, csrf = "/api/v1/proxy/passwords", {"X-CSRF-Token": (await sign_in(browser)).json()["csrf"]}
    assert (await browser.post(passwords, json={}, headers=csrf)).status_code == 403  # nothing may be read yet
    await bind(app, alice["id"])
    app.state.services.identities._remembered.clear()
    made = await browser.post(passwords, json={"minutes": 5}, headers=csrf)
    assert made.status_code == 201, made.text
    assert made.json()["user"] == "alice"
    services = app.state.services
    first = await services.proxy_passwords.of("alice")
    assert first is not None
    assert (first.account_id, first.epoch) == (alice["id"], 0)
    again = (await browser.post(passwords, json={}, headers=csrf)).json()
    assert again["password"] != made.json()["password"]
    assert (await admin.post(passwords, json={})).status_code == 403  # by a token
    assert (await browser.post(passwords, json={"minutes": 1441}, headers=csrf)).status_code == 422
    assert (await browser.delete(f"{passwords}/own", headers=csrf)).status_code == 204
    assert await services.proxy_passwords.of("alice") is None
    assert (await admin.delete(f"{passwords}/own")).status_code == 404
