"""One computation of classes: from what the ledger notes as changed to what is enforced, all or nothing.

It may be repeated, broken off and done by two at once: what is enforced is replaced only where nobody has written since
it was read, and what was noted is forgotten only afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import structlog

from nexus_core.classification.reading import Reader
from nexus_core.classification.requests import requests
from nexus_core.classification.settling import Settling
from nexus_core.errors import StaleReadError
from nexus_core.eventlog.log import Backlog
from nexus_core.model.classes import UNDECIDED, WHOLE
from nexus_core.model.moments import microseconds
from nexus_core.model.names import DatasetName
from nexus_core.store.aliases import KnownAliases
from nexus_core.store.class_facts import Dirty, dirty, mark, mark_all, settle
from nexus_core.store.classes import (
    Connection,
    DatasetClassRow,
    Generation,
    Settled,
    dataset_class,
    note_complete,
    read_generation,
    save_settled,
)
from nexus_core.store.database import Store, reading, snapshot, writing
from nexus_core.store.dataset_access import CLASS, AccessRow, forget_classes, put_access
from nexus_core.store.ledger import Ledger


class Waiting(Protocol):
    """What a log tells of events that are not merged yet."""

    async def backlog(self) -> Backlog:
        """Count what waits."""
        ...


_NOTED_SECONDS = 1
_MOST = 2_000  # datasets looked at in one computation

_log = structlog.get_logger()


@dataclass(slots=True)
class Classification:
    """Keeps the classes of the main store in step with the ledger of the projection that is active."""

    main: Store
    ledger: Store
    backlog: Waiting
    projection_id: int = 1
    aliases: KnownAliases = field(default_factory=KnownAliases)
    noted_at: float | None = None

    async def step(self) -> bool:
        """Take in what was noted until now; False when nothing was. Raises UnavailableError while a store is away."""
        if not await self._has_work():
            return False
        complete_at = await self._complete_at()
        before = await self._generation()
        async with Ledger(self.ledger).reading() as ledger:
            todo = await dirty(ledger.connection, _MOST + 1)
            is_last = len(todo) <= _MOST
            todo = todo[:_MOST]
            if not todo:
                await self._note_complete(before, complete_at)
                return False
            reader = Reader(ledger, await self.aliases.load(ledger.connection))
            await reader.prepare()
            async with snapshot(self.main) as enforced:
                settling = Settling(reader, enforced)
                await settling.run(await _names(reader, todo))
        complete_at = max(before.complete_at, complete_at) if is_last else before.complete_at
        return await self._save(before, before._replace(complete_at=complete_at), settling, todo)

    async def _has_work(self) -> bool:
        """Tell whether anything was noted, or how far all is complete was not told for a second."""
        if self.noted_at is None or time.monotonic() - self.noted_at > _NOTED_SECONDS:
            self.noted_at = time.monotonic()
            return True
        async with reading(self.ledger) as connection:
            return bool(await dirty(connection, 1))

    async def _complete_at(self) -> int:
        """Give a moment such that all events accepted by then are in the ledger, which is read only afterwards."""
        now = datetime.now(UTC)
        oldest = (await self.backlog.backlog()).oldest_at
        return microseconds(now) if oldest is None else microseconds(min(now, oldest)) - 1

    async def _generation(self) -> Generation:
        """Give how far classes are computed; another projection's ledger is gone through as a whole."""
        async with reading(self.main) as connection:
            found = await read_generation(connection)
        if found.projection_id != self.projection_id:
            async with writing(self.ledger) as connection:
                await mark_all(connection)
        return found

    async def _note_complete(self, before: Generation, complete_at: int) -> None:
        if complete_at > before.complete_at and before.projection_id == self.projection_id:
            async with writing(self.main) as connection:
                await note_complete(connection, before, complete_at)

    async def _save(self, before: Generation, so_far: Generation, settling: Settling, todo: Sequence[Dirty]) -> bool:
        now = Generation(before.generation + 1, so_far.complete_at, self.projection_id)
        settled = _settled(settling, now)
        if self.main is not self.ledger:  # what a crash leaves half told is looked at again
            async with writing(self.ledger) as connection:
                await mark(connection, [settling.names[key] for key in settled.fields])
        try:
            async with writing(self.main) as connection:
                await save_settled(connection, before, now, settled)
                if self.main is self.ledger:
                    await _tell(connection, settling, settled, todo)
        except StaleReadError:
            _log.info("classes computed again: another worker was first")
            return True
        if self.main is not self.ledger:
            async with writing(self.ledger) as connection:
                await _tell(connection, settling, settled, todo)
        return True


async def _tell(connection: Connection, settling: Settling, settled: Settled, todo: Sequence[Dirty]) -> None:
    """Write into the ledger's store what search and scopes go by, and that what was noted is done."""
    await put_access(connection, [_access_row(row) for row in settled.datasets], CLASS)
    await forget_classes(connection, settled.gone)
    await mark(connection, _doubtful(settling))
    await settle(connection, todo)


def _access_row(row: DatasetClassRow) -> AccessRow:
    known = None if row.class_name == UNDECIDED else row.class_name
    return AccessRow(row.dataset_key, row.namespace, row.name, None, known, row.generation)


async def _names(reader: Reader, todo: Sequence[Dirty]) -> list[DatasetName]:
    found = {reader.first(one.name) for one in todo}
    renamed = [reader.first(one.name) for one in todo if one.readers]
    return sorted(found | await reader.readers(renamed))


def _settled(settling: Settling, now: Generation) -> Settled:
    looked_at = {facts.key for facts in settling.facts}
    keys = (settling.changed | looked_at) - settling.gone
    rows = [_dataset_row(settling, key, now) for key in sorted(keys)]
    changed = {key: settling.fields[key] for key in settling.changed - settling.gone}
    asked = [row for facts in settling.facts for row in requests(settling, facts, now)]
    return Settled(changed, rows, settling.gone, looked_at, asked)


def _dataset_row(settling: Settling, key: str, now: Generation) -> DatasetClassRow:
    level = settling.fields[key].level_of(WHOLE)
    public = key in settling.decided and settling.decided[key].is_public(WHOLE)
    return dataset_class(key, settling.names[key], level, now.generation, public=public)


def _doubtful(settling: Settling) -> list[DatasetName]:
    """Give the datasets that were raised in passing by what does not hold now: it may be lowered."""
    known = {facts.key for facts in settling.facts} | settling.gone
    return [settling.names[key] for key in settling.raised_by_past - known]
