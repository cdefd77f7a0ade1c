"""How a connection begins, as those write it who want in otherwise: nothing in clear, nothing twice, no guessed key."""

from __future__ import annotations

import asyncio
import ssl
import struct

import pytest

from nexus_core.proxy.protocol.frames import frame, untyped
from nexus_core.proxy.protocol.opening import cancel_request, start_message, tls_request
from nexus_core.proxy.wire import Wire
from tests.proxying import Running
from tests.wire_client import connected, trusting

pytestmark = pytest.mark.service
GSS = untyped((80877104).to_bytes(4))
GUESSES = 50


def start(running: Running, **more: str) -> bytes:
    return start_message({"user": running.login, "database": "shop", **more})


async def test_what_is_sent_in_clear_before_tls_is_not_taken_for_what_comes_after(running: Running) -> None:
    """The class of CVE-2021-23214: whoever sits between could speak first in the client's name."""
    for wish in (tls_request() + start(running), tls_request() + tls_request(), GSS + tls_request() + start(running)):
        async with connected(running.port) as client:
            client.send(wish)
            assert (await client.reader.read()).strip(b"NS") == b""
    async with connected(running.port) as client:
        client.send(GSS + start(running))
        assert b"by TLS only" in await client.reader.read()


class Careless(Wire):
    """A socket without the defence: what came in clear is read as if it had come after TLS began."""

    async def encrypt(self, context: ssl.SSLContext, *, server: bool, hostname: str | None = None) -> None:
        early, self._buffer = self._buffer, bytearray()
        await super().encrypt(context, server=server, hostname=hostname)
        self._buffer = early + self._buffer


async def test_without_the_check_somebody_in_between_would_begin_the_session(running: Running) -> None:
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Careless(running.proxy.connected), "127.0.0.1", 0)
    async with listening, connected(listening.sockets[0].getsockname()[1]) as client:
        client.send(tls_request() + start(running, user="mallory"))
        assert await client.reader.readexactly(1) == b"S"
        await client.writer.start_tls(trusting())
        kind, asked = await client.one()
        assert (kind, asked[:4]) == (b"R", (10).to_bytes(4)), "a password is asked for, of whom the client never named"


async def test_a_session_begins_once_and_by_a_packet_that_one_has(running: Running) -> None:
    """The source refuses such packets, too; that a proxy does so, and by PostgreSQL's error, is firmness, no secret."""
    begun = (
        start(running),
        start(running, user="postgres"),
        tls_request(),
        frame(b"p", b"again\0"),
        frame(b"Q", b"SELECT 1"),
        b"Q" + struct.pack("!i", -1),
        b"Q" + struct.pack("!i", 3),
        b"D" + struct.pack("!i", 2**31 - 1),
        b"\xff" * 64,
    )
    for packet in begun:
        async with connected(running.port, tls=True) as client:
            assert (await client.log_in(running.login, running.password, "shop")).endswith(b"ZI")
            client.send(packet)
            assert b"08P01" in await client.said()
    for packet in (b"\0\0\0\x07", struct.pack("!i", 10_001), b"GET / HTTP/1.1\r\n\r\n", untyped((2 << 16).to_bytes(4))):
        async with connected(running.port, tls=True) as client:
            client.send(packet)
            assert b"08P01" in await client.said()
    async with connected(running.port, tls=True) as client:
        client.send(tls_request() * 2)
        assert (await client.reader.readexactly(2)) == b"NN"
        assert b"a session must begin" in await client.said()


async def test_a_text_that_is_too_long_is_dropped_as_it_comes(running: Running) -> None:
    """What it would cost without the limit is shown in tests/unit/proxy/protocol/test_streams.py."""
    async with connected(running.port, tls=True) as client:
        await client.log_in(running.login, running.password, "shop")
        client.send(b"Q" + struct.pack("!i", 20_000_004))
        for _ in range(20):
            client.send(b"x" * 1_000_000)
            await client.writer.drain()
        assert b"54000" in await client.said()
        assert b"SELECT 1" in await client.ask("SELECT 1")


async def test_a_statement_is_cancelled_by_its_own_key_only(running: Running) -> None:
    async with connected(running.port, tls=True) as client:
        await client.log_in(running.login, running.password, "shop")
        asked = asyncio.create_task(client.ask("SELECT pg_sleep(60)"))
        for guess in range(GUESSES):
            await _cancel(running, client.process, (client.secret + 1 + guess) & 0x7FFFFFFF)
        await _cancel(running, client.process + 1, client.secret)
        await _cancel(running, 0, client.secret)
        await asyncio.sleep(0.3)
        assert not asked.done()
        await _cancel(running, client.process, client.secret)
        assert b"57014" in await asked


async def _cancel(running: Running, process: int, secret: int) -> None:
    async with connected(running.port) as other:
        other.send(cancel_request(process, secret))
        assert await other.reader.read() == b""
