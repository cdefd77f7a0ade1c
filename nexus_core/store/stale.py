"""Outputs of jobs that later runs of the job did not write, where nothing tells whether the job's source changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select

from nexus_core.model.edge import OPEN_END
from nexus_core.store.database import Store, reading
from nexus_core.store.ledger_rows import EvidenceRow
from nexus_core.store.ledger_tables import evidence, observation, source_timeline, unit

_DAY = 86_400_000_000
_PAGE = 2_000  # evidence looked at in one statement
_KEYS_MAX = 500  # parameters of one statement, below every database's limit


class Patience(NamedTuple):
    """How many runs of a job, or how many days of them, may pass without an output before it is stale."""

    runs: int
    days: int


class Unseen(NamedTuple):
    """An evidence with when it was last observed, and how many runs its job had since, and when the last of them.

    Times are microseconds since 1970.
    """

    row: EvidenceRow
    seen_at: int
    run_count: int
    last_run_at: int


async def stale_evidence(store: Store, patience: Patience, output_keys: Collection[str] | None = None) -> list[Unseen]:
    """Give evidence that is stale, of some outputs or of all; also what ended since.

    For all outputs it reads every observation of jobs without source text: a second for some 500,000.
    """
    wanted = [evidence.c.job_key.is_not(None)] if output_keys is None else list(_among(output_keys))
    found: list[Unseen] = []
    async with reading(store) as connection:
        for condition in wanted:
            last, more = "", True
            while more:
                rows = (await connection.execute(_page(condition, last, patience))).all()
                found += map(_unseen, rows)
                more = len(rows) == _PAGE
                last = rows[-1].evidence_key if rows else ""
    return found


def _among(output_keys: Collection[str]) -> Iterator[ColumnElement[bool]]:
    keys = sorted(output_keys)
    for start in range(0, len(keys), _KEYS_MAX):
        yield evidence.c.output_key.in_(keys[start : start + _KEYS_MAX])


def _page(condition: ColumnElement[bool], after: str, patience: Patience) -> Select[Any]:
    seen = _last_seen(condition, after).subquery()
    runs, last = func.count(unit.c.unit_key), func.max(unit.c.valid_at)
    later = and_(unit.c.source_key == seen.c.source_key, unit.c.valid_at > seen.c.seen_at, unit.c.until == OPEN_END)
    since = (
        select(seen.c.evidence_key, seen.c.seen_at, runs.label("run_count"), last.label("last_run_at"))
        .join(unit, later)
        .group_by(seen.c.evidence_key, seen.c.seen_at)
        .having(or_(runs >= patience.runs, last - seen.c.seen_at >= patience.days * _DAY))
        .order_by(seen.c.evidence_key)
        .limit(_PAGE)
        .subquery()
    )
    counted = (since.c.seen_at, since.c.run_count, since.c.last_run_at)
    query = select(*evidence.columns, *counted).join(since, since.c.evidence_key == evidence.c.evidence_key)
    return query.order_by(evidence.c.evidence_key)


def _last_seen(condition: ColumnElement[bool], after: str) -> Select[Any]:
    """Give when outputs of jobs whose source nobody tells were last observed."""
    row, told = evidence.c, source_timeline.c
    is_told = exists().where(told.source_key == row.source_key, told.eras != b"[]")
    return (
        select(row.evidence_key, row.source_key, func.max(observation.c.valid_at).label("seen_at"))
        .join(observation, observation.c.evidence_key == row.evidence_key)
        .where(condition, row.evidence_key > after, row.output_key.is_not(None), row.job_key.is_not(None), ~is_told)
        .where(observation.c.until == OPEN_END)
        .group_by(row.evidence_key, row.source_key)
    )


def _unseen(row: Row[Any]) -> Unseen:
    values = dict(row._mapping)
    return Unseen(
        EvidenceRow(**{name: values[name] for name in EvidenceRow._fields}),
        values["seen_at"],
        values["run_count"],
        values["last_run_at"],
    )
