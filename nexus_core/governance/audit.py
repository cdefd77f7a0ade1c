"""Writes the audit log: an act whose record is not durable does not happen (governance.md §5).

Records of one process form one chain. Whoever waits together is written together, so that many at once cost few
commits.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nexus_core.errors import NexusError
from nexus_core.governance.secrets import new_id
from nexus_core.model.access import Caller
from nexus_core.model.audit import ACTOR, BEGINNING, Act, Action, Opening, Outcome, Place, Record, opened
from nexus_core.store import audit as rows
from nexus_core.store.audit import Written, append, begin_chain
from nexus_core.store.database import Store

GROUP_MAX = 500
"""Most records of one transaction."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Waiting:
    act: Act
    outcome: Outcome
    of: int | None
    personal: dict[str, Opening]
    written: asyncio.Future[Place]


@dataclass(slots=True)
class _Chain:
    """Where this process' chain ends."""

    writer: str
    seq: int = 0
    previous: bytes = BEGINNING
    at: datetime = _LONG_AGO

    def next(self, waiting: _Waiting) -> Record:
        """Make the next record; times never go back within a chain."""
        self.at = max(self.at, datetime.now(UTC))
        commitments = {name: opening.commitment for name, opening in waiting.personal.items()}
        act = waiting.act
        record = Record(
            Place(self.writer, self.seq),
            self.previous,
            self.at,
            act.action,
            waiting.outcome,
            act.target,
            commitments,
            waiting.of,
        )
        self.seq, self.previous = self.seq + 1, record.leaf
        return record


@dataclass(slots=True)
class Audit:
    """Writes records for one process."""

    store: Store
    process: str
    _chain: _Chain | None = None
    _waiting: list[_Waiting] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None

    async def record(
        self, caller: Caller | None, act: Act, outcome: Outcome = Outcome.DONE, of: int | None = None
    ) -> Place:
        """Write a record and return once it is durable. Raises UnavailableError: then the act must not happen.

        A caller None is someone unknown, or this process itself.
        """
        personal = dict(act.personal)
        if caller is not None:
            personal[ACTOR] = {"id": caller.account_id, "name": caller.name}
        openings = {name: opened(value) for name, value in personal.items()}
        waiting = _Waiting(act, outcome, of, openings, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await waiting.written

    @asynccontextmanager
    async def acting(self, caller: Caller | None, act: Act) -> AsyncIterator[None]:
        """Record that something is about to be changed, and afterwards whether it was.

        A record `intended` without another that tells its outcome says that the process ended in between, or that the
        outcome could not be written: what became of it is unknown.
        """
        place = await self.record(caller, act, Outcome.INTENDED)
        try:
            yield
        except BaseException as error:
            reason = type(error).__name__ if isinstance(error, NexusError) else "error"
            failed = Act(act.action, {**act.target, "reason": reason})
            await asyncio.shield(self.tell(caller, failed, Outcome.FAILED, place))
            raise
        await self.tell(caller, Act(act.action, act.target), Outcome.DONE, place)

    async def erase(self, caller: Caller | None, account_id: str) -> int:
        """Erase the personal fields of all that an account did; gives how many. What was recorded is still proven.

        The record comes first: a field that is missing without one is a gap that verification tells.
        """
        count = await rows.personal_count(self.store, account_id)
        if count:
            await self.record(caller, Act(Action.PERSONAL_ERASED, {"fields": str(count)}))
            await rows.erase(self.store, account_id)
        return count

    async def tell(self, caller: Caller | None, act: Act, outcome: Outcome, of: Place) -> None:
        """Tell how an intended act ended, in the same chain, else by naming the intent's place.

        Raises UnavailableError: then what became of the act is unknown.
        """
        same = self._chain is not None and self._chain.writer == of.writer
        target = act.target if same else {**act.target, "writer": of.writer, "seq": str(of.seq)}
        await self.record(caller, Act(act.action, target), outcome, of.seq if same else None)

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:GROUP_MAX], self._waiting[GROUP_MAX:]
            try:
                places = await self._append(group)
            except Exception as error:  # noqa: BLE001 every one that waits must learn of it
                self._chain = None  # nobody knows whether the records are there
                for waiting in group:
                    if not waiting.written.done():
                        waiting.written.set_exception(error)
            else:
                for waiting, place in zip(group, places, strict=True):
                    if not waiting.written.done():
                        waiting.written.set_result(place)

    async def _append(self, group: Sequence[_Waiting]) -> list[Place]:
        chain = self._chain or await self._begin()
        self._chain = None
        written: list[Written] = [(chain.next(waiting), waiting.personal) for waiting in group]
        await append(self.store, written)
        self._chain = chain
        return [record.place for record, _ in written]

    async def _begin(self) -> _Chain:
        chain = _Chain(new_id(self.process))
        await begin_chain(self.store, chain.writer)
        where: dict[str, Any] = {"host": socket.gethostname(), "pid": str(os.getpid()), "process": self.process}
        began = _Waiting(
            Act(Action.WRITER_STARTED, where), Outcome.DONE, None, {}, asyncio.get_running_loop().create_future()
        )
        await append(self.store, [(chain.next(began), {})])
        return chain
