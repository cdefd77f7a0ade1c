"""Incidents: what is wrong with datasets, and who sees to it (docs/quality.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from nexus_core.api.access import Reader, Steward
from nexus_core.api.cursors import closed, opened
from nexus_core.api.quality_schemas import Incident, IncidentChange, IncidentPage, NewIncident
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue.identity import load_known
from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.model.access import Caller, Permission, Scope
from nexus_core.model.moments import microseconds, moment
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.model.quality import Severity
from nexus_core.quality.incidents import Incidents, missing
from nexus_core.store.database import reading
from nexus_core.store.dataset_access import visible_in, visible_of
from nexus_core.store.incidents import ASSIGNED, OPEN, RESOLVED, list_incidents
from nexus_core.store.incidents import Incident as Row

router = APIRouter(prefix="/api/v1/quality/incidents", tags=["quality"])

_STATES = {"unresolved": (OPEN, ASSIGNED), "resolved": (RESOLVED,), "all": (OPEN, ASSIGNED, RESOLVED)}


@router.get("", operation_id="listIncidents")
async def list_all(
    services: UsesServices,
    caller: Reader,
    state: Literal["unresolved", "resolved", "all"] = "unresolved",
    namespace: Annotated[
        str | None, Query(min_length=1, max_length=2048, description="With `name`: of this one.")
    ] = None,
    name: Annotated[str | None, Query(min_length=1, max_length=2048)] = None,
    cursor: Annotated[str | None, Query(max_length=5000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> IncidentPage:
    """List incidents of what you may see, or of one dataset, the newest first."""
    before = _place(cursor) if cursor else None
    of = DatasetName(namespace, name) if namespace and name else None
    shown: list[Row] = []
    while True:
        page = await list_incidents(services.main, _STATES[state], before, limit + 1)
        for row in await _visible(services, caller.scope, page[:limit], of):
            shown.append(row)
            if len(shown) == limit:
                return _page(shown, closed(microseconds(row.opened_at), row.id))
        if len(page) <= limit:
            return _page(shown, None)
        before = (page[limit - 1].opened_at, page[limit - 1].id)


@router.post("", operation_id="openIncident", status_code=201)
async def open_incident(services: UsesServices, caller: Steward, asked: NewIncident) -> Incident:
    """Open an incident of a dataset that you may curate."""
    aliases = await services.aliases.read(services.store)
    name = aliases.of(canonical(DatasetName(asked.namespace, asked.name)))
    async with reading(services.store) as connection:
        if not await load_known(connection, await visible_of(connection, caller.scope, [name]), aliases):
            raise NotFoundError(f"dataset {asked.name} in {asked.namespace}")
    await _require(services, caller, name)
    incidents = Incidents(services.main, services.audit)
    return _answer(await incidents.open(caller, name, asked.field or "", asked.title, Severity(asked.severity)))


@router.post("/{incident_id}", operation_id="changeIncident")
async def change(services: UsesServices, caller: Steward, incident_id: str, asked: IncidentChange) -> Incident:
    """Assign, resolve or reopen an incident of a dataset that you may curate."""
    incidents = Incidents(services.main, services.audit)
    row = await incidents.get(incident_id)
    (row,) = await _visible(services, caller.scope, [row]) or _nothing(incident_id)
    await _require(services, caller, DatasetName(row.namespace, row.name))
    if asked.action == "assign":
        if asked.assignee is None:
            raise InvalidInputError("an assignment needs an assignee", "$.assignee")
        return _answer(await incidents.assign(caller, row, asked.assignee, asked.note))
    if asked.action == "resolve":
        return _answer(await incidents.resolve(caller, row, asked.note))
    return _answer(await incidents.reopen(caller, row, asked.note))


def _nothing(incident_id: str) -> Any:
    raise missing(incident_id)


def _place(cursor: str) -> tuple[datetime, str]:
    at, incident_id = opened(cursor, (int, str))
    return moment(at), incident_id


def _page(rows: Iterable[Row], following: str | None) -> IncidentPage:
    return IncidentPage(items=list(map(_answer, rows)), next=following)


async def _visible(services: Services, scope: Scope, rows: Sequence[Row], of: DatasetName | None = None) -> list[Row]:
    """Give the incidents of datasets that a scope sees, by their own and their present name; `of` one alone."""
    aliases = await services.aliases.read(services.store)
    names = {row.id: aliases.of(DatasetName(row.namespace, row.name)) for row in rows}
    wanted = of and aliases.of(canonical(of))
    present = {row_id: name for row_id, name in names.items() if wanted in (None, name)}
    seen = await visible_in(services.store, scope, present.values())
    return [row for row in rows if present.get(row.id) in seen and scope.may_see(DatasetName(row.namespace, row.name))]


async def _require(services: Services, caller: Caller, name: DatasetName) -> None:
    aliases = await services.aliases.read(services.store)
    present = aliases.of(name)
    if not await visible_in(services.store, caller.scope_of(Permission.CURATE), [present]):
        raise ForbiddenError("this incident", "the permission curate for its dataset")


def _answer(row: Row) -> Incident:
    return Incident(
        id=row.id,
        check=row.check_key or None,
        namespace=row.namespace,
        name=row.name,
        field=row.field or None,
        title=row.title,
        severity="warn" if row.severity == "warn" else "error",
        state=_state(row),
        failed_at=row.failed_at,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        assignee=row.assignee,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        note=row.note,
    )


def _state(row: Row) -> Literal["open", "assigned", "resolved"]:
    if row.state == RESOLVED:
        return "resolved"
    return "assigned" if row.state == ASSIGNED else "open"
