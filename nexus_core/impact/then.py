"""Schemas and texts as they were at a moment: the ledger's change points of schemas and of jobs' sources tell them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from nexus_core.catalogue.changes_load import schemas_of
from nexus_core.eventlog.log import EventLog
from nexus_core.impact.texts import JobText, text_in
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import source_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import CLASSES, Point, believed_at, point_at
from nexus_core.store.database import Store
from nexus_core.store.ledger_changes import ChangesSnapshot, reading_changes

_EVENTS_MOST = 100
"""Events of one version of a job that are read for its text: mapped tasks all tell the same."""


async def schemas_then(
    store: Store, aliases: Aliases, names: Iterable[DatasetName], at: int
) -> dict[DatasetName, Mapping[str, str]]:
    """Give the fields, with their types, that datasets had at a moment; of one first described later, its first.

    Times are microseconds since 1970. Raises UnavailableError while the store does not answer.
    """
    async with reading_changes(store) as snapshot:
        timelines = await schemas_of(snapshot.rows, aliases, names)
        held = {name: value for name, of in timelines.items() if (value := believed_at(of, at)) is not None}
        fields = {row.fingerprint: row.body for row in await snapshot.rows.contents(set(held.values()))}
    return {name: dict(orjson.loads(fields[value])) for name, value in held.items() if value in fields}


async def texts_then(store: Store, log: EventLog, jobs: Iterable[JobName], at: int) -> dict[JobName, JobText]:
    """Give the texts that jobs had at a moment, of those that had one; literals alone make no other text.

    Raises UnavailableError while store or log does not answer.
    """
    async with reading_changes(store) as snapshot:
        points = await _points(snapshot, jobs, at)
        events = await snapshot.events_of_versions(point.event_id for point in points.values())
    ids = {job: events.get(point.event_id, [point.event_id])[-_EVENTS_MOST:] for job, point in points.items()}
    wanted = sorted({event_id for of in ids.values() for event_id in of})
    known = {envelope.id: envelope.event for envelope in await log.read(wanted)} if wanted else {}
    texts = {job: text_in(known[each] for each in of if each in known) for job, of in ids.items()}
    return {job: text for job, text in texts.items() if text is not None}


async def _points(snapshot: ChangesSnapshot, jobs: Iterable[JobName], at: int) -> dict[JobName, Point[str]]:
    """Give where the source of each job began that it had at a moment, as whoever told it last tells."""
    keys = {source_key(of, job): job for job in jobs for of in CLASSES}
    found: dict[JobName, Point[str]] = {}
    for row in await snapshot.rows.sources(keys):
        point = point_at([Point(*each) for each in orjson.loads(row.eras)], at)
        job = keys[row.source_key]
        if point is not None and (job not in found or found[job].at < point.at):
            found[job] = point
    return found
