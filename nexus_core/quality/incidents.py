"""Incidents: opened by a check that fails, or by a person; assigned, and resolved by a person or by passing again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from nexus_core.errors import ConflictError, InvalidInputError, NotFoundError
from nexus_core.governance.audit import Audit
from nexus_core.governance.secrets import new_id
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action
from nexus_core.model.edge import node_key
from nexus_core.model.moments import moment
from nexus_core.model.names import DatasetName
from nexus_core.model.quality import Finding, Severity
from nexus_core.store import incidents as rows
from nexus_core.store.database import Store, reading
from nexus_core.store.incidents import ASSIGNED, OPEN, RESOLVED, Incident
from nexus_core.store.quality import checks_by_key, failing_checks


@dataclass(frozen=True, slots=True)
class Incidents:
    """Incidents in the main store; every change of one stands in the audit log first."""

    main: Store
    audit: Audit

    async def get(self, incident_id: str) -> Incident:
        """Give one; raises NotFoundError."""
        found = await rows.find_incident(self.main, incident_id)
        if found is None:
            raise missing(incident_id)
        return found

    async def open(self, caller: Caller, name: DatasetName, field: str, title: str, severity: Severity) -> Incident:
        """Open one by hand."""
        now = datetime.now(UTC)
        row = Incident(
            id=new_id("inc"),
            check_key="",
            dataset_key=node_key(name.id),
            namespace=name.namespace,
            name=name.name,
            field=field,
            title=title,
            severity=severity,
            state=OPEN,
            failed_at=now,
            opened_at=now,
            opened_by=caller.account_id,
        )
        async with self.audit.acting(caller, Act(Action.INCIDENT_OPENED, _target(row), {"title": title})):
            await rows.add_incident(self.main, row)
        return row

    async def assign(self, caller: Caller, row: Incident, assignee: str, note: str) -> Incident:
        """Give an incident that is not resolved to someone."""
        if row.state == RESOLVED:
            raise InvalidInputError("the incident is resolved: reopen it first", "$.action")
        return await self._change(caller, row, replace(row, state=ASSIGNED, assignee=assignee, note=note or row.note))

    async def resolve(self, caller: Caller, row: Incident, note: str) -> Incident:
        """Say that nothing is wrong any more; a check that fails in a later run opens another incident."""
        if row.state == RESOLVED:
            raise InvalidInputError("the incident is resolved already", "$.action")
        done = replace(row, state=RESOLVED, resolved_at=datetime.now(UTC), resolved_by=caller.account_id, note=note)
        return await self._change(caller, row, done)

    async def reopen(self, caller: Caller, row: Incident, note: str) -> Incident:
        """Say that it is not over."""
        if row.state != RESOLVED:
            raise InvalidInputError("the incident is not resolved", "$.action")
        state = ASSIGNED if row.assignee else OPEN
        again = replace(row, state=state, resolved_at=None, resolved_by=None, note=note or row.note)
        return await self._change(caller, row, again)

    async def _change(self, caller: Caller, row: Incident, now: Incident) -> Incident:
        act = Act(Action.INCIDENT_CHANGED, _target(now), {"assignee": now.assignee, "note": now.note})
        async with self.audit.acting(caller, act):
            changed = await rows.change_incident(self.main, row, now)
            if changed is None:
                raise ConflictError(f"The incident {row.id}")
            return changed


async def follow_checks(store: Store, incidents: Incidents) -> int:
    """Open an incident for each check that failed since its last one, and resolve those whose check passes again.

    Gives the number of changes. Only one process may do this at a time.
    """
    failing = {check.check_key: check for check in await failing_checks(store)}
    waiting = [row for row in await rows.unresolved_incidents(incidents.main) if row.check_key]
    known = {row.check_key for row in waiting}
    former = await rows.last_failures(incidents.main, failing.keys() - known)
    count = 0
    for key in sorted(failing.keys() - known):
        if key not in former or moment(failing[key].at) > former[key]:
            await _open(incidents, failing[key])
            count += 1
    return count + await _recover(store, incidents, [row for row in waiting if row.check_key not in failing])


async def _open(incidents: Incidents, check: Finding) -> None:
    row = Incident(
        id=new_id("inc"),
        check_key=check.check_key,
        dataset_key=check.dataset_key,
        namespace=check.namespace,
        name=check.name,
        field=check.field,
        title=check.title or check.assertion,
        severity=check.severity,
        state=OPEN,
        failed_at=moment(check.at),
        opened_at=datetime.now(UTC),
    )
    async with incidents.audit.acting(None, Act(Action.INCIDENT_OPENED, _target(row), {"title": row.title})):
        await rows.add_incident(incidents.main, row)


async def _recover(store: Store, incidents: Incidents, waiting: Collection[Incident]) -> int:
    async with reading(store) as connection:
        checks = {row.check_key: row for row in await checks_by_key(connection, {each.check_key for each in waiting})}
    count = 0
    for row in waiting:
        check = checks.get(row.check_key)
        if check is None or moment(check.at) <= row.failed_at:
            continue  # a projection that is made anew has not come so far yet
        now = replace(row, state=RESOLVED, resolved_at=datetime.now(UTC), resolved_by=None)
        async with incidents.audit.acting(None, Act(Action.INCIDENT_CHANGED, _target(now), {})):
            count += await rows.change_incident(incidents.main, row, now) is not None
    return count


def missing(incident_id: str) -> NotFoundError:
    """Give the error of an incident that is not there, or hidden."""
    return NotFoundError(f"The incident {incident_id[:100]}")


def _target(row: Incident) -> dict[str, str]:
    return {"incident": row.id, "namespace": row.namespace, "name": row.name, "state": row.state}
