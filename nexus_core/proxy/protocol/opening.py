"""How a connection opens: a wish for encryption, a cancellation, or the parameters of a session."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from nexus_core.errors import InvalidInputError
from nexus_core.proxy.protocol.frames import LENGTH, frame, take_text, text, untyped

PACKET_MAX = 10_000
"""Most bytes of a first packet, as PostgreSQL has it."""

_VERSION_3_0 = 3 << 16
_SSL, _GSS, _CANCEL = 80877103, 80877104, 80877102
_KEY = struct.Struct("!iii")


@dataclass(frozen=True, slots=True)
class WantsTls:
    """An SSLRequest."""


@dataclass(frozen=True, slots=True)
class WantsGss:
    """A GSSENCRequest."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """A CancelRequest: the two numbers of the session whose statement is to stop."""

    process: int
    secret: int


@dataclass(frozen=True, slots=True)
class Start:
    """A StartupMessage. `minor` is the protocol's minor version that the client speaks, `extensions` its `_pq_.`."""

    parameters: Mapping[str, str]
    minor: int = 0
    extensions: tuple[str, ...] = ()


Opening = WantsTls | WantsGss | Cancel | Start


def packet_size(head: bytes) -> int:
    """Give the size of a first packet from its first four bytes; raises InvalidInputError for one that none has."""
    size: int = LENGTH(head)[0]
    if not 8 <= size <= PACKET_MAX:
        raise InvalidInputError("this is no packet of PostgreSQL's protocol")
    return size


def read_opening(packet: bytes) -> Opening:
    """Read a first packet, whole and with its length. Raises InvalidInputError."""
    code: int = LENGTH(packet, 4)[0]
    if code == _SSL:
        return WantsTls()
    if code == _GSS:
        return WantsGss()
    if code == _CANCEL and len(packet) == 16:
        return Cancel(LENGTH(packet, 8)[0], LENGTH(packet, 12)[0])
    if code >> 16 != 3:
        raise InvalidInputError("the protocol's version is not 3")
    return _start(packet, code & 0xFFFF)


def _start(packet: bytes, minor: int) -> Start:
    given: dict[str, str] = {}
    at = 8
    while at < len(packet) - 1:
        name, at = take_text(packet, at)
        value, at = take_text(packet, at)
        given[name] = value
    if at != len(packet) - 1 or packet[at] != 0:
        raise InvalidInputError("the startup packet does not end as it must")
    extensions = tuple(name for name in given if name.startswith("_pq_."))
    return Start({name: value for name, value in given.items() if name not in extensions}, minor, extensions)


def tls_request() -> bytes:
    """Ask a server for TLS."""
    return untyped(_SSL.to_bytes(4))


def cancel_request(process: int, secret: int) -> bytes:
    """Ask a server to stop a session's statement."""
    return _KEY.pack(16, _CANCEL, process) + struct.pack("!i", secret)


def start_message(parameters: Mapping[str, str]) -> bytes:
    """Open a session."""
    pairs = b"".join(text(name) + text(value) for name, value in parameters.items())
    return untyped(_VERSION_3_0.to_bytes(4) + pairs + b"\0")


def negotiate(start: Start) -> bytes | None:
    """Tell a client that wants more that we speak 3.0 without extensions; None if it wants no more."""
    if not start.minor and not start.extensions:
        return None
    names = b"".join(text(name) for name in start.extensions)
    return frame(b"v", struct.pack("!ii", _VERSION_3_0, len(start.extensions)) + names)
