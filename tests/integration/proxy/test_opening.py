"""How a connection begins, as those write it who want in otherwise: nothing in clear, nothing twice, no guessed key."""

from __future__ import annotations

import asyncio
import struct

import pytest

from nexus_core.proxy.protocol.frames import frame, untyped
from nexus_core.proxy.protocol.opening import cancel_request, start_message, tls_request
from tests.proxying import Running
from tests.wire_client import connected

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


async def test_a_session_begins_once_and_by_a_packet_that_one_has(running: Running) -> None:
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
