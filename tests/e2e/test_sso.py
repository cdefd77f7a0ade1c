"""Signing in by a real Keycloak, in a real browser, by both protocols; and attacks on what it really sent."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from nexus_core.governance.roles import Roles, Wanted
from nexus_core.governance.users import NewUser, open_users
from nexus_core.model.access import EVERYTHING
from nexus_core.processes import Child, Command
from nexus_core.store.account_users import Profile
from nexus_core.store.database import open_store
from tests.keycloak_login import answer_of_keycloak
from tests.keycloak_server import PASSWORDS, Keycloak
from tests.stores import sqlite_settings
from tests.waiting import wait_for

pytestmark = [pytest.mark.service, pytest.mark.browser, pytest.mark.timeout(1200)]

PROVIDERS = {"oidc": "Keycloak", "saml": "Corporate account"}
CAROLS = "correct horse battery"
"""The password of carol, who signs in here."""

BOTH = pytest.mark.parametrize("protocol", PROVIDERS)


@pytest.fixture(scope="module")
def nexus(keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an API that knows Keycloak, without a graph; stewards are stewards, analysts analysts."""
    data = tmp_path_factory.mktemp("nexus-sso")
    asyncio.run(prepare(data))
    settings = {**keycloak.settings(), "NEXUS_DATA_DIR": str(data), "NEXUS_GRAPH__URI": "bolt://127.0.0.1:1"}
    settings["NEXUS_SSO__OIDC__KEYCLOAK__STEP_UP_ACR"] = "1"  # Keycloak's word for a password that was just given
    environment = {**os.environ, **settings, "NEXUS_API__PORT": str(keycloak.nexus_port)}
    child = Child(Command("api", [sys.executable, "-m", "nexus_core", "api"], environment, data))
    try:
        wait_for(lambda: httpx.get(f"{keycloak.nexus_url}/health/live", timeout=5).is_success, child)
        yield keycloak.nexus_url
    finally:
        child.stop()


async def prepare(data: Path) -> None:
    """Make a store with the bindings of the groups."""
    store = open_store((await sqlite_settings(data)).store_url)
    for role, group in (("steward", "stewards"), ("analyst", "analysts")):
        await Roles(store).bind(Wanted(role, "group", group, EVERYTHING))
    await open_users(store).create(NewUser("carol", Profile(), ("analysts",)), CAROLS)
    await store.dispose()


@pytest.fixture(scope="module")
def chromium(nexus: str, chromium_path: Path) -> Iterator[Browser]:
    """A browser, opened last: Playwright keeps a loop running, beside which no other can."""
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, nexus: str) -> Iterator[BrowserContext]:
    opened = chromium.new_context(base_url=nexus)
    opened.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    yield opened
    opened.close()


def sign_in(page: Page, protocol: str, user: str, path: str = "/settings") -> None:
    page.goto(path)
    page.get_by_role("link", name=f"Sign in with {PROVIDERS[protocol]}").click()
    authenticate(page, user)
    page.wait_for_url(f"**{path}")


def authenticate(page: Page, user: str) -> None:
    """Fill in Keycloak's own page."""
    page.locator("#username").fill(user)
    page.locator("#password").fill(PASSWORDS[user])
    page.locator("#kc-login").click()


def session(context: BrowserContext) -> dict[str, object]:
    answer = context.request.get("/api/v1/session")
    return dict(answer.json()) if answer.ok else {}


@BOTH
def test_people_sign_in_with_the_roles_of_their_groups_and_sign_out(context: BrowserContext, protocol: str) -> None:
    page = context.new_page()
    sign_in(page, protocol, "alice")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    said = session(context)
    assert (said["name"], said["permissions"]) == ("alice", ["curate", "govern", "read"])
    page.get_by_role("button", name="Account of alice").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to LineageNexus")).to_be_visible()
    assert session(context) == {}
    page.get_by_role("link", name=f"Sign in with {PROVIDERS[protocol]}").click()
    expect(page.locator("#password")).to_be_visible()  # its own session has ended, too


def test_people_sign_in_with_a_name_and_password(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/settings")
    page.get_by_label("Name").fill("Carol")
    page.get_by_role("textbox", name="Password").fill("wrong password here")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("the name or the password is wrong")).to_be_visible()
    page.get_by_role("textbox", name="Password").fill(CAROLS)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    assert session(context)["permissions"] == ["read"]


def begun(browser: httpx.Client, protocol: str = "oidc", following: str = "/settings") -> str:
    """Begin a sign-in; gives the address at Keycloak."""
    name = {"oidc": "oidc/keycloak", "saml": "saml/corporate"}[protocol]
    answer = browser.get(f"/login/{name}", params={"next": following})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def signed_in(browser: httpx.Client, user: str, protocol: str = "oidc", following: str = "/settings") -> httpx.Response:
    """Sign in as a browser does, without one."""
    answer = answer_of_keycloak(begun(browser, protocol, following), user)
    if protocol == "oidc":
        return browser.get(answer.url)
    posted = browser.post(answer.url, data=answer.form, headers={"Cookie": ""})  # SameSite=Lax: none comes along
    assert posted.status_code == 303, posted.text
    return browser.get(urljoin(answer.url, posted.headers["location"]))


def who(browser: httpx.Client) -> dict[str, object]:
    answer = browser.get("/api/v1/session")
    return dict(answer.json()) if answer.is_success else {}


@pytest.fixture
def browser(nexus: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=nexus, timeout=60) as opened:
        yield opened


@pytest.fixture
def other(nexus: str) -> Iterator[httpx.Client]:
    """Another person's browser."""
    with httpx.Client(base_url=nexus, timeout=60) as opened:
        yield opened


def test_a_code_and_a_state_are_used_once(browser: httpx.Client) -> None:
    answer = answer_of_keycloak(begun(browser), "bob")
    cookies = dict(browser.cookies)
    assert browser.get(answer.url).status_code == 303
    assert who(browser)["permissions"] == ["read"]
    browser.cookies.update(cookies)
    assert browser.get(answer.url).status_code == 401
    code, state = (parse_qs(urlsplit(answer.url).query)[name][0] for name in ("code", "state"))
    fresh = parse_qs(urlsplit(begun(browser)).query)["state"][0]
    assert browser.get(answer.url.replace(state, fresh)).status_code == 401
    assert code


def test_a_stolen_code_is_of_no_use_in_another_sign_in(browser: httpx.Client, other: httpx.Client) -> None:
    victims = answer_of_keycloak(begun(browser), "alice").url
    state = parse_qs(urlsplit(victims).query)["state"][0]
    own = parse_qs(urlsplit(begun(other)).query)["state"][0]
    assert other.get(victims.replace(state, own)).status_code == 401
    assert who(other) == {}


def test_governing_takes_a_password_that_was_just_given(browser: httpx.Client, other: httpx.Client) -> None:
    first = answer_of_keycloak(begun(browser), "alice")
    assert browser.get(first.url).status_code == 303
    assert governs(browser).is_success
    with httpx.Client(headers={"Cookie": first.cookies}, timeout=60) as at_keycloak:
        again = at_keycloak.get(begun(other))
        assert other.get(again.headers["location"]).status_code == 303  # nobody was asked for a password
        refused = governs(other)
        assert (refused.status_code, refused.json()["step_up"]) == (403, "/login/oidc/keycloak?step_up=true")
        stronger = other.get(refused.json()["step_up"]).headers["location"]
        assert at_keycloak.get(stronger).status_code == 200  # here it is, though the session there goes on
    assert other.get(answer_of_keycloak(stronger, "alice").url).status_code == 303
    assert governs(other).is_success


def governs(browser: httpx.Client) -> httpx.Response:
    headers = {"X-CSRF-Token": str(who(browser)["csrf"])}
    return browser.put("/api/v1/classifications/classes/Secret", params={"rank": 300}, headers=headers)


@BOTH
def test_an_answer_works_in_the_browser_that_began_only(
    browser: httpx.Client, other: httpx.Client, protocol: str
) -> None:
    answer = answer_of_keycloak(begun(browser, protocol), "bob")
    url = answer.url
    if protocol == "saml":
        posted = other.post(url, data=answer.form)
        assert "set-cookie" not in posted.headers
        url = urljoin(url, posted.headers["location"])
    assert other.get(url).status_code == 401
    begun(other, protocol)
    assert other.get(url).status_code == 401
    assert who(other) == {}


def test_a_saml_response_is_taken_once(browser: httpx.Client) -> None:
    answer = answer_of_keycloak(begun(browser, "saml"), "bob")
    assert browser.post(answer.url, data=answer.form).status_code == 303
    assert browser.post(answer.url, data=answer.form).status_code == 401
    begun(browser, "saml")
    fresh = parse_qs(urlsplit(begun(browser, "saml")).query)["RelayState"][0]
    assert browser.post(answer.url, data={**answer.form, "RelayState": fresh}).status_code == 401
    assert browser.post(answer.url, data={"SAMLResponse": answer.form["SAMLResponse"]}).status_code == 401


@pytest.mark.parametrize("issuer", ["https://other.example.com", ""])
def test_an_answer_of_another_provider_is_refused(browser: httpx.Client, issuer: str) -> None:
    url = answer_of_keycloak(begun(browser), "bob").url
    parts = [(name, value) for name, value in parse_qsl(urlsplit(url).query) if name != "iss"]
    mixed = urlencode([*parts, *([("iss", issuer)] if issuer else [])])
    assert browser.get(f"/login/oidc/keycloak/callback?{mixed}").status_code == 401


@BOTH
@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_a_sign_in_ends_with_us(browser: httpx.Client, protocol: str, elsewhere: str) -> None:
    assert signed_in(browser, "bob", protocol, elsewhere).headers["location"] == "/"


@BOTH
def test_a_session_is_new_at_each_sign_in(browser: httpx.Client, nexus: str, protocol: str) -> None:
    fixed = {"Cookie": "nexus_session=nxs_fixed"}
    assert httpx.get(f"{nexus}/api/v1/session", headers=fixed, timeout=60).status_code == 401
    signed_in(browser, "bob", protocol)
    before = browser.cookies["nexus_session"]
    signed_in(browser, "bob", protocol)
    assert browser.cookies["nexus_session"] != before
    old = {"Cookie": f"nexus_session={before}"}
    assert httpx.get(f"{nexus}/api/v1/session", headers=old, timeout=60).status_code == 401


def test_people_are_linked_by_issuer_and_subject(browser: httpx.Client) -> None:
    accounts = []
    for protocol in ("oidc", "saml", "oidc"):
        signed_in(browser, "alice", protocol)
        accounts.append(who(browser)["account_id"])
    assert accounts[0] == accounts[2] != accounts[1]


def test_a_change_needs_the_csrf_token(browser: httpx.Client) -> None:
    signed_in(browser, "alice")
    asked = {"authority": ["viewer"], "expires_days": 1}
    assert browser.post("/api/v1/tokens/own", json=asked).status_code == 403
    csrf = {"X-CSRF-Token": str(who(browser)["csrf"])}
    assert browser.post("/api/v1/tokens/own", json=asked, headers=csrf).status_code == 201


def test_signing_out_at_keycloak_ends_the_session_here(browser: httpx.Client, keycloak: Keycloak) -> None:
    signed_in(browser, "bob")
    with keycloak.admin() as admin:
        bob = admin.get("/users", params={"username": "bob"}).json()[0]["id"]
        admin.post(f"/users/{bob}/logout").raise_for_status()
    deadline = time.monotonic() + 5
    while who(browser):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_only_a_logout_token_signs_out(browser: httpx.Client, token: str) -> None:
    answer = browser.post("/login/oidc/keycloak/backchannel", data={"logout_token": token})
    assert answer.status_code == 400


def test_addresses_of_no_provider_do_not_exist(browser: httpx.Client) -> None:
    assert browser.get("/login/oidc/other").status_code == 404
    assert browser.get("/login/saml/keycloak").status_code == 404
    assert browser.get("/login/oidc/other/callback?code=x&state=y").status_code == 401
    assert browser.post("/login/oidc/corporate/backchannel").status_code == 404
    assert browser.get("/login/saml/other/metadata").status_code == 404


def test_new_keys_of_the_provider_are_taken_up(browser: httpx.Client, keycloak: Keycloak) -> None:
    for protocol in PROVIDERS:
        signed_in(browser, "bob", protocol)
    key = {"providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider"}
    with keycloak.admin() as admin:
        rotated = {"name": "rotated", **key, "config": {"priority": ["1000"]}}
        admin.post("/components", json=rotated).raise_for_status()
    time.sleep(5.5)  # keys are asked for at most every five seconds
    for protocol in PROVIDERS:
        assert signed_in(browser, "bob", protocol).status_code == 303
