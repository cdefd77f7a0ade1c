"""Shows that a process without an API lives, and its figures, by plain HTTP from its own event loop.

A loop that hangs does not answer, so that whoever watches `/health/live` starts the process anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

_SECONDS = 5.0
_LINE_BYTES = 8192


@asynccontextmanager
async def showing(host: str, port: int | None) -> AsyncIterator[None]:
    """Answer `GET /metrics` and `/health/live` until the end of the block; without a port, do nothing.

    Raises OSError if the port is taken.
    """
    if port is None:
        yield
        return
    server = await asyncio.start_server(_serve, host, port, limit=_LINE_BYTES)
    async with server:
        yield


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(TimeoutError, OSError, ValueError):  # a client that is slow, gone, or speaks something else
        async with asyncio.timeout(_SECONDS):
            writer.write(_answer(await _request_line(reader)))
            await writer.drain()
    writer.close()


async def _request_line(reader: asyncio.StreamReader) -> str:
    """Read a request to the end of its headers; bodies are not expected."""
    first = await reader.readline()
    while (await reader.readline()).strip():
        pass
    return first.decode("latin-1")


def _answer(request: str) -> bytes:
    method, _, rest = request.partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    if method != "GET":
        return _response("405 Method Not Allowed", "text/plain", b"")
    if path == "/metrics":
        return _response("200 OK", CONTENT_TYPE_LATEST, generate_latest())
    if path == "/health/live":
        return _response("200 OK", "application/json", b'{"ok":true,"checks":{}}')
    return _response("404 Not Found", "text/plain", b"")


def _response(status: str, kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body
