"""The plugin in a real API server app of Airflow, under SimpleAuthManager."""

import hashlib
import json
import runpy
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings("ignore")]

OWN_PAGE = {"Origin": "http://airflow.test", "X-Nexus-Request": "1"}


@pytest.fixture(scope="module")
def key(airflow_home):
    made = Ed25519PrivateKey.generate()
    (airflow_home / "key.pem").write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


@pytest.fixture(scope="module")
def airflow_app(airflow_home, key, receiver_server):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__LINEAGE_NEXUS__API_URL", receiver_server.url)
        patch.setenv("AIRFLOW__LINEAGE_NEXUS__INSTANCE", "airflow-test")
        patch.setenv("AIRFLOW__LINEAGE_NEXUS__KEY_PATH", str(airflow_home / "key.pem"))
        from airflow.api_fastapi.app import create_app

        return create_app(apps="core")


@pytest.fixture(scope="module")
def browser(airflow_app):
    from starlette.testclient import TestClient

    with TestClient(airflow_app, base_url="http://airflow.test") as client:
        yield client


@pytest.fixture
def signed_in(browser):
    answer = browser.post("/auth/token", json={"username": "vic", "password": "vic"})
    browser.cookies.set("_token", answer.json()["access_token"])
    yield browser
    browser.cookies.clear()


def claims(request, key):
    assertion = request["headers"]["X-Nexus-Assertion"]
    assert jwt.get_unverified_header(assertion)["alg"] == "EdDSA"
    return jwt.decode(assertion, key.public_key(), ["EdDSA"], audience="lineage-nexus", issuer="airflow-test")


def test_registers_once(browser):
    from airflow import plugins_manager

    plugins, errors = plugins_manager._get_plugins()
    assert [plugin.name for plugin in plugins].count("lineage_nexus") == 1
    assert errors == {}
    views = [view["url_route"] for view in plugins_manager._get_ui_plugins()[0]]
    assert views == ["nexus", "nexus-dag", "nexus-dag_run", "nexus-task", "nexus-task_instance"]
    assert [app["destination"] for app in plugins_manager._get_ui_plugins()[1]] == ["dashboard"]


def test_airflow_tells_its_ui_of_our_views(signed_in):
    plugins = signed_in.get("/api/v2/plugins").json()["plugins"]
    (ours,) = [plugin for plugin in plugins if plugin["name"] == "lineage_nexus"]
    nav = ours["external_views"][0]
    assert (nav["href"], nav["nav_top_level"], nav["destination"]) == ("nexus/?embed=1", True, "nav")
    assert signed_in.get(f"/{nav['icon']}").headers["content-type"] == "image/svg+xml"
    (widget,) = ours["react_apps"]
    script = signed_in.get(f"/{widget['bundle_url']}")
    assert "javascript" in script.headers["content-type"]
    assert "globalThis.AirflowPlugin" in script.text


@pytest.mark.parametrize(
    ("public_url", "begins"),
    [
        (None, "http://airflow.test/plugin/nexus/nexus/lineage?"),
        ("https://nexus.example/", "https://nexus.example/lineage?"),
    ],
)
def test_every_task_links_to_its_lineage(airflow_app, monkeypatch, public_url, begins):
    from airflow import plugins_manager

    if public_url:
        monkeypatch.setenv("AIRFLOW__LINEAGE_NEXUS__PUBLIC_URL", public_url)
    (link,) = [link for link in plugins_manager.get_global_operator_extra_links() if link.name == "Lineage"]
    task = SimpleNamespace(task_id="group.load")
    url = link.get_link(task, ti_key=SimpleNamespace(dag_id="sales", task_id="group.load"))
    assert url == f"{begins}dag_id=sales&task_id=group.load&job_namespace=airflow-test"


def test_the_plugins_file_stands_back_where_the_entry_point_registers():
    seen = runpy.run_path("plugins/lineage_nexus_plugin.py")
    assert "LineageNexusPlugin" not in seen


def test_strangers_are_refused_before_anything_is_forwarded(browser, receiver):
    assert browser.get("/nexus/api/v1/datasets").status_code == 401
    assert browser.get("/nexus/api/v1/datasets", headers={"Authorization": "Bearer no"}).status_code == 403
    assert receiver.requests == []


def test_a_user_is_forwarded_with_a_signed_assertion_and_nothing_of_airflows(signed_in, receiver, key):
    answer = signed_in.get("/nexus/api/v1/datasets?q=a%20b&tag=x%5B1%5D", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert "set-cookie" not in answer.headers
    (request,) = receiver.requests
    assert request["path"] == "/api/v1/datasets?q=a%20b&tag=x%5B1%5D"
    assert not {"cookie", "authorization"} & {name.lower() for name in request["headers"]}
    said = claims(request, key)
    assert (said["sub"], said["name"], said["method"], said["path"]) == ("vic", "vic", "GET", request["path"])
    assert said["exp"] - said["iat"] <= 60
    assert said["body"] == hashlib.sha256(b"").hexdigest()


def test_each_assertion_has_its_own_id_and_covers_the_body(signed_in, receiver, key):
    for body in (b'{"a": 1}', b'{"a": 2}'):
        assert signed_in.post("/nexus/api/v1/impact", content=body, headers=OWN_PAGE).status_code == 200
    first, second = (claims(request, key) for request in receiver.requests)
    assert first["jti"] != second["jti"]
    assert second["body"] == hashlib.sha256(b'{"a": 2}').hexdigest()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Nexus-Request": "1"},
        {"Origin": "http://airflow.test"},
        {"Origin": "https://evil.test", "X-Nexus-Request": "1"},
        {"Origin": "null", "X-Nexus-Request": "1"},
    ],
)
def test_changes_come_from_our_own_page_only(signed_in, receiver, headers):
    assert signed_in.post("/nexus/api/v1/impact", json={}, headers=headers).status_code == 403
    assert receiver.requests == []


@pytest.mark.parametrize("path", ["%2e%2e/%2e%2e/metrics", "a/%2E%2E/x", "%2e/x"])
def test_no_path_leaves_the_api(signed_in, receiver, path):
    assert signed_in.get(f"/nexus/api/v1/{path}").status_code == 400
    assert receiver.requests == []


def test_large_bodies_are_refused(signed_in, receiver):
    assert signed_in.post("/nexus/api/v1/impact", content=b"x" * (2**20 + 1), headers=OWN_PAGE).status_code == 413
    assert receiver.requests == []


def test_what_the_api_refuses_is_passed_on(signed_in, receiver):
    receiver.status, receiver.answer = 404, lambda request: {"title": "Not Found"}
    answer = signed_in.get("/nexus/api/v1/datasets/one?namespace=a&name=b")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


def test_deep_links_and_assets(browser, tmp_path):
    from starlette.testclient import TestClient

    from nexus_ui_plugin.pages import pages_app

    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<html><head><title>x</title></head></html>")
    (tmp_path / "assets" / "main-1a2b.js").write_text("1")
    pages = TestClient(pages_app(tmp_path, "ns"), root_path="/airflow/nexus")
    for path in ("/", "/lineage?namespace=a&name=b", "/datasets/postgres%3A%2F%2Fdb/x"):
        page = pages.get(path)
        assert page.status_code == 200
        assert '<base href="/airflow/nexus/">' in page.text
        config = page.text.partition('type="application/json">')[2].partition("</script>")[0]
        assert json.loads(config) == {"api": "/airflow/nexus/api/v1", "host": "airflow", "job_namespace": "ns"}
        assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    asset = pages.get("/assets/main-1a2b.js")
    assert (asset.text, "immutable" in asset.headers["cache-control"]) == ("1", True)
    assert pages.get("/assets/gone.js").status_code == 404
    assert pages.get("/..%2f..%2fetc/passwd").text.startswith("<html>")


def test_an_installation_without_the_build_says_so(tmp_path):
    from starlette.testclient import TestClient

    from nexus_ui_plugin.pages import pages_app

    answer = TestClient(pages_app(tmp_path, "ns")).get("/")
    assert (answer.status_code, "make web" in answer.json()["detail"]) == (503, True)


@pytest.mark.parametrize("missing", ["API_URL", "INSTANCE", "KEY_PATH"])
def test_a_missing_setting_is_named(airflow_app, monkeypatch, missing):
    from nexus_core.errors import ConfigurationError
    from nexus_ui_plugin.config import read_config

    for name in {"API_URL", "INSTANCE", "KEY_PATH"} - {missing}:
        monkeypatch.setenv(f"AIRFLOW__LINEAGE_NEXUS__{name}", "http://x" if name == "API_URL" else "x")
    with pytest.raises(ConfigurationError, match=rf"\[lineage_nexus\] {missing.lower()} is not set"):
        read_config()


def test_a_key_of_another_kind_is_refused(tmp_path):
    from nexus_core.errors import ConfigurationError
    from nexus_ui_plugin.assertion import read_key

    (tmp_path / "no.pem").write_text("no key")
    for path in (tmp_path / "no.pem", tmp_path / "absent.pem"):
        with pytest.raises(ConfigurationError, match="openssl genpkey"):
            read_key(path)


@pytest.fixture
def nexus_api(tmp_path, key):
    """The real API, trusting this Airflow's key, on a port of its own."""
    import asyncio

    import uvicorn

    from nexus_core.api.app import create_app
    from nexus_core.settings import ApiSettings, GraphSettings, Settings
    from nexus_core.store.migration import migrate

    (tmp_path / "keys").mkdir()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "keys" / "airflow-test.pem").write_bytes(public)
    no_graph = GraphSettings(uri="bolt://127.0.0.1:1")
    settings = Settings(data_dir=tmp_path, graph=no_graph, api=ApiSettings(assertion_keys=tmp_path / "keys"))
    asyncio.run(migrate(settings.store_url))
    server = uvicorn.Server(uvicorn.Config(create_app(settings, None), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_the_real_api_believes_the_assertion_and_gives_a_viewers_rights(signed_in, nexus_api, key):
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from nexus_ui_plugin.app import forwarding_app
    from nexus_ui_plugin.assertion import Signer
    from nexus_ui_plugin.config import PluginConfig
    from nexus_ui_plugin.forwarding import Upstream

    config = PluginConfig(nexus_api, "airflow-test", Path("unused"), "airflow.test")
    upstream, outer = Upstream(config, Signer("airflow-test", key)), FastAPI()
    outer.mount("/nexus", forwarding_app(upstream))
    client = TestClient(outer, base_url="http://airflow.test", cookies=dict(signed_in.cookies))
    for _ in range(2):
        session = client.get("/nexus/api/v1/session?q=a%20b%5B%5D&q=%C3%BC")
        assert (session.status_code, session.json()["name"]) == (200, "vic")
        assert session.json()["permissions"] == ["read"]
    refused = client.post("/nexus/api/v1/tokens", json={"name": "x", "authority": ["admin"]}, headers=OWN_PAGE)
    assert refused.status_code == 403
    assert "permission admin" in refused.json()["detail"]
    upstream.close()
