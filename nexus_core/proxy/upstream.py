"""Opens the proxy's own session in a source, as the login role of a profile."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nexus_core.errors import AuthenticationError, InvalidInputError, UnavailableError
from nexus_core.proxy.protocol import messages
from nexus_core.proxy.protocol.frames import LENGTH, frame, text
from nexus_core.proxy.protocol.opening import cancel_request, start_message, tls_request
from nexus_core.proxy.protocol.scram import PLAIN, ScramClient
from nexus_core.proxy.wire import Wire

PINNED = {"standard_conforming_strings": "on", "client_encoding": "UTF8"}
"""Parameters that the wall rests on: it reads literals and bytes as the server does only with these."""

_AUTHENTICATION, _ERROR, _PARAMETER, _KEY, _READY, _NOTICE, _NEGOTIATED = b"RESKZNv"
_OK, _SASL, _SASL_CONTINUE, _SASL_FINAL = 0, 10, 11, 12
_FINDS_WITHIN_S = 15.0
_PASSWORD_TRIES, _PASSWORD_PAUSE_S = 5, 0.4


@dataclass(frozen=True, slots=True)
class Address:
    """Where a source is. `tls` is `disable`, `require` or `verify-full`, `root` the file of its authorities."""

    host: str
    port: int
    database: str
    tls: str = "disable"
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """Who the proxy is in a source; `password` is asked at each try, since a rotation may change it in between."""

    role: str
    password: Callable[[], Awaitable[str]]


class _PasswordRefusedError(ConnectionError):
    """The source knows another password: it has the new one later, or earlier, than who told us."""


@dataclass(slots=True)
class Upstream:
    """An open session: its socket, what cancels its statements, and the parameters that the server told."""

    address: Address
    wire: Wire
    process: int = 0
    secret: int = 0
    parameters: dict[str, str] = field(default_factory=dict)


async def open_upstream(address: Address, login: Login, parameters: Mapping[str, str]) -> Upstream:
    """Open a session. Raises UnavailableError, with the server's reason, if it cannot be opened."""
    opening = start_message({"user": login.role, "database": address.database, **parameters, **PINNED})
    try:
        async with asyncio.timeout(_FINDS_WITHIN_S):
            for _ in range(_PASSWORD_TRIES - 1):
                with suppress(_PasswordRefusedError):
                    return await _tried(address, opening, await login.password())
                await asyncio.sleep(_PASSWORD_PAUSE_S)
            return await _tried(address, opening, await login.password())
    except (OSError, TimeoutError, InvalidInputError, AuthenticationError) as error:
        reason = str(error) or type(error).__name__
        raise UnavailableError(f"The database at {address.host}:{address.port}", reason) from error


async def _tried(address: Address, opening: bytes, password: str) -> Upstream:
    wire = await _connected(address)
    try:
        wire.write(opening)
        return await _opened(Upstream(address, wire), ScramClient(password))
    except BaseException:
        wire.abort()
        raise


async def cancel(upstream: Upstream) -> None:
    """Ask the server to stop the session's statement; nothing tells whether it will."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_FINDS_WITHIN_S):
            wire = await _connected(upstream.address)
            wire.write(cancel_request(upstream.process, upstream.secret))
            wire.close()


async def _connected(address: Address) -> Wire:
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(Wire, address.host, address.port)
    if address.tls == "disable":
        return wire
    try:
        wire.write(tls_request())
        if await wire.read(1) != b"S":
            raise ConnectionError("it offers no TLS")
        await wire.encrypt(_context(address), server=False, hostname=address.host)
    except BaseException:
        wire.abort()
        raise
    return wire


def _context(address: Address) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=address.root)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if address.tls != "verify-full":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE if address.root is None else ssl.CERT_REQUIRED
    return context


async def _opened(upstream: Upstream, scram: ScramClient) -> Upstream:
    while True:
        kind, body = await upstream.wire.frame()
        if kind == _AUTHENTICATION:
            _authenticate(upstream.wire, scram, body)
        elif kind == _PARAMETER:
            name, value = messages.parameter_of(body)
            upstream.parameters[name] = value
        elif kind == _KEY:
            upstream.process, upstream.secret = messages.key_of(body)
        elif kind == _READY:
            _check_pinned(upstream.parameters)
            return upstream
        elif kind == _ERROR:
            complaint = messages.complaint_of(body)
            refused = complaint.code == messages.INVALID_PASSWORD
            raise (_PasswordRefusedError if refused else ConnectionError)(complaint.message)
        elif kind not in (_NOTICE, _NEGOTIATED):
            raise InvalidInputError("its answer is not of PostgreSQL's protocol")


def _authenticate(wire: Wire, scram: ScramClient, body: bytes) -> None:
    how: int = LENGTH(body)[0]
    if how == _SASL:
        if PLAIN.encode() not in body[4:].split(b"\0"):
            raise AuthenticationError("it does not offer SCRAM-SHA-256")
        wire.write(frame(b"p", text(PLAIN) + len(scram.first).to_bytes(4) + scram.first))
    elif how == _SASL_CONTINUE:
        wire.write(frame(b"p", scram.proof(body[4:])))
    elif how == _SASL_FINAL:
        scram.check(body[4:])
    elif how != _OK:
        raise AuthenticationError("it asks for a password by another method than SCRAM-SHA-256")


def _check_pinned(parameters: Mapping[str, str]) -> None:
    for name, value in PINNED.items():
        if parameters.get(name) != value:
            raise ConnectionError(f"it does not keep {name}={value}")
