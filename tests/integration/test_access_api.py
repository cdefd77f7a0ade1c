"""Tokens, sessions, Airflow's assertions and the web UI's files, through the real application."""

import base64
import hashlib
import json
import time
import uuid

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nexus_core.api.app import create_app
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.settings import ApiSettings, GraphSettings
from tests.stores import STORES

SESSION = "/api/v1/session"
KEY = Ed25519PrivateKey.generate()


@pytest.fixture(params=STORES)
async def app(request, tmp_path):
    keys, web = tmp_path / "keys", tmp_path / "web"
    keys.mkdir()
    (keys / "airflow-test.pem").write_bytes(
        KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><html><head></head></html>")
    (web / "assets" / "app-1a2b.js").write_text("1")
    empty = await STORES[request.param](request, tmp_path)
    settings = empty.model_copy(
        update={"graph": GraphSettings(uri="bolt://127.0.0.1:1"), "api": ApiSettings(assertion_keys=keys)}
    )
    app = create_app(settings, web)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def browser(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000") as client:
        yield client


@pytest.fixture
async def admin(app, tmp_path):
    return await ensure_admin_token(app.state.services.tokens, tmp_path / "admin-token")


async def test_the_admin_token_is_private_and_stays(app, admin, tmp_path):
    path = tmp_path / "admin-token"
    secret = path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert (await ensure_admin_token(app.state.services.tokens, path)).id == admin.id
    assert path.read_text() == secret
    path.write_text("nxt_of_another_store\n")
    assert (await ensure_admin_token(app.state.services.tokens, path)).id != admin.id


async def test_secrets_lie_nowhere_in_the_store(app, admin, tmp_path):
    secret = (tmp_path / "admin-token").read_text().strip().encode()
    assert all(secret not in path.read_bytes() for path in tmp_path.glob("nexus.db*"))


async def test_a_login_link_works_once(app, admin, browser):
    link = await app.state.services.sessions.link(admin)
    answer = await browser.get("/login", params={"once": link, "next": "/graph?x=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/graph?x=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await browser.get(SESSION)).json()["name"] == "admin"
    browser.cookies.clear()
    assert (await browser.get("/login", params={"once": link})).status_code == 401
    assert (await browser.get(SESSION)).status_code == 401


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"])
async def test_a_login_link_stays_with_us(app, admin, browser, elsewhere):
    link = await app.state.services.sessions.link(admin)
    answer = await browser.get("/login", params={"once": link, "next": elsewhere})
    assert answer.headers["location"] == "/"


async def test_a_change_by_session_needs_its_csrf_token(browser, admin, tmp_path):
    secret = (tmp_path / "admin-token").read_text().strip()
    session = (await browser.post(SESSION, json={"token": secret})).json()
    asked = {"name": "etl", "authority": ["producer:airflow"]}
    assert (await browser.post("/api/v1/tokens", json=asked)).status_code == 403
    assert (await browser.post("/api/v1/tokens", json=asked, headers={"X-CSRF-Token": "é".encode()})).status_code == 403
    csrf = {"X-CSRF-Token": session["csrf"]}
    assert (await browser.post("/api/v1/tokens", json=asked, headers=csrf)).status_code == 201
    assert (await browser.delete(SESSION, headers=csrf)).json() == {"continue_at": None}
    assert (await browser.get(SESSION)).status_code == 401


async def test_no_route_changes_anything_by_session_without_its_csrf_token(app, browser, admin, tmp_path):
    secret = (tmp_path / "admin-token").read_text().strip()
    assert (await browser.post(SESSION, json={"token": secret})).status_code == 201
    changes = [
        (method, path)
        for path, item in app.openapi()["paths"].items()
        for method in item
        if method not in ("get", "head") and path.startswith("/api/") and (method, path) != ("post", SESSION)
    ]
    assert len(changes) > 60
    for method, path in changes:
        answer = await browser.request(method, path.replace("{", "").replace("}", ""), json={})
        assert (answer.status_code, "CSRF" in answer.text) == (403, True), (method, path, answer.text)


async def test_a_token_is_made_listed_and_revoked(browser, admin, tmp_path):
    admins = {"Authorization": "Bearer " + (tmp_path / "admin-token").read_text().strip()}
    made = (await browser.post("/api/v1/tokens", json={"name": "etl", "authority": ["viewer"]}, headers=admins)).json()
    listed = (await browser.get("/api/v1/tokens", headers=admins)).json()
    assert [token["name"] for token in listed] == ["admin", "etl"]
    assert "token" not in listed[1]
    etl = {"Authorization": "Bearer " + made["token"]}
    assert (await browser.get(SESSION, headers=etl)).json()["permissions"] == ["read"]
    assert (await browser.get("/api/v1/tokens", headers=etl)).status_code == 403
    await browser.post(SESSION, json={"token": made["token"]})
    assert (await browser.delete(f"/api/v1/tokens/{made['id']}", headers=admins)).status_code == 204
    assert (await browser.get(SESSION, headers=etl)).status_code == 401
    assert (await browser.get(SESSION)).status_code == 401
    assert (await browser.delete(f"/api/v1/tokens/{made['id']}", headers=admins)).status_code == 404


async def test_rotation_keeps_the_account(app):
    first = await app.state.services.tokens.create("etl", ["viewer"])
    second = await app.state.services.tokens.create("etl", ["producer:airflow"])
    assert first.token.account == second.token.account


def assertion(path=SESSION, key=KEY, method="GET", body=b"", header=None, **changed):
    now = int(time.time())
    claims = {
        "iss": "airflow-test",
        "aud": "lineage-nexus",
        "sub": "7",
        "name": "Ann",
        "iat": now,
        "exp": now + 30,
        "jti": uuid.uuid4().hex,
        "method": method,
        "path": path,
        "body": hashlib.sha256(body).hexdigest(),
        **changed,
    }
    parts = [json.dumps(each).encode() for each in (header or {"alg": "EdDSA", "typ": "JWT"}, claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(key.sign(signed)).rstrip(b"=")
    return {"X-Nexus-Assertion": (signed + b"." + signature).decode()}


async def test_an_assertion_names_an_airflow_user_once(browser):
    headers = assertion(path=f"{SESSION}?q=a%20b")
    answer = await browser.get(f"{SESSION}?q=a%20b", headers=headers)
    assert answer.json()["permissions"] == ["read"]
    assert answer.json()["name"] == "Ann"
    assert (await browser.get(f"{SESSION}?q=a%20b", headers=headers)).status_code == 401
    again = await browser.get(SESSION, headers=assertion())
    assert again.json()["account_id"] == answer.json()["account_id"]


async def test_an_assertion_never_grants_a_change(browser):
    body = json.dumps({"name": "x", "authority": ["admin"]}).encode()
    headers = assertion(path="/api/v1/tokens", method="POST", body=body) | {"Content-Type": "application/json"}
    assert (await browser.post("/api/v1/tokens", content=body, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": Ed25519PrivateKey.generate()},
        {"iss": "airflow-other"},
        {"aud": "someone"},
        {"path": "/api/v1/tokens"},
        {"method": "POST"},
        {"body": b"{}"},
        {"seconds": {"exp": -1}},
        {"seconds": {"exp": 3600}},
        {"seconds": {"iat": 45, "exp": 90}},
        {"jti": "short"},
        {"sub": 7},
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS256"}},
        {"header": [1]},
    ],
)
async def test_a_wrong_assertion_is_refused(browser, wrong):
    wrong = wrong | {claim: int(time.time()) + seconds for claim, seconds in wrong.get("seconds", {}).items()}
    wrong.pop("seconds", None)
    assert (await browser.get(SESSION, headers=assertion(**wrong))).status_code == 401


@pytest.mark.parametrize("text", ["", "a.b.c", "..", "é.é.é", "e30.e30.e30", "." * 9000])
async def test_what_is_no_assertion_is_refused(browser, text):
    headers = {"X-Nexus-Assertion": text.encode()}
    assert (await browser.get(SESSION, headers=headers)).status_code == 401


async def test_the_web_ui_is_served_for_every_page(browser):
    page = await browser.get("/datasets/some/deep/link")
    assert page.status_code == 200
    assert '<base href="/">' in page.text
    assert '{"api":"/api/v1","host":"standalone"}' in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    script = await browser.get("/assets/app-1a2b.js")
    assert "immutable" in script.headers["cache-control"]
    for absent in ("/assets/other.js", "/api/v1/nothing", "/assets/..%2f..%2fadmin-token"):
        assert (await browser.get(absent)).status_code == 404
    for outside in ("/../admin-token", "/..%2fadmin-token", "/%2e%2e/admin-token", "/..%5cadmin-token", "/x%00"):
        answer = await browser.get(outside)
        assert answer.status_code != 200 or answer.text == page.text, outside


async def test_openapi_names_every_operation(browser):
    described = (await browser.get("/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all("_" not in name for name in names)
