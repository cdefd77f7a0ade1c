"""What an OpenID Connect provider publishes, and its token endpoint, all reached through `egress`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from nexus_core import egress
from nexus_core.errors import AuthenticationError, ConfigurationError, UnavailableError
from nexus_core.references import read_reference
from nexus_core.settings import OidcSettings

_DISCOVERY = "/.well-known/openid-configuration"
_METADATA_SECONDS = 600.0
_KEYS_SECONDS_MIN = 5.0
_BYTES_MAX = 2**20
_SECONDS_MAX = 10.0
_KINDS = ("RSA", "EC", "OKP")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class OidcWeb:
    """Fetches and remembers a provider's metadata and keys. Methods block; they raise UnavailableError."""

    def __init__(self, settings: OidcSettings, allow: tuple[str, ...]) -> None:
        self._settings, self._allow = settings, allow
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        host = urlsplit(settings.issuer)
        self._is_local = host.hostname in _LOOPBACK
        if host.scheme != "https" and not self._is_local:
            raise ConfigurationError(f"The issuer {settings.issuer} is not https", "See docs/sso.md")

    def metadata(self) -> dict[str, Any]:
        """Give the discovery document (OpenID Connect Discovery 1.0 §4), whose issuer must be the one we asked."""
        if self._metadata is None or time.monotonic() > self._metadata[0] + _METADATA_SECONDS:
            said = self._json("GET", self._settings.issuer.rstrip("/") + _DISCOVERY)
            if said.get("issuer") != self._settings.issuer:
                raise UnavailableError(self._name, "its metadata names another issuer", "Check the issuer's URL.")
            self._metadata = (time.monotonic(), said)
        return self._metadata[1]

    def endpoint(self, name: str) -> str:
        """Give an endpoint's address."""
        address = self.metadata().get(name)
        if not isinstance(address, str) or not self._is_safe(address):
            raise UnavailableError(self._name, f"its metadata has no {name} over https", "Check the provider.")
        return address

    def keys(self, kid: str | None) -> KeySet:
        """Give the provider's keys, asked for anew if it has signed with one that we do not know."""
        known = self._keys
        if known is None or (not _has(known[1], kid) and time.monotonic() > known[0] + _KEYS_SECONDS_MIN):
            said = self._json("GET", self.endpoint("jwks_uri"))
            known = self._keys = (time.monotonic(), _key_set(self._name, said))
        return known[1]

    def exchange(self, code: str, verifier: str, redirect_uri: str) -> str:
        """Give the ID token for a code (RFC 6749 §4.1.3, RFC 7636); raises AuthenticationError if it is refused."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self._settings.client_id,
        }
        headers = self._authentication(form)
        said = self._json("POST", self.endpoint("token_endpoint"), form, headers)
        token = said.get("id_token")
        if not isinstance(token, str):
            raise AuthenticationError("the identity provider sent no ID token")
        return token

    def _authentication(self, form: dict[str, str]) -> dict[str, str]:
        """Authenticate us by the method that the provider takes (RFC 6749 §2.3.1)."""
        if self._settings.client_secret is None:
            return {}
        advice = "See docs/sso.md"
        secret = read_reference(self._settings.client_secret, f"The client secret of {self._name}", advice)
        methods = self.metadata().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" not in methods:
            form["client_secret"] = secret
            return {}
        pair = httpx.BasicAuth(quote_plus(self._settings.client_id), quote_plus(secret))
        request = next(pair.auth_flow(httpx.Request("POST", "https://localhost")))
        return {"Authorization": request.headers["Authorization"]}

    def _json(
        self, method: str, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        host = urlsplit(url).hostname or ""
        own = urlsplit(self._settings.issuer).hostname or ""
        purpose = egress.Purpose(self._name, (host,), (*self._allow, own), _BYTES_MAX, _SECONDS_MAX)
        try:
            with egress.client(purpose) as client:
                answer = client.request(method, url, data=form, headers=headers)
            said = orjson.loads(answer.content)
        except (httpx.HTTPError, orjson.JSONDecodeError) as error:
            raise UnavailableError(self._name, type(error).__name__, "Check the identity provider.") from error
        if form is not None and answer.is_client_error:
            raise AuthenticationError("the identity provider refused the code")
        if not answer.is_success or not isinstance(said, dict):
            raise UnavailableError(self._name, f"it answers {answer.status_code}", "Check the identity provider.")
        return said

    def _is_safe(self, address: str) -> bool:
        return address.startswith("https://") or (self._is_local and address.startswith("http://"))

    @property
    def _name(self) -> str:
        return f"The identity provider {self._settings.issuer}"


def _has(keys: KeySet, kid: str | None) -> bool:
    return any(kid is None or key.kid == kid for key in keys.keys)


def _key_set(name: str, said: dict[str, Any]) -> KeySet:
    """Read the keys that sign, skipping kinds that we do not know (RFC 7517 §5)."""
    keys = said.get("keys")
    found = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
    kept = [key for key in found if key.get("kty") in _KINDS and key.get("use", "sig") == "sig"]
    try:
        return KeySet.import_key_set({"keys": kept})
    except (JoseError, ValueError, KeyError) as error:
        raise UnavailableError(name, "its keys cannot be read", "Check the identity provider.") from error
