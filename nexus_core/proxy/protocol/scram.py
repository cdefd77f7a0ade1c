"""SCRAM-SHA-256, with and without binding to the TLS channel: server and client side (RFC 5802, 7677, 5929).

PostgreSQL's clients leave the user's name in the messages empty: the startup message tells it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, field

from nexus_core.errors import AuthenticationError
from nexus_core.model.scram import Verifier, salted

PLAIN = "SCRAM-SHA-256"
BOUND = "SCRAM-SHA-256-PLUS"
_ITERATIONS_MAX = 1_000_000  # a server that asks for more wants to keep us busy
_BINDING = "tls-server-end-point"
_NONCE_BYTES = 18
_HEADER = re.compile(
    r"(?P<gs2>(?:n|y|p=(?P<binding>[A-Za-z0-9.-]+)),(?:a=[^,]*)?,)"
    r"(?P<bare>n=[^,]*,r=(?P<nonce>[^,]+).*)"
)
_SERVER_FIRST = re.compile(r"r=(?P<nonce>[^,]+),s=(?P<salt>[A-Za-z0-9+/=]+),i=(?P<iterations>\d+)(?:,.*)?")
_FINAL = re.compile(
    r"(?P<without>c=(?P<binding>[A-Za-z0-9+/=]+),r=(?P<nonce>[^,]+)(?:,[^p].*)?),p=(?P<proof>[A-Za-z0-9+/=]+)"
)


@dataclass(slots=True)
class ScramServer:
    """One exchange on the server's side: `challenge` answers the client's first message, `finish` the last.

    `binding` is the hash of our certificate; None offers no binding. Both methods raise AuthenticationError.
    """

    verifier: Verifier
    binding: bytes | None = None
    _nonce: str = ""
    _header: str = ""
    _said: str = ""

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """What is offered."""
        return (PLAIN,) if self.binding is None else (BOUND, PLAIN)

    def challenge(self, mechanism: str, first: bytes) -> bytes:
        """Give the server's first message."""
        match = _HEADER.fullmatch(_ascii(first))
        if mechanism not in self.mechanisms or match is None:
            raise AuthenticationError("the SASL message cannot be read")
        self._check_header(mechanism, match["gs2"], match["binding"])
        self._header = match["gs2"]
        self._nonce = match["nonce"] + b64encode(secrets.token_bytes(_NONCE_BYTES)).decode()
        server_first = f"r={self._nonce},s={b64encode(self.verifier.salt).decode()},i={self.verifier.iterations}"
        self._said = f"{match['bare']},{server_first}"
        return server_first.encode()

    def finish(self, final: bytes) -> bytes:
        """Check the client's proof and give ours."""
        match = _FINAL.fullmatch(_ascii(final))
        if match is None or not self._nonce or match["nonce"] != self._nonce:
            raise AuthenticationError("the SASL message cannot be read")
        bound = self.binding or b"" if self._header.startswith("p=") else b""
        if not hmac.compare_digest(_decoded(match["binding"]), self._header.encode() + bound):
            raise AuthenticationError("the channel is not the one that the client sees")
        said = f"{self._said},{match['without']}".encode()
        key = _xor(_decoded(match["proof"]), _hmac(self.verifier.stored_key, said))
        if not hmac.compare_digest(hashlib.sha256(key).digest(), self.verifier.stored_key):
            raise AuthenticationError("the name or the password is wrong")
        return b"v=" + b64encode(_hmac(self.verifier.server_key, said))

    def _check_header(self, mechanism: str, header: str, binding: str | None) -> None:
        """Refuse a binding of another kind, and a client that was kept from seeing that we offer one."""
        if (mechanism == BOUND) != (binding is not None) or binding not in (None, _BINDING):
            raise AuthenticationError("the channel binding is not one that is offered")
        if header.startswith("y") and self.binding is not None:
            raise AuthenticationError("somebody hides from the client that the channel can be bound")


@dataclass(slots=True)
class ScramClient:
    """One exchange on the client's side, without channel binding. `proof` and `check` raise AuthenticationError."""

    password: str = field(repr=False)
    _bare: str = field(default_factory=lambda: f"n=,r={b64encode(secrets.token_bytes(_NONCE_BYTES)).decode()}")
    _signature: bytes = b""

    @property
    def first(self) -> bytes:
        """The client's first message."""
        return f"n,,{self._bare}".encode()

    def proof(self, server_first: bytes) -> bytes:
        """Give the client's last message."""
        match = _SERVER_FIRST.fullmatch(_ascii(server_first))
        own = self._bare.partition("r=")[2]
        if match is None or not match["nonce"].startswith(own) or match["nonce"] == own:
            raise AuthenticationError("the server's SASL message cannot be read")
        iterations = int(match["iterations"])
        if not 1 <= iterations <= _ITERATIONS_MAX:
            raise AuthenticationError("the server asks for a count of iterations that is not used")
        salted_password = salted(self.password, _decoded(match["salt"]), iterations)
        without = f"c=biws,r={match['nonce']}"
        said = f"{self._bare},{server_first.decode()},{without}".encode()
        key = _hmac(salted_password, b"Client Key")
        signature = _hmac(hashlib.sha256(key).digest(), said)
        self._signature = _hmac(_hmac(salted_password, b"Server Key"), said)
        return f"{without},p={b64encode(_xor(key, signature)).decode()}".encode()

    def check(self, server_final: bytes) -> None:
        """Check that the server knows the password, too."""
        said = _decoded(_ascii(server_final).removeprefix("v="))
        if not self._signature or not hmac.compare_digest(said, self._signature):
            raise AuthenticationError("the server does not prove that it knows the password")


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _xor(one: bytes, other: bytes) -> bytes:
    if len(one) != len(other):
        raise AuthenticationError("the proof is of a wrong length")
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _ascii(message: bytes) -> str:
    try:
        return message.decode("ascii")
    except UnicodeDecodeError as error:
        raise AuthenticationError("the SASL message cannot be read") from error


def _decoded(value: str) -> bytes:
    try:
        return b64decode(value, validate=True)
    except Base64Error as error:
        raise AuthenticationError("the SASL message cannot be read") from error
