"""What the proxy's own code takes of a transaction, in CPU time: no sockets, no audit log, no database."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterator
from time import process_time
from typing import cast

from benchmarks.proxy_process import PROFILE
from nexus_core.model.audit import Place
from nexus_core.proxy.covers import Cover
from nexus_core.proxy.judgements import Judgements
from nexus_core.proxy.protocol import messages, requests
from nexus_core.proxy.protocol.frames import frame
from nexus_core.proxy.relay import Limits, Relay
from nexus_core.proxy.trail import Trail
from nexus_core.proxy.upstream import Address, Upstream
from nexus_core.proxy.wall import judge
from nexus_core.proxy.wire import Sink, Wire

ROUNDS, TURNS = 5_000, 7
NAME = b"P0_1"
PREPARED = b"SELECT abalance FROM pgbench_accounts WHERE aid = $1;"
RUN = (
    frame(b"B", b"\0" + NAME + b"\0" + struct.pack("!hhi", 0, 1, 6) + b"123456" + struct.pack("!h", 0))
    + frame(b"D", b"P\0")
    + frame(b"E", bytes(5))
    + frame(b"S")
)
ROWS = (
    frame(b"T", struct.pack("!h", 1) + b"abalance\0" + bytes(18))
    + frame(b"D", struct.pack("!hi", 1, 1) + b"0")
    + frame(b"C", b"SELECT 1\0")
    + messages.ready()
)


class Open(asyncio.Transport):
    """A connection that takes what is written, and sends it nowhere."""

    def write(self, data: object) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def resume_reading(self) -> None:
        pass


class Nowhere(Wire):
    """A socket that brings what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.connection_made(Open())

    def flow(self, sink: Sink) -> None:
        self.bring = sink.took


class Untold:
    """A session's records that are durable at once."""

    session = "ps_bench"

    async def intends(self, cover: Cover) -> None:
        cover.place = cast("Place", 1)


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    yield from asyncio.run(_measure()).items()


async def _measure() -> dict[str, str]:
    client, source = Nowhere(), Nowhere()
    upstream = Upstream(Address("", 0, ""), source)
    relay = Relay(client, upstream, Judgements(PROFILE, judge, 2**20), cast("Trail", Untold()), Limits(2**20), print)
    relay.start()
    client.bring(frame(b"P", NAME + b"\0" + PREPARED + b"\0\0\0") + frame(b"S"))
    source.bring(frame(b"1") + messages.ready())

    def prepared(_number: int) -> None:
        client.bring(RUN)
        source.bring(frame(b"2") + ROWS)

    def simple(number: int) -> None:
        client.bring(requests.query(PREPARED.replace(b"$1", b"%d" % number)))
        source.bring(ROWS)

    return {
        "the proxy's own code for a prepared transaction of pgbench -S": await _best(prepared),
        "for a simple one, each with another number": await _best(simple),
    }


async def _best(transaction: Callable[[int], None]) -> str:
    """Give the best of several turns, which a busy machine disturbs least."""
    found = []
    for _ in range(TURNS):
        began = process_time()
        for number in range(ROUNDS):
            transaction(number)
            if number % 100 == 0:
                await asyncio.sleep(0)  # lets intents become durable
        found.append((process_time() - began) / ROUNDS)
    return f"{min(found) * 1e6:.1f} µs"
