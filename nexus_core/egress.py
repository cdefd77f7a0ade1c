"""All HTTP that we open ourselves: to listed hosts, at checked addresses, without redirects, within limits.

An address is resolved, checked and then connected to as such, so that a second answer of the name server
(DNS rebinding) cannot lead elsewhere; TLS still verifies the name.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx

from nexus_core.errors import ForbiddenError, UnavailableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why we go out: `hosts` are the only ones asked.

    `allow` lists hosts and ranges that may be loopback or private (`EgressSettings.allow_hosts`, or a host that the
    operator configured). A response may have `max_bytes` and take `total_s` seconds in all.
    """

    name: str
    hosts: tuple[str, ...]
    allow: tuple[str, ...] = ()
    max_bytes: int = 64 * 2**20
    total_s: float = 60.0


def client(purpose: Purpose) -> httpx.Client:
    """Open a client that can do only what its purpose allows; raises ForbiddenError on use otherwise."""
    # Uncompressed answers only, so that the limit on bytes holds for what is decoded, too.
    headers = {"Accept-Encoding": "identity"}
    guard = _Guard(purpose)
    return httpx.Client(
        transport=guard, headers=headers, follow_redirects=False, timeout=purpose.total_s, trust_env=False
    )


def check_host(host: str, port: int, allow: Sequence[str]) -> str:
    """Resolve a host and give its address; `allow` lists hosts and ranges that may be other than public.

    Raises ForbiddenError for loopback, link-local, private and other special addresses that are not allowed, and
    for paths of Unix sockets; UnavailableError if the name has no address.
    """
    if host.startswith("/") or "," in host:
        raise ForbiddenError(f"connecting to {host}", "a single host name or address")
    addresses = _resolve(host, port)
    for address in addresses:
        if not _allowed(host, address, allow):
            raise ForbiddenError(f"connecting to {host} at {address}", "an entry in NEXUS_EGRESS__ALLOW_HOSTS")
    return str(addresses[0])


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnavailableError(host, f"its name has no address ({error})", "Check the host name.") from error
    return [ipaddress.ip_address(str(answer[4][0]).split("%")[0]) for answer in found]


def _allowed(host: str, address: Address, allow: Sequence[str]) -> bool:
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped.is_global and not mapped.is_multicast:
        return True
    return host in allow or any(_covers(entry, mapped) for entry in allow)


def _covers(entry: str, address: Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


class _Guard(httpx.BaseTransport):
    def __init__(self, purpose: Purpose) -> None:
        self._purpose = purpose
        self._inner = httpx.HTTPTransport(retries=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in ("http", "https") or url.host not in self._purpose.hosts:
            raise ForbiddenError(f"{self._purpose.name}: asking {url.scheme}://{url.host}", "its host to be configured")
        port = url.port or (443 if url.scheme == "https" else 80)
        address = check_host(url.host, port, self._purpose.allow)
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        response = self._inner.handle_request(pinned)
        assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - HTTPTransport gives nothing else
        response.stream = _Capped(response.stream, self._purpose)
        return response

    def close(self) -> None:
        self._inner.close()


class _Capped(httpx.SyncByteStream):
    """A response's body that ends in UnavailableError beyond the purpose's limits."""

    def __init__(self, inner: httpx.SyncByteStream, purpose: Purpose) -> None:
        self._inner, self._purpose = inner, purpose
        self._deadline = time.monotonic() + purpose.total_s

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._inner:
            size += len(chunk)
            if size > self._purpose.max_bytes:
                raise UnavailableError(self._purpose.name, f"its answer exceeds {self._purpose.max_bytes} bytes")
            if time.monotonic() > self._deadline:
                raise UnavailableError(self._purpose.name, f"its answer took longer than {self._purpose.total_s:g} s")
            yield chunk

    def close(self) -> None:
        self._inner.close()
