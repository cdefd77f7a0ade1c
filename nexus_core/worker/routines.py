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

    async def observe(self, events: Iterable[Said]) -> set[str]:
        """Take in the routines that events define; gives the keys of those of which something new is known."""
        new: dict[str, set[RoutineRow]] = defaultdict(set)
        for said in events:
            if row := _row(said):
                new[row.routine_key].add(row)
        await self.load(new)
        changed = {key for key, rows in new.items() if rows - self._rows[key]}
        for key in changed:
            self._changes.routines += sorted(new[key] - self._rows[key])
            self._rows[key] |= new[key]
        return changed

    async def load(self, keys: Iterable[str]) -> None:
        """Fetch routines with every text that they ever had."""
        missing = set(keys) - self._rows.keys()
        self._rows |= {key: set() for key in missing}
        for row in await self._ledger.routines(missing):
            self._rows[row.routine_key].add(row)

    def at(self, key: str, at: int) -> RoutineRow | None:
        """Give the text that a name meant at a moment; None where it is not known, or overloads make it several."""
        latest: dict[str, RoutineRow] = {}
        for row in sorted(self._rows.get(key, ()), key=lambda row: (row.valid_at, row.event_id)):
            if row.valid_at <= at:
                latest[row.job_key] = row
        return next(iter(latest.values())) if len(latest) == 1 else None

    async def texts(self, keys: Mapping[str, str], at: int, lookups: dict[str, str | None]) -> dict[str, str]:
        """Give the known texts of routines by name as they were at a moment; notes what was found."""
        await self.load(keys.values())
        rows = {name: self.at(key, at) for name, key in keys.items()}
        lookups.update({keys[name]: row.fingerprint if row else None for name, row in rows.items()})
        read = {said.event_id: said.sql for said in await self._events({row.event_id for row in rows.values() if row})}
        found = {name: read.get(row.event_id) for name, row in rows.items() if row}
        return {name: sql.text for name, sql in found.items() if sql}

    def fingerprint_at(self, key: str, at: int) -> str | None:
        """Give the fingerprint of the text that a name meant at a moment."""
        row = self.at(key, at)
        return row.fingerprint if row else None


def routine_key(name: DatasetName | JobName) -> str:
    """Give the key of a routine from its name, with or without the list of its parameters' types."""
    return node_key(f"routine:{canonical_namespace(name.namespace)}:{name.name.partition('(')[0].lower()}")


def _row(said: Said) -> RoutineRow | None:
    """Read a routine's definition: SQL of a harvested job that is neither a view nor a statement that ran."""
    defines = said.kind is EventKind.JOB and said.principal_class == "harvest" and said.origin == "sql"
    if not defines or said.sql is None or said.job is None:
        return None
    text = digest(said.sql.text.encode())
    return RoutineRow(routine_key(said.job), node_key(said.job.id), said.valid_at, said.event_id, text)
