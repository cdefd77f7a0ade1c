"""One round of the worker: pending events into the ledger, then what changed into the graph.

Everything is computed from a snapshot before the one short transaction that writes it, since only the holder of the
lease writes the ledger. The order (ledger, graph, mark merged) makes every crash harmless: events that are not marked
are taken again and change nothing, and what the graph lacks is pending in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson
import structlog

from nexus_core.errors import NexusError, SqlOverrunError
from nexus_core.eventlog.log import EventLog
from nexus_core.graph.connection import Graph
from nexus_core.model.edge import node_key
from nexus_core.model.envelope import Envelope, EventKind
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.model.statement import SqlRequest
from nexus_core.store.ledger import Ledger, Record, Snapshot
from nexus_core.store.ledger_lease import Lease
from nexus_core.store.ledger_rows import Changes, ChunkRow, HarvestRow, IndexRow, JobRow
from nexus_core.worker.cache import Cache
from nexus_core.worker.datasets import Contents, Datasets, Fields
from nexus_core.worker.derive import Read, claims_of, datasets_of
from nexus_core.worker.evidence import Derived, EvidenceRound
from nexus_core.worker.grouping import group, members
from nexus_core.worker.names import Names, dialect_of
from nexus_core.worker.project import project_pending
from nexus_core.worker.routines import Routines, routine_key
from nexus_core.worker.said import Said, read_event
from nexus_core.worker.statements import Statements
from nexus_core.worker.units import Part, Unit, counts, make_unit

_log = structlog.get_logger()

Recorder = Callable[[Sequence[Envelope]], Record]
"""Makes, of the merged events, what else belongs into the ledger's transaction."""


class UnmergeableError(NexusError):
    """These events can never be merged; `reason` says why."""

    def __init__(self, event_ids: Sequence[str], reason: str) -> None:
        self.event_ids, self.reason = event_ids, reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Merger:
    """What a round needs, kept from round to round."""

    log: EventLog
    ledger: Ledger
    graph: Graph
    statements: Statements
    record: Recorder
    contents: Contents
    said: Cache[Said]

    async def take(self, envelopes: Sequence[Envelope], lease: Lease) -> None:
        """Enter events into the ledger; raises UnmergeableError, having changed nothing, for those to leave out."""
        changes = Changes()
        events = [self._read(envelope) for envelope in envelopes]
        async with self.ledger.reading() as snapshot:
            await _Round(self, snapshot, changes).run(events)
        await self.ledger.commit(changes, lease, self.record(envelopes))
        self.contents.committed(changes)

    async def finish(self, lease: Lease) -> None:
        """Tell the graph what is pending in the ledger."""
        while await project_pending(self.ledger, self.graph, self.contents, lease):
            pass

    def _read(self, envelope: Envelope) -> Said:
        said = read_event(envelope)
        self.said.put(said.event_id, said)
        return said

    async def events(self, event_ids: Iterable[str]) -> list[Said]:
        """Give events by id, from memory or from the log."""
        wanted = list(event_ids)
        missing = [event_id for event_id in wanted if event_id not in self.said]
        fetched = {envelope.id: read_event(envelope) for envelope in await self.log.read(missing)}
        for event_id, said in fetched.items():
            self.said.put(event_id, said)
        found = (fetched.get(event_id) or self.said.get(event_id) for event_id in wanted)
        return [said for said in found if said is not None]


class _Round:
    def __init__(self, merger: Merger, snapshot: Snapshot, changes: Changes) -> None:
        self._merger, self._snapshot, self._changes = merger, snapshot, changes
        self._datasets = Datasets(snapshot, merger.contents, changes)
        self._routines = Routines(snapshot, changes, merger.events)
        self._events: Mapping[str, Said] = {}

    async def run(self, events: Sequence[Said]) -> None:
        self._events = {said.event_id: said for said in events}
        await self._datasets.observe(events)
        self._index_jobs(events)
        self._index_harvests(events)
        lineage = [said for said in events if said.kind is not EventKind.DATASET or said.columns]
        units = await group(lineage, self._snapshot, self._changes)
        changed = await self._routines.observe(events)
        units |= await self._units_to_derive_again(changed | await self._datasets.settle())
        evidence = EvidenceRound(self._snapshot, self._merger.contents, self._changes)
        await evidence.take(await self._derive_all(units))
        await evidence.settle()

    def _index_jobs(self, events: Sequence[Said]) -> None:
        jobs = {said.job for said in events if said.job}
        for job in jobs:
            if (key := node_key(job.id)) not in self._merger.contents.stored:
                self._changes.jobs.append(JobRow(key, job.namespace, job.name, True))

    def _index_harvests(self, events: Sequence[Said]) -> None:
        for said in events:
            told = said.manifest
            if told is None:
                continue
            if told.source and said.event_type == "COMPLETE":
                row = HarvestRow(said.run_key, told.source, told.scope, said.valid_at, told.watermark, told.chunk_count)
                self._changes.harvests.append(row)
            if told.chunk is not None:
                self._changes.chunks.append(ChunkRow(said.run_key, told.chunk, orjson.dumps(told.objects)))

    async def _units_to_derive_again(self, keys: set[str]) -> set[str]:
        """Give the units whose derivation rests on a schema or routine that is no longer believed of their time."""
        lookups = await self._snapshot.lookups(keys)
        units = {row.unit_key: row for row in await self._snapshot.units({row.unit_key for row in lookups})}
        return {
            row.unit_key
            for row in lookups
            if row.unit_key in units
            and self._believed_at(row.dataset_key, units[row.unit_key].valid_at) != row.fingerprint
        }

    def _believed_at(self, key: str, at: int) -> str | None:
        """Give the fingerprint of a dataset's schema or a routine's text at a moment."""
        return self._datasets.schema_at(key, at) or self._routines.fingerprint_at(key, at)

    async def _derive_all(self, keys: set[str]) -> dict[str, Derived | None]:
        """Make and derive units; those that cannot make a version yet, and never did, are left out."""
        derived: dict[str, Derived | None] = {}
        rows = await members(keys, self._snapshot, self._changes)
        for key, of in rows.items():
            if of and not counts((row.event_type, row.streaming) for row in of):
                continue
            unit = make_unit(key, await self._merger.events(sorted(row.event_id for row in of)))
            try:
                derived[key] = await self._derive(unit) if unit else None
            except SqlOverrunError as error:
                self._leave_out(key, of, error)
        return derived

    def _leave_out(self, unit: str, rows: Sequence[IndexRow], error: SqlOverrunError) -> None:
        """Refuse the events that make a unit count; a unit that an older event made keeps what it claimed."""
        mine = [row for row in rows if row.event_id in self._events]
        refused = [row.event_id for row in mine if counts([(row.event_type, row.streaming)])]
        if refused:
            raise UnmergeableError(refused, str(error)) from error
        _log.warning("unit not derived again", unit=unit, reason=error.reason)

    async def _derive(self, unit: Unit) -> Derived:
        lookups: dict[str, str | None] = {}

        def fields_of(name: DatasetName) -> Fields | None:
            fingerprint, fields = self._datasets.fields_at(name, unit.valid_at)
            lookups[node_key(name.id)] = fingerprint
            return fields

        job_namespace = unit.job.namespace if unit.job else None
        reads = [await self._read(part, job_namespace, fields_of, unit.valid_at, lookups) for part in unit.parts]
        await self._datasets.load(datasets_of(reads))
        return Derived(unit, claims_of(unit, reads, fields_of), lookups)

    async def _read(
        self,
        part: Part,
        job_namespace: str | None,
        fields_of: Callable[[DatasetName], Fields | None],
        at: int,
        lookups: dict[str, str | None],
    ) -> Read:
        names = Names(part.outputs, part.inputs, job_namespace)
        if part.sql is None:
            return Read(part, names, None)
        dialect = dialect_of(part.sql.dialect, [canonical(name) for name in (*part.outputs, *part.inputs)])
        request = SqlRequest(part.sql.text, dialect, None, part.sql.default_database, part.sql.default_schema)
        statements, new = self._merger.statements, self._changes.derivations
        request, referenced = await self._with_routines(request, names, at, lookups)
        tables = {name: names.table(name) for name in referenced}
        await self._datasets.load(dataset for dataset in tables.values() if dataset)
        schema: dict[str, dict[str, str]] = {}
        for table, dataset in tables.items():
            if dataset is not None and (fields := fields_of(dataset)):
                schema[table] = dict(fields)
        lineage = await statements.lineage(request, schema, self._snapshot, new)
        named = {table for column in lineage.columns for table in (column.table, *(s.table for s in column.inputs))}
        found = (names.table(table) for table in {*named, *lineage.inputs, *lineage.outputs} if table)
        await self._datasets.load(dataset for dataset in found if dataset)
        return Read(part, names, lineage)

    async def _with_routines(
        self, request: SqlRequest, names: Names, at: int, lookups: dict[str, str | None]
    ) -> tuple[SqlRequest, tuple[str, ...]]:
        """Give a request with the routines that it calls, and those that these call, and all tables that are named."""
        asked: set[str] = set()
        while True:
            found = await self._merger.statements.references(request, self._snapshot, self._changes.derivations)
            new = {name: key for name in found.routines if name not in asked and (key := _routine_key(name, names))}
            asked |= new.keys()
            texts = await self._routines.texts(new, at, lookups)
            if not texts:
                return request, found.tables
            request = replace(request, definitions={**request.definitions, **texts})


def _routine_key(name: str, names: Names) -> str | None:
    found = names.table(name)
    return routine_key(found) if found else None
