"""A TCP proxy of our own between two processes, which a drill cuts in the ways that networks are cut."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class Cut(StrEnum):
    """What the network does."""

    NONE = "none"
    REFUSED = "refused"  # every connection is reset at once, new ones too
    STALLED = "stalled"  # no byte passes, and all that was held passes when it is over
    LOST = "lost"  # no byte passes, ever: both ends learn of it only after the cut, by a reset
    DEAF = "deaf"  # requests pass, answers are lost: what was asked happens, and nobody learns of it


class Proxy:
    """Passes bytes on from `port` of 127.0.0.1 to others, as long as it is not told to cut.

    New connections go to its `targets` in turn, as a balancer's do; open ones stay where they are.
    """

    def __init__(self, *targets: int) -> None:
        self.port, self.targets = 0, targets
        self._cut, self._turn = Cut.NONE, 0
        self._clients = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._passes = asyncio.Event()
        self._passes.set()

    @property
    def cut(self) -> Cut:
        return self._cut

    @cut.setter
    def cut(self, cut: Cut) -> None:
        asyncio.run_coroutine_threadsafe(self._set(cut), self._loop).result(10)

    @property
    def count(self) -> int:
        """How many clients are connected."""
        return self._clients

    def reset(self) -> None:
        """Reset all connections once."""
        asyncio.run_coroutine_threadsafe(self._abort(), self._loop).result(10)

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        started = threading.Event()
        thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        thread.start()
        assert started.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._abort())
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _set(self, cut: Cut) -> None:
        before, self._cut = self._cut, cut
        if cut is Cut.REFUSED or before in (Cut.LOST, Cut.DEAF):
            await self._abort()
        if cut is Cut.STALLED:
            self._passes.clear()
        else:
            self._passes.set()

    async def _abort(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut is Cut.REFUSED:
            writer.transport.abort()
            return
        self._open.add(writer)  # before the other side is there, since a cut or the end may come first
        try:
            onward_reader, onward = await self._onward()
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(onward)
        back = asyncio.ensure_future(self._pass(onward_reader, writer, answers=True))
        self._clients += 1
        with contextlib.suppress(asyncio.CancelledError):
            await self._pass(reader, onward, answers=False)
            self._clients -= 1
            await back
        self._open -= {writer, onward}

    async def _onward(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the target whose turn it is, or to the next that takes a connection."""
        targets, self._turn = self.targets, self._turn + 1
        for number in range(self._turn, self._turn + len(targets)):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", targets[number % len(targets)])
        raise ConnectionRefusedError("no target takes a connection")

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._passes.wait()
                if self._cut is Cut.LOST or (self._cut is Cut.DEAF and answers):
                    continue
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError):
            if self._cut in (Cut.NONE, Cut.REFUSED, Cut.STALLED):
                writer.close()
