"""One round of the worker: pending events into the ledger, then what changed into the graph.

Everything is computed from a snapshot before the one short transaction that writes it, since only the holder of the
lease writes the ledger. The order (ledger, graph, mark merged) makes every crash harmless: events that are not marked
are taken again and change nothing, and what the graph lacks is pending in the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from nexus_core.errors import NexusError, SqlOverrunError, StaleReadError, UnavailableError
from nexus_core.eventlog.log import Unmerged
from nexus_core.graph.connection import Graph
from nexus_core.graph.horizon import tell_horizon
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import OPEN_END, node_key
from nexus_core.model.envelope import Envelope
from nexus_core.model.facets import READING
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.model.retention import ALL_KEPT, Horizon
from nexus_core.store.aliases import KnownAliases
from nexus_core.store.class_facts import save_class_changes
from nexus_core.store.ledger import Ledger, Record, Snapshot
from nexus_core.store.ledger_lease import Held
from nexus_core.store.ledger_rows import (
    Changes,
    DatasetRow,
    DerivationRow,
    IndexRow,
    JobRow,
    TaskKind,
    TaskRow,
    UnitRow,
)
from nexus_core.store.ledger_subjects import ALONE
from nexus_core.store.names import named_rows, save_names
from nexus_core.store.names_rows import NameChanges
from nexus_core.store.usage import USAGE_DAYS, save_usage
from nexus_core.telemetry.traces import span
from nexus_core.worker import figures
from nexus_core.worker.aliases import AliasRound, member_keys
from nexus_core.worker.cache import Cache
from nexus_core.worker.classes import class_changes
from nexus_core.worker.datasets import Contents, Datasets
from nexus_core.worker.deriving import Deriving
from nexus_core.worker.evidence import EvidenceRound, Rederived, valid_since
from nexus_core.worker.grouping import group, members
from nexus_core.worker.known_names import KnownNames, compare_names
from nexus_core.worker.lifecycle import Lifecycle
from nexus_core.worker.lifecycle_source import Sources
from nexus_core.worker.project import MOST, project_pending
from nexus_core.worker.remembered import Remembered
from nexus_core.worker.retention import horizons
from nexus_core.worker.routines import Routines
from nexus_core.worker.said import Said, read_event
from nexus_core.worker.sql_readings import SqlReadings
from nexus_core.worker.statements import Statements
from nexus_core.worker.units import counts
from nexus_core.worker.usage import Usages

_TELLING_LEAST = 10  # of each kind in one graph transaction, however slow Neo4j is

_log = structlog.get_logger()

Tasks = Sequence[tuple[int, TaskRow]]
"""Tasks with their ids."""

Recorder = Callable[[Sequence[Envelope], Aliases], Sequence[Record]]
"""Makes, of the merged events and the names that are one, what else belongs into the ledger's transaction."""


class UnmergeableError(NexusError):
    """These events can never be merged; `reason` says why."""

    def __init__(self, event_ids: Sequence[str], reason: str) -> None:
        self.event_ids, self.reason = event_ids, reason
        super().__init__(reason)


@dataclass(slots=True)
class Merger:
    """What a round needs, kept from round to round; `horizon` is None until the graph has been told of it.

    `told_aliases` are those of what the graph is told, which may be of an earlier moment than a round's.
    """

    log: Unmerged
    ledger: Ledger
    graph: Graph
    statements: Statements
    records: Recorder
    contents: Contents
    said: Cache[Said]
    sources: Sources
    aliases: KnownAliases = field(default_factory=KnownAliases)
    told_aliases: KnownAliases = field(default_factory=KnownAliases)
    names: KnownNames = field(default_factory=KnownNames)
    usage_days: int = USAGE_DAYS
    remembered: Remembered = field(default_factory=Remembered)
    horizon: Horizon | None = None
    telling_most: int = MOST

    async def take(self, envelopes: Sequence[Envelope], held: Held, tasks: Tasks = ()) -> bool:
        """Enter events into the ledger, and do tasks; tells whether anything is left for `finish`.

        Raises UnmergeableError, having changed nothing, for events to leave out.
        """
        with self.contents.in_use():
            return await self._take([self._read(envelope) for envelope in envelopes], envelopes, held, tasks)

    async def _take(self, events: Sequence[Said], envelopes: Sequence[Envelope], held: Held, tasks: Tasks) -> bool:
        derivations: list[DerivationRow] = []  # a repeated round does not derive again, so it must not forget them
        while True:
            changes, names = Changes(held.partitions, derivations=derivations), NameChanges()
            usages = Usages()
            changes.done_tasks += [(task_id,) for task_id, _ in tasks]
            async with self.ledger.reading() as snapshot:
                aliases = await _Round(self, snapshot, changes, names, usages).run(events, [task for _, task in tasks])
                seen = ALONE if held.whole else await snapshot.seen(changes)
            try:
                await self.ledger.commit(
                    changes,
                    held,
                    seen,
                    *self.records(envelopes, aliases),
                    partial(save_names, changes=names),
                    partial(save_class_changes, changes=class_changes(events, names.renamed)),
                    partial(save_usage, usages=usages.by_unit, days_kept=self.usage_days),
                )
            except StaleReadError:
                self.names.links.clear()  # what the round noted there was not written
                _log.info("round repeated: another worker changed what it rests on", events=len(envelopes))
                continue
            self.contents.committed(changes)
            self.names.committed(names.named)
            if changes.horizons:
                self.horizon = None
            return self.horizon is None or _leaves_something(changes, names)

    async def tasks(self, held: Held, limit: int) -> Tasks:
        """Give what other partitions' work asks of held ones."""
        async with self.ledger.reading() as snapshot:
            return await snapshot.tasks(held.partitions, limit)

    async def finish(self, held: Held) -> None:
        """Do all that rounds left: tell the graph, and compare names."""
        await self.tell(held)
        while await compare_names(self.ledger, self.names, held):
            pass

    async def tell(self, held: Held) -> None:
        """Tell the graph what is pending now in held partitions of the ledger.

        Where `horizon` is known, rounds may be taken meanwhile: what they add is told by the next call.
        """
        horizon = await self._told_horizon()
        with figures.TELLING_SECONDS.time(), span("tell the graph"):
            while await self._tell_some(held, horizon):
                pass

    async def _tell_some(self, held: Held, horizon: Horizon) -> bool:
        """Tell a batch, half as much after one that Neo4j did not take in time, so that a slow one gets on, too.

        Tells whether any of what was pending may still be.
        """
        known = self.told_aliases
        try:
            left = await project_pending(
                self.ledger, self.graph, self.contents, known, held, horizon, self.telling_most
            )
        except UnavailableError:
            self.telling_most = max(self.telling_most // 2, _TELLING_LEAST)
            raise
        self.telling_most = min(self.telling_most * 2, MOST)
        return left

    async def _told_horizon(self) -> Horizon:
        """Give how far back history is kept, which the graph knows then."""
        if self.horizon is None:
            async with self.ledger.reading() as snapshot:
                found = await snapshot.horizon()
            if found != ALL_KEPT:
                await tell_horizon(self.graph, found)
            self.horizon = found
        return self.horizon

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
    def __init__(
        self, merger: Merger, snapshot: Snapshot, changes: Changes, names: NameChanges, usages: Usages
    ) -> None:
        self._merger, self._snapshot, self._changes, self._names = merger, snapshot, changes, names
        self._usages = usages
        self._lifecycle = Lifecycle(merger.sources, snapshot, changes)
        self._events: Mapping[str, Said] = {}

    async def run(self, events: Sequence[Said], tasks: Sequence[TaskRow] = ()) -> Aliases:
        """Compute what follows from events and tasks; gives the names that are one then."""
        self._events = {said.event_id: said for said in events}
        connection = self._snapshot.connection
        aliases, renamed = await AliasRound(
            connection, self._merger.aliases, self._merger.names.links, self._names
        ).take(events)
        datasets = Datasets(self._snapshot, self._merger.contents, self._changes, aliases)
        routines = Routines(self._snapshot, self._changes, self._merger.events)
        readings = SqlReadings()
        self._deriving = Deriving(
            datasets,
            routines,
            self._merger.statements,
            self._merger.events,
            self._snapshot,
            self._changes,
            readings,
            self._usages,
            self._merger.contents,
            self._merger.remembered,
        )
        await datasets.observe(events)
        self._index_jobs(events)
        self._lifecycle.observe(events)
        self._changes.horizons += horizons(events)
        lineage = [said for said in events if said.tells_lineage]
        units = await group(lineage, self._snapshot, self._changes)
        self._changes.changed |= await routines.observe(events) | await datasets.settle()
        self._changes.changed |= await _reread(datasets, renamed)
        again = await self._units_to_derive_again(self._changes.changed, _told(tasks))
        for unit, since in again.items():
            units[unit] = min(since, units.get(unit, since))
        evidence = EvidenceRound(self._snapshot, self._merger.contents, self._changes, aliases)
        await evidence.end({task.key for task in tasks if task.kind == TaskKind.END})
        await evidence.take(await self._derive_all(units), self._deriving)
        ended = await self._lifecycle.settle(await evidence.subjects())
        self._changes.ended = await self._by_every_name({*ended, *await self._rename(renamed)}, aliases)
        self._changes.renames = bool(self._names.classes_changed or self._names.told or self._names.verdicts)
        await evidence.end(self._changes.ended)
        await evidence.settle()
        self._names.readings += readings.rows
        outputs = [
            DatasetName(row.output_namespace, row.output_name)
            for row in self._changes.evidence
            if row.output_namespace and row.output_name
        ]
        self._names.named += self._merger.names.rows(events, outputs, evidence.sources)
        self._names.outlined += _outlined(self._changes.datasets, aliases)
        return aliases

    async def _rename(self, renamed: Collection[DatasetName]) -> set[str]:
        """Let the graph be told anew of all evidence that names datasets whose class is another now.

        Gives them by key if any ever ended: a name that parted from one that ended did not end with it.
        """
        keys = {node_key(name.id) for name in renamed}
        writers = await self._snapshot.evidence_of_subjects(keys)
        readers = await self._snapshot.readings(keys)
        self._names.evidence += {row.evidence_key for row in writers} | {row.evidence_key for row in readers}
        return keys if await self._snapshot.existence(keys) else set()

    async def _by_every_name(self, keys: set[str], aliases: Aliases) -> set[str]:
        """Give keys with those of all other names of the same datasets."""
        if not aliases or not keys:
            return keys
        names = {row.dataset for row in await named_rows(self._snapshot.connection, keys)}
        names |= {name for said in self._events.values() for name in _named(said) if node_key(name.id) in keys}
        return keys | {key for name in names for key in member_keys(aliases, name)}

    def _index_jobs(self, events: Sequence[Said]) -> None:
        jobs = {said.job for said in events if said.job and said.origin != READING}
        for job in jobs:
            if (key := node_key(job.id)) not in self._merger.contents.stored:
                self._changes.jobs.append(JobRow(key, job.namespace, job.name, True))

    async def _units_to_derive_again(self, own: Mapping[str, int], told: Mapping[str, int]) -> dict[str, int]:
        """Give our units that rest on a schema or routine that is believed otherwise now, and since when.

        Of what others told, all: a unit may have been derived meanwhile for another reason, but from a later time on.
        """
        changed = {key: min(own.get(key, OPEN_END), told.get(key, OPEN_END)) for key in {*own, *told}}
        lookups = [row for row in await self._snapshot.lookups(changed) if self._changes.owns(row.unit_key)]
        await self._deriving.load({row.dataset_key for row in lookups})
        states: dict[str, list[UnitRow]] = defaultdict(list)
        for row in await self._snapshot.units({row.unit_key for row in lookups}):
            states[row.unit_key].append(row)
        again: dict[str, int] = {}
        for lookup in lookups:
            of = states.get(lookup.unit_key)
            key = lookup.dataset_key
            if of and (key in told or self._deriving.seen(key, *valid_since(of)) != lookup.fingerprint):
                since = changed[key]
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


def _leaves_something(changes: Changes, names: NameChanges) -> bool:
    told = (changes.datasets, changes.jobs, changes.evidence, names.named, names.renamed, names.evidence)
    return any(told)


def _outlined(rows: Iterable[DatasetRow], aliases: Aliases) -> set[DatasetName]:
    """Give the names that stand for datasets of other names."""
    names = (DatasetName(row.namespace, row.name) for row in rows) if aliases else ()
    return {first for name in names if (first := aliases.of(name)) != name}


def _named(said: Said) -> Iterator[DatasetName]:
    """Give every dataset whose end or return an event may tell."""
    yield from map(canonical, (*said.datasets, *(change.dataset for change in said.lifecycle)))
    if said.decision:
        yield from (canonical(DatasetName(each.namespace, each.name)) for each in said.decision.objects)
    if said.manifest:
        yield from (canonical(DatasetName(namespace, name)) for namespace, name, _ in said.manifest.objects)


async def _reread(datasets: Datasets, renamed: Collection[DatasetName]) -> dict[str, int]:
    """Give, by key, the datasets whose schema may be another for all of recorded time, since their class is."""
    await datasets.load(renamed)
    return dict.fromkeys((node_key(name.id) for name in renamed), 0)


def _told(tasks: Sequence[TaskRow]) -> dict[str, int]:
    """Give what is believed otherwise now, as others told, and since when."""
    told: dict[str, int] = {}
    for task in tasks:
        if task.kind == TaskKind.BELIEF:
            told[task.key] = min(task.since, told.get(task.key, task.since))
    return told
