"""Questions that are asked at once, sent together: a child that is asked one by one waits for its asker each time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import orjson

from nexus_core.errors import SqlOverrunError

_MOST = 16
"""Questions of one frame: half a child's memory is far from full of their answers, and the last frame ends soon."""

_Waiting = tuple[bytes, asyncio.Future[Any]]


class Together:
    """Sends lists of questions, and gives each of them its answer.

    `ask` takes a JSON list and gives one of as many answers; `processes` share what waits. A list that is stopped is
    asked again one by one, so that a question's bounds are its own.
    """

    def __init__(self, ask: Callable[[bytes], Awaitable[bytes]], processes: int) -> None:
        self._ask, self._processes = ask, processes
        self._waiting: list[_Waiting] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, question: bytes) -> Any:
        """Give the answer to one question; raises SqlOverrunError if it alone is stopped."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append((question, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._send)
        return await future

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        for frame in _frames(waiting, self._processes):
            task = asyncio.get_running_loop().create_task(self._exchanged(frame))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _exchanged(self, frame: Sequence[_Waiting]) -> None:
        wanted = [each for each in frame if not each[1].done()]
        if not wanted:
            return
        try:
            answers = orjson.loads(await self._ask(b"[" + b",".join(question for question, _ in wanted) + b"]"))
        except SqlOverrunError as error:
            await self._again(wanted, error)
        except BaseException as error:
            _fail(wanted, error)
            raise
        else:
            for (_, future), answer in zip(wanted, answers, strict=True):
                if not future.done():
                    future.set_result(answer)

    async def _again(self, frame: Sequence[_Waiting], error: SqlOverrunError) -> None:
        if len(frame) == 1:
            _fail(frame, error)
            return
        for each in frame:
            await self._exchanged([each])


def _frames(waiting: Sequence[_Waiting], processes: int) -> Iterator[Sequence[_Waiting]]:
    """Deal out what waits, some frames for each child, so that all end at about the same time."""
    size = min(_MOST, max(1, len(waiting) // (4 * processes)))
    for start in range(0, len(waiting), size):
        yield waiting[start : start + size]


def _fail(frame: Sequence[_Waiting], error: BaseException) -> None:
    for _, future in frame:
        if not future.done():
            future.set_exception(error)
