"""A TCP proxy of our own between two processes, which a drill cuts in the ways that networks are cut."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum


class Cut(StrEnum):
    """What the network does."""

    NONE = "none"
    REFUSED = "refused"  # every connection is closed at once, new ones too
    STALLED = "stalled"  # no byte passes, and all that was held passes when it is over
    LOST = "lost"  # no byte passes, ever: both ends learn of it only after the cut, when they are closed
    DEAF = "deaf"  # requests pass, answers are lost: what was asked happens, and nobody learns of it


class Proxy:
    """Passes bytes on from `port` of 127.0.0.1 to others, as long as it is not told to cut.

    New connections go to its `targets` in turn, as a balancer's do; open ones stay where they are.

    Each connection has one task, and a socket is closed by who opened it. Hence sockets instead of asyncio's streams:
    those hand an accepted socket over in steps of the event loop, and one that is on its way when the loop ends is
    never closed.
    """

    def __init__(self, *targets: int) -> None:
        self.port, self.targets = 0, targets
        self._cut, self._turn = Cut.NONE, 0
        self._clients = 0
        self._carried: set[asyncio.Task[None]] = set()
        self._passes, self._ended = asyncio.Event(), asyncio.Event()
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
        """Close all connections once."""
        asyncio.run_coroutine_threadsafe(self._close_all(), self._loop).result(10)

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        """Listen on a free port until the block is left; then no connection is open any more."""
        started = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True)
        thread.start()
        assert started.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._ended.set)
            thread.join(10)

    async def _serve(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setblocking(False)
            self.port = listening.getsockname()[1]
            self._loop.add_reader(listening, self._accept, listening)
            started.set()
            await self._ended.wait()
            self._loop.remove_reader(listening)
        await self._close_all()

    async def _set(self, cut: Cut) -> None:
        before, self._cut = self._cut, cut
        if cut is Cut.REFUSED or before in (Cut.LOST, Cut.DEAF):
            await self._close_all()
        if cut is Cut.STALLED:
            self._passes.clear()
        else:
            self._passes.set()

    async def _close_all(self) -> None:
        carried = set(self._carried)
        for task in carried:
            task.cancel()
        await asyncio.gather(*carried, return_exceptions=True)

    def _accept(self, listening: socket.socket) -> None:
        with suppress(BlockingIOError, ConnectionAbortedError):  # a client may have gone already
            client, _ = listening.accept()
            client.setblocking(False)
            task = self._loop.create_task(self._carry(client))
            self._carried.add(task)
            task.add_done_callback(self._carried.discard)
            task.add_done_callback(lambda _: client.close())  # even where the task was cancelled before it began

    async def _carry(self, client: socket.socket) -> None:
        if self._cut is Cut.REFUSED:
            return
        with suppress(OSError), await self._onward() as onward:
            async with asyncio.TaskGroup() as answers:
                answers.create_task(self._pass(onward, client, answers=True))
                self._clients += 1
                try:
                    await self._pass(client, onward, answers=False)
                finally:
                    self._clients -= 1

    async def _onward(self) -> socket.socket:
        """Connect to the target whose turn it is, or to the next that takes a connection."""
        targets, self._turn = self.targets, self._turn + 1
        for number in range(self._turn, self._turn + len(targets)):
            with suppress(OSError):
                return await self._connect(targets[number % len(targets)])
        raise ConnectionRefusedError("no target takes a connection")

    async def _connect(self, port: int) -> socket.socket:
        onward = socket.socket()
        onward.setblocking(False)
        try:
            await self._loop.sock_connect(onward, ("127.0.0.1", port))
        except BaseException:
            onward.close()
            raise
        return onward

    async def _pass(self, source: socket.socket, target: socket.socket, *, answers: bool) -> None:
        with suppress(OSError):
            while data := await self._loop.sock_recv(source, 65536):
                await self._passes.wait()
                if self._cut is Cut.LOST or (self._cut is Cut.DEAF and answers):
                    continue
                await self._loop.sock_sendall(target, data)
        with suppress(OSError):
            if self._cut in (Cut.NONE, Cut.REFUSED, Cut.STALLED):
                target.shutdown(socket.SHUT_RDWR)  # which ends the pass of the other way too
