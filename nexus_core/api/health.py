"""Whether the process lives, whether it can do its work, and its figures."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from nexus_core.api.metrics import HarvestCollector, WorkCollector, registry_of
from nexus_core.api.schemas import Health
from nexus_core.api.services import UsesServices
from nexus_core.store.harvest_ages import last_harvests
from nexus_core.store.ledger import Ledger
from nexus_core.store.ledger_lease import members

router = APIRouter(tags=["operation"])


@router.get("/health/live", operation_id="live")
async def live() -> Health:
    """Answer while the process serves requests."""
    return Health(ok=True, checks={})


@router.get("/health/ready", operation_id="ready", responses={503: {"model": Health}})
async def ready(services: UsesServices, response: Response) -> Health:
    """Answer 200 if the store can be written, Neo4j answers and a worker lives; else 503 with what fails."""
    checks = await services.readiness.problems()
    ok = not any(checks.values())
    response.status_code = 200 if ok else 503
    return Health(ok=ok, checks={name: problem or "ok" for name, problem in checks.items()})


@router.get("/metrics", operation_id="metrics", response_class=Response)
async def metrics(services: UsesServices) -> Response:
    """Give Prometheus its figures; none names a dataset."""
    backlog, workers = await services.log.backlog(), await members(services.store)
    work = WorkCollector(backlog, workers, await Ledger(services.store).count_tasks())
    overdue = timedelta(hours=services.settings.api.harvest_overdue_hours)
    harvests = HarvestCollector(await last_harvests(services.store), overdue)
    figures = generate_latest() + generate_latest(registry_of(work, harvests))
    return Response(figures, media_type=CONTENT_TYPE_LATEST)
