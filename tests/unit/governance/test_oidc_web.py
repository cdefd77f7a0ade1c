"""What a provider publishes: taken from the issuer that was named, over https, within limits, without redirects."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from joserfc.jwk import RSAKey

from nexus_core.errors import AuthenticationError, ConfigurationError, ForbiddenError, UnavailableError
from nexus_core.governance.oidc_web import OidcWeb
from nexus_core.settings import OidcSettings


class Provider(ThreadingHTTPServer):
    """Answers each path with a status and a body, and remembers what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked = []
        self.answers = {}

    def says(self, path, body, status=200):
        self.answers[path] = (status, json.dumps(body).encode())

    def describes(self, **changed):
        told = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", "token_endpoint": f"{self.url}/token", **changed}
        self.says("/.well-known/openid-configuration", told)


class _Handler(BaseHTTPRequestHandler):
    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.asked.append((self.path, self.headers, self.rfile.read(length).decode()))
        status, body = self.server.answers.get(self.path, (404, b"{}"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815 http.server finds them by name

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def provider():
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    server.describes()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def web(provider, **more):
    return OidcWeb(OidcSettings(issuer=provider.url, client_id="nexus", **more), ())


def published(*kids):
    return {"keys": [RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}).as_dict(private=False) for kid in kids]}


def test_metadata_of_another_issuer_are_refused(provider):
    provider.describes(issuer="https://other.example.com")
    with pytest.raises(UnavailableError):
        web(provider).metadata()


@pytest.mark.parametrize("address", ["http://169.254.169.254/keys", "https://10.0.0.1/keys", "https://127.0.0.2/keys"])
def test_metadata_lead_to_no_inner_address(provider, address):
    provider.describes(jwks_uri=address)
    with pytest.raises(ForbiddenError):
        web(provider).keys("one")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/keys", "", None])
def test_an_endpoint_has_a_web_address(provider, address):
    provider.describes(jwks_uri=address)
    with pytest.raises(UnavailableError):
        web(provider).keys("one")


def test_a_redirect_is_not_followed(provider):
    provider.says("/keys", {}, 302)
    provider.says("/elsewhere", published("one"))
    with pytest.raises(UnavailableError):
        web(provider).keys("one")
    assert "/elsewhere" not in {path for path, _, _ in provider.asked}


def test_an_answer_without_end_is_cut(provider):
    provider.says("/keys", {"keys": "x" * (2**20 + 1)})
    with pytest.raises(UnavailableError):
        web(provider).keys("one")


@pytest.mark.parametrize("body", [[], {}, {"keys": []}, {"keys": "x"}, {"keys": [{"kty": "oct", "k": "AAAA"}]}])
def test_what_are_no_keys_is_told(provider, body):
    provider.says("/keys", body)
    with pytest.raises(UnavailableError):
        web(provider).keys("one")


def test_keys_are_asked_for_once_and_not_again_at_once_for_an_unknown_one(provider):
    provider.says("/keys", published("one"))
    asked = web(provider)
    for kid in ("one", None, "one", "two", "three"):
        asked.keys(kid)
    assert [path for path, _, _ in provider.asked].count("/keys") == 1


def test_a_code_is_exchanged_with_verifier_and_secret(provider, monkeypatch):
    monkeypatch.setenv("TEST_SECRET", "a secret: with+signs")
    provider.says("/token", {"id_token": "a.b.c"})
    assert web(provider, client_secret="env:TEST_SECRET").exchange("code", "verifier", "https://us/callback") == "a.b.c"
    _, headers, form = provider.asked[-1]
    assert headers["Authorization"].startswith("Basic ")
    assert "code_verifier=verifier" in form
    assert "secret" not in form


def test_a_refused_code_is_no_outage(provider):
    provider.says("/token", {"error": "invalid_grant"}, 400)
    with pytest.raises(AuthenticationError):
        web(provider).exchange("code", "verifier", "https://us/callback")
    provider.says("/token", {}, 500)
    with pytest.raises(UnavailableError):
        web(provider).exchange("code", "verifier", "https://us/callback")


def test_an_issuer_is_https():
    with pytest.raises(ConfigurationError):
        OidcWeb(OidcSettings(issuer="http://login.example.com", client_id="nexus"), ())
