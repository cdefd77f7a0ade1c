"""Harvests: start one, follow it, and where the last one ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from nexus_core.api.access import Harvester, Identified
from nexus_core.api.schemas import HarvestState, HarvestStatus, SourceRequest
from nexus_core.api.services import UsesServices
from nexus_core.api.sources import connect, covers, require_source
from nexus_core.errors import NotFoundError
from nexus_core.governance.local_harvests import LocalHarvest
from nexus_core.model import harvest
from nexus_core.model.audit import Act, Action
from nexus_core.store.ledger_harvests import forget_harvests, harvest_ends

router = APIRouter(prefix="/api/v1/harvests", tags=["sources"])

Source = Annotated[str, Query(min_length=1, max_length=2048, description="The source's dataset namespace.")]


@router.get("/state", operation_id="getHarvestStates")
async def get_states(
    services: UsesServices, identity: Identified, _caller: Harvester, source: Source | None = None
) -> list[HarvestState]:
    """Give where the last complete harvest of each source and scope ended, of the sources the caller may harvest."""
    return [
        HarvestState(
            source=end.source,
            scope=end.scope,
            completed_at=end.completed_at,
            watermark=end.watermark,
            fingerprints=end.fingerprints,
        )
        for end in await harvest_ends(services.store, source)
        if covers(identity, end.source)
    ]


@router.delete("/state", operation_id="forgetHarvestStates", status_code=204)
async def forget_states(services: UsesServices, identity: Identified, _caller: Harvester, source: Source) -> None:
    """Forget a source's harvests, so that its next one reads everything anew."""
    require_source(identity, source)
    async with services.audit.acting(identity.caller, Act(Action.HARVEST_STATE_FORGOTTEN, {"namespace": source})):
        await forget_harvests(services.store, source)


@router.post("", operation_id="startHarvest", status_code=202)
async def start_harvest(
    services: UsesServices, identity: Identified, _caller: Harvester, asked: SourceRequest
) -> HarvestStatus:
    """Harvest a source now, in the background; the same source and scope twice is one harvest."""
    connector = await connect(services, identity, asked)
    ends = await harvest_ends(services.store, connector.namespace)
    last = next((end for end in ends if end.scope == connector.scope), None)
    state = harvest.HarvestState(last.watermark, last.fingerprints) if last else harvest.HarvestState()
    told = {"namespace": connector.namespace, "scope": connector.scope}
    async with services.audit.acting(identity.caller, Act(Action.HARVEST_STARTED, told)):
        return _status(await services.harvests.start(connector, state))


@router.get("", operation_id="listHarvests")
async def list_harvests(
    services: UsesServices, identity: Identified, _caller: Harvester, source: Source | None = None
) -> list[HarvestStatus]:
    """List the harvests that were started here since this process runs, the newest first."""
    return [
        _status(each)
        for each in services.harvests.all()
        if covers(identity, each.connector.namespace) and source in (None, each.connector.namespace)
    ]


@router.post("/{harvest_id}/cancel", operation_id="cancelHarvest", status_code=202)
async def cancel_harvest(
    services: UsesServices, identity: Identified, _caller: Harvester, harvest_id: str
) -> HarvestStatus:
    """Have a harvest end after the object that it reads now; what it has read is kept, and nothing is retired."""
    namespace = services.harvests.one(harvest_id).connector.namespace
    if not covers(identity, namespace):
        raise NotFoundError(f"The harvest {harvest_id}")
    act = Act(Action.HARVEST_CANCELLED, {"namespace": namespace, "harvest": harvest_id})
    async with services.audit.acting(identity.caller, act):
        return _status(services.harvests.cancel(harvest_id))


@router.get("/{harvest_id}", operation_id="getHarvest")
async def get_harvest(
    services: UsesServices, identity: Identified, _caller: Harvester, harvest_id: str
) -> HarvestStatus:
    """Tell how far a harvest that was started here is; it is forgotten when the process ends."""
    found = services.harvests.one(harvest_id)
    if not covers(identity, found.connector.namespace):
        raise NotFoundError(f"The harvest {harvest_id}")
    return _status(found)


def _status(of: LocalHarvest) -> HarvestStatus:
    report = of.connector.report
    return HarvestStatus(
        id=of.id,
        source=of.connector.namespace,
        state=of.state,
        started_at=of.started_at,
        ended_at=of.ended_at,
        counts=dict(report.read),
        skipped=list(report.skipped.samples),
        denied=list(report.denied.samples),
        failed=list(report.failed.samples),
        problem=of.problem,
    )
