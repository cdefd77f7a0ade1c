"""Group commit: calls that arrive while a commit is under way share the next one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from nexus_core.errors import NexusError, UnavailableError
from nexus_core.eventlog.rows import Row

_COMMIT_MAX = 2000  # rows of one commit: more would hold the write lock for long

_QUIET_TURNS = 4  # of the loop without a new call, after which a commit begins: a request takes some turns to get here
_TURNS_MAX = 100
_LINGER_SECONDS = 0.002  # for as many calls as shared the last commit: their senders are about to come again

_SECONDS = 30.0  # as long as a writer of SQLite waits for its turn

_Waiting = tuple[list[Row], "asyncio.Future[set[str]]"]


class GroupCommit:
    """Hands the rows of waiting calls to one `insert`, which stores them durably and gives the ids that were new."""

    def __init__(self, insert: Callable[[list[Row]], Awaitable[set[str]]]) -> None:
        self._insert = insert
        self._waiting: list[_Waiting] = []
        self._shared = 0  # calls of the last commit
        self._as_many = asyncio.Event()
        self._committing: asyncio.Task[None] | None = None

    async def add(self, rows: list[Row]) -> list[bool]:
        """Store rows; tells of each whether its id is new.

        Raises what the insert raises, and UnavailableError after 30 s: the rows may still be stored then.
        """
        done: asyncio.Future[set[str]] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, done))
        if len(self._waiting) >= self._shared:
            self._as_many.set()
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())
        try:
            async with asyncio.timeout(_SECONDS):
                new = await done
        except TimeoutError as error:
            raise UnavailableError("The event log", f"no commit within {_SECONDS:g} s") from error
        finally:
            if done.cancelled():  # what nobody waits for must not pile up while the store hangs
                self._waiting = [each for each in self._waiting if each[1] is not done]
        return _first_of_each([row["id"] for row in rows], new)

    async def _gather(self) -> None:
        """Let requests join that have arrived, or will at once: a commit costs as much as three events."""
        quiet = 0
        for _ in range(_TURNS_MAX):
            before = len(self._waiting)
            await asyncio.sleep(0)
            quiet = 0 if len(self._waiting) > before else quiet + 1
            if quiet == _QUIET_TURNS:
                break
        if len(self._waiting) < self._shared:
            self._as_many.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._as_many.wait(), _LINGER_SECONDS)

    async def _commit_all(self) -> None:
        while self._waiting:
            await self._gather()
            if taken := _take(self._waiting):
                self._shared = len(taken)
                await self._commit(taken)

    async def _commit(self, taken: list[_Waiting]) -> None:
        try:
            new = await self._insert([row for rows, _ in taken for row in rows])
        except NexusError as error:
            _fail(taken, error)
        except BaseException as error:
            _fail(taken + self._waiting, UnavailableError("The event log", f"it failed: {type(error).__name__}"))
            raise
        else:
            _answer(taken, new)


def _take(waiting: list[_Waiting]) -> list[_Waiting]:
    """Take calls from the front up to the size of a commit, at least one if there is any."""
    count = rows = 0
    while count < len(waiting) and (not count or rows + len(waiting[count][0]) <= _COMMIT_MAX):
        rows += len(waiting[count][0])
        count += 1
    taken, waiting[:count] = waiting[:count], []
    return taken


def _answer(taken: list[_Waiting], new: set[str]) -> None:
    """Tell each call which of its events are new; of two calls with the same event, the first."""
    for rows, done in taken:
        mine = new.intersection(row["id"] for row in rows)
        new -= mine
        if not done.done():  # its caller may have gone
            done.set_result(mine)


def _first_of_each(ids: Sequence[str], new: set[str]) -> list[bool]:
    left = set(new)
    firsts = []
    for event_id in ids:
        firsts.append(event_id in left)
        left.discard(event_id)
    return firsts


def _fail(taken: list[_Waiting], error: NexusError) -> None:
    for _, done in taken:
        if not done.done():
            done.set_exception(error)
