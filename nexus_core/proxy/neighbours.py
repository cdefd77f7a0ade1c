"""Cancellations between the processes that share a port: a client's may come to any of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from nexus_core.errors import InvalidInputError
from nexus_core.proxy.protocol.opening import Cancel, cancel_request, read_opening

_PACKET_BYTES = 16
_SECONDS = 5.0


@asynccontextmanager
async def listening_for_cancels(
    folder: Path, worker: int, cancel: Callable[[Cancel], Awaitable[None]]
) -> AsyncIterator[None]:
    """Take cancellations from the other processes, by a socket in a folder that only this user reads."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, EOFError, InvalidInputError):
            async with asyncio.timeout(_SECONDS):
                wanted = read_opening(await reader.readexactly(_PACKET_BYTES))
            if isinstance(wanted, Cancel):
                await cancel(wanted)
        writer.close()

    path = _place(folder, worker)
    server = await asyncio.start_unix_server(serve, path)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def pass_cancel(folder: Path, worker: int, wanted: Cancel) -> None:
    """Give a cancellation to the process that has the session; nothing tells whether there is one."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_unix_connection(_path(folder, worker))
            writer.write(cancel_request(wanted.process, wanted.secret))
            await writer.drain()
            writer.close()


def _place(folder: Path, worker: int) -> Path:
    """Give a free path for the socket, in a folder that only this user may look into."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    path = _path(folder, worker)
    path.unlink(missing_ok=True)
    return path


def _path(folder: Path, worker: int) -> Path:
    return folder / f"proxy-{worker}.socket"
