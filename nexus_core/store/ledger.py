"""The observation ledger (lineage.md §2): read in snapshots, written in one fenced transaction a round."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, Dialect, Table, bindparam, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import StaleReadError, UnavailableError
from nexus_core.model.partition import PARTITION_COUNT, key_beginnings
from nexus_core.model.retention import Horizon
from nexus_core.store import ledger_tables as tables
from nexus_core.store import lifecycle_tables
from nexus_core.store.by_key import rows_by
from nexus_core.store.class_facts import note_written
from nexus_core.store.database import Store, reading, snapshot, was_contention, writing
from nexus_core.store.ledger_lease import Held, check
from nexus_core.store.ledger_lifecycle import LifecycleSnapshot
from nexus_core.store.ledger_meanwhile import Meanwhile
from nexus_core.store.ledger_rows import (
    Changes,
    ContentRow,
    DatasetRow,
    DerivationRow,
    EvidenceRow,
    ExistenceRow,
    FacetRow,
    IndexRow,
    JobRow,
    LookupRow,
    ObservationRow,
    ReadingRow,
    RoutineRow,
    SourceRow,
    TaskRow,
    UnitRow,
)
from nexus_core.store.ledger_subjects import NAMES, Noted, Seen, changed_since, guard, hand_on, introduce, seen_of
from nexus_core.store.many import Many
from nexus_core.store.names_tables import renamed
from nexus_core.store.retention import horizon_in
from nexus_core.store.retention_tables import retention_decision

Record = Callable[[AsyncConnection], Awaitable[None]]
"""What else belongs into the ledger's transaction, such as the rows that search reads."""

_Row = TypeVar("_Row", bound=NamedTuple)
_KEYS_MAX = 500  # parameters of one statement, below every database's limit

_UPSERTS: dict[str, tuple[Table, bool]] = {
    "index": (tables.event_index, True),
    "datasets": (tables.dataset, True),
    "spellings": (tables.dataset_spelling, False),
    "facets": (tables.facet_observation, False),
    "contents": (tables.content, False),
    "jobs": (tables.job, False),
    "sources": (tables.source_timeline, True),
    "units": (tables.unit, True),
    "observations": (tables.observation, True),
    "evidence": (tables.evidence, True),
    "existence": (tables.existence, True),
    "readings": (tables.reading, False),
    "moments": (tables.change_moment, False),
    "lookups": (tables.lookup, True),
    "routines": (tables.routine, False),
    "derivations": (tables.derivation, False),
    "harvests": (lifecycle_tables.harvest_run, False),
    "chunks": (lifecycle_tables.harvest_chunk, False),
    "manifests": (lifecycle_tables.harvest_manifest, True),
    "verdicts": (lifecycle_tables.harvest_verdict, False),
    "guards": (lifecycle_tables.harvest_guard, False),
    "findings": (lifecycle_tables.harvest_finding, True),
    "retirements": (lifecycle_tables.harvest_retirement, True),
    "unharvested": (lifecycle_tables.unharvested, True),
    "statements": (lifecycle_tables.lifecycle_statement, False),
    "horizons": (retention_decision, False),
}
"""Field of `Changes` → its table, and whether a row replaces one of the same key; the others never differ."""


class Snapshot:
    """The ledger as of one moment. All methods take keys and give the rows that exist, in no order.

    It notes which datasets, routines and ends it was asked for, so that a commit can tell whether they have changed.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._noted = Noted({NAMES})
        self.lifecycle = LifecycleSnapshot(connection, self._noted)

    async def seen(self, changes: Changes) -> Seen:
        """Give what a round rests on: what it asked for, and what it changes."""
        return await seen_of(self._connection, self._noted, changes)

    async def tasks(self, partitions: Collection[int], limit: int) -> list[tuple[int, TaskRow]]:
        """Give what is asked of partitions, with the id of each, the oldest first."""
        row = tables.task.c
        query = select(tables.task).where(row.partition.in_(partitions)).order_by(row.task_id).limit(limit)
        return [(task_id, TaskRow(*task)) for task_id, *task in await self._connection.execute(query)]

    @property
    def connection(self) -> AsyncConnection:
        """The connection whose snapshot it is; layers above hand it on and never call it."""
        return self._connection

    async def index_of_runs(self, run_keys: Iterable[str]) -> list[IndexRow]:
        """Give the events of runs."""
        return await self._rows(IndexRow, tables.event_index.c.run_key, run_keys)

    async def index_of_units(self, unit_keys: Iterable[str]) -> list[IndexRow]:
        """Give the events of units."""
        return await self._rows(IndexRow, tables.event_index.c.unit_key, unit_keys)

    async def datasets(self, keys: Iterable[str]) -> list[DatasetRow]:
        """Give datasets."""
        return await self._rows(DatasetRow, tables.dataset.c.dataset_key, self._asking(keys))

    async def facets(self, dataset_keys: Iterable[str]) -> list[FacetRow]:
        """Give everything observed of datasets: many rows, for the rare change of a schema."""
        asked = self._asking(dataset_keys)
        rows = await self._rows(FacetRow, tables.facet_observation.c.dataset_key, asked)
        counts = Counter(row.dataset_key for row in rows)
        self._noted.facet_counts |= {key: counts[key] for key in asked}
        return rows

    async def contents(self, fingerprints: Iterable[str]) -> list[ContentRow]:
        """Give contents."""
        return await self._rows(ContentRow, tables.content.c.fingerprint, fingerprints)

    async def jobs(self, keys: Iterable[str]) -> list[JobRow]:
        """Give jobs."""
        return await self._rows(JobRow, tables.job.c.job_key, keys)

    async def sources(self, keys: Iterable[str]) -> list[SourceRow]:
        """Give the source timelines of jobs."""
        return await self._rows(SourceRow, tables.source_timeline.c.source_key, keys)

    async def units(self, keys: Iterable[str]) -> list[UnitRow]:
        """Give units."""
        return await self._rows(UnitRow, tables.unit.c.unit_key, keys)

    async def units_of_sources(self, source_keys: Iterable[str]) -> list[UnitRow]:
        """Give every unit of jobs: many rows, for the rare change of a source text."""
        return await self._rows(UnitRow, tables.unit.c.source_key, source_keys)

    async def observations_of_units(self, unit_keys: Iterable[str]) -> list[ObservationRow]:
        """Give what units say."""
        return await self._rows(ObservationRow, tables.observation.c.unit_key, unit_keys)

    async def observations(self, evidence_keys: Iterable[str]) -> list[ObservationRow]:
        """Give everything observed of evidence: many rows, for the rare change."""
        return await self._rows(ObservationRow, tables.observation.c.evidence_key, evidence_keys)

    async def evidence(self, keys: Iterable[str]) -> list[EvidenceRow]:
        """Give evidence."""
        return await self._rows(EvidenceRow, tables.evidence.c.evidence_key, keys)

    async def evidence_of_sources(self, source_keys: Iterable[str]) -> list[EvidenceRow]:
        """Give all evidence of jobs."""
        return await self._rows(EvidenceRow, tables.evidence.c.source_key, source_keys)

    async def evidence_of_subjects(self, keys: Iterable[str]) -> list[EvidenceRow]:
        """Give the evidence of outputs and of jobs."""
        wanted = set(keys)
        outputs = await self.evidence_of_outputs(wanted)
        return [*outputs, *await self._rows(EvidenceRow, tables.evidence.c.job_key, wanted)]

    async def evidence_of_outputs(self, keys: Iterable[str]) -> list[EvidenceRow]:
        """Give the evidence of outputs."""
        return await self._rows(EvidenceRow, tables.evidence.c.output_key, keys)

    async def readings(self, dataset_keys: Iterable[str]) -> list[ReadingRow]:
        """Give which evidence ever named datasets as sources."""
        return await self._rows(ReadingRow, tables.reading.c.dataset_key, dataset_keys)

    async def existence(self, subject_keys: Iterable[str]) -> list[ExistenceRow]:
        """Give every end and return of datasets and jobs."""
        return await self._rows(ExistenceRow, tables.existence.c.subject_key, self._asking(subject_keys))

    async def lookups_of_units(self, unit_keys: Iterable[str]) -> list[LookupRow]:
        """Give the schemas that units asked for."""
        return await self._rows(LookupRow, tables.lookup.c.unit_key, unit_keys)

    async def lookups(self, dataset_keys: Iterable[str]) -> list[LookupRow]:
        """Give who asked for the schemas of datasets."""
        return await self._rows(LookupRow, tables.lookup.c.dataset_key, dataset_keys)

    async def routines(self, keys: Iterable[str]) -> list[RoutineRow]:
        """Give every text that routines ever had."""
        return await self._rows(RoutineRow, tables.routine.c.routine_key, self._asking(keys))

    async def derivations(self, keys: Iterable[str]) -> list[DerivationRow]:
        """Give stored outcomes of derivations."""
        return await self._rows(DerivationRow, tables.derivation.c.derivation_key, keys)

    async def pending(
        self, partitions: Collection[int], limit: int
    ) -> tuple[list[DatasetRow], list[JobRow], list[EvidenceRow]]:
        """Give what the graph has yet to be told by the holder of partitions, at most `limit` of each."""
        return (
            await self._pending(DatasetRow, tables.dataset, partitions, limit),
            await self._pending(JobRow, tables.job, partitions, limit),
            await self._pending(EvidenceRow, tables.evidence, partitions, limit),
        )

    async def horizon(self) -> Horizon:
        """Give how far back history is kept."""
        return await horizon_in(self._connection)

    async def count_events(self) -> int:
        """Count the events that the ledger knows."""
        query = select(func.count()).select_from(tables.event_index)
        return int((await self._connection.execute(query)).scalar_one())

    def _asking(self, keys: Iterable[str]) -> set[str]:
        asked = set(keys)
        self._noted.subjects |= asked
        return asked

    async def _pending(self, shape: type[_Row], table: Table, partitions: Collection[int], limit: int) -> list[_Row]:
        [key] = table.primary_key.columns
        # SQLite uses a partial index only where a query repeats its condition word by word.
        query = select(table).where(text("pending")).order_by(key).limit(limit)
        if len(partitions) < PARTITION_COUNT:
            query = query.where(func.substr(key, 1, 2).in_(key_beginnings(partitions)))
        return [shape(*row) for row in await self._connection.execute(query)]

    async def _rows(self, shape: type[_Row], column: Column[Any], keys: Iterable[str]) -> list[_Row]:
        return await rows_by(self._connection, shape, column, keys)


class Ledger:
    """The ledger of one store. Raises UnavailableError while the store does not answer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.meanwhile = Meanwhile()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Snapshot]:
        """Open a snapshot; it never waits for a writer."""
        async with snapshot(self._store) as connection:
            yield Snapshot(connection)

    async def commit(self, changes: Changes, held: Held, seen: Seen, *also: Record) -> None:
        """Write a round's changes, all or none.

        Raises LostLeaseError if a lease has gone to another, StaleReadError if what the round rests on has changed.
        """
        if not held.whole:
            await introduce(self._store, seen)
        try:
            with self.meanwhile.committing(changes):
                await self._commit(changes, held, seen, also)
        except UnavailableError as error:
            if not was_contention(error):
                raise
            raise StaleReadError from error

    async def _commit(self, changes: Changes, held: Held, seen: Seen, also: Iterable[Record]) -> None:
        async with writing(self._store) as connection:
            await check(connection, held)
            if not held.whole:
                await guard(connection, changes, seen)
            await _drop(connection, changes)
            for name in _UPSERTS:
                await _upsert(connection, name, getattr(changes, name))
            await note_written(connection, changes)
            if not held.whole:
                await hand_on(connection, changes)
            for record in also:
                await record(connection)

    async def count_tasks(self) -> int:
        """Count what is left beside events: what partitions ask of each other, and what the graph is yet to be told."""
        pending = [table.c.pending for table in (tables.dataset, tables.job, tables.evidence)]
        counts = [select(func.count()).where(column).scalar_subquery() for column in pending]
        counts += [select(func.count()).select_from(table).scalar_subquery() for table in (tables.task, renamed)]
        async with reading(self._store) as connection:
            return sum((await connection.execute(select(*counts))).one())

    async def forget(self, held: Held, task_id: int) -> None:
        """Drop a task."""
        async with writing(self._store) as connection:
            await check(connection, held)
            await connection.execute(delete(tables.task).where(tables.task.c.task_id == task_id))

    async def projected(
        self, held: Held, seen: Seen, datasets: Sequence[str], jobs: Sequence[str], evidence: Sequence[str]
    ) -> bool:
        """Note that the graph has been told of these, but not of what rests on something that has changed since.

        Tells whether no change but those of our own commits kept it from that.
        """
        async with writing(self._store) as connection:
            await check(connection, held, locks=True)  # a commit of ours waits, or is over
            changed = set[str]() if held.whole else await changed_since(connection, seen)
            if NAMES in changed or self.meanwhile.renames:
                return False
            untouched = self.meanwhile.untouched
            await _settle(connection, tables.dataset.c.dataset_key, () if changed else untouched(datasets))
            await _settle(connection, tables.job.c.job_key, untouched(jobs))
            await _settle(connection, tables.evidence.c.evidence_key, untouched(evidence))
            return not changed


async def _upsert(connection: AsyncConnection, name: str, rows: Collection[NamedTuple]) -> None:
    if rows:
        # Sorted, so that the writers of two partitions cannot wait for each other in a circle.
        key = [column.name for column in _UPSERTS[name][0].primary_key.columns]
        ordered = sorted(rows, key=attrgetter(*key))
        await _INSERTS[name].run_tuples(connection, ordered, ordered[0]._fields)


def _insert_into(table: Table, *, replaces: bool) -> Many:
    """Give the insert of rows, over those of the same key or not."""
    key = [column.name for column in table.primary_key.columns]

    def make(dialect: Dialect) -> Any:
        insert = (postgresql if dialect.name == "postgresql" else sqlite).insert(table)
        if not replaces:
            return insert.on_conflict_do_nothing(index_elements=key)
        values = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in key}
        return insert.on_conflict_do_update(index_elements=key, set_=values)

    return Many(make)


def _delete_from(table: Table) -> Many:
    keys = [column == bindparam(column.name) for column in table.primary_key.columns]
    return Many(lambda _dialect: delete(table).where(*keys))


_INSERTS = {name: _insert_into(table, replaces=replaces) for name, (table, replaces) in _UPSERTS.items()}
_DELETES = {
    name: (table, _delete_from(table))
    for name, table in (
        ("done_tasks", tables.task),
        ("dropped_units", tables.unit),
        ("dropped_observations", tables.observation),
        ("dropped_lookups", tables.lookup),
        ("dropped_existence", tables.existence),
        ("dropped_findings", lifecycle_tables.harvest_finding),
        ("dropped_manifests", lifecycle_tables.harvest_manifest),
        ("dropped_retirements", lifecycle_tables.harvest_retirement),
        ("dropped_unharvested", lifecycle_tables.unharvested),
    )
}
"""Field of `Changes` → the table from which it drops rows, by primary key."""


async def _drop(connection: AsyncConnection, changes: Changes) -> None:
    for name, (table, deletion) in _DELETES.items():
        keys = [column.name for column in table.primary_key.columns]
        await deletion.run_tuples(connection, getattr(changes, name), keys)


async def _settle(connection: AsyncConnection, key: Column[Any], keys: Sequence[str]) -> None:
    for start in range(0, len(keys), _KEYS_MAX):
        part = keys[start : start + _KEYS_MAX]
        await connection.execute(update(key.table).where(key.in_(part)).values(pending=False))
