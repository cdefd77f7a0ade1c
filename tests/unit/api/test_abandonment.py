"""A read ends with its reader; what writes does not, nor does what has answered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nexus_core.api.abandonment import Abandonment


class Client:
    """Sends an empty request, and goes when `gone` is set."""

    def __init__(self) -> None:
        self.gone, self.answer, self._asked = asyncio.Event(), [], False

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.answer.append(message["type"])
        if message["type"] == "http.response.body":
            self.gone.set()


class Work:
    """An application that works for a while before or after its answer."""

    def __init__(self, *, before: float = 0, after: float = 0) -> None:
        self._before, self._after, self.outcome, self.began = before, after, "", asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "http.request"
        self.began.set()
        try:
            await asyncio.sleep(self._before)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"x"})
            await asyncio.sleep(self._after)
            self.outcome = "done"
        except asyncio.CancelledError:
            self.outcome = "cancelled"
            raise


def scope(method: str = "GET") -> dict[str, Any]:
    return {"type": "http", "method": method, "path": "/"}


async def leave_early(work: Work, method: str) -> Client:
    client = Client()
    asking = asyncio.ensure_future(Abandonment(work)(scope(method), client.receive, client.send))
    await work.began.wait()
    client.gone.set()
    await asking
    return client


async def test_a_read_ends_with_its_reader() -> None:
    work = Work(before=60)
    client = await leave_early(work, "GET")
    assert work.outcome == "cancelled"
    assert client.answer == []


async def test_a_write_goes_on_without_its_writer() -> None:
    work = Work(before=0.05)
    await leave_early(work, "POST")
    assert work.outcome == "done"


async def test_what_has_answered_ends_by_itself() -> None:
    work, client = Work(after=0.05), Client()
    await Abandonment(work)(scope(), client.receive, client.send)
    assert work.outcome == "done"
    assert client.answer == ["http.response.start", "http.response.body"]


async def test_a_failure_is_passed_on() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError

    client = Client()
    with pytest.raises(LookupError):
        await Abandonment(broken)(scope(), client.receive, client.send)
