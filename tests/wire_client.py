"""A client of PostgreSQL's protocol that sends what it is told, byte by byte, and gives what it is answered."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from nexus_core.proxy.protocol.frames import frame
from nexus_core.proxy.protocol.opening import start_message, tls_request
from nexus_core.proxy.protocol.scram import PLAIN, ScramClient

ANSWER_S = 20.0
_SASL, _CONTINUE, _FINAL = 10, 11, 12


@dataclass
class WireClient:
    """One socket; `process` and `secret` are what its statements are cancelled by."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    process: int = 0
    secret: int = 0

    def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    async def one(self) -> tuple[bytes, bytes]:
        """Give the next message; raises EOFError at the end."""
        async with asyncio.timeout(ANSWER_S):
            head = await self.reader.readexactly(5)
            return head[:1], await self.reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)

    async def said(self, readies: int = 1) -> bytes:
        """Give all that comes until the session is ready so often, or has ended."""
        found = b""
        with suppress(EOFError, ConnectionError):
            while readies:
                kind, body = await self.one()
                found += kind + body
                readies -= kind == b"Z"
        return found

    async def ask(self, text: str) -> bytes:
        """Give what is answered to a simple query."""
        self.send(frame(b"Q", text.encode() + b"\0"))
        return await self.said()

    async def log_in(self, user: str, password: str, database: str, **parameters: str) -> bytes:
        """Give what is said until the session is ready, or ends."""
        self.send(start_message({"user": user, "database": database, **parameters}))
        scram, found = ScramClient(password), b""
        with suppress(EOFError, ConnectionError):
            while not found.endswith(b"ZI"):
                kind, body = await self.one()
                found += kind + body
                if kind == b"R":
                    self._prove(scram, body)
                elif kind == b"K":
                    self.process, self.secret = struct.unpack("!ii", body)
        return found

    def _prove(self, scram: ScramClient, body: bytes) -> None:
        how = int.from_bytes(body[:4])
        if how == _SASL:
            self.send(frame(b"p", PLAIN.encode() + b"\0" + len(scram.first).to_bytes(4) + scram.first))
        elif how == _CONTINUE:
            self.send(frame(b"p", scram.proof(body[4:])))
        elif how == _FINAL:
            scram.check(body[4:])


@asynccontextmanager
async def connected(port: int, *, tls: bool = False) -> AsyncIterator[WireClient]:
    """Open a socket; with `tls` encrypt it, whoever the server is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        if tls:
            writer.write(tls_request())
            assert await reader.readexactly(1) == b"S"
            await writer.start_tls(trusting())
        yield WireClient(reader, writer)
    finally:
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


def trusting() -> ssl.SSLContext:
    """Give a client's side of TLS that takes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def parse(text: str, name: bytes = b"", *types: int) -> bytes:
    return frame(b"P", name + b"\0" + text.encode() + b"\0" + struct.pack(f"!H{len(types)}I", len(types), *types))


def bind(name: bytes = b"", portal: bytes = b"", *values: bytes) -> bytes:
    given = b"".join(struct.pack("!i", len(each)) + each for each in values)
    return frame(
        b"B", portal + b"\0" + name + b"\0" + struct.pack("!hh", 0, len(values)) + given + struct.pack("!h", 0)
    )


def execute(portal: bytes = b"") -> bytes:
    return frame(b"E", portal + bytes(5))


SYNC = frame(b"S")
