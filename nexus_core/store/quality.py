"""Writes what events tell of quality, and reads it. All functions raise UnavailableError if the store fails."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, case, delete, func, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.access import Scope
from nexus_core.model.quality import Figure, Finding, Severity
from nexus_core.store.by_key import rows_by
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.many import Many
from nexus_core.store.quality_tables import quality_check, quality_figure, quality_result
from nexus_core.store.scope_condition import seen_rows

Connection = AsyncConnection

DAY = 86_400_000_000
"""Microseconds."""

QUALITY_DAYS = 400
"""Days for which results and figures are kept."""


class ResultRow(NamedTuple):
    """What one run of a check found."""

    check_key: str
    passed: bool
    measured: float | None
    at: int


class FigureRow(NamedTuple):
    """A figure as it was measured at a moment."""

    field: str
    metric: str
    value: float
    at: int


class DayRow(NamedTuple):
    """How many results of a day, counted from 1970-01-01, passed and failed."""

    day: int
    passed_count: int
    failed_count: int


def _latest(table: Table, dialect: Any) -> Any:
    """Write a row unless a later one of the same key is there, so that the order of events does not matter."""
    made = (postgresql if dialect.name == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.primary_key.columns]
    changed = {column.name: made.excluded[column.name] for column in table.columns if column.name not in keys}
    later = or_(
        table.c.at < made.excluded.at,
        (table.c.at == made.excluded.at) & (table.c.event_id < made.excluded.event_id),
    )
    return made.on_conflict_do_update(index_elements=keys, set_=changed, where=later)


_SAVE_CHECK = Many(lambda dialect: _latest(quality_check, dialect))
_SAVE_RESULT = Many(lambda dialect: _latest(quality_result, dialect))
_SAVE_FIGURE = Many(lambda dialect: _latest(quality_figure, dialect))


async def save_quality(connection: AsyncConnection, findings: Collection[Finding], figures: Collection[Figure]) -> None:
    """Note what runs found; part of the transaction that the connection is in."""
    rows = [finding._asdict() for finding in findings]
    for save, table in ((_SAVE_CHECK, quality_check), (_SAVE_RESULT, quality_result)):
        await save.run(connection, [{name: row[name] for name in table.c.keys()} for row in rows])  # noqa: SIM118
    await _SAVE_FIGURE.run(connection, [figure._asdict() for figure in figures])


async def forget_quality(store: Store, days: int = QUALITY_DAYS) -> None:
    """Drop results and figures that are older than so many days; what each check found last stays."""
    oldest = time.time_ns() // 1000 - days * DAY
    async with writing(store) as connection:
        for table in (quality_result, quality_figure):
            await connection.execute(delete(table).where(table.c.at < oldest))


async def checks_of(connection: AsyncConnection, dataset_keys: Iterable[str]) -> list[Finding]:
    """Give the checks of datasets."""
    return await rows_by(connection, Finding, quality_check.c.dataset_key, dataset_keys)


async def checks_by_key(connection: AsyncConnection, check_keys: Iterable[str]) -> list[Finding]:
    """Give checks by their keys."""
    return await rows_by(connection, Finding, quality_check.c.check_key, check_keys)


async def list_checks(
    connection: AsyncConnection, scope: Scope, passed: bool | None, after: tuple[int, str] | None, limit: int
) -> list[Finding]:
    """Give checks of what a scope sees, the latest result first; `after` is the `(at, key)` of the one before."""
    row = quality_check.c
    query = select(quality_check).where(seen_rows(scope, connection.dialect.name, "quality_check"))
    if passed is not None:
        query = query.where(row.passed.is_(passed))
    if after is not None:
        query = query.where(tuple_(row.at, row.check_key) < tuple_(*after))
    found = await connection.execute(query.order_by(row.at.desc(), row.check_key.desc()).limit(limit))
    return [Finding(*each) for each in found]


async def failing_checks(store: Store) -> list[Finding]:
    """Give the checks whose latest run failed with an error."""
    query = select(quality_check).where(
        quality_check.c.passed.is_(False), quality_check.c.severity == Severity.ERROR.value
    )
    async with reading(store) as connection:
        return [Finding(*each) for each in await connection.execute(query)]


async def results_of(connection: AsyncConnection, check_key: str, since: int, limit: int) -> list[ResultRow]:
    """Give the results of a check since a moment, the latest first."""
    row = quality_result.c
    query = select(row.check_key, row.passed, row.measured, row.at).where(row.check_key == check_key, row.at >= since)
    found = await connection.execute(query.order_by(row.at.desc(), row.run_key).limit(limit))
    return [ResultRow(*each) for each in found]


async def results_by_day(connection: AsyncConnection, dataset_keys: Sequence[str], since: int) -> list[DayRow]:
    """Count the results of a dataset's checks by day."""
    row = quality_result.c
    day = row.at // DAY
    query = (
        select(day.label("day"), _count(row.passed.is_(True)), _count(row.passed.is_(False)))
        .where(row.dataset_key.in_(dataset_keys), row.at >= since)
        .group_by(day)
        .order_by(day)
    )
    return [DayRow(int(each[0]), int(each[1]), int(each[2])) for each in await connection.execute(query)]


async def figures_of(
    connection: AsyncConnection, dataset_keys: Sequence[str], since: int, limit: int
) -> list[FigureRow]:
    """Give the figures of a dataset and its fields since a moment, the latest first."""
    row = quality_figure.c
    query = select(row.field, row.metric, row.value, row.at).where(row.dataset_key.in_(dataset_keys), row.at >= since)
    found = await connection.execute(query.order_by(row.at.desc(), row.field, row.metric).limit(limit))
    return [FigureRow(*each) for each in found]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
