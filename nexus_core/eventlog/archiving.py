"""Exports the log of a SQL store into a file, and imports such a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.archive import PART_EVENTS, ArchiveWriter, Manifest, read_parts, verify
from nexus_core.eventlog.opening import open_log, opens_probe, read_probe
from nexus_core.eventlog.partition import partition_of
from nexus_core.eventlog.positions import announce, settled
from nexus_core.eventlog.rows import MERGED, PENDING, Row
from nexus_core.model.envelope import EventKind
from nexus_core.settings import Settings
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.event_tables import events

_COLUMNS = ("id", "principal", "authority", "accepted_at", "valid_at", "kind", "status", "reason", "event", "sealed")


async def export_log(store: Store, settings: Settings, path: Path, until: datetime) -> int:
    """Write all events accepted up to a moment into a file, and give their number; holds PART_EVENTS of them.

    Raises ConfigurationError for a store that has never had a log, or whose log lies in Kafka.
    """
    _require_sql(settings)
    probe = await read_probe(store)
    if probe is None:
        raise ConfigurationError("The store has no log yet", "Start LineageNexus once, or check NEXUS_STORE__URL")
    count = 0
    with ArchiveWriter(path, probe, until) as writer:
        async for rows in _parts(store, until):
            writer.add(rows)
            count += len(rows)
    return count


async def import_log(store: Store, settings: Settings, path: Path) -> tuple[int, int]:
    """Add the events of a file to a log, and give how many it holds and how many of them were new.

    Merged ones are pending again: the projection of this log may lack them. The file is verified first. Raises
    ConfigurationError if it is damaged, or sealed with another key than the store's.
    """
    _require_sql(settings)
    manifest = verify(path)
    _require_key(settings, manifest)
    await open_log(store, settings)  # a new store gets its probe
    new = 0
    for rows in read_parts(path, manifest):
        new += await _restore(store, rows)
    return manifest.event_count, new


def _require_sql(settings: Settings) -> None:
    if settings.eventlog.kind != "sql":
        raise ConfigurationError("The log lies in Kafka, not in the store", "Copy its topic by Kafka's own means")


def _require_key(settings: Settings, manifest: Manifest) -> None:
    if not opens_probe(settings, manifest.probe):
        raise ConfigurationError(
            "The file is sealed with another key than this store's",
            "Start a new store with the key of the former (`secrets-key` of its data folder, or NEXUS_SECRETS__KEY)",
        )


async def _parts(store: Store, until: datetime) -> AsyncIterator[list[Row]]:
    after = 0
    while True:
        rows = await _page(store, after)
        if not rows:
            return
        after = rows[-1].position
        kept = [_shown(row) for row in rows if row.accepted_at <= until]
        if kept:
            yield kept


async def _page(store: Store, after: int) -> Sequence[Any]:
    query = select(events).where(events.c.position > after)
    async with reading(store) as connection:
        end = await settled(connection)
        if end is not None:
            query = query.where(events.c.position <= end)
        return (await connection.execute(query.order_by(events.c.position).limit(PART_EVENTS))).all()


def _shown(row: Any) -> Row:
    values = {name: getattr(row, name) for name in _COLUMNS}
    return values | {"status": PENDING if row.status == MERGED else row.status}


async def _restore(store: Store, rows: Sequence[Row]) -> int:
    """Insert rows whose ids are not known; gives their number."""
    full = [{**row, "partition": partition_of(EventKind(row["kind"]), orjson.loads(row["event"]))} for row in rows]
    dialect = postgresql if store.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(events).on_conflict_do_nothing(index_elements=["id"]).returning(events.c.id)
    async with writing(store) as connection:
        await announce(connection)
        return len((await connection.execute(statement, full)).scalars().all())
