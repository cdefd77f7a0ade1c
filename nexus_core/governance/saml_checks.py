"""What a SAML response must state, beyond what the toolkit asks of it: there, what is absent passes.

Each is asked of every such element of the document, so that it holds for the signed ones wherever they were moved.
"""

from __future__ import annotations

from lxml.etree import _Element
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from nexus_core.errors import AuthenticationError

_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


def check_response(document: _Element, acs: str, entity_id: str, request_id: str) -> None:
    """Raise AuthenticationError unless a response answers our request, to our address, and is meant for us.

    SAML 2.0 Profiles §4.1.4.2: bearer confirmations name recipient, end and request, and audiences include us.
    """
    if document.get("InResponseTo") != request_id:
        raise AuthenticationError("the response answers no request of ours")
    confirmations = _all(document, "SubjectConfirmationData")
    if not confirmations or any(each.get("InResponseTo") != request_id for each in confirmations):
        raise AuthenticationError("the assertion answers no request of ours")
    if any(each.get("Recipient") != acs or not each.get("NotOnOrAfter") for each in confirmations):
        raise AuthenticationError("the assertion is not for this address, or never ends")
    restrictions = _all(document, "AudienceRestriction")
    if not restrictions or not all(entity_id in _audiences(each) for each in restrictions):
        raise AuthenticationError("the assertion is for someone else")
    if any(each.get("Format") == _TRANSIENT for each in _all(document, "NameID")):
        raise AuthenticationError("the identity provider gives people a new name each time; ask it for persistent ones")


def _audiences(restriction: _Element) -> list[str]:
    return [OneLogin_Saml2_XML.element_text(each) or "" for each in _all(restriction, "Audience")]


def _all(element: _Element, name: str) -> list[_Element]:
    return list(element.iter(f"{{urn:oasis:names:tc:SAML:2.0:assertion}}{name}"))
