"""What ended, what is held, and what was undone, as the ledger holds it now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.edge import OPEN_END
from nexus_core.model.moments import moment
from nexus_core.model.names import JobName
from nexus_core.model.retirement import RetiredBy, RetiredKind, RetirementState
from nexus_core.store.database import Store, reading
from nexus_core.store.ledger_tables import existence
from nexus_core.store.lifecycle_tables import harvest_guard, harvest_retirement, lifecycle_statement, unharvested

_KEYS_MAX = 500


@dataclass(frozen=True, slots=True)
class Retired:
    """One object of a retirement."""

    namespace: str
    name: str
    kind: RetiredKind
    state: RetirementState


@dataclass(frozen=True, slots=True)
class Retirement:
    """What one event retires, or would: a harvest's COMPLETE, a decision, or an event with a lifecycle facet.

    `job` is that of whose outputs a decision told. `scope`, `covered_count`, `share` and `least` are a harvest's: of
    how many objects it lacked these, and the limits.
    """

    id: str
    by: RetiredBy
    source: str
    at: datetime
    known_at: datetime
    objects: Sequence[Retired]
    job: JobName | None = None
    scope: str | None = None
    covered_count: int | None = None
    share: float | None = None
    least: int | None = None

    def has(self, state: str) -> bool:
        """Whether any of its objects is in a state."""
        return any(each.state == state for each in self.objects)


@dataclass(frozen=True, slots=True)
class Guard:
    """The limits of a source that hold from `since` on; None for the defaults."""

    share: float
    least: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """That a dataset or job is `dropped`, or `unharvested`, since when and by which event."""

    state: str
    since: datetime
    event: str


async def retirements(
    store: Store, state: RetirementState, source: str | None = None, limit: int = 100
) -> list[Retirement]:
    """Give the newest retirements with objects that are held, ended or undone, of all or of one canonical namespace."""
    counts = {
        RetirementState.HELD: harvest_retirement.c.held_count,
        RetirementState.ENDED: harvest_retirement.c.ended_count,
        RetirementState.UNDONE: harvest_retirement.c.undone_count,
    }
    query = select(harvest_retirement).where(counts[state] > 0)
    if source is not None:
        query = query.where(harvest_retirement.c.source == source)
    async with reading(store) as connection:
        rows = await connection.execute(query.order_by(harvest_retirement.c.valid_at.desc()).limit(limit))
        found = [_of_harvest(row) for row in rows]
        if state is not RetirementState.HELD:
            told = await _told(connection, source, limit)
            found += [one for one in told if any(each.state is state for each in one.objects)]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:limit]


async def retirement(store: Store, retirement_id: str) -> Retirement | None:
    """Give one retirement by the id of its event."""
    async with reading(store) as connection:
        query = select(harvest_retirement).where(harvest_retirement.c.harvest_id == retirement_id)
        row = (await connection.execute(query)).one_or_none()
        if row is not None:
            return _of_harvest(row)
        found = await _told(connection, None, 1, retirement_id)
        return found[0] if found else None


async def guard_of(store: Store, source: str) -> Guard | None:
    """Give the limits of a source that were decided last, None where none were."""
    row = harvest_guard.c
    query = select(harvest_guard).where(row.source == source).order_by(row.valid_at.desc(), row.event_id.desc())
    async with reading(store) as connection:
        found = (await connection.execute(query.limit(1))).one_or_none()
    return Guard(found.share, found.least, moment(found.valid_at)) if found else None


async def lifecycles(store: Store, keys: Iterable[str]) -> dict[str, Lifecycle]:
    """Give what is special about the existence of datasets and jobs by key; most have nothing."""
    wanted = sorted(set(keys))
    found: dict[str, Lifecycle] = {}
    async with reading(store) as connection:
        for start in range(0, len(wanted), _KEYS_MAX):
            query = select(unharvested).where(unharvested.c.subject_key.in_(wanted[start : start + _KEYS_MAX]))
            for row in await connection.execute(query):
                found[row.subject_key] = Lifecycle("unharvested", moment(row.valid_at), row.event_id)
        for key, row in (await _gone(connection, wanted)).items():
            found[key] = Lifecycle("dropped", moment(row.valid_at), row.event_id)
    return found


def _of_harvest(row: Any) -> Retirement:
    return Retirement(
        id=row.harvest_id,
        by=RetiredBy.HARVEST,
        source=row.source,
        at=moment(row.valid_at),
        known_at=moment(row.known_at),
        objects=[
            Retired(space, name, RetiredKind.OBJECT, RetirementState(of))
            for space, name, of in orjson.loads(row.objects)
        ],
        scope=row.scope,
        covered_count=row.covered_count,
        share=row.share,
        least=row.least,
    )


async def _told(
    connection: AsyncConnection, source: str | None, limit: int, event_id: str | None = None
) -> list[Retirement]:
    """Give the ends that decisions and facets told of."""
    row = lifecycle_statement.c
    query = select(row.event_id).where(row.action == "gone").distinct()
    query = query.where(row.source == source) if source is not None else query
    query = query.where(row.event_id == event_id) if event_id is not None else query
    newest = query.add_columns(row.valid_at).order_by(row.valid_at.desc()).limit(limit)
    events = [found.event_id for found in await connection.execute(newest)]
    ends = select(lifecycle_statement).where(row.event_id.in_(events), row.action == "gone")
    by_event: dict[str, list[Any]] = defaultdict(list)
    for found in await connection.execute(ends.order_by(row.name)):
        by_event[found.event_id].append(found)
    undone = select(row.subject_key, row.undoes).where(row.undoes.in_(events))
    undone_ones = [(key, event) for key, event in await connection.execute(undone)]
    states = dict.fromkeys(undone_ones, RetirementState.UNDONE)
    outputs = {(one.subject_key, one.event_id) for of in by_event.values() for one in of if one.job_name}
    for key, event in await _effective(connection, events):
        states.setdefault((key, event), RetirementState.ENDED)
    gone = await _gone(connection, {key for key, _ in states})
    for place in outputs:
        states.setdefault(place, RetirementState.ENDED)
    for place, state in states.items():
        if state is RetirementState.ENDED and place[0] not in gone and place not in outputs:
            states[place] = RetirementState.RETURNED
    told = (_of_event(rows, states) for rows in by_event.values())
    return [one for one in told if one.objects]


async def _effective(connection: AsyncConnection, events: Sequence[str]) -> list[tuple[str, str]]:
    """Give which ends (subject, event) were ever believed: a producer's facet may have had no effect."""
    query = select(existence.c.subject_key, existence.c.event_id)
    query = query.where(existence.c.event_id.in_(events), existence.c.exists.is_(False)).distinct()
    return [(key, event) for key, event in await connection.execute(query)]


async def _gone(connection: AsyncConnection, keys: Iterable[str]) -> dict[str, Any]:
    """Give the last end of those subjects that are not there now."""
    wanted = sorted(set(keys))
    found: dict[str, Any] = {}
    for start in range(0, len(wanted), _KEYS_MAX):
        part = wanted[start : start + _KEYS_MAX]
        query = select(existence).where(existence.c.subject_key.in_(part), existence.c.until == OPEN_END)
        last = {row.subject_key: row for row in await connection.execute(query.order_by(existence.c.valid_at))}
        found |= {key: row for key, row in last.items() if not row.exists}
    return found


def _of_event(rows: Sequence[Any], states: Mapping[tuple[str, str], RetirementState]) -> Retirement:
    first = rows[0]
    return Retirement(
        id=first.event_id,
        by=RetiredBy.CURATOR if first.teller == RetiredBy.CURATOR else RetiredBy.FACET,
        source=first.source,
        at=moment(first.valid_at),
        known_at=moment(first.accepted_at),
        job=JobName(first.job_namespace, first.job_name) if first.job_name else None,
        objects=[
            Retired(row.source, row.name, RetiredKind(row.kind), state)
            for row in rows
            if (state := states.get((row.subject_key, row.event_id)))
        ],
    )
