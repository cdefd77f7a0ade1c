"""Which unit each event belongs to, from the ledger's index and the new events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from nexus_core.model.edge import node_key
from nexus_core.model.envelope import EventKind
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import Changes, IndexRow
from nexus_core.worker.said import Said
from nexus_core.worker.units import unit_key


async def group(events: Sequence[Said], ledger: Snapshot, changes: Changes) -> dict[str, int]:
    """Index new events, and those that move because a parent became known; gives the units that may have changed.

    With each comes the first recorded time at which it may differ from what is known. A run's parent is what any of
    its events says of it, the greatest if they differ; runs are never believed to have had another one before.
    """
    known = {row.event_id: row for row in await ledger.index_of_runs({said.run_key for said in events})}
    rows = known | {said.event_id: _row(said) for said in events if said.event_id not in known}
    by_run: dict[str, list[IndexRow]] = defaultdict(list)
    for row in rows.values():
        by_run[row.run_key].append(row)
    changed: dict[str, int] = {}
    for said in events:
        if said.event_id in known:
            _note(changed, known[said.event_id].unit_key, said.accepted_at)
    for run in by_run.values():
        parent = max((row.parent_run_id for row in run if row.parent_run_id is not None), default=None)
        for row in run:
            unit = unit_key(row.principal_class, row.job_key, row.run_key, parent)
            if unit != row.unit_key:
                changes.index.append(row._replace(unit_key=unit))
                for moved in {unit, row.unit_key} - {""}:
                    _note(changed, moved, row.accepted_at)
    return changed


def _note(changed: dict[str, int], unit: str, since: int) -> None:
    changed[unit] = min(since, changed.get(unit, since))


async def members(units: Iterable[str], ledger: Snapshot, changes: Changes) -> dict[str, list[IndexRow]]:
    """Give the events of units, those of this round included."""
    wanted = set(units)
    rows = {row.event_id: row for row in await ledger.index_of_units(wanted)}
    rows |= {row.event_id: row for row in changes.index}
    found: dict[str, list[IndexRow]] = {unit: [] for unit in wanted}
    for row in rows.values():
        if row.unit_key in found:
            found[row.unit_key].append(row)
    return found


def _row(said: Said) -> IndexRow:
    return IndexRow(
        event_id=said.event_id,
        run_key=said.run_key,
        unit_key="",  # set once the run's parent is known
        principal_class=said.principal_class,
        job_key=node_key(said.job.id) if said.job else None,
        run_id=said.run_id,
        parent_run_id=said.parent_run_id if said.kind is EventKind.RUN else None,
        event_type=said.event_type,
        streaming=said.streaming,
        valid_at=said.valid_at,
        accepted_at=said.accepted_at,
    )
