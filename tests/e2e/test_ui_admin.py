"""Pages of administrators and officers in Chromium, on `nexus api` with a store alone: they need no graph."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from nexus_core.api.access import COOKIE
from nexus_core.eventlog.opening import open_log
from nexus_core.governance.audit_notes import SigningKey
from nexus_core.governance.audit_signer import Signer
from nexus_core.governance.identities import Identities
from nexus_core.governance.roles import Roles, Wanted
from nexus_core.governance.sessions import ByProvider, Sessions
from nexus_core.governance.tokens import open_tokens
from nexus_core.model.access import EVERYTHING
from nexus_core.processes import Child, Command
from nexus_core.store.account_sessions import SessionRows
from nexus_core.store.account_users import Profile, User, UserRows
from nexus_core.store.accounts import Account, Accounts
from nexus_core.store.database import Store, open_store
from tests.browsing import assert_reads_well, wait_until_read
from tests.merging import HARVESTER, dataset_event, envelope
from tests.services import free_port
from tests.stores import sqlite_settings
from tests.waiting import wait_for

pytestmark = [pytest.mark.service, pytest.mark.browser, pytest.mark.timeout(240)]

ISSUER = "https://127.0.0.1:1"
ALICE = Account("acc_alice", "alice", "person")
STRONGER = {f"oidc:{ISSUER}": "/login/oidc/corporate?step_up=true"}
KEY = SigningKey("lineage-nexus", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
SLOW_MS = 30_000  # on a machine with other work
expect.set_options(timeout=SLOW_MS)
DOCUMENT = """version: 1
policies:
  - name: addresses
    match: {classes: [PII]}
    mask: {kind: "null"}
    clear_for: [steward]
tests:
  - roles: [viewer]
    column: {field: email, classification: PII}
    expect: {kind: %s}
"""


@dataclass
class Running:
    """The API's address, its store, an admin's and a viewer's token, and the two sessions of alice."""

    url: str
    store_url: str
    admin: str
    viewer: str
    weak: str
    strong: str
    dead: list[str]

    def client(self, token: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data, port = tmp_path_factory.mktemp("nexus-admin"), free_port()
    told = asyncio.run(_prepare(data))
    settings = {
        "NEXUS_DATA_DIR": str(data),
        "NEXUS_GRAPH__URI": "bolt://127.0.0.1:1",
        "NEXUS_API__PORT": str(port),
        "NEXUS_SSO__OIDC__CORPORATE__ISSUER": ISSUER,
        "NEXUS_SSO__OIDC__CORPORATE__CLIENT_ID": "nexus",
        "NEXUS_SSO__OIDC__CORPORATE__STEP_UP_ACR": "gold",
        "NEXUS_SSO__OIDC__CORPORATE__TITLE": "Example account",
    }
    child = Child(Command("api", [sys.executable, "-m", "nexus_core", "api"], {**os.environ, **settings}, data))
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: httpx.get(f"{url}/health/live", timeout=5).is_success, child)
        yield Running(url=url, **told)
    finally:
        child.stop()


async def _prepare(data: Path) -> dict[str, Any]:
    """Make a store with a person of a provider, tokens, and two events that could not be merged."""
    settings = await sqlite_settings(data)
    store = open_store(settings.store_url)
    alice = User(ALICE.id, f"oidc:{ISSUER}", "a", "alice", Profile("alice@example.org", "Alice"), datetime.now(UTC))
    assert await UserRows(store).add(alice, None, "sso")
    for role in ("steward", "admin"):
        await Roles(store).bind(Wanted(role, "account", ALICE.id, EVERYTHING))
    tokens = [(await open_tokens(store).create(grant, [grant])).secret for grant in ("admin", "viewer")]
    sessions = [await _session(store, until) for until in (None, datetime.now(UTC) + timedelta(hours=1))]
    log, dead = await open_log(store, settings), []
    for number, reason in enumerate(("$.dataset.name: it names no table of the source", "it cannot be merged")):
        event = dataset_event(number, {"namespace": "postgres://db:5432", "name": f"shop.late{number}", "facets": {}})
        letter = envelope(event, HARVESTER)
        await log.append([letter])
        await log.mark_dead(letter.id, reason)
        dead.append(letter.id)
    await log.aclose()
    await store.dispose()
    told = dict(zip(("admin", "viewer", "weak", "strong"), [*tokens, *sessions], strict=True))
    return {**told, "store_url": settings.store_url, "dead": dead}


async def _session(store: Store, strong_until: datetime | None) -> str:
    sessions = Sessions(Accounts(store), SessionRows(store), Identities(store), timedelta(hours=1), STRONGER)
    return (await sessions.start_for(ALICE, ByProvider(f"oidc:{ISSUER}", None, "", None, strong_until))).secret


@pytest.fixture(scope="module")
def browser(chromium_path: Path) -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def as_admin(running: Running, browser: Browser) -> BrowserContext:
    return _signed_in(browser, running, running.admin)


def _signed_in(browser: Browser, running: Running, token: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=running.url)
    assert context.request.post("/api/v1/session", data={"token": token}).ok
    context.set_default_timeout(SLOW_MS)
    return context


@pytest.fixture
def page(as_admin: BrowserContext) -> Iterator[Page]:
    opened = as_admin.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []


def test_a_dead_letter_shows_its_error_and_is_discarded_restored_and_edited(page: Page, running: Running) -> None:
    page.goto("/dead-letters")
    letter = page.get_by_role("article", name="$.dataset.name: it names no table of the source")
    letter.get_by_role("button", name="Show the event").click()
    expect(letter.get_by_role("region", name="The event").locator("mark")).to_have_text('"shop.late0"')
    for is_undone in (True, False):
        page.get_by_role("checkbox", name="Choose all").check()
        page.get_by_role("button", name="Discard", exact=True).click()
        page.get_by_role("textbox", name="Why they are discarded").fill("a test of ours")
        page.get_by_role("button", name="Discard 2 events").click()
        expect(page.get_by_text("No event waits")).to_be_visible()
        if is_undone:
            page.get_by_role("button", name="Undo").click()
            expect(page.get_by_role("article")).to_have_count(2)
    page.goto("/dead-letters?view=discarded")
    expect(page.get_by_text("Discarded: a test of ours")).to_have_count(2)
    page.get_by_role("checkbox", name="Choose all").check()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("No event is discarded")).to_be_visible()
    page.goto("/dead-letters")
    letter.get_by_role("button", name="Edit").click()
    text = letter.get_by_role("textbox", name="The event to send")
    text.fill("{")
    expect(letter.get_by_text("Not JSON")).to_be_visible()
    text.fill('{"eventType": "COMPLETE"}')
    letter.get_by_role("button", name="Check and send").click()
    expect(letter.get_by_text("$")).not_to_have_count(0)
    with running.client(running.admin) as client:
        (shown,) = [each for each in client.get("/api/v1/dead-letters").json() if each["id"] == running.dead[0]]
    shown["event"]["dataset"]["name"] = "shop.right"
    text.fill(json.dumps(shown["event"]))
    letter.get_by_role("button", name="Check and send").click()
    expect(letter).to_have_count(0)


def test_people_are_made_given_a_role_disabled_and_enabled(page: Page) -> None:
    page.goto("/admin?tab=people")
    expect(page.get_by_role("table", name="People")).to_contain_text("managed there")
    form = page.locator("form").filter(has=page.get_by_role("button", name="Make", exact=True))
    form.get_by_role("textbox", name="Name", exact=True).fill("carol")
    form.get_by_role("textbox", name="Password").fill("correct horse battery")
    form.get_by_role("button", name="Make", exact=True).click()
    page.get_by_role("button", name="carol").click()
    person = page.get_by_role("region", name="carol")
    expect(person).to_contain_text("Nothing: no role is bound")
    person.get_by_role("combobox", name="Role").click()
    page.get_by_role("option", name="viewer").click()
    person.get_by_label("Domains").fill("sales")
    person.get_by_role("button", name="Give it").click()
    expect(person.get_by_role("table", name="Rights")).to_contain_text("domains sales")
    person.get_by_role("button", name="Disable").click()
    person.get_by_text("Sessions and tokens end").locator("..").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("table", name="People")).to_contain_text("disabled")
    person.get_by_role("button", name="Enable again").click()
    expect(person.get_by_role("button", name="Disable")).to_be_visible()
    person.get_by_role("textbox", name="Groups").fill("stewards")
    person.get_by_role("button", name="Save groups").click()
    group = page.get_by_role("table", name="Groups").get_by_role("row").filter(has_text="stewards")
    group.get_by_role("button", name="Disable").click()
    group.get_by_text("Disable?").locator("..").get_by_role("button", name="Disable").click()
    expect(group).to_contain_text("gives no rights")
    group.get_by_role("button", name="Enable again").click()
    expect(group).to_contain_text("gives the rights of its roles")


def test_a_legal_hold_is_placed_and_ended(page: Page) -> None:
    page.goto("/governance?tab=holds")
    page.get_by_role("textbox", name="Why", exact=True).fill("case 7")
    page.get_by_role("button", name="Place it").click()
    hold = page.get_by_role("table", name="Legal holds").get_by_role("row").filter(has_text="case 7")
    hold.get_by_role("textbox").fill("settled")
    hold.get_by_role("button", name="End it").click()
    expect(hold).to_contain_text("settled")


def test_a_token_is_shown_once_and_revoked(page: Page, running: Running) -> None:
    page.goto("/admin?tab=tokens")
    page.get_by_role("textbox", name="Name").fill("etl")
    page.get_by_label("Allows").fill("viewer")
    page.get_by_role("button", name="Make it").click()
    secret = page.get_by_role("region", name="The token of etl").inner_text()
    with running.client(secret.strip()) as client:
        assert client.get("/api/v1/session").json()["name"] == "etl"
    page.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row").filter(has_text="etl")
    row.get_by_role("button", name="Revoke").click()
    row.get_by_text("For good?").locator("..").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)


def test_what_does_not_work_says_so_with_advice(page: Page) -> None:
    page.goto("/admin")
    parts = page.get_by_role("table", name="Parts")
    expect(parts.get_by_role("row").filter(has_text="store")).to_contain_text("works")
    expect(parts.get_by_role("row").filter(has_text="graph")).to_contain_text("nexus doctor")
    page.goto("/admin?tab=sign-in")
    expect(page.get_by_role("alert")).to_contain_text("No sign-in can begin")


def test_an_own_role_is_made_changed_and_removed(page: Page) -> None:
    page.goto("/governance?tab=roles")
    page.get_by_role("textbox", name="Name", exact=True).fill("loader")
    page.get_by_role("checkbox", name="ingest").check()
    page.get_by_role("button", name="Make it").click()
    row = page.get_by_role("table", name="Roles").get_by_role("row").filter(has_text="loader")
    row.get_by_role("button", name="Edit").click()
    page.get_by_role("checkbox", name="harvest").check()
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(row).to_contain_text("harvest")
    row.get_by_role("button", name="Remove").click()
    row.get_by_text("Remove it?").locator("..").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_a_policy_text_is_read_tested_and_planned(page: Page) -> None:
    page.goto("/governance?tab=policies")
    draft = page.get_by_role("textbox", name="Policy document (YAML)")
    look = page.get_by_role("button", name="Show what changes")
    for text, told in (("version: 1\npolicies:\n  - [", "Line 3"), ("version: 2", "$.version")):
        draft.fill(text)
        look.click()
        expect(page.get_by_text(told)).to_be_visible()
    draft.fill(DOCUMENT % "clear")
    look.click()
    expect(page.get_by_text("1 of 1 test failed.")).to_be_visible()
    expect(page.get_by_role("button", name="Propose")).to_be_disabled()
    draft.fill(DOCUMENT % '"null"')
    look.click()
    expect(page.get_by_text("Nothing changes in 0 columns.")).to_be_visible()
    page.get_by_role("button", name="Propose").click()
    versions = page.get_by_role("table", name="Versions")
    versions.get_by_role("button", name="Text of version 1").click()
    expect(page.get_by_role("region", name="Version 1")).to_contain_text("name: addresses")
    expect(versions.get_by_role("button", name="Withdraw")).to_be_visible()


def test_a_record_is_proven_against_a_checkpoint_kept_elsewhere(page: Page, running: Running) -> None:
    with running.client(running.admin) as client:
        client.post("/api/v1/roles", json={"name": "proven", "permissions": ["read"]}).raise_for_status()
    kept = _signed(running)
    with running.client(running.admin) as client:
        client.delete("/api/v1/roles/proven").raise_for_status()
    _signed(running)
    for action in ("role.create", "role.delete"):  # the checkpoint covers one, and the log goes on from it to the other
        page.goto(f"/audit?action={action}&target=role%3Dproven")
        page.get_by_role("button", name="Prove").first.click()
        proof = page.get_by_role("region", name="Proof")
        proof.get_by_role("button", name="Check the proof").click()
        expect(proof.get_by_role("status")).to_contain_text("Consistent, not proven")
        proof.get_by_role("textbox", name="Trusted checkpoint").fill(f"key {KEY.verifier}\n{kept}")
        proof.get_by_role("button", name="Check the proof").click()
        expect(proof.get_by_role("status")).to_contain_text("Proven: the record is in the log")
    forged = re.sub(r"(?<=\n)[A-Za-z0-9+/]{43}=", "A" * 43 + "=", kept)
    proof.get_by_role("textbox", name="Trusted checkpoint").fill(forged)
    proof.get_by_role("button", name="Check the proof").click()
    expect(proof.get_by_role("status")).to_contain_text("The proof fails")


def _signed(running: Running) -> str:
    """Sign what was recorded, in a thread of its own: Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(lambda: asyncio.run(_sign(running))).result()


async def _sign(running: Running) -> str:
    store = open_store(running.store_url)
    signed = await Signer(store, KEY, ()).turn(None)
    await store.dispose()
    assert signed is not None
    return signed.note


def test_governing_leads_to_the_stronger_sign_in_and_back_to_the_act(running: Running, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=running.url)
    cookie = {"name": COOKIE, "url": running.url, "httpOnly": True, "sameSite": "Lax"}
    context.add_cookies([{**cookie, "value": running.weak}])  # type: ignore[list-item]

    def sign_in(route: Route) -> None:
        """Do what the provider does: let the browser have a session by a strong sign-in, and send it back."""
        context.add_cookies([{**cookie, "value": running.strong}])  # type: ignore[list-item]
        back = httpx.URL(route.request.url).params["next"]
        route.fulfill(status=303, headers={"Location": back})

    context.route("**/login/oidc/corporate**", sign_in)
    page = context.new_page()
    page.goto("/governance?tab=roles")
    page.get_by_role("textbox", name="Name", exact=True).fill("reviewer")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Sign in again").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("Do it now?")
    assert page.url.endswith("/governance?tab=roles")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
    expect(page.get_by_role("table", name="Roles")).to_contain_text("reviewer")
    context.close()


def test_an_emergency_is_asked_for_and_approved_by_another(running: Running, browser: Browser, page: Page) -> None:
    viewer = _signed_in(browser, running, running.viewer)
    asking = viewer.new_page()
    asking.goto("/governance?tab=requests")
    asking.get_by_text("In an emergency").click()
    asking.get_by_role("combobox", name="Role").fill("steward")
    asking.get_by_label("What happened").fill("the source leaks")
    asking.get_by_role("button", name="Ask").click()
    expect(asking.get_by_text("Asked: somebody else decides.")).to_be_visible()
    asking.goto("/governance")
    expect(asking.get_by_role("tab", name="Your rights")).to_be_visible()
    expect(asking.get_by_role("tab", name="Recertification")).to_have_count(0)
    asking.goto("/admin")
    expect(asking.get_by_role("heading", name="For administrators")).to_be_visible()
    viewer.close()
    page.goto("/governance?tab=requests")
    page.get_by_label("Note for who asked").fill("go")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Give it, with an alarm?").locator("..").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("the source leaks")).to_have_count(0)
    page.goto("/governance?tab=recertification")
    page.get_by_label("Title").fill("Fourth quarter")
    page.get_by_role("button", name="Start").click()
    row = page.get_by_role("table", name="Bindings to confirm").get_by_role("row").filter(has_text="alice").first
    expect(page.get_by_role("table", name="Bindings to confirm")).to_be_visible()
    row.or_(page.get_by_role("table", name="Bindings to confirm").get_by_role("row").nth(1)).first.get_by_role(
        "button", name="Confirm"
    ).click()
    expect(page.get_by_text("confirmed").first).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        "/admin",
        "/admin?tab=people&person=acc_alice",
        "/admin?tab=tokens",
        "/admin?tab=sign-in",
        "/governance?tab=roles",
        "/governance?tab=requests",
        "/governance?tab=policies",
        "/governance?tab=recertification",
        "/dead-letters",
        "/sources",
        "/settings",
        "/audit",
    ],
)
def test_pages_are_accessible_and_fit_the_window(page: Page, path: str) -> None:
    page.goto(path)
    wait_until_read(page)
    assert_reads_well(page)
