"""Whether the process lives, whether it can do its work, and its figures."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from nexus_core.api.schemas import Health
from nexus_core.api.services import Services, UsesServices
from nexus_core.errors import NexusError, UnavailableError
from nexus_core.graph.connection import check_graph
from nexus_core.store.heartbeat import beat, last_beat

router = APIRouter(tags=["operation"])

_GRAPH_SECONDS = 3.0
_WORKER_SILENCE = timedelta(seconds=20)
_LAG = Gauge("nexus_eventlog_lag_events", "Accepted events that are not merged yet.")


@router.get("/health/live", operation_id="live")
async def live() -> Health:
    """Answer while the process serves requests."""
    return Health(ok=True, checks={})


@router.get("/health/ready", operation_id="ready", responses={503: {"model": Health}})
async def ready(services: UsesServices, response: Response) -> Health:
    """Answer 200 if the store can be written, Neo4j answers and a worker lives; else 503 with what fails."""
    checks = {
        "store": await _problem(beat(services.store, "api")),
        "graph": await _problem(check_graph(services.graph, _GRAPH_SECONDS)),
        "worker": await _problem(_check_worker(services)),
    }
    ok = not any(checks.values())
    response.status_code = 200 if ok else 503
    return Health(ok=ok, checks={name: problem or "ok" for name, problem in checks.items()})


@router.get("/metrics", operation_id="metrics", response_class=Response)
async def metrics(services: UsesServices) -> Response:
    """Give Prometheus its figures; none names a dataset."""
    _LAG.set(await services.log.lag())
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _check_worker(services: Services) -> None:
    at = await last_beat(services.store, "worker")
    if at is None or datetime.now(UTC) - at > _WORKER_SILENCE:
        raise UnavailableError(
            "The worker", "no sign of life" if at is None else f"last sign of life {at:%H:%M:%S} UTC"
        )


async def _problem(check: Awaitable[None]) -> str | None:
    try:
        await check
    except NexusError as error:
        return str(error)
    return None
