"""What a unit says, as far as was known when: one state for each recorded time at which that differs.

A state rests on the unit's events accepted by then and on the schemas and routines known by then, so that a schema
that comes later makes a new belief and leaves the former one on record (lineage.md §2).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

from nexus_core.model.dialects import dialect_of
from nexus_core.model.edge import digest_of, node_key, pack
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.model.statement import SqlRequest
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import Changes, IndexRow
from nexus_core.worker.datasets import Contents, Datasets, Fields
from nexus_core.worker.derive import Read, claims_of, datasets_of
from nexus_core.worker.evidence import Derived, State
from nexus_core.worker.names import Names
from nexus_core.worker.remembered import Given, Outcome, Remembered
from nexus_core.worker.routines import Events, Routines, routine_key
from nexus_core.worker.sql_readings import SqlReadings, reading_of
from nexus_core.worker.statements import Statements
from nexus_core.worker.units import Part, Unit, counts, make_unit
from nexus_core.worker.usage import Usages


@dataclass(frozen=True, slots=True)
class Deriving:
    """Derives the units of one round."""

    datasets: Datasets
    routines: Routines
    statements: Statements
    events: Events
    snapshot: Snapshot
    changes: Changes
    readings: SqlReadings
    usages: Usages
    contents: Contents
    remembered: Remembered

    async def states(self, key: str, rows: Sequence[IndexRow], since: int) -> list[State]:
        """Give what a unit says from a recorded time on. Raises SqlOverrunError for a text that outruns its bounds."""
        stamps = [since, *(row.accepted_at for row in rows if row.accepted_at > since)]
        heapify(stamps)
        found: list[State] = []
        while stamps:
            known_at = heappop(stamps)
            if found and known_at <= found[-1].since:
                continue
            derived = await self._state(key, [row for row in rows if row.accepted_at <= known_at], known_at)
            found.append(State(known_at, derived))
            if derived and (later := self._next_belief(derived, known_at)):
                heappush(stamps, later)
        return found

    async def load(self, keys: Collection[str]) -> None:
        """Fetch the datasets and routines that lookups name."""
        await self.datasets.load_keys(keys)
        await self.routines.load(keys)

    def beliefs(self, key: str, at: int, since: int) -> list[tuple[int, str | None]]:
        """Give which schema or routine was believed of a moment from a recorded time on."""
        known = self.routines if key in self.routines else self.datasets
        return known.beliefs(key, at, since)

    def seen(self, key: str, at: int, since: int) -> str | None:
        """Give the fingerprint of those beliefs: of the one, or of their sequence where they changed."""
        told = self.beliefs(key, at, since)
        return told[0][1] if len(told) == 1 else digest_of(told)

    def _next_belief(self, derived: Derived, known_at: int) -> int | None:
        at = derived.unit.valid_at
        later = (self.beliefs(key, at, known_at)[1:2] for key in derived.lookups)
        return min((stamp for told in later for stamp, _ in told), default=None)

    async def _state(self, key: str, rows: Sequence[IndexRow], known_at: int) -> Derived | None:
        if not counts((row.event_type, row.streaming) for row in rows):
            return None
        unit = make_unit(key, await self.events(sorted(row.event_id for row in rows)))
        return await self._derive(unit, known_at) if unit else None

    async def _derive(self, unit: Unit, known_at: int) -> Derived:
        outcome = None if _tells_uses(unit) else self.remembered.of(unit, self.contents)
        if outcome is None or not await self._holds(outcome.given, unit.valid_at, known_at):
            outcome = await self._derive_anew(unit, known_at)
            self.remembered.note(unit, outcome)
        self.readings.note(unit, outcome.reading)
        keys = {node_key(name.id) for name in outcome.given.schemas} | outcome.given.routines.keys()
        return Derived(unit, outcome.claims, keys)

    async def _holds(self, given: Given, at: int, known_at: int) -> bool:
        """Tell whether a derivation would be given the same again."""
        await self.datasets.load(given.schemas)
        await self.routines.load(given.routines)
        return all(self.datasets.schema_at(name, at, known_at) == of for name, of in given.schemas.items()) and all(
            self.routines.text_at(key, at, known_at) == of for key, of in given.routines.items()
        )

    async def _derive_anew(self, unit: Unit, known_at: int) -> Outcome:
        given = Given({}, {})

        def fields_of(name: DatasetName) -> Fields | None:
            given.schemas[name] = self.datasets.schema_at(name, unit.valid_at, known_at)
            return self.datasets.fields_at(name, unit.valid_at, known_at)

        job_namespace = unit.job.namespace if unit.job else None
        reading = _Reading(self, fields_of, given, unit.valid_at, known_at)
        reads = [await reading.part(part, job_namespace) for part in unit.parts]
        await self.datasets.load(datasets_of(reads))
        self.usages.note(unit, reads, fields_of)
        claims = claims_of(unit, reads, fields_of)
        packed = {evidence: self.contents.add(pack(edges)[1], self.changes) for evidence, edges in claims.items()}
        return Outcome(packed, reading_of(reads), given)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads the parts of one unit; `given` collects what the answers rest on."""

    round: Deriving
    fields_of: Callable[[DatasetName], Fields | None]
    given: Given
    at: int
    known_at: int

    async def part(self, part: Part, job_namespace: str | None) -> Read:
        names = Names(part.outputs, part.inputs, job_namespace)
        if part.sql is None:
            return Read(part, names, None)
        dialect = dialect_of(part.sql.dialect, [canonical(name) for name in (*part.outputs, *part.inputs)])
        request = SqlRequest(part.sql.text, dialect, None, part.sql.default_database, part.sql.default_schema)
        statements, snapshot, new = self.round.statements, self.round.snapshot, self.round.changes.derivations
        request, referenced = await self._with_routines(request, names)
        tables = {name: names.table(name) for name in referenced}
        await self.round.datasets.load(dataset for dataset in tables.values() if dataset)
        schema: dict[str, dict[str, str]] = {}
        for table, dataset in tables.items():
            if dataset is not None and (fields := self.fields_of(dataset)):
                schema[table] = dict(fields)
        lineage = await statements.lineage(request, schema, snapshot, new)
        named = {table for column in lineage.columns for table in (column.table, *(s.table for s in column.inputs))}
        found = (names.table(table) for table in {*named, *lineage.inputs, *lineage.outputs} if table)
        await self.round.datasets.load(dataset for dataset in found if dataset)
        return Read(part, names, lineage, dialect)

    async def _with_routines(self, request: SqlRequest, names: Names) -> tuple[SqlRequest, tuple[str, ...]]:
        """Give a request with the routines that it calls, and those that these call, and all tables that are named."""
        asked: set[str] = set()
        while True:
            found = await self.round.statements.references(request, self.round.snapshot, self.round.changes.derivations)
            new = {name: key for name in found.routines if name not in asked and (key := _routine_key(name, names))}
            asked |= new.keys()
            texts = await self.round.routines.texts(new, self.at, self.known_at)
            told = {key: self.round.routines.text_at(key, self.at, self.known_at) for key in new.values()}
            self.given.routines.update(told)
            if not texts:
                return request, found.tables
            request = replace(request, definitions={**request.definitions, **texts})


def _tells_uses(unit: Unit) -> bool:
    return any(part.uses for part in unit.parts)


def _routine_key(name: str, names: Names) -> str | None:
    found = names.table(name)
    return routine_key(found) if found else None
