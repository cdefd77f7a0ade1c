"""Stale outputs: edges that nothing confirms any more, though nobody said that they ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from nexus_core.model.access import Scope
from nexus_core.model.moments import moment
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import NOW, Point, value_at
from nexus_core.store.database import Store
from nexus_core.store.dataset_access import visible_in
from nexus_core.store.ledger_rows import EvidenceRow
from nexus_core.store.stale import Patience, Unseen, stale_evidence


@dataclass(frozen=True, slots=True, order=True)
class StaleOutput:
    """A dataset that a job wrote at `seen_at` last, and `run_count` later runs of it, up to `last_run_at`, did not."""

    job: JobName
    output: DatasetName
    seen_at: datetime
    run_count: int
    last_run_at: datetime


async def stale_outputs(
    store: Store, patience: Patience, scope: Scope, output_keys: Collection[str] | None = None
) -> list[StaleOutput]:
    """Give the stale outputs that a scope sees, by job and name; those of some datasets (by key) or all.

    Where several tell of one output of a job, the one that saw it last counts.
    """
    found: dict[tuple[JobName, DatasetName], StaleOutput] = {}
    told = list(map(_output, _alive(await stale_evidence(store, patience, output_keys))))
    seen = await visible_in(store, scope, {one.output for one in told})
    for one in told:
        known = found.get((one.job, one.output))
        if one.output in seen and (known is None or known.seen_at < one.seen_at):
            found[one.job, one.output] = one
    return sorted(found.values())


def _alive(found: Iterable[Unseen]) -> Iterable[Unseen]:
    """Give what still claims anything."""
    return (one for one in found if _claims(one.row))


def _claims(row: EvidenceRow) -> bool:
    points: list[Point[tuple[str, ...]]] = [
        Point(at, tuple(of), event, since, until) for at, of, event, since, until in orjson.loads(row.versions)
    ]
    now: tuple[str, ...] | None = value_at(points, NOW)
    return bool(now)


def _output(one: Unseen) -> StaleOutput:
    row = one.row
    return StaleOutput(
        JobName(str(row.job_namespace), str(row.job_name)),
        DatasetName(str(row.output_namespace), str(row.output_name)),
        moment(one.seen_at),
        one.run_count,
        moment(one.last_run_at),
    )
