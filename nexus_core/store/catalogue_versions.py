"""When a dataset's schema was which: change points that the worker keeps in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from nexus_core.model.moments import moment
from nexus_core.model.timeline import CLASSES, Fact, Point, believed, greatest, history
from nexus_core.store.database import Store, reading
from nexus_core.store.ledger_tables import content, dataset

_MOST = 50


@dataclass(frozen=True, slots=True)
class Version:
    """A schema and since when it holds."""

    valid_from: datetime
    fingerprint: str
    fields: Sequence[tuple[str, str]]
    """Names with types, "" where none is known."""

    @property
    def field_count(self) -> int:
        """How many fields it has."""
        return len(self.fields)


async def schema_versions(store: Store, dataset_keys: Sequence[str]) -> Sequence[Version]:
    """Give the newest versions of a dataset's schema, newest first, as its most believed source tells them.

    Several keys are those of one dataset's names.
    """
    async with reading(store) as connection:
        query = select(dataset.c.timelines).where(dataset.c.dataset_key.in_(dataset_keys))
        schemas = [orjson.loads(body).get("schema", {}) for body in (await connection.execute(query)).scalars()]
        told = next((of for name in CLASSES if (of := [told for each in schemas if (told := each.get(name))])), [])
        points = believed(_together(told))[-_MOST:]
        rows = await connection.execute(select(content).where(content.c.fingerprint.in_({one.value for one in points})))
        fields = {row.fingerprint: _fields(orjson.loads(row.body)) for row in rows}
    return [Version(moment(point.at), point.value, fields.get(point.value, ())) for point in reversed(points)]


def _fields(body: Sequence[Sequence[Any]]) -> list[tuple[str, str]]:
    return [(str(each[0]), str(each[1] or "")) for each in body]


def _together(told: Sequence[Sequence[Sequence[Any]]]) -> list[Point[str]]:
    if len(told) == 1:
        return [Point(*point) for point in told[0]]
    return history((Fact(*point) for points in told for point in points), greatest)
