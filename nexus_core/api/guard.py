"""Stands before every route: hosts, sizes, security headers."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nexus_core.api.errors import problem_of, response_of
from nexus_core.errors import InvalidInputError, TooLargeError
from nexus_core.settings import ApiSettings

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}
_OF_DATA = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
"""For answers that no browser is to show as a page."""


def allowed_hosts(settings: ApiSettings) -> frozenset[str] | None:
    """Give the host names that a loopback server answers to, or None for all.

    A name that an attacker's DNS points to 127.0.0.1 would otherwise make a browser treat us as the attacker's site.
    """
    if not is_loopback(settings.host):
        return None
    public = urlsplit(settings.public_url).hostname if settings.public_url else None
    return frozenset({"localhost", "127.0.0.1", "[::1]", settings.host, *([public] if public else [])})


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """ASGI middleware that refuses unknown hosts and long bodies, and sets the security headers.

    If users see us by `https`, browsers are told never to come without it (RFC 6797).
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None, body_max: int, *, https: bool) -> None:
        self._app, self._hosts, self._body_max = app, hosts, body_max
        headers = _HEADERS | (_HTTPS if https else {})
        self._of_pages, self._of_data = _raw(headers), _raw(headers | _OF_DATA)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = self._with_headers(send)
        headers = Headers(scope=scope)
        if self._hosts is not None and _without_port(headers.get("host", "")) not in self._hosts:
            refused = response_of(
                problem_of(InvalidInputError("this host is not ours; see NEXUS_API__PUBLIC_URL", "Host"))
            )
            await refused(scope, receive, send)
            return
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._body_max:
            await response_of(problem_of(_too_large(self._body_max)))(scope, receive, send)
            return
        await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        got = 0

        async def count() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > self._body_max:
                raise _too_large(self._body_max)
            return message

        return count

    def _with_headers(self, send: Send) -> Send:
        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = dict(message["headers"])
                ours = self._of_data if b"json" in said.get(b"content-type", b"") else self._of_pages
                message["headers"] = [*message["headers"], *(each for each in ours if each[0] not in said)]
            await send(message)

        return wrapped


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the body is larger than {limit} bytes")
