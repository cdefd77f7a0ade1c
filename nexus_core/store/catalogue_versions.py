"""When a dataset's schema was which: change points that the worker keeps in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from sqlalchemy import select

from nexus_core.store.database import Store, reading
from nexus_core.store.ledger_tables import content, dataset

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 50
# As in nexus_core.worker.timeline: the first class that said anything is believed.
_CLASSES = ("curator", "rule", "harvest", "producer")


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
        points: list[tuple[int, str]] = next((by_class[name] for name in _CLASSES if by_class.get(name)), [])[-_MOST:]
        rows = await connection.execute(
            select(content).where(content.c.fingerprint.in_({fingerprint for _, fingerprint in points}))
        )
        sizes = {row.fingerprint: len(orjson.loads(row.body)) for row in rows}
    return [
        Version(_EPOCH + timedelta(microseconds=at), fingerprint, sizes.get(fingerprint, 0))
        for at, fingerprint in reversed(points)
    ]
