"""Runs of jobs, as the index of events has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from nexus_core.model.edge import OPEN_END
from nexus_core.model.moments import moment
from nexus_core.store.database import Store, reading
from nexus_core.store.ledger_tables import event_index, evidence, job, unit

_ENDS = ("COMPLETE", "FAIL", "ABORT")
_EVENTS_MOST = 10_000


class Run(NamedTuple):
    """A run with its job's key; `state` is the type of its latest event, an end first.

    `ended_at` is None while it runs.
    """

    run_id: str
    job_key: str
    state: str
    first_at: datetime
    last_at: datetime
    ended_at: datetime | None


async def runs_of(store: Store, job_key: str, limit: int, offset: int) -> list[Run]:
    """Give the runs of a job that told of lineage, the latest first; raises UnavailableError if the store fails."""
    sources = select(evidence.c.source_key).where(evidence.c.job_key == job_key).distinct()
    units = (
        select(unit.c.unit_key)
        .where(unit.c.source_key.in_(sources), unit.c.until == OPEN_END)
        .order_by(unit.c.valid_at.desc(), unit.c.unit_key)
        .limit(limit)
        .offset(offset)
    )
    async with reading(store) as connection:
        keys = (await connection.execute(units)).scalars().all()
        query = select(event_index).where(event_index.c.unit_key.in_(keys), event_index.c.run_id.is_not(None))
        rows = (await connection.execute(query.limit(_EVENTS_MOST))).all()
    return sorted(_runs(rows), key=lambda run: run.last_at, reverse=True)


async def run_by_id(store: Store, run_id: str) -> tuple[Run, str, str] | None:
    """Give a run with its job's namespace and name; raises UnavailableError if the store fails."""
    async with reading(store) as connection:
        query = select(event_index).where(event_index.c.run_id == run_id, event_index.c.job_key.is_not(None))
        found = _runs((await connection.execute(query.limit(_EVENTS_MOST))).all())
        if not found:
            return None
        first = min(found, key=lambda run: run.first_at)
        named = select(job.c.namespace, job.c.name).where(job.c.job_key == first.job_key)
        row = (await connection.execute(named)).first()
    return None if row is None else (first, row.namespace, row.name)


def _runs(rows: Iterable[Row[Any]]) -> list[Run]:
    by_run: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_run[row.run_id, row.job_key or ""].append(row)
    return [_run(run_id, job_key, of) for (run_id, job_key), of in by_run.items()]


def _run(run_id: str, job_key: str, rows: Sequence[Row[Any]]) -> Run:
    last = max(rows, key=lambda row: (row.event_type in _ENDS, row.valid_at, row.event_id))
    ended = moment(last.valid_at) if last.event_type in _ENDS else None
    times = [row.valid_at for row in rows]
    return Run(run_id, job_key, last.event_type, moment(min(times)), moment(max(times)), ended)
