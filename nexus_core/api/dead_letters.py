"""Events that wait for a person: what cannot be merged, and what may not be merged yet."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from nexus_core.api.access import Steward
from nexus_core.api.schemas import DeadLetter, EditedEvent
from nexus_core.api.services import UsesServices
from nexus_core.governance.dead_letters import DeadLetters
from nexus_core.model.audit import Act, Action

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


@router.post("/{event_id}/retry", operation_id="retryDeadLetter", status_code=204)
async def retry_dead_letter(services: UsesServices, caller: Steward, event_id: str) -> None:
    """Let an event be merged: a dead one again, a quarantined one as if it had come now."""
    async with services.audit.acting(caller, Act(Action.DEAD_LETTER_RETRIED, {"event": event_id})):
        await DeadLetters(services.log, await services.active.kept_from()).retry(event_id)


@router.post("/{event_id}/edit", operation_id="editDeadLetter", status_code=201)
async def edit_dead_letter(
    services: UsesServices, caller: Steward, event_id: str, event: dict[str, Any]
) -> EditedEvent:
    """Accept an edited event in place of one that waits; texts left hidden become the originals again."""
    letters = DeadLetters(services.log, await services.active.kept_from())
    async with services.audit.acting(caller, Act(Action.DEAD_LETTER_EDITED, {"event": event_id})):
        return EditedEvent(id=await letters.edit(event_id, event, caller.name))
