"""A SAML identity provider's metadata, from a file or from its address through `egress`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from lxml.etree import LxmlError
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from nexus_core import egress
from nexus_core.errors import ConfigurationError, UnavailableError

_SECONDS = 600.0
_SECONDS_MIN = 5.0
_BYTES_MAX = 2**20
_SECONDS_MAX = 10.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ADVICE = "See docs/sso.md, SAML"


class SamlMetadata:
    """Reads and remembers it for ten minutes, and on while the provider is away. The method blocks."""

    def __init__(self, place: str, allow: tuple[str, ...]) -> None:
        self._place, self._allow = place, allow
        self._known: tuple[float, dict[str, Any]] | None = None
        address = urlsplit(place)
        if address.scheme not in ("file", "https") and address.hostname not in _LOOPBACK:
            raise ConfigurationError(f"The metadata {place} are neither file: nor https", _ADVICE)

    def idp(self) -> dict[str, Any]:
        """Give what the toolkit's settings call `idp`. Raises UnavailableError, ConfigurationError."""
        if self._known is None or time.monotonic() > self._known[0] + _SECONDS:
            try:
                self._known = (time.monotonic(), self._parsed(self._text()))
            except UnavailableError:
                if self._known is None:
                    raise
                self._known = (time.monotonic(), self._known[1])
        return self._known[1]

    def renew(self) -> bool:
        """Read it anew, at most every five seconds: the provider may sign with a new key. Raises as `idp`.

        Gives whether it says something else now.
        """
        if self._known is None or time.monotonic() < self._known[0] + _SECONDS_MIN:
            return False
        before, self._known = self._known[1], (time.monotonic() - _SECONDS - 1, self._known[1])
        return self.idp() != before

    def _text(self) -> str:
        if self._place.startswith("file:"):
            path = Path(self._place.removeprefix("file:")).expanduser()
            try:
                return path.read_text("utf-8")
            except OSError as error:
                raise ConfigurationError(f"The metadata {path} cannot be read: {error.strerror}", _ADVICE) from error
        return self._fetched()

    def _fetched(self) -> str:
        host = urlsplit(self._place).hostname or ""
        purpose = egress.Purpose("SAML metadata", (host,), (*self._allow, host), _BYTES_MAX, _SECONDS_MAX)
        try:
            with egress.client(purpose) as client:
                answer = client.get(self._place)
        except httpx.HTTPError as error:
            raise UnavailableError(f"The identity provider {host}", type(error).__name__) from error
        if not answer.is_success:
            raise UnavailableError(f"The identity provider {host}", f"it answers {answer.status_code}")
        return answer.text

    def _parsed(self, text: str) -> dict[str, Any]:
        binding = OneLogin_Saml2_Constants.BINDING_HTTP_REDIRECT
        try:
            said = OneLogin_Saml2_IdPMetadataParser.parse(text, binding, binding)
        except (LxmlError, ValueError) as error:
            raise ConfigurationError(f"The metadata {self._place} cannot be read", _ADVICE) from error
        idp: dict[str, Any] = said.get("idp", {})
        if not {"entityId", "singleSignOnService"} <= idp.keys() or not {"x509cert", "x509certMulti"} & idp.keys():
            raise ConfigurationError(
                f"The metadata {self._place} lack the entity, its address for HTTP-Redirect, or a certificate", _ADVICE
            )
        return idp
