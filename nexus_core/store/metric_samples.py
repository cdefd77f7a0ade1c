"""Keeps samples of figures. All functions raise UnavailableError if the store fails."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, delete, func, select, type_coerce

from nexus_core.store.catalogue import upsert
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.metric_tables import metric_sample

_DAY = 86_400_000_000
HOURLY_DAYS = 32
"""Days for which every hour is kept; of days before that the last sample is."""


class Sample(NamedTuple):
    """A figure of one namespace at a moment."""

    at: datetime
    metric: str
    namespace: str
    value: float


async def save_samples(store: Store, samples: Sequence[Sample]) -> None:
    """Write samples in place of all of the same moment, and thin out what is older than HOURLY_DAYS."""
    if not samples:
        return
    async with writing(store) as connection:
        row = metric_sample.c
        await connection.execute(delete(metric_sample).where(row.at == samples[0].at))
        await upsert(connection, metric_sample, [each._asdict() for each in samples])
        old = row.at < samples[0].at - timedelta(days=HOURLY_DAYS)
        last = select(func.max(row.at)).where(old).group_by(_day())
        kept = (await connection.execute(last)).scalars().all()
        await connection.execute(delete(metric_sample).where(old, row.at.not_in(kept)))


async def sampled_at(store: Store) -> datetime | None:
    """Give when the last sample was taken."""
    async with reading(store) as connection:
        found: datetime | None = (await connection.execute(select(func.max(metric_sample.c.at)))).scalar()
        return found


async def read_samples(store: Store, metrics: Collection[str], since: datetime, *, daily: bool) -> list[Sample]:
    """Give the samples of figures since a moment, the earliest first; of each day the last if `daily`."""
    row = metric_sample.c
    query = select(row.at, row.metric, row.namespace, row.value).where(row.at >= since)
    if metrics:
        query = query.where(row.metric.in_(sorted(metrics)))
    if daily:
        query = query.where(row.at.in_(select(func.max(row.at)).where(row.at >= since).group_by(_day())))
    async with reading(store) as connection:
        found = await connection.execute(query.order_by(row.at, row.metric, row.namespace))
        return [Sample(*each) for each in found]


def _day() -> ColumnElement[int]:
    return type_coerce(metric_sample.c.at, BigInteger) // _DAY
