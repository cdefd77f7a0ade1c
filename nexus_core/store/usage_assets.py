"""Reads which assets are read, and how much, over the whole catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, text, update

from nexus_core.model.access import Scope
from nexus_core.store.catalogue import Connection
from nexus_core.store.catalogue_tables import catalogue_dataset, catalogue_search
from nexus_core.store.scope_condition import condition
from nexus_core.store.usage import today
from nexus_core.store.usage_tables import usage


class UnusedRow(NamedTuple):
    """An asset that nobody read; `last_day` counts from 1970-01-01, None if no read is known at all."""

    id: int
    dataset_key: str
    sort_name: str
    namespace: str
    name: str
    kind: str
    first_seen_at: datetime
    last_day: int | None


_UNUSED = """
SELECT s.id, s.dataset_key, s.sort_name, s.namespace, s.name, s.kind, d.first_seen_at, u.last_day
FROM catalogue_search s
JOIN catalogue_dataset d ON d.dataset_key = s.dataset_key
LEFT JOIN (SELECT dataset_key, max(day) AS last_day FROM usage WHERE field = '' GROUP BY dataset_key) u
  ON u.dataset_key = s.dataset_key
WHERE coalesce(u.last_day, 0) <= :cutoff AND d.first_seen_at < :seen_before AND VISIBLE
  AND s.namespace IN (
    SELECT o.namespace FROM usage w JOIN catalogue_dataset o ON o.dataset_key = w.dataset_key WHERE w.field = '')
  AND (s.sort_name, s.namespace, s.id) > (:sort_name, :namespace, :id)
ORDER BY s.sort_name, s.namespace, s.id LIMIT :room
"""
"""What lies in a source whose query log is not read is left out: nobody knows."""


async def unused_assets(
    connection: Connection, scope: Scope, days: int, after: tuple[str, str, int], limit: int
) -> list[UnusedRow]:
    """Give assets by name that nobody read in the last days, among those known for longer than that."""
    visible, given = condition(scope, connection.dialect.name, "s")
    cutoff = today() - days
    asked = {"cutoff": cutoff, "seen_before": cutoff * 86_400_000_000, "room": limit, **given}
    place = dict(zip(("sort_name", "namespace", "id"), after, strict=True))
    statement = text(_UNUSED.replace("VISIBLE", visible)).columns(
        *(catalogue_search.c[name] for name in ("id", "dataset_key", "sort_name", "namespace", "name", "kind")),
        catalogue_dataset.c.first_seen_at,
        usage.c.day,
    )
    return [UnusedRow(*row) for row in await connection.execute(statement, {**asked, **place})]


async def all_read_counts(connection: Connection, days: int) -> dict[str, int]:
    """Give how often each dataset was read in the last days, by the key of the name that was read."""
    row = usage.c
    query = select(row.dataset_key, func.sum(row.read_count)).where(row.field == "", row.day > today() - days)
    return {key: int(count) for key, count in await connection.execute(query.group_by(row.dataset_key))}


async def save_heats(connection: Connection, heats: Mapping[str, int]) -> None:
    """Write how much datasets are read for search; those that are left out are not. Only what differs is written."""
    row = catalogue_search.c
    known = await connection.execute(select(row.dataset_key, row.heat).where(row.heat != 0))
    before = {key: heat for key, heat in known}  # noqa: C416 rows are no pairs
    changed = [
        {"b_key": key, "b_heat": heats.get(key, 0)}
        for key in sorted({*before, *heats})
        if before.get(key, 0) != heats.get(key, 0)
    ]
    if changed:
        mine = update(catalogue_search).where(row.dataset_key == bindparam("b_key"))
        await connection.execute(mine.values(heat=bindparam("b_heat")), changed)
