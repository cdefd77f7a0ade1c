"""The observation ledger (lineage.md §2): read in snapshots, written in one fenced transaction a round."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, Dialect, Table, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import LostLeaseError
from nexus_core.store import ledger_tables as tables
from nexus_core.store import lifecycle_tables
from nexus_core.store.database import Store, snapshot, writing
from nexus_core.store.ledger_lease import Lease
from nexus_core.store.ledger_lifecycle import LifecycleSnapshot
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
    UnitRow,
)
from nexus_core.store.many import Many

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
}
"""Field of `Changes` → its table, and whether a row replaces one of the same key; the others never differ."""


class Snapshot:
    """The ledger as of one moment. All methods take keys and give the rows that exist, in no order."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.lifecycle = LifecycleSnapshot(connection)

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
        return await self._rows(DatasetRow, tables.dataset.c.dataset_key, keys)

    async def facets(self, dataset_keys: Iterable[str]) -> list[FacetRow]:
        """Give everything observed of datasets: many rows, for the rare change of a schema."""
        return await self._rows(FacetRow, tables.facet_observation.c.dataset_key, dataset_keys)

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
        outputs = await self._rows(EvidenceRow, tables.evidence.c.output_key, wanted)
        return [*outputs, *await self._rows(EvidenceRow, tables.evidence.c.job_key, wanted)]

    async def readings(self, dataset_keys: Iterable[str]) -> list[ReadingRow]:
        """Give which evidence ever named datasets as sources."""
        return await self._rows(ReadingRow, tables.reading.c.dataset_key, dataset_keys)

    async def existence(self, subject_keys: Iterable[str]) -> list[ExistenceRow]:
        """Give every end and return of datasets and jobs."""
        return await self._rows(ExistenceRow, tables.existence.c.subject_key, subject_keys)

    async def lookups_of_units(self, unit_keys: Iterable[str]) -> list[LookupRow]:
        """Give the schemas that units asked for."""
        return await self._rows(LookupRow, tables.lookup.c.unit_key, unit_keys)

    async def lookups(self, dataset_keys: Iterable[str]) -> list[LookupRow]:
        """Give who asked for the schemas of datasets."""
        return await self._rows(LookupRow, tables.lookup.c.dataset_key, dataset_keys)

    async def routines(self, keys: Iterable[str]) -> list[RoutineRow]:
        """Give every text that routines ever had."""
        return await self._rows(RoutineRow, tables.routine.c.routine_key, keys)

    async def derivations(self, keys: Iterable[str]) -> list[DerivationRow]:
        """Give stored outcomes of derivations."""
        return await self._rows(DerivationRow, tables.derivation.c.derivation_key, keys)

    async def pending(self, limit: int) -> tuple[list[DatasetRow], list[JobRow], list[EvidenceRow]]:
        """Give what the graph has yet to be told, at most `limit` of each."""
        return (
            await self._pending(DatasetRow, tables.dataset, limit),
            await self._pending(JobRow, tables.job, limit),
            await self._pending(EvidenceRow, tables.evidence, limit),
        )

    async def count_events(self) -> int:
        """Count the events that the ledger knows."""
        query = select(func.count()).select_from(tables.event_index)
        return int((await self._connection.execute(query)).scalar_one())

    async def _pending(self, shape: type[_Row], table: Table, limit: int) -> list[_Row]:
        query = select(table).where(table.c.pending).order_by(*table.primary_key.columns).limit(limit)
        return [shape(*row) for row in await self._connection.execute(query)]

    async def _rows(self, shape: type[_Row], column: Column[Any], keys: Iterable[str]) -> list[_Row]:
        wanted, found = sorted(set(keys)), []
        for start in range(0, len(wanted), _KEYS_MAX):
            query = select(column.table).where(column.in_(wanted[start : start + _KEYS_MAX]))
            found += [shape(*row) for row in await self._connection.execute(query)]
        return found


class Ledger:
    """The ledger of one store. Raises UnavailableError while the store does not answer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Snapshot]:
        """Open a snapshot; it never waits for a writer."""
        async with snapshot(self._store) as connection:
            yield Snapshot(connection)

    async def commit(self, changes: Changes, lease: Lease, *also: Record) -> None:
        """Write a round's changes, all or none; raises LostLeaseError if the lease has gone to another."""
        async with writing(self._store) as connection:
            await _fence(connection, lease)
            await _drop(connection, changes)
            for name in _UPSERTS:
                await _upsert(connection, name, getattr(changes, name))
            for record in also:
                await record(connection)

    async def projected(
        self, lease: Lease, datasets: Sequence[str], jobs: Sequence[str], evidence: Sequence[str]
    ) -> None:
        """Note that the graph has been told of these."""
        async with writing(self._store) as connection:
            await _fence(connection, lease)
            await _settle(connection, tables.dataset.c.dataset_key, datasets)
            await _settle(connection, tables.job.c.job_key, jobs)
            await _settle(connection, tables.evidence.c.evidence_key, evidence)


async def _fence(connection: AsyncConnection, lease: Lease) -> None:
    row = tables.lease
    query = select(row.c.epoch).where(row.c.name == lease.name).with_for_update()
    if (await connection.execute(query)).scalar_one_or_none() != lease.epoch:
        raise LostLeaseError(lease.name)


async def _upsert(connection: AsyncConnection, name: str, rows: Collection[NamedTuple]) -> None:
    if rows:
        # Sorted, so that writers of later partitions cannot wait for each other in a circle.
        ordered = sorted(rows, key=lambda row: tuple(row)[:2])
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
