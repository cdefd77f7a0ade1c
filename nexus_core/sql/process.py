"""Derivation in a child process that is bounded in time and memory, for text that nobody has vouched for."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections import OrderedDict
from hashlib import blake2b
from types import TracebackType
from typing import Any

import orjson

from nexus_core.errors import SqlOverrunError
from nexus_core.model.statement import SqlLineage, SqlRequest
from nexus_core.sql.codec import lineage_from
from nexus_core.sql.frames import HEADER, OUT_OF_MEMORY


class ParseProcess:
    """A child that derives lineage, one request at a time; answers are kept for equal requests.

    `seconds` is wall time per request, `memory_mb` the child's address space, `kept` the number of answers kept.
    The child starts at the first request and lives until `close`, or until it overruns: then it is killed, and the
    next request starts another. Use one per event loop, as a context manager or with `close`.
    """

    def __init__(self, seconds: float, memory_mb: int, kept: int = 4096) -> None:
        self._seconds, self._memory, self._kept = seconds, memory_mb * 2**20, kept
        self._answers: OrderedDict[bytes, Any] = OrderedDict()
        self._child: Process | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> ParseProcess:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def derive(self, request: SqlRequest) -> SqlLineage:
        """Give the lineage of a text, as `nexus_core.sql.derive`; raises SqlOverrunError, which is transient."""
        return lineage_from(await self._asked(request, only_tables=False))

    async def referenced_tables(self, request: SqlRequest) -> tuple[str, ...]:
        """Give the tables whose schema could matter; raises SqlOverrunError, which is transient."""
        return tuple(await self._asked(request, only_tables=True))

    async def close(self) -> None:
        """End the child."""
        async with self._turn:
            await self._stop()

    async def _asked(self, request: SqlRequest, *, only_tables: bool) -> Any:
        question = orjson.dumps({"request": request, "only_tables": only_tables}, default=dict)
        key = blake2b(question, digest_size=20).digest()
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        async with self._turn:
            answer = orjson.loads(await self._answered(question))
        self._answers[key] = answer
        if len(self._answers) > self._kept:
            self._answers.popitem(last=False)
        return answer

    async def _answered(self, question: bytes) -> bytes:
        child = await self._running()
        try:
            async with asyncio.timeout(self._seconds):
                answer = await _exchange(child, question)
        except TimeoutError as error:
            raise SqlOverrunError(f"it took longer than {self._seconds} s") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            status = await child.wait()
            reason = (
                f"it needs more than {self._memory // 2**20} MiB" if status == OUT_OF_MEMORY else f"status {status}"
            )
            raise SqlOverrunError(reason) from error
        else:
            self._child = child
            return answer
        finally:
            if self._child is not child:  # overrun, or cancelled with an answer still to come
                self._child = child
                await self._stop()

    async def _running(self) -> Process:
        """Give the child and take it away: only an answer puts it back."""
        child, self._child = self._child, None
        if child is not None and child.returncode is None:
            return child
        arguments = ("-I", "-m", "nexus_core.sql.child", str(self._memory))
        return await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL, env={}
        )

    async def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None and child.returncode is None:
            child.kill()
            await child.wait()


async def _exchange(child: Process, question: bytes) -> bytes:
    """Send a frame and read one; as `nexus_core.sql.frames` has it."""
    assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - both are pipes
    child.stdin.write(HEADER.pack(len(question)) + question)
    await child.stdin.drain()
    (length,) = HEADER.unpack(await child.stdout.readexactly(HEADER.size))
    return await child.stdout.readexactly(length)
