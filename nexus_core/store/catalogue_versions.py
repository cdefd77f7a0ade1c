"""When a dataset's schema was which: change points that the worker keeps in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select

from nexus_core.model.timeline import CLASSES, Point, believed
from nexus_core.store.database import Store, reading
from nexus_core.store.ledger_tables import content, dataset

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 50


@dataclass(frozen=True, slots=True)
class Version:
    """A schema and since when it holds."""

    valid_from: datetime
    fingerprint: str
    field_count: int


async def schema_versions(store: Store, dataset_key: str) -> Sequence[Version]:
    """Give the newest versions of a dataset's schema, newest first, as its most believed source tells them."""
    async with reading(store) as connection:
        query = select(dataset.c.timelines).where(dataset.c.dataset_key == dataset_key)
        timelines = (await connection.execute(query)).scalar_one_or_none()
        by_class = orjson.loads(timelines).get("schema", {}) if timelines else {}
        told: list[list[Any]] = next((by_class[name] for name in CLASSES if by_class.get(name)), [])
        points = believed(Point(*point) for point in told)[-_MOST:]
        rows = await connection.execute(select(content).where(content.c.fingerprint.in_({one.value for one in points})))
        sizes = {row.fingerprint: len(orjson.loads(row.body)) for row in rows}
    return [
        Version(_EPOCH + timedelta(microseconds=point.at), point.value, sizes.get(point.value, 0))
        for point in reversed(points)
    ]
