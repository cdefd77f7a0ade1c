"""SAML 2.0 web browser single sign-on and single logout, as service provider, with python3-saml."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
from lxml.etree import LxmlError
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from nexus_core.errors import AuthenticationError
from nexus_core.governance.saml_checks import check_response
from nexus_core.governance.saml_metadata import SamlMetadata
from nexus_core.governance.sso import SignedOut, Vouched
from nexus_core.references import read_reference
from nexus_core.settings import SamlSettings
from nexus_core.store.accounts import Accounts

_REMEMBERED_MIN = timedelta(hours=1)
_GROUPS_MAX, _TEXT_MAX = 1000, 320
_REFUSED = (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, LxmlError, ValueError, KeyError, TypeError)
_SECURITY = {
    "wantAssertionsSigned": True,
    "wantNameId": True,
    "wantAttributeStatement": False,
    "rejectDeprecatedAlgorithm": True,
    "rejectUnsolicitedResponsesWithInResponseTo": True,
    "requestedAuthnContext": False,
    "signatureAlgorithm": Constants.RSA_SHA256,
    "digestAlgorithm": Constants.SHA256,
}


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """A SAML identity provider; `site` is our address as browsers see it."""

    name: str
    settings: SamlSettings
    site: str
    metadata_of: SamlMetadata
    accounts: Accounts

    @property
    def key(self) -> str:
        """`saml:NAME`."""
        return f"saml:{self.name}"

    @property
    def title(self) -> str:
        """What people call it."""
        return self.settings.title or self.name

    @property
    def entity_id(self) -> str:
        """What we are called there."""
        return self.settings.entity_id or f"{self._own}/metadata"

    @property
    def groups_prefix(self) -> str:
        """What stands before the names of its groups."""
        return self.settings.groups_prefix

    async def issuer(self) -> str:
        """Give the issuer of the accounts of those for whom it vouches."""
        idp = await asyncio.to_thread(self.metadata_of.idp)
        return f"saml:{idp['entityId']}"

    async def metadata(self) -> str:
        """Give our metadata."""
        return await asyncio.to_thread(self._metadata)

    async def begin(self, state: str, step_up: bool) -> tuple[str, dict[str, Any]]:  # noqa: ARG002 it tells no strength
        """Give the address of its sign-on service with a request of ours."""
        return await asyncio.to_thread(self._begin, state)

    async def finish(self, answer: Mapping[str, str], kept: Mapping[str, Any]) -> Vouched:
        """Prove a response, whose assertion is then used up."""
        vouched, assertion_id, ends_at = await asyncio.to_thread(self._proven_anew, answer, kept["request_id"])
        now = datetime.now(UTC)
        if not await self.accounts.use_assertion(
            await self.issuer(), assertion_id, now, max(ends_at, now + _REMEMBERED_MIN)
        ):
            raise AuthenticationError("the assertion was used before")
        return vouched

    async def sign_out(self, sign_out: str, back_to: str) -> str | None:
        """Give the address of its logout service with a request of ours, if it has one."""
        return await asyncio.to_thread(self._sign_out, orjson.loads(sign_out), back_to)

    async def logged_out(self, query: str, said: Mapping[str, str]) -> tuple[SignedOut | None, str]:
        """Take a request to sign out, which must be signed: what has ended there, and where the browser goes with our
        answer. Its answer to our own request changes nothing more. Raises AuthenticationError.
        """
        if "SAMLRequest" not in said:
            return None, f"{self.site}/"
        return await asyncio.to_thread(self._logged_out, query, said)

    @property
    def _own(self) -> str:
        return f"{self.site}/login/saml/{self.name}"

    @property
    def _acs(self) -> str:
        return f"{self._own}/acs"

    def _metadata(self) -> str:
        toolkit = OneLogin_Saml2_Settings(self._toolkit(), sp_validation_only=True)
        described = toolkit.get_sp_metadata()
        return described.decode() if isinstance(described, bytes) else str(described)

    def _begin(self, state: str) -> tuple[str, dict[str, Any]]:
        auth = self._auth(self._acs, {}, {})
        url = auth.login(return_to=state)
        return url, {"request_id": auth.get_last_request_id()}

    def _proven_anew(self, answer: Mapping[str, str], request_id: str) -> tuple[Vouched, str, datetime]:
        """Prove a response; once more if the provider's metadata have changed, since its keys may have."""
        try:
            return self._proven(answer, request_id)
        except AuthenticationError:
            if not self.metadata_of.renew():
                raise
        return self._proven(answer, request_id)

    def _proven(self, answer: Mapping[str, str], request_id: str) -> tuple[Vouched, str, datetime]:
        auth = self._auth(self._acs, {}, {"SAMLResponse": answer.get("SAMLResponse", "")})
        try:
            auth.process_response(request_id=request_id)
            if auth.get_errors() or not auth.is_authenticated():
                raise AuthenticationError("the identity provider's response is not valid")
            document = OneLogin_Saml2_XML.to_etree(auth.get_last_response_xml())
            check_response(document, self._acs, self.entity_id, request_id)
            vouched = self._vouched(auth)
        except _REFUSED as error:
            raise AuthenticationError("the identity provider's response cannot be read") from error
        ends = auth.get_last_assertion_not_on_or_after()
        return vouched, auth.get_last_assertion_id(), datetime.fromtimestamp(ends or 0, UTC)

    def _vouched(self, auth: OneLogin_Saml2_Auth) -> Vouched:
        said: dict[str, list[str]] = auth.get_attributes()
        subject, asked = auth.get_nameid(), self.settings
        sign_out = {"name_id": subject, "format": auth.get_nameid_format(), "session": auth.get_session_index()}
        return Vouched(
            subject=subject,
            name=_first(said, asked.name_attribute) or subject,
            email=_first(said, asked.email_attribute),
            display_name=None,
            groups=tuple(asked.groups_prefix + each for each in said.get(asked.groups_attribute, [])[:_GROUPS_MAX]),
            session=auth.get_session_index(),
            sign_out=orjson.dumps(sign_out).decode(),
        )

    def _sign_out(self, known: Mapping[str, Any], back_to: str) -> str | None:
        auth = self._auth(f"{self._own}/logout", {}, {})
        if auth.get_slo_url() is None:
            return None
        return str(
            auth.logout(
                return_to=back_to,
                name_id=known["name_id"],
                session_index=known["session"],
                name_id_format=known["format"],
            )
        )

    def _logged_out(self, query: str, said: Mapping[str, str]) -> tuple[SignedOut, str]:
        auth = self._auth(f"{self._own}/logout", said, {}, query=query, signed=True)
        try:
            onwards = auth.process_slo(keep_local_session=True)
            if auth.get_errors():
                raise AuthenticationError("the identity provider's request is not valid")
            request = auth.get_last_request_xml()
            name_id, sessions = _named(request)
        except _REFUSED as error:
            raise AuthenticationError("the identity provider's request cannot be read") from error
        return SignedOut(sessions[0] if len(sessions) == 1 else None, name_id), str(onwards)

    def _auth(
        self, url: str, get: Mapping[str, str], post: Mapping[str, str], query: str = "", signed: bool = False
    ) -> OneLogin_Saml2_Auth:
        """Give the toolkit for a request to an address of ours; the address is configured, never the Host header's."""
        address = urlsplit(url)
        request = {
            "https": "on" if address.scheme == "https" else "off",
            "http_host": address.netloc,
            "script_name": address.path,
            "get_data": dict(get),
            "post_data": dict(post),
            "query_string": query,
            "validate_signature_from_qs": True,
        }
        return OneLogin_Saml2_Auth(request, self._toolkit(signed))

    def _toolkit(self, messages_signed: bool = False) -> dict[str, Any]:
        pair = self._pair()
        sp = {
            "entityId": self.entity_id,
            "assertionConsumerService": {"url": self._acs, "binding": Constants.BINDING_HTTP_POST},
            "singleLogoutService": {"url": f"{self._own}/logout", "binding": Constants.BINDING_HTTP_REDIRECT},
            "NameIDFormat": Constants.NAMEID_PERSISTENT,
            "x509cert": pair[1],
            "privateKey": pair[0],
        }
        own = bool(pair[0])
        signs = {"authnRequestsSigned": own, "logoutRequestSigned": own, "logoutResponseSigned": own}
        security = {**_SECURITY, **signs, "wantMessagesSigned": messages_signed}
        return {"strict": True, "debug": False, "sp": sp, "idp": self.metadata_of.idp(), "security": security}

    def _pair(self) -> tuple[str, str]:
        """Give the key and certificate that sign our requests, or empty texts."""
        key, certificate = self.settings.key, self.settings.certificate
        if key is None or certificate is None:
            return "", ""
        thing, advice = f"The key of {self.key}", "See docs/sso.md, SAML"
        return read_reference(key, thing, advice), read_reference(certificate, thing, advice)


def _named(request: str) -> tuple[str, list[str]]:
    """Give whom, and which sessions, a request to sign out names."""
    document = OneLogin_Saml2_XML.to_etree(request)
    names = OneLogin_Saml2_XML.query(document, "/samlp:LogoutRequest/saml:NameID")
    sessions = OneLogin_Saml2_XML.query(document, "/samlp:LogoutRequest/samlp:SessionIndex")
    if len(names) != 1:
        raise AuthenticationError("the identity provider's request names nobody")
    return OneLogin_Saml2_XML.element_text(names[0]) or "", [OneLogin_Saml2_XML.element_text(each) for each in sessions]


def _first(said: Mapping[str, list[str]], name: str) -> str | None:
    values = said.get(name) or [""]
    return values[0][:_TEXT_MAX] or None
