"""The home page's figures."""

from __future__ import annotations

from fastapi import APIRouter

from nexus_core.api.access import Reader
from nexus_core.api.schemas import FacetCount, Overview
from nexus_core.api.services import UsesServices
from nexus_core.graph.read_totals import read_totals
from nexus_core.store.dataset_access import lookup_in

router = APIRouter(prefix="/api/v1/overview", tags=["catalogue"])


@router.get("", operation_id="getOverview")
async def get_overview(services: UsesServices, caller: Reader) -> Overview:
    """Count what the caller sees, and say how far the graph is behind the log."""
    totals = await read_totals(
        services.graph, caller.scope, services.settings.graph.query_timeout_s, lookup_in(services.store)
    )
    backlog = await services.log.backlog()
    accepted, last_event_at = await services.log.totals()
    return Overview(
        datasets=totals.datasets,
        fields=totals.fields,
        jobs=totals.jobs,
        edges=totals.edges,
        fields_with_lineage=totals.fields_with_lineage,
        platforms=[FacetCount(value=name, count=count) for name, count in totals.platforms.most_common()],
        lag_events=sum(backlog.pending.values()),
        accepted_events=accepted,
        dead_letters=backlog.dead_count + backlog.quarantined_count,
        last_event_at=last_event_at,
    )
