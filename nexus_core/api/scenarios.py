"""Scenarios: changes that are kept, so that their impact can be asked for again (docs/impact.md).

A scenario is seen by who sees all datasets that it names, and changed by who made it, or by an admin.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response

from nexus_core.api.access import Reader
from nexus_core.api.impact import answered
from nexus_core.api.impact_schemas import ImpactAnswer, ImpactRequest, ScenarioAnswer, ScenarioRequest
from nexus_core.api.services import Services, UsesServices
from nexus_core.errors import ForbiddenError, NotFoundError
from nexus_core.governance.secrets import new_id
from nexus_core.model.access import Caller, Permission
from nexus_core.model.audit import Act, Action
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store import scenarios as rows
from nexus_core.store.dataset_access import visible_in
from nexus_core.store.scenarios import ScenarioRow

router = APIRouter(prefix="/api/v1/impact/scenarios", tags=["impact"])

_READ_MOST = 1_000


@router.get("", operation_id="listScenarios")
async def list_scenarios(
    services: UsesServices, caller: Reader, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[ScenarioAnswer]:
    """List scenarios, those that changed last first."""
    found = await rows.scenarios(services.main, _READ_MOST)
    seen = await _seen(services, caller, {name for row in found for name in _named(row)})
    return [_answer(row) for row in found if _named(row) <= seen][:limit]


@router.post("", operation_id="saveScenario", status_code=201)
async def save_scenario(services: UsesServices, caller: Reader, asked: ScenarioRequest) -> ScenarioAnswer:
    """Keep changes under a title; what they name must be visible."""
    row = _row(new_id("is"), asked, caller.account_id)
    await _require_seen(services, caller, row)
    async with services.audit.acting(caller, _act(Action.SCENARIO_MADE, row)):
        await rows.add_scenario(services.main, row)
    return _answer(row)


@router.get("/{scenario_id}", operation_id="getScenario")
async def get_scenario(services: UsesServices, caller: Reader, scenario_id: str) -> ScenarioAnswer:
    """Give one scenario."""
    return _answer(await _found(services, caller, scenario_id))


@router.put("/{scenario_id}", operation_id="changeScenario")
async def change_scenario(
    services: UsesServices, caller: Reader, scenario_id: str, asked: ScenarioRequest
) -> ScenarioAnswer:
    """Replace the title and the changes of a scenario of one's own."""
    known = await _own(services, caller, scenario_id)
    row = _row(known.id, asked, known.account_id)
    await _require_seen(services, caller, row)
    async with services.audit.acting(caller, _act(Action.SCENARIO_CHANGED, row)):
        await rows.change_scenario(services.main, row)
    return _answer(row)


@router.delete("/{scenario_id}", operation_id="dropScenario", status_code=204)
async def drop_scenario(services: UsesServices, caller: Reader, scenario_id: str) -> None:
    """Remove a scenario of one's own."""
    known = await _own(services, caller, scenario_id)
    async with services.audit.acting(caller, Act(Action.SCENARIO_REMOVED, {"scenario": known.id})):
        await rows.drop_scenario(services.main, known.id)


@router.post("/{scenario_id}/impact", operation_id="simulateScenario", response_model=ImpactAnswer)
async def simulate_scenario(services: UsesServices, caller: Reader, scenario_id: str) -> Response:
    """Tell what the changes of a scenario would do now."""
    known = await _found(services, caller, scenario_id)
    return await answered(services, caller, ImpactRequest(**known.asked))


async def _found(services: Services, caller: Caller, scenario_id: str) -> ScenarioRow:
    row = await rows.find_scenario(services.main, scenario_id)
    if row is None or not _named(row) <= await _seen(services, caller, _named(row)):
        raise NotFoundError(f"scenario {scenario_id}")
    return row


async def _own(services: Services, caller: Caller, scenario_id: str) -> ScenarioRow:
    row = await _found(services, caller, scenario_id)
    if row.account_id != caller.account_id and not caller.may(Permission.ADMIN):
        raise ForbiddenError("changing another's scenario", "the permission admin")
    return row


def _act(action: Action, row: ScenarioRow) -> Act:
    return Act(action, {"scenario": row.id}, {"title": row.title})


def _row(scenario_id: str, asked: ScenarioRequest, account_id: str) -> ScenarioRow:
    told = asked.asked.model_dump(mode="json", exclude_none=True)
    return ScenarioRow(scenario_id, asked.title, orjson.dumps(told).decode(), account_id, datetime.now(UTC))


def _answer(row: ScenarioRow) -> ScenarioAnswer:
    return ScenarioAnswer(
        id=row.id,
        title=row.title,
        asked=ImpactRequest(**row.asked),
        account=row.account_id,
        changed_at=row.changed_at,
    )


def _named(row: ScenarioRow) -> set[DatasetName]:
    return {DatasetName(each["namespace"], each["name"]) for each in row.asked["changes"]}


async def _seen(services: Services, caller: Caller, names: Iterable[DatasetName]) -> set[DatasetName]:
    """Give those of some names whose dataset the caller sees."""
    aliases = await services.aliases.read(services.store)
    first = {name: aliases.of(canonical(name)) for name in names}
    visible = await visible_in(services.store, caller.scope, set(first.values()))
    return {name for name, of in first.items() if of in visible}


async def _require_seen(services: Services, caller: Caller, row: ScenarioRow) -> None:
    seen = await _seen(services, caller, _named(row))
    for name in sorted(_named(row)):
        if name not in seen:
            raise NotFoundError(f"dataset {name.name} in {name.namespace}")
