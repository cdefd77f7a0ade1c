"""Several workers on one ledger: what a round rests on is as it read it, and whoever rests on what it changed is told.

A *subject* is a dataset, a job or a routine of which one partition's work tells and on which another's may rest. A
round reads in a snapshot and computes; its commit locks the subjects that it read or changes, in the order of their
keys, and is refused if one has changed meanwhile (optimistic concurrency control; Kung and Robinson, 1981). Having the
locks, it looks for what rests on the subjects that it changes, and leaves a task to each other partition where
something does. The holder of all partitions is alone and does without.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import StaleReadError
from nexus_core.model.edge import digest_of, node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.partition import partition_of_key
from nexus_core.store import ledger_tables as tables
from nexus_core.store.database import Store, writing
from nexus_core.store.ledger_rows import Changes, TaskKind, TaskRow

_KEYS_MAX = 500  # parameters of one statement, below every database's limit
_MODULUS = 1_000_003  # keeps sums of times small


Signature = tuple[int, ...]
"""Count and sums over rows: another one tells that rows were added, changed or dropped."""


@dataclass(slots=True)
class Noted:
    """What a snapshot was asked for: subjects, harvested sources among them, and rows that change no version."""

    subjects: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    facet_counts: dict[str, int] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a round read: versions of subjects (absent: none yet), how many facets of datasets, which observations."""

    keys: Collection[str]
    versions: Mapping[str, int]
    noted: Noted
    writes: Mapping[str, Signature]


NAMES = digest_of("names")
"""The subject that stands for all that is known of which names are one."""

ALONE = Seen((), {}, Noted(), {})
"""What the holder of all partitions gives: nothing can have changed."""


async def versions_of(connection: AsyncConnection, keys: Iterable[str]) -> dict[str, int]:
    """Give the versions of the subjects that have one."""
    row = tables.subject.c
    found: dict[str, int] = {}
    for part in _parts(keys):
        query = select(row.subject_key, row.version).where(row.subject_key.in_(part))
        found |= dict(map(tuple, await connection.execute(query)))
    return found


async def introduce(store: Store, seen: Seen) -> None:
    """Give the subjects that have no version one, in a transaction of its own, so that they can be locked."""
    new = sorted(set(seen.keys) - seen.versions.keys())
    if not new:
        return
    dialect = postgresql if store.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(tables.subject).on_conflict_do_nothing(index_elements=["subject_key"])
    async with writing(store) as connection:
        await connection.execute(statement, [{"subject_key": key, "version": 0} for key in new])


async def guard(connection: AsyncConnection, changes: Changes, seen: Seen) -> None:
    """Lock what a round read and changes; raises StaleReadError if it has changed since."""
    changed = _changed(changes, seen.noted)
    row = tables.subject.c
    if await changed_since(connection, seen, shared=not changed):
        raise StaleReadError
    await _check_facets(connection, seen)
    if await writes_of(connection, seen.noted.written) != seen.writes:
        raise StaleReadError
    for part in _parts(changed):
        await connection.execute(
            update(tables.subject).where(row.subject_key.in_(part)).values(version=row.version + 1)
        )


async def changed_since(connection: AsyncConnection, seen: Seen, *, shared: bool = True) -> set[str]:
    """Lock what a round read, in the order of keys; gives the subjects that have changed since."""
    row, found = tables.subject.c, set[str]()
    for part in _parts(seen.keys):
        query = select(row.subject_key, row.version).where(row.subject_key.in_(part)).order_by(row.subject_key)
        rows = await connection.execute(query.with_for_update(read=shared))
        found |= {key for key, version in rows if version != seen.versions.get(key, 0)}
    return found


async def hand_on(connection: AsyncConnection, changes: Changes) -> None:
    """Make tasks for the other partitions in which something rests on changed subjects."""
    lookup, evidence, reading = tables.lookup.c, tables.evidence.c, tables.reading.c
    found = {
        TaskRow(partition, TaskKind.BELIEF, key, changes.changed[key])
        for key, partition in await _resting(connection, changes.changed, (lookup.dataset_key, lookup.unit_key))
    }
    ends = (
        (evidence.output_key, evidence.evidence_key),
        (evidence.job_key, evidence.evidence_key),
        (reading.dataset_key, reading.evidence_key),
    )
    ended = {row.subject_key for row in changes.existence} | {key for key, *_ in changes.dropped_existence}
    ended |= changes.ended
    found |= {TaskRow(partition, TaskKind.END, key, 0) for key, partition in await _resting(connection, ended, *ends)}
    tasks = [task._asdict() for task in sorted(found) if task.partition not in changes.partitions]
    if tasks:
        await connection.execute(insert(tables.task), tasks)


def source_subject(source: str) -> str:
    """Give the subject that stands for all that harvests and decisions tell of a source."""
    return digest_of(["source", source])


async def seen_of(connection: AsyncConnection, noted: Noted, changes: Changes) -> Seen:
    """Give what a round rests on: what its snapshot was asked for, and what it changes."""
    keys = noted.subjects | _touched(changes, noted)
    versions = await versions_of(connection, keys)
    return Seen(keys, versions, noted, await writes_of(connection, noted.written))


async def writes_of(connection: AsyncConnection, subjects: Collection[str]) -> dict[str, Signature]:
    """Give the signature of the observations of what wrote datasets, or of jobs."""
    row, of = tables.observation.c, tables.evidence.c
    sums = [func.sum(column % _MODULUS) for column in (row.since, row.until, row.valid_at)]
    found: dict[str, Signature] = {}
    for column in (of.output_key, of.job_key):
        for part in _parts(subjects):
            query = select(column, func.count(), *sums).where(row.evidence_key == of.evidence_key, column.in_(part))
            rows = await connection.execute(query.group_by(column))
            found |= {key: tuple(map(int, signature)) for key, *signature in rows}
    return found


def _changed(changes: Changes, noted: Noted) -> set[str]:
    """Give the subjects that a round changes; whoever writes of a source's harvests changes the source."""
    harvested = (changes.harvests, changes.chunks, changes.manifests, changes.verdicts, changes.guards)
    shown = (changes.findings, changes.retirements, changes.unharvested, changes.dropped_manifests)
    writes = any(harvested) or any(shown) or changes.dropped_retirements or changes.dropped_unharvested
    return {
        *(noted.sources if writes else ()),
        *((NAMES,) if changes.renames else ()),
        *(row.dataset_key for row in changes.datasets),
        *(row.routine_key for row in changes.routines),
        *(row.subject_key for row in changes.existence),
        *(row.subject_key for row in changes.statements),
        *(row.subject_key for row in changes.findings),
        *(key for key, *_ in (*changes.dropped_existence, *changes.dropped_findings)),
        *(node_key(DatasetName(row.source, row.name).id) for row in changes.statements if row.job_name),
        *map(source_subject, {row.source for row in changes.statements}),
        *map(source_subject, {row.source for row in changes.verdicts}),
        *map(source_subject, {row.source for row in changes.guards}),
    }


def _touched(changes: Changes, noted: Noted) -> set[str]:
    """Give the subjects that a round changes, adds to, or begins to rest on."""
    return _changed(changes, noted) | {
        *(row.dataset_key for row in changes.facets),
        *(row.dataset_key for row in changes.lookups),
        *(row.dataset_key for row in changes.readings),
        *(key for row in changes.evidence for key in (row.output_key, row.job_key) if key),
    }


async def _check_facets(connection: AsyncConnection, seen: Seen) -> None:
    """Refuse timelines that were made without a fact that another round has added: facts alone change no version."""
    key = tables.facet_observation.c.dataset_key
    counts = dict.fromkeys(seen.noted.facet_counts, 0)
    for part in _parts(seen.noted.facet_counts):
        query = select(key, func.count()).where(key.in_(part)).group_by(key)
        counts |= dict(map(tuple, await connection.execute(query)))
    if counts != seen.noted.facet_counts:
        raise StaleReadError


async def _resting(
    connection: AsyncConnection, subjects: Iterable[str], *where: tuple[Column[Any], Column[Any]]
) -> set[tuple[str, int]]:
    """Give each subject with the partitions of what rests on it: `where` are columns of subjects and of dependants."""
    found: set[tuple[str, int]] = set()
    for part in _parts(subjects):
        for subject, dependant in where:
            beginning = func.substr(dependant, 1, 2)
            rows = await connection.execute(select(subject, beginning).where(subject.in_(part)).distinct())
            found |= {(key, partition_of_key(digits)) for key, digits in rows}
    return found


def _parts(keys: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(set(keys))
    return (ordered[start : start + _KEYS_MAX] for start in range(0, len(ordered), _KEYS_MAX))
