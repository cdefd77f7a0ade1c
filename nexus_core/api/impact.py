"""What changes would break, change or leave alone (lineage.md §4)."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from fastapi import APIRouter, Response

from nexus_core.api.access import Reader
from nexus_core.api.impact_schemas import ImpactAnswer, ImpactRequest
from nexus_core.api.kept_history import require_kept
from nexus_core.api.services import Services, UsesServices
from nexus_core.errors import InvalidInputError
from nexus_core.impact.answering import Asset, Impact, Question, impact_of
from nexus_core.impact.estate import Source
from nexus_core.model.access import Caller, Permission
from nexus_core.model.impact import Outcome

router = APIRouter(prefix="/api/v1", tags=["impact"])

_USERS_MOST = 100


@router.post("/impact", operation_id="simulateImpact", response_model=ImpactAnswer)
async def simulate_impact(services: UsesServices, caller: Reader, asked: ImpactRequest) -> Response:
    """Tell what changes do to everything downstream, without making them."""
    return await answered(services, caller, asked)


async def answered(services: Services, caller: Caller, asked: ImpactRequest) -> Response:
    """Simulate changes and give the answer in the form of `ImpactAnswer`, of policies to who may read them."""
    await _check(services, asked.as_of)
    services.parser.warm()  # while the estate is read
    aliases = await services.aliases.read(services.store)
    timeout_s = services.settings.graph.query_timeout_s
    source = Source(services.store, services.main, services.graph, services.log, aliases, timeout_s)
    changes = tuple(change.change() for change in asked.changes)
    question = Question(changes, asked.depth, asked.as_of, caller.may(Permission.GOVERN))
    found = await impact_of(source, caller.scope, services.parser, question)
    return Response(orjson.dumps(impact_json(found)), media_type="application/json")


async def _check(services: Services, as_of: datetime | None) -> None:
    if as_of is not None and as_of.tzinfo is None:
        raise InvalidInputError("a time needs its offset, such as 2026-01-01T00:00:00Z", "$.as_of")
    await require_kept(services, None, as_of=as_of)


def impact_json(found: Impact) -> dict[str, Any]:
    """Give an outcome in the form of `ImpactAnswer`."""
    return {
        "assets": [_asset(each) for each in found.assets],
        "hidden": found.hidden,
        "truncated": found.truncated,
    }


def _asset(of: Asset) -> dict[str, Any]:
    outcome = of.outcome
    placed = outcome.start >= 0 and bool(outcome.statement)
    users = ({"account": account or None, "count": count} for account, count in of.users.items())
    return {
        "id": outcome.id,
        "dataset": _dataset(outcome),
        "verdict": outcome.verdict.value,
        "reason": {"code": outcome.reason.code, "message": outcome.reason.message},
        "statement": outcome.statement or None,
        "start": outcome.start if placed else None,
        "end": outcome.end if placed else None,
        "path": list(outcome.path),
        "owners": list(of.owners),
        "users": list(islice(users, _USERS_MOST)),
        "use_count": sum(of.users.values()),
        "patch": outcome.patch or None,
    }


def _dataset(outcome: Outcome) -> dict[str, str] | None:
    """Give the dataset that an outcome is about; a job has several or none."""
    names = [name for name in outcome.names if name.id == outcome.id or outcome.id.startswith("check:")]
    return {"namespace": names[0].namespace, "name": names[0].name} if names else None
