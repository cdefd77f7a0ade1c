"""Ends the work for a reader who has gone: cancelling it stops its queries in Neo4j and the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_READS = ("GET", "HEAD")


class Abandonment:
    """ASGI middleware that cancels a read whose client has closed the connection before the whole answer was sent.

    What changes something is left to end: its client may have gone only because it could not wait.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or give it up."""
        if scope["type"] != "http" or scope["method"] not in _READS:
            await self._app(scope, receive, send)
            return
        told: asyncio.Queue[Message] = asyncio.Queue()
        sent = asyncio.Event()
        listening = asyncio.ensure_future(_listen(receive, told))
        answering = asyncio.ensure_future(_answer(self._app(scope, told.get, _noting(send, sent))))
        try:
            await asyncio.wait({listening, answering}, return_when=asyncio.FIRST_COMPLETED)
            if not sent.is_set() and not answering.done():
                answering.cancel()
            await asyncio.wait({answering})
            if not answering.cancelled():
                answering.result()
        finally:
            answering.cancel()
            listening.cancel()


async def _answer(answer: Awaitable[None]) -> None:
    await answer


async def _listen(receive: Receive, told: asyncio.Queue[Message]) -> None:
    """Hand on what the client says until it has gone."""
    while True:
        message = await receive()
        told.put_nowait(message)
        if message["type"] == "http.disconnect":
            return


def _noting(send: Send, sent: asyncio.Event) -> Callable[[Message], Awaitable[None]]:
    """Send, and note the end of the answer."""

    async def noting(message: Message) -> None:
        await send(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            sent.set()

    return noting
