"""Events that wait for a person: what cannot be merged, and what may not be merged yet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from nexus_core.api.access import Steward
from nexus_core.api.schemas import DeadLetter
from nexus_core.api.services import UsesServices

router = APIRouter(prefix="/api/v1/dead-letters", tags=["operation"])


@router.get("", operation_id="listDeadLetters")
async def list_dead_letters(
    services: UsesServices, _caller: Steward, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[DeadLetter]:
    """List the newest dead and quarantined events, redacted, with the reason."""
    return [
        DeadLetter(
            id=envelope.id,
            principal=envelope.principal,
            accepted_at=envelope.accepted_at,
            reason=reason,
            event=dict(envelope.event),
        )
        for envelope, reason in await services.log.dead_letters(limit)
    ]
