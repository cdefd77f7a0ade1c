"""Events that wait for a person: what cannot be merged, and what may not be merged yet."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from nexus_core.api.access import Steward
from nexus_core.api.schemas import DeadLetter, DiscardReason, EditedEvent
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue.dead_letters import read_dead_letters, read_discarded, sees_event
from nexus_core.errors import NotFoundError
from nexus_core.governance.dead_letters import DeadLetters
from nexus_core.model.access import Caller, Permission
from nexus_core.model.audit import Act, Action
from nexus_core.model.envelope import Envelope

router = APIRouter(prefix="/api/v1/dead-letters", tags=["operation"])


@router.get("", operation_id="listDeadLetters")
async def list_dead_letters(
    services: UsesServices, caller: Steward, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[DeadLetter]:
    """List the newest dead and quarantined events, redacted, with the reason, all of whose datasets are visible."""
    scope, aliases = caller.scope_of(Permission.CURATE), await services.aliases.read(services.store)
    found = await read_dead_letters(services.store, services.log, aliases, scope, limit)
    return [_letter(envelope, reason) for envelope, reason in found]


@router.get("/discarded", operation_id="listDiscardedEvents")
async def list_discarded(
    services: UsesServices, caller: Steward, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[DeadLetter]:
    """List the newest events that were put aside, redacted, with both reasons, all of whose datasets are visible."""
    scope, aliases = caller.scope_of(Permission.CURATE), await services.aliases.read(services.store)
    found = await read_discarded(services.store, services.log, aliases, scope, limit)
    return [_letter(envelope, reason, why) for envelope, reason, why in found]


@router.post("/{event_id}/retry", operation_id="retryDeadLetter", status_code=204)
async def retry_dead_letter(services: UsesServices, caller: Steward, event_id: str) -> None:
    """Let an event be merged: a dead one again, a quarantined one as if it had come now."""
    await _require(services, caller, event_id)
    async with services.audit.acting(caller, Act(Action.DEAD_LETTER_RETRIED, {"event": event_id})):
        await DeadLetters(services.log, await services.active.kept_from()).retry(event_id)


@router.post("/{event_id}/edit", operation_id="editDeadLetter", status_code=201)
async def edit_dead_letter(
    services: UsesServices, caller: Steward, event_id: str, event: dict[str, Any]
) -> EditedEvent:
    """Accept an edited event in place of one that waits; texts left hidden become the originals again."""
    await _require(services, caller, event_id)
    letters = DeadLetters(services.log, await services.active.kept_from())
    async with services.audit.acting(caller, Act(Action.DEAD_LETTER_EDITED, {"event": event_id})):
        return EditedEvent(id=await letters.edit(event_id, event, caller.name))


@router.post("/{event_id}/discard", operation_id="discardDeadLetter", status_code=204)
async def discard_dead_letter(services: UsesServices, caller: Steward, event_id: str, asked: DiscardReason) -> None:
    """Put an event aside for a reason: it stays in the log, is merged by nothing, and can be restored."""
    await _require(services, caller, event_id)
    act = Act(Action.DEAD_LETTER_DISCARDED, {"event": event_id}, {"reason": asked.reason})
    async with services.audit.acting(caller, act):
        await DeadLetters(services.log).discard(event_id, asked.reason)


@router.post("/{event_id}/restore", operation_id="restoreDeadLetter", status_code=204)
async def restore_dead_letter(services: UsesServices, caller: Steward, event_id: str) -> None:
    """Let an event that was put aside wait for a person again."""
    await _require(services, caller, event_id)
    async with services.audit.acting(caller, Act(Action.DEAD_LETTER_RESTORED, {"event": event_id})):
        await DeadLetters(services.log).restore(event_id)


def _letter(envelope: Envelope, reason: str, why: str | None = None) -> DeadLetter:
    return DeadLetter(
        id=envelope.id,
        principal=envelope.principal,
        accepted_at=envelope.accepted_at,
        reason=reason,
        event=dict(envelope.event),
        quarantined=envelope.quarantined,
        discarded_because=why,
    )


async def _require(services: Services, caller: Caller, event_id: str) -> None:
    """Raise NotFoundError for an event that tells of what the caller may not decide about."""
    scope, aliases = caller.scope_of(Permission.CURATE), await services.aliases.read(services.store)
    if not await sees_event(services.store, services.log, aliases, scope, event_id):
        raise NotFoundError(f"Dead letter {event_id}")
