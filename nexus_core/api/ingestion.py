"""The two routes that events come in by (lineage.md §1)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from nexus_core.api.access import Identified, identify
from nexus_core.api.body import batch_items, read_body
from nexus_core.api.errors import problem_of
from nexus_core.api.schemas import Accepted, BatchAnswer
from nexus_core.api.services import UsesServices, current_services
from nexus_core.errors import ForbiddenError, NexusError
from nexus_core.events.check import decode
from nexus_core.governance.identity import Identity
from nexus_core.governance.intake import Receipt, Sender
from nexus_core.model.access import Permission


class Straight(APIRoute):
    """A route of (request, services, identity) that hands these over itself.

    FastAPI finds out anew with each request what a function takes; an event is small enough to notice.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give what answers a request."""
        endpoint = self.endpoint

        async def handle(request: Request) -> Response:
            services = await current_services(request)
            answer: Response = await endpoint(request, services, await identify(request, services))
            return answer

        return handle


router = APIRouter(prefix="/api/v1/lineage", tags=["ingestion"], route_class=Straight)

_EVENT: dict[str, Any] = {"type": "object", "description": "An OpenLineage RunEvent, JobEvent or DatasetEvent."}
_ONE = {"requestBody": {"required": True, "content": {"application/json": {"schema": _EVENT}}}}
_MANY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "maxItems": 1000, "items": _EVENT}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}


@router.post(
    "",
    operation_id="postEvent",
    status_code=201,
    response_class=Response,
    responses={
        200: {"model": Accepted, "description": "The event was here before."},
        201: {"model": Accepted, "description": "The event is durable."},
    },
    openapi_extra=_ONE,
)
async def post_event(request: Request, services: UsesServices, identity: Identified) -> Response:
    """Accept one OpenLineage event; answers when it is durable."""
    sender = _sender(identity)
    event = decode(await read_body(request, services.settings.api.event_max_bytes))
    outcome = (await services.intake.accept(sender, [event]))[0]
    if isinstance(outcome, NexusError):
        raise outcome
    answer = {"id": outcome.id, "warnings": outcome.warnings}
    return Response(orjson.dumps(answer), _status(outcome), media_type="application/json")


@router.post(
    "/batch",
    operation_id="postEvents",
    response_class=Response,
    responses={200: {"model": BatchAnswer, "description": "What became of each event."}},
    openapi_extra=_MANY,
)
async def post_events(request: Request, services: UsesServices, identity: Identified) -> Response:
    """Accept up to 1,000 events, as an array or as NDJSON; one bad event does not reject the others."""
    sender = _sender(identity)
    body = await read_body(request, services.settings.api.event_max_bytes)
    outcomes = await services.intake.accept(sender, batch_items(body, request.headers.get("content-type", "")))
    results = [_result(index, outcome) for index, outcome in enumerate(outcomes)]
    return Response(orjson.dumps({"results": results}), media_type="application/json")


def _sender(identity: Identity) -> Sender:
    if not identity.caller.may(Permission.INGEST):
        raise ForbiddenError("sending events", "an authority such as producer:JOBS")
    return Sender(identity.caller.account_id, identity.authority)


def _status(receipt: Receipt) -> HTTPStatus:
    return HTTPStatus.CREATED if receipt.new else HTTPStatus.OK


def _result(index: int, outcome: Receipt | NexusError) -> dict[str, Any]:
    if isinstance(outcome, NexusError):
        problem = problem_of(outcome)
        return {"index": index, "status": problem.status, "problem": problem.model_dump(exclude_none=True)}
    return {"index": index, "status": _status(outcome), "id": outcome.id, "warnings": outcome.warnings}
