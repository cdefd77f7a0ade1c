"""Derivation in child processes that are bounded in time and memory, for text that nobody has vouched for."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from hashlib import blake2b
from types import TracebackType
from typing import Any

import orjson

from nexus_core.errors import SqlOverrunError
from nexus_core.model.statement import References, SqlLineage, SqlRequest
from nexus_core.model.trial import Trial, TrialRequest
from nexus_core.sql.codec import lineage_from, references_from, trials_from
from nexus_core.sql.frames import HEADER, MAX_ANSWER, OUT_OF_MEMORY
from nexus_core.sql.together import Together

_START_SECONDS = 60.0
"""How long a child may take to start: its imports, on a busy machine."""

_OUT_OF_MEMORY = frozenset({OUT_OF_MEMORY, -signal.SIGABRT})
"""How a child ends that gets no memory: compiled code aborts."""


class ParsePool:
    """Children that derive lineage, each one request at a time; answers are kept for equal requests.

    `seconds` is wall time per request, or per list of trials that are asked at once (a child's start has its own),
    `memory_mb` a child's address space, `processes` the most children at once, `kept` the number of answers kept.
    Callers are served in the order in which they come. A child starts when a request finds none free, one after
    another, and lives until `close`, or until it overruns: then it is killed, which costs only its own request. Use
    one pool per event loop, as a context manager or with `close`.
    """

    def __init__(self, seconds: float, memory_mb: int, processes: int = 1, kept: int = 4096) -> None:
        self._seconds, self._memory, self._processes, self._kept = seconds, memory_mb * 2**20, processes, kept
        self._answers: OrderedDict[bytes, Any] = OrderedDict()
        self._free: list[Process] = []
        self._turns = asyncio.Semaphore(processes)
        self._trials = Together(self._answered, processes)
        self._start = asyncio.Lock()
        self._warming: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> ParsePool:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def derive(self, request: SqlRequest) -> SqlLineage:
        """Give the lineage of a text, as `nexus_core.sql.derive`; raises SqlOverrunError, which is transient."""
        return lineage_from(await self._asked(request, only_tables=False))

    async def references(self, request: SqlRequest) -> References:
        """Give what the request names, as `nexus_core.sql.references`; raises SqlOverrunError, which is transient."""
        return references_from(await self._asked(request, only_tables=True))

    async def tried(self, request: TrialRequest) -> tuple[Trial, ...]:
        """Give how each world takes a text, as `nexus_core.sql.binding`; raises SqlOverrunError, which is transient."""
        question = orjson.dumps(request, default=dict)
        return trials_from(await self._kept_or(self._trials.answer, question))

    def warm(self) -> None:
        """Begin to start all children, if none was asked for yet: many questions are about to come."""
        if not self._warming:
            self._warming = [asyncio.create_task(self._ready()) for _ in range(self._processes)]

    async def _ready(self) -> None:
        with suppress(SqlOverrunError):  # the next question tells it
            async with self._turns:
                self._free.append(await self._taken())

    async def close(self) -> None:
        """End the children, each when it has answered."""
        for _ in range(self._processes):
            await self._turns.acquire()
        try:
            while self._free:
                await _kill(self._free.pop())
        finally:
            for _ in range(self._processes):
                self._turns.release()

    async def _asked(self, request: SqlRequest, *, only_tables: bool) -> Any:
        question = orjson.dumps({"request": request, "only_tables": only_tables}, default=dict)
        return await self._kept_or(self._told, question)

    async def _kept_or(self, told: Callable[[bytes], Awaitable[Any]], question: bytes) -> Any:
        key = blake2b(question, digest_size=20).digest()
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        answer = self._answers[key] = await told(question)
        if len(self._answers) > self._kept:
            self._answers.popitem(last=False)
        return answer

    async def _told(self, question: bytes) -> Any:
        return orjson.loads(await self._answered(question))

    async def _answered(self, question: bytes) -> bytes:
        async with self._turns:
            child = await self._taken()
            answer = await self._bounded(_exchange(child, question), child, self._seconds)
            self._free.append(child)
        return answer

    async def _bounded(self, talk: Coroutine[Any, Any, bytes], child: Process, seconds: float) -> bytes:
        """Talk with a child within a time; what ends the talk early ends the child too, since its answer is stale."""
        ended = False
        try:
            async with asyncio.timeout(seconds):
                answer = await talk
            ended = True
        except TimeoutError as error:
            raise SqlOverrunError(f"it took longer than {seconds} s") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            status = await child.wait()
            full = f"it needs more than {self._memory // 2**20} MiB"
            raise SqlOverrunError(full if status in _OUT_OF_MEMORY else f"it ended with status {status}") from error
        finally:
            if not ended:
                await _kill(child)
        return answer

    async def _taken(self) -> Process:
        """Give a child to one caller alone, the one used last if several are free: only an answer puts it back."""
        while self._free:
            child = self._free.pop()
            if child.returncode is None:
                return child
        async with self._start:
            return await self._started()

    async def _started(self) -> Process:
        arguments = ("-I", "-m", "nexus_core.sql.child", str(self._memory))
        child = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL, env={}
        )
        await self._bounded(_receive(child), child, _START_SECONDS)
        return child


async def _kill(child: Process) -> None:
    if child.returncode is None:
        child.kill()
        await child.wait()


async def _exchange(child: Process, question: bytes) -> bytes:
    """Send a frame and read one."""
    assert child.stdin is not None  # noqa: S101 - a pipe
    child.stdin.write(HEADER.pack(len(question)) + question)
    await child.stdin.drain()
    return await _receive(child)


async def _receive(child: Process) -> bytes:
    """Read a frame, as `nexus_core.sql.frames` has it; raises SqlOverrunError for one that is too long."""
    assert child.stdout is not None  # noqa: S101 - a pipe
    (length,) = HEADER.unpack(await child.stdout.readexactly(HEADER.size))
    if length > MAX_ANSWER:
        raise SqlOverrunError(f"its answer has more than {MAX_ANSWER // 2**20} MiB")
    return await child.stdout.readexactly(length)
