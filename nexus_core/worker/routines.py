"""Routines that a source's harvest has read: their texts, by name and time, for the statements that call them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping

from nexus_core.model.edge import digest, node_key
from nexus_core.model.envelope import EventKind
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical_namespace
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import Changes, RoutineRow
from nexus_core.worker.said import Said

Events = Callable[[Iterable[str]], Awaitable[list[Said]]]
"""Gives events by id."""


class Routines:
    """What one round knows and learns of routines. Only a harvest defines them: a producer's word binds no caller."""

    def __init__(self, ledger: Snapshot, changes: Changes, events: Events) -> None:
        self._ledger, self._changes, self._events = ledger, changes, events
        self._rows: dict[str, set[RoutineRow]] = {}

    async def observe(self, events: Iterable[Said]) -> dict[str, int]:
        """Take in the routines that events define; gives those of which something new is known, and since when."""
        new: dict[str, set[RoutineRow]] = defaultdict(set)
        for said in events:
            if row := _row(said):
                new[row.routine_key].add(row)
        await self.load(new)
        changed = {}
        for key, rows in new.items():
            if added := rows - self._rows[key]:
                self._changes.routines += sorted(added)
                self._rows[key] |= added
                changed[key] = min(row.accepted_at for row in added)
        return changed

    async def load(self, keys: Iterable[str]) -> None:
        """Fetch routines with every text that they ever had."""
        missing = set(keys) - self._rows.keys()
        self._rows |= {key: set() for key in missing}
        for row in await self._ledger.routines(missing):
            self._rows[row.routine_key].add(row)

    def at(self, key: str, at: int, known_at: int) -> RoutineRow | None:
        """Give the text that a name meant at a moment, as far as was known then.

        None where it was not known, or overloads make it several.
        """
        latest: dict[str, RoutineRow] = {}
        for row in sorted(self._rows.get(key, ()), key=lambda row: (row.valid_at, row.event_id)):
            if row.valid_at <= at and row.accepted_at <= known_at:
                latest[row.job_key] = row
        return next(iter(latest.values())) if len(latest) == 1 else None

    def text_at(self, key: str, at: int, known_at: int) -> str | None:
        """Give the fingerprint of the text that a name meant at a moment, as far as was known then."""
        row = self.at(key, at, known_at)
        return row.fingerprint if row else None

    async def texts(self, keys: Mapping[str, str], at: int, known_at: int) -> dict[str, str]:
        """Give the known texts of routines by name as they were at a moment."""
        await self.load(keys.values())
        rows = {name: self.at(key, at, known_at) for name, key in keys.items()}
        read = {said.event_id: said.sql for said in await self._events({row.event_id for row in rows.values() if row})}
        found = {name: read.get(row.event_id) for name, row in rows.items() if row}
        return {name: sql.text for name, sql in found.items() if sql}

    def beliefs(self, key: str, at: int, since: int) -> list[tuple[int, str | None]]:
        """Give which text, by fingerprint, a name was believed to mean at a moment from a recorded time on."""
        later = {row.accepted_at for row in self._rows.get(key, ()) if row.accepted_at > since}
        found: list[tuple[int, str | None]] = []
        for recorded_at in sorted({since, *later}):
            value = self.text_at(key, at, recorded_at)
            if not found or found[-1][1] != value:
                found.append((recorded_at, value))
        return found

    def __contains__(self, key: str) -> bool:
        return bool(self._rows.get(key))


def routine_key(name: DatasetName | JobName) -> str:
    """Give the key of a routine from its name, with or without the list of its parameters' types."""
    return node_key(f"routine:{canonical_namespace(name.namespace)}:{name.name.partition('(')[0].lower()}")


def _row(said: Said) -> RoutineRow | None:
    """Read a routine's definition: SQL of a harvested job that is neither a view nor a statement that ran."""
    defines = said.kind is EventKind.JOB and said.principal_class == "harvest" and said.origin == "sql"
    if not defines or said.sql is None or said.job is None:
        return None
    text = digest(said.sql.text.encode())
    return RoutineRow(
        routine_key(said.job), node_key(said.job.id), said.valid_at, said.event_id, text, said.accepted_at
    )
