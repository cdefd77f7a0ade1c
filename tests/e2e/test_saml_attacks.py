"""SAML: a response of a real Keycloak is taken once; what attackers make of it is refused."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import xmlsec

from nexus_core.errors import AuthenticationError
from nexus_core.governance.saml import SamlProvider
from nexus_core.governance.saml_metadata import SamlMetadata
from nexus_core.governance.sso import SignedOut
from nexus_core.settings import SamlSettings
from nexus_core.store.accounts import Accounts
from nexus_core.store.database import open_store
from tests.keycloak_login import answer_of_keycloak
from tests.keycloak_server import Keycloak
from tests.saml_attacks import (
    CHANGES,
    SAML,
    Attack,
    Signer,
    assertion,
    commented,
    logout_request,
    opened,
    packed,
    with_entities,
)
from tests.stores import sqlite_settings

pytestmark = [pytest.mark.service, pytest.mark.timeout(1200)]


@dataclass(frozen=True)
class Real:
    """A real response, and the request that it answers."""

    response: str
    request_id: str


@pytest.fixture
async def provider(keycloak: Keycloak, tmp_path: Path) -> Any:
    store = open_store((await sqlite_settings(tmp_path)).store_url)
    settings = SamlSettings(metadata=keycloak.saml_metadata)
    yield SamlProvider("corporate", settings, keycloak.nexus_url, SamlMetadata(settings.metadata, ()), Accounts(store))
    await store.dispose()


@pytest.fixture(scope="module")
def taken() -> dict[str, Real]:
    return {}


@pytest.fixture
async def real(provider: SamlProvider, taken: dict[str, Real]) -> Real:
    """What Keycloak said of alice, once for all tests: none but the first uses it up."""
    if not taken:
        url, kept = await provider.begin("state", step_up=False)
        answer = await asyncio.to_thread(answer_of_keycloak, url, "alice")
        assert answer.url == f"{provider.site}/login/saml/corporate/acs"
        assert answer.form["RelayState"] == "state"
        taken["alice"] = Real(answer.form["SAMLResponse"], kept["request_id"])
    return taken["alice"]


async def finish(provider: SamlProvider, response: str, request_id: str) -> Any:
    return await provider.finish({"SAMLResponse": response}, {"request_id": request_id})


async def test_a_real_response_is_taken_once(provider: SamlProvider, real: Real) -> None:
    vouched = await finish(provider, real.response, real.request_id)
    assert (vouched.name, vouched.email, vouched.groups) == ("alice", "alice@example.org", ("stewards",))
    assert vouched.subject.startswith("G-")
    with pytest.raises(AuthenticationError, match="used before"):
        await finish(provider, real.response, real.request_id)


@pytest.mark.parametrize("attack", CHANGES, ids=lambda attack: attack.__name__)
async def test_what_was_changed_is_refused(provider: SamlProvider, real: Real, attack: Attack) -> None:
    changed = packed(attack(opened(real.response)))
    with pytest.raises(AuthenticationError):
        await finish(provider, changed, real.request_id)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_document_types_and_entities_are_refused(provider: SamlProvider, real: Real, encoding: str) -> None:
    with pytest.raises(AuthenticationError):
        await finish(provider, with_entities(real.response, encoding), real.request_id)


async def test_a_comment_cuts_no_name(provider: SamlProvider, real: Real) -> None:
    whole = assertion(opened(real.response)).find(f"{SAML}Subject/{SAML}NameID").text
    vouched = await finish(provider, packed(commented(opened(real.response))), real.request_id)
    assert vouched.subject == whole


async def test_a_response_to_another_request_is_refused(provider: SamlProvider, real: Real) -> None:
    with pytest.raises(AuthenticationError):
        await finish(provider, real.response, "ONELOGIN_other")


async def test_a_response_for_another_address_or_entity_is_refused(provider: SamlProvider, real: Real) -> None:
    elsewhere = replace(provider, site="https://other.example.com")
    renamed = replace(provider, settings=provider.settings.model_copy(update={"entity_id": "other"}))
    for other in (elsewhere, renamed):
        with pytest.raises(AuthenticationError):
            await finish(other, real.response, real.request_id)


@pytest.mark.parametrize("text", ["", "!", base64.b64encode(b"<x/>").decode(), base64.b64encode(b"\xff" * 9).decode()])
async def test_what_is_no_response_is_refused(provider: SamlProvider, text: str) -> None:
    with pytest.raises(AuthenticationError):
        await finish(provider, text, "ONELOGIN_x")


def _each(name: str, **attributes: str | None) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for element in document.iter(f"{SAML}{name}"):
            for key, value in attributes.items():
                element.attrib.pop(key, None)
                if value is not None:
                    element.set(key, value)

    return change


def _audience(text: str | None) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for element in list(document.iter(f"{SAML}AudienceRestriction")):
            if text is None:
                element.getparent().remove(element)
            else:
                element[0].text = text

    return change


PAST, FUTURE = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
SAYINGS = {
    "expired": _each("Conditions", NotOnOrAfter=PAST),
    "not yet": _each("Conditions", NotBefore=FUTURE),
    "confirmation expired": _each("SubjectConfirmationData", NotOnOrAfter=PAST),
    "confirmation without end": _each("SubjectConfirmationData", NotOnOrAfter=None),
    "confirmation of no request": _each("SubjectConfirmationData", InResponseTo=None),
    "confirmation for anywhere": _each("SubjectConfirmationData", Recipient=None),
    "confirmation for elsewhere": _each("SubjectConfirmationData", Recipient="https://other.example.com/acs"),
    "holder of key": _each("SubjectConfirmation", Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"),
    "other audience": _audience("https://other.example.com"),
    "no audience": _audience(None),
    "transient name": _each("NameID", Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"),
    "session over": _each("AuthnStatement", SessionNotOnOrAfter=PAST),
}


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture
def trusting(provider: SamlProvider, keycloak: Keycloak, signer: Signer, tmp_path: Path) -> SamlProvider:
    """The same provider with a key of ours, so that the signature is right and only what is said is wrong."""
    path = tmp_path / "idp.xml"
    path.write_text(signer.metadata(httpx.get(keycloak.saml_metadata, timeout=60).text))
    settings = SamlSettings(metadata=f"file:{path}")
    return replace(provider, settings=settings, metadata_of=SamlMetadata(settings.metadata, ()))


async def test_our_own_signature_is_one(trusting: SamlProvider, real: Real, signer: Signer) -> None:
    vouched = await finish(trusting, packed(signer.signed(opened(real.response))), real.request_id)
    assert vouched.name == "alice"


@pytest.mark.parametrize("saying", SAYINGS)
async def test_what_says_the_wrong_thing_is_refused(
    trusting: SamlProvider, real: Real, signer: Signer, saying: str
) -> None:
    document = opened(real.response)
    SAYINGS[saying](document)
    with pytest.raises(AuthenticationError):
        await finish(trusting, packed(signer.signed(document)), real.request_id)


async def test_another_key_and_old_algorithms_are_refused(
    provider: SamlProvider, trusting: SamlProvider, real: Real, signer: Signer
) -> None:
    foreign = packed(signer.signed(opened(real.response)))
    with pytest.raises(AuthenticationError):
        await finish(provider, foreign, real.request_id)
    old = packed(signer.signed(opened(real.response), xmlsec.constants.TransformRsaSha1))
    with pytest.raises(AuthenticationError):
        await finish(trusting, old, real.request_id)


async def test_a_request_to_sign_out_must_be_signed(provider: SamlProvider) -> None:
    url = await provider.sign_out('{"name_id":"G-1","format":null,"session":"s"}', f"{provider.site}/")
    query = urlsplit(str(url)).query
    said = {name: values[0] for name, values in parse_qs(query).items()}
    with pytest.raises(AuthenticationError):
        await provider.logged_out(query, said)


async def test_a_signed_request_to_sign_out_names_the_session(
    trusting: SamlProvider, signer: Signer, keycloak: Keycloak
) -> None:
    to = f"{trusting.site}/login/saml/corporate/logout"
    request = logout_request(signer, keycloak.realm, to, "G-1", "session-1")
    ended, onwards = await trusting.logged_out(request, asked(request))
    assert ended == SignedOut("session-1", "G-1")
    assert onwards.startswith(keycloak.realm)
    assert "SAMLResponse=" in onwards
    other = request.replace("Signature=", "Signature=AAAA")
    elsewhere = logout_request(signer, keycloak.realm, "https://other.example.com/logout", "G-1", "session-1")
    foreign = logout_request(signer, "https://other.example.com", to, "G-1", "session-1")
    unsigned = logout_request(signer, keycloak.realm, to, "G-1", "session-1", signed=False)
    strange = logout_request(Signer(), keycloak.realm, to, "G-1", "session-1")
    for refused in (other, elsewhere, foreign, unsigned, strange):
        with pytest.raises(AuthenticationError):
            await trusting.logged_out(refused, asked(refused))


def asked(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


async def test_our_metadata_tell_what_we_are(provider: SamlProvider) -> None:
    described = await provider.metadata()
    assert 'WantAssertionsSigned="true"' in described
    assert provider.entity_id in described
