"""One socket of the proxy: read step by step while a session opens, then by call-backs, with back-pressure."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from nexus_core.errors import InvalidInputError
from nexus_core.proxy.protocol.frames import HEADER_BYTES, LENGTH

_BUFFER_MAX = 2**20
_OPENING_FRAME_MAX = 64 * 2**10


@dataclass(frozen=True, slots=True)
class Sink:
    """What is called with what a socket brings: bytes, its end, and that what is written piles up or no longer does."""

    took: Callable[[bytes], None]
    ended: Callable[[], None]
    full: Callable[[], None]
    drained: Callable[[], None]


class Wire(asyncio.Protocol):
    """A socket. Until `flow` is called its bytes wait for `read`, which raises ConnectionError once it has ended.

    `write` sends bytes, at once or once there is room.
    """

    def __init__(self, connected: Callable[[Wire], None] | None = None) -> None:
        self._connected = connected
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._reader: asyncio.Future[None] | None = None
        self._sink: Sink | None = None
        self._took: Callable[[bytes], None] = self._keep
        self.write: Callable[[bytes], None] = _nowhere
        self.is_ended = False
        self.is_encrypted = False

    @property
    def transport(self) -> asyncio.Transport:
        """The transport that it goes through now."""
        if self._transport is None:
            raise ConnectionError("not connected yet")
        return self._transport

    @property
    def peer(self) -> str:
        """The address of the other side; "" if it has none."""
        name = self.transport.get_extra_info("peername")
        return str(name[0]) if isinstance(name, tuple) else ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self.write = self._transport.write
        if self._connected is not None:
            self._connected(self)

    def data_received(self, data: bytes) -> None:
        """Hand on what came."""
        self._took(data)

    def connection_lost(self, _error: Exception | None) -> None:
        """End."""
        self.is_ended = True
        if self._sink is not None:
            self._sink.ended()
        self._wake()

    def pause_writing(self) -> None:
        """Learn that the other side does not keep up."""
        if self._sink is not None:
            self._sink.full()

    def resume_writing(self) -> None:
        """Learn that it does again."""
        if self._sink is not None:
            self._sink.drained()

    def close(self) -> None:
        """End once everything is sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End at once."""
        if self._transport is not None:
            self._transport.abort()

    async def read(self, count: int) -> bytes:
        """Give so many bytes. Raises ConnectionError if the socket ends before."""
        while len(self._buffer) < count:
            if self.is_ended:
                raise ConnectionError("the connection ended")
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    async def frame(self) -> tuple[int, bytes]:
        """Give the next frame's kind and body. Raises ConnectionError, and InvalidInputError for an absurd one."""
        head = await self.read(HEADER_BYTES)
        size: int = LENGTH(head, 1)[0] - 4
        if not 0 <= size <= _OPENING_FRAME_MAX:
            raise InvalidInputError("a message of an absurd length")
        return head[0], await self.read(size)

    async def encrypt(self, context: ssl.SSLContext, *, server: bool, hostname: str | None = None) -> None:
        """Change to TLS. Raises OSError; ConnectionError if bytes came in clear that claim to come after it."""
        if self._buffer:
            raise ConnectionError("there is more in clear than the wish for TLS")
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(
            self.transport, self, context, server_side=server, server_hostname=hostname, ssl_handshake_timeout=20
        )
        if transport is None:
            raise ConnectionError("the connection ended")
        self._transport = transport
        self.write = transport.write
        self.is_encrypted = True

    def flow(self, sink: Sink) -> None:
        """From now on hand everything to a sink, first what waits here."""
        self._sink, self._took = sink, sink.took
        if self._buffer:
            data, self._buffer = bytes(self._buffer), bytearray()
            sink.took(data)
        if self.is_ended:
            sink.ended()

    def _keep(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > _BUFFER_MAX:
            self.abort()
        self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


def _nowhere(_data: bytes) -> None:
    """Stand for `write` before the socket is connected."""
