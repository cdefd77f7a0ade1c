"""One round of the worker: pending events into the ledger, then what changed into the graph.

Everything is computed from a snapshot before the one short transaction that writes it, since only the holder of the
lease writes the ledger. The order (ledger, graph, mark merged) makes every crash harmless: events that are not marked
are taken again and change nothing, and what the graph lacks is pending in the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from nexus_core.errors import NexusError, SqlOverrunError
from nexus_core.eventlog.log import EventLog
from nexus_core.graph.connection import Graph
from nexus_core.model.edge import node_key
from nexus_core.model.envelope import Envelope
from nexus_core.store.ledger import Ledger, Record, Snapshot
from nexus_core.store.ledger_lease import Lease
from nexus_core.store.ledger_rows import Changes, IndexRow, JobRow, UnitRow
from nexus_core.worker.cache import Cache
from nexus_core.worker.datasets import Contents, Datasets
from nexus_core.worker.deriving import Deriving
from nexus_core.worker.evidence import EvidenceRound, Rederived, valid_since
from nexus_core.worker.grouping import group, members
from nexus_core.worker.lifecycle import Lifecycle
from nexus_core.worker.lifecycle_source import Sources
from nexus_core.worker.project import project_pending
from nexus_core.worker.routines import Routines
from nexus_core.worker.said import Said, read_event
from nexus_core.worker.statements import Statements
from nexus_core.worker.units import counts

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
    sources: Sources

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
        self._deriving = Deriving(self._datasets, self._routines, merger.statements, merger.events, snapshot, changes)
        self._lifecycle = Lifecycle(merger.sources, snapshot, changes)
        self._events: Mapping[str, Said] = {}

    async def run(self, events: Sequence[Said]) -> None:
        self._events = {said.event_id: said for said in events}
        await self._datasets.observe(events)
        self._index_jobs(events)
        self._lifecycle.observe(events)
        lineage = [said for said in events if said.tells_lineage]
        units = await group(lineage, self._snapshot, self._changes)
        changed = await self._routines.observe(events)
        again = await self._units_to_derive_again(changed | await self._datasets.settle())
        for unit, since in again.items():
            units[unit] = min(since, units.get(unit, since))
        evidence = EvidenceRound(self._snapshot, self._merger.contents, self._changes)
        await evidence.take(await self._derive_all(units), self._deriving)
        await evidence.end(await self._lifecycle.settle(await evidence.subjects()))
        await evidence.settle()

    def _index_jobs(self, events: Sequence[Said]) -> None:
        jobs = {said.job for said in events if said.job}
        for job in jobs:
            if (key := node_key(job.id)) not in self._merger.contents.stored:
                self._changes.jobs.append(JobRow(key, job.namespace, job.name, True))

    async def _units_to_derive_again(self, changed: Mapping[str, int]) -> dict[str, int]:
        """Give the units that rest on a schema or routine that is believed otherwise now, and since when."""
        lookups = await self._snapshot.lookups(changed)
        states: dict[str, list[UnitRow]] = defaultdict(list)
        for row in await self._snapshot.units({row.unit_key for row in lookups}):
            states[row.unit_key].append(row)
        again: dict[str, int] = {}
        for lookup in lookups:
            of = states.get(lookup.unit_key)
            if of and self._deriving.seen(lookup.dataset_key, *valid_since(of)) != lookup.fingerprint:
                since = changed[lookup.dataset_key]
                again[lookup.unit_key] = min(since, again.get(lookup.unit_key, since))
        return again

    async def _derive_all(self, units: Mapping[str, int]) -> dict[str, Rederived]:
        """Derive units from the recorded time on at which they may differ."""
        derived: dict[str, Rederived] = {}
        for key, rows in (await members(units, self._snapshot, self._changes)).items():
            try:
                derived[key] = Rederived(units[key], await self._deriving.states(key, rows, units[key]))
            except SqlOverrunError as error:
                self._leave_out(key, rows, error)
        return derived

    def _leave_out(self, unit: str, rows: Sequence[IndexRow], error: SqlOverrunError) -> None:
        """Refuse the events that make a unit count; a unit that an older event made keeps what it claimed."""
        mine = [row for row in rows if row.event_id in self._events]
        refused = [row.event_id for row in mine if counts([(row.event_type, row.streaming)])]
        if refused:
            raise UnmergeableError(refused, str(error)) from error
        _log.warning("unit not derived again", unit=unit, reason=error.reason)
