"""Lets a client in: encryption, the startup message, and the proof of a password."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from nexus_core.errors import AuthenticationError, InvalidInputError
from nexus_core.model.scram import Verifier
from nexus_core.proxy.protocol import messages
from nexus_core.proxy.protocol.frames import LENGTH, take_text
from nexus_core.proxy.protocol.messages import Complaint, fatal
from nexus_core.proxy.protocol.opening import (
    Cancel,
    Start,
    WantsGss,
    WantsTls,
    negotiate,
    packet_size,
    read_opening,
)
from nexus_core.proxy.protocol.scram import ScramServer
from nexus_core.proxy.wire import Wire

_PASSWORD = ord("p")
_WISHES_MAX = 3


class TurnedAwayError(Exception):
    """A client is not let in; `complaint` is what it is told, `login` the name that it gave."""

    def __init__(self, complaint: Complaint, login: str = "") -> None:
        self.complaint, self.login = complaint, login
        super().__init__(complaint.message)


@dataclass(frozen=True, slots=True)
class Tls:
    """Our side of TLS; `binding` is the hash of the certificate that clients may bind the login to."""

    context: ssl.SSLContext
    binding: bytes | None


@dataclass(frozen=True, slots=True)
class Door:
    """How clients come in."""

    tls: Tls
    tls_required: bool

    async def open(self, wire: Wire) -> Start | Cancel:
        """Read what a client wants, changing to TLS if it asks for it. Raises TurnedAwayError, OSError."""
        try:
            for _ in range(_WISHES_MAX):
                wanted = read_opening(await _packet(wire))
                if isinstance(wanted, WantsTls) and not wire.is_encrypted:
                    wire.write(b"S")
                    await wire.encrypt(self.tls.context, server=True)
                elif isinstance(wanted, (WantsTls, WantsGss)):
                    wire.write(b"N")
                else:
                    self._check(wire, wanted)
                    return wanted
        except InvalidInputError as error:
            raise TurnedAwayError(fatal(messages.PROTOCOL_VIOLATION, error.reason)) from error
        raise TurnedAwayError(fatal(messages.PROTOCOL_VIOLATION, "a session must begin"))

    async def prove(self, wire: Wire, login: str, verifier: Verifier) -> None:
        """Have a client prove the password of a login. Raises TurnedAwayError, OSError."""
        scram = ScramServer(verifier, self.tls.binding if wire.is_encrypted else None)
        try:
            wire.write(messages.sasl(scram.mechanisms))
            mechanism, first = _first(await _password(wire))
            wire.write(messages.sasl_continue(scram.challenge(mechanism, first)))
            wire.write(messages.sasl_final(scram.finish(await _password(wire))))
        except AuthenticationError as error:
            told = f'password authentication failed for user "{login}"'
            raise TurnedAwayError(fatal(messages.INVALID_PASSWORD, told, _ADVICE), login) from error
        except InvalidInputError as error:
            raise TurnedAwayError(fatal(messages.PROTOCOL_VIOLATION, error.reason), login) from error

    def _check(self, wire: Wire, wanted: Start | Cancel) -> None:
        if isinstance(wanted, Cancel):
            return
        login = wanted.parameters.get("user", "")
        if not login:
            raise TurnedAwayError(fatal(messages.INVALID_AUTHORIZATION, "no user name is given"))
        if self.tls_required and not wire.is_encrypted:
            told = "this proxy is reached by TLS only"
            raise TurnedAwayError(fatal(messages.INVALID_AUTHORIZATION, told, "Connect with sslmode=require."), login)
        more = negotiate(wanted)
        if more is not None:
            wire.write(more)


_ADVICE = "Passwords for the proxy are short-lived: make one on the profile page or with `nexus proxy password`."


async def _packet(wire: Wire) -> bytes:
    head = await wire.read(4)
    return head + await wire.read(packet_size(head) - 4)


async def _password(wire: Wire) -> bytes:
    kind, body = await wire.frame()
    if kind != _PASSWORD:
        raise InvalidInputError("the answer is no password")
    return body


def _first(body: bytes) -> tuple[str, bytes]:
    mechanism, at = take_text(body, 0)
    if len(body) < at + 4 or LENGTH(body, at)[0] != len(body) - at - 4:
        raise InvalidInputError("the SASL message is not as long as it says")
    return mechanism, body[at + 4 :]
