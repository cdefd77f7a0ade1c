"""Governing takes a strong and new sign-in where the identity provider tells of one; groups count as told lately."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.api.access import COOKIE
from nexus_core.api.app import create_app
from nexus_core.errors import AuthenticationError
from nexus_core.governance.roles import Roles, Wanted
from nexus_core.governance.secrets import hash_of
from nexus_core.governance.sessions import ByProvider
from nexus_core.model.access import EVERYTHING
from nexus_core.settings import GraphSettings, OidcSettings, SsoSettings
from nexus_core.store.account_sign_ins import Pending, SignInRows
from nexus_core.store.account_users import Profile, User, UserRows
from nexus_core.store.accounts import Account
from tests.stores import sqlite_settings

STRONG = OidcSettings(issuer="https://idp.example.org", client_id="nexus", step_up_acr="gold")
OTHER = OidcSettings(issuer="https://other.example.org", client_id="nexus")
ALICE = Account("acc_1", "alice", "person")
STEP_UP = "/login/oidc/strong?step_up=true"


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[Any]:
    changed = {
        "graph": GraphSettings(uri="bolt://127.0.0.1:1"),
        "sso": SsoSettings(oidc={"strong": STRONG, "other": OTHER}),
    }
    made = create_app((await sqlite_settings(tmp_path)).model_copy(update=changed))
    async with made.router.lifespan_context(made):
        main = made.state.services.main
        alice = User(ALICE.id, "oidc:https://idp.example.org", "a", "alice", Profile(), datetime.now(UTC))
        assert await UserRows(main).add(alice, None, "sso")
        for role in ("steward", "admin"):
            await Roles(main).bind(Wanted(role, "account", ALICE.id, EVERYTHING))
        yield made


async def browser(app: Any, minutes: float | None, issuer: str = "oidc:https://idp.example.org") -> httpx.AsyncClient:
    """A session by a provider whose sign-in was strong until so many minutes from now; None: it was not."""
    until = None if minutes is None else datetime.now(UTC) + timedelta(minutes=minutes)
    session = await app.state.services.sessions.start_for(ALICE, ByProvider(issuer, None, "", None, until))
    headers = {"X-CSRF-Token": session.identity.csrf}
    transport, cookies = httpx.ASGITransport(app), {COOKIE: session.secret}
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers, cookies=cookies)


CHANGES = (
    ("PUT", "/api/v1/classifications/classes/Secret", {"rank": 300}, None),
    ("POST", "/api/v1/classifications/decisions", {}, {"action": "set", "namespace": "s", "name": "t", "fields": [""]}),
    ("POST", "/api/v1/roles/bindings", {}, {"role": "admin", "subject_kind": "group", "subject": "all"}),
    ("POST", "/api/v1/policies", {}, {"document": {"version": 1, "policies": []}}),
    ("POST", "/api/v1/tokens/own", {}, {"authority": ["steward"], "expires_days": 1}),
)


@pytest.mark.parametrize("minutes", [None, -1])
async def test_a_weak_or_old_sign_in_reads_and_governs_nothing(app: Any, minutes: float | None) -> None:
    async with await browser(app, minutes) as weak:
        assert (await weak.get("/api/v1/roles/bindings")).status_code == 200
        for method, path, query, body in CHANGES:
            answer = await weak.request(method, path, params=query, json=body)
            assert (answer.status_code, answer.json().get("step_up")) == (403, STEP_UP), (path, answer.text)


async def test_a_strong_sign_in_governs_and_so_does_one_whose_provider_tells_no_strength(app: Any) -> None:
    for made in (browser(app, 5), browser(app, None, "oidc:https://other.example.org")):
        async with await made as strong:
            answer = await strong.put("/api/v1/classifications/classes/Secret", params={"rank": 300})
            assert answer.status_code in (200, 201), answer.text
            own = {"authority": ["steward"], "expires_days": 1}
            assert (await strong.post("/api/v1/tokens/own", json=own)).status_code == 201


async def test_a_session_ends_when_its_groups_must_be_told_anew(app: Any) -> None:
    services = app.state.services
    asked = ByProvider("oidc:https://idp.example.org", None, "", timedelta(seconds=0))
    session = await services.sessions.start_for(ALICE, ByProvider(asked.issuer, None, "", timedelta(hours=99)))
    assert (await services.sessions.prove(session.secret)).caller.account_id == ALICE.id
    with pytest.raises(AuthenticationError):
        await services.sessions.prove((await services.sessions.start_for(ALICE, asked)).secret)


async def test_an_answer_at_another_providers_address_is_refused_before_anything_is_asked(app: Any) -> None:
    """Mix-up (RFC 9700 §4.4): who began at one provider is not taken for who another vouches for."""
    state, secret = "nxa_state", "nxb_browser"
    now = datetime.now(UTC)
    rows = SignInRows(app.state.services.main)
    begun = Pending("oidc:strong", hash_of(secret), {"verifier": "v", "nonce": "n", "next": "/"})
    transport, cookies = httpx.ASGITransport(app), {"nexus_sign_in": secret}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", cookies=cookies) as client:
        for query in ({}, {"iss": "https://idp.example.org"}, {"iss": "https://other.example.org"}):
            await rows.begin(hash_of(state), begun, now, now + timedelta(minutes=5))
            answer = await client.get("/login/oidc/other/callback", params={"state": state, "code": "stolen", **query})
            assert answer.status_code == 401, query
            assert COOKIE not in answer.cookies
