"""Recertification: every role binding is confirmed by a date, or ends then (docs/curation.md)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Query

from nexus_core.api.access import Admin
from nexus_core.api.request_schemas import (
    RecertificationAnswer,
    RecertificationDecision,
    RecertificationRequest,
    RecertifiedBinding,
)
from nexus_core.api.services import UsesServices
from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.governance.secrets import new_id
from nexus_core.model.audit import Act, Action
from nexus_core.store import recertifications as rows
from nexus_core.store.recertifications import CONFIRMED, ENDED, RecertificationRow

router = APIRouter(prefix="/api/v1/recertifications", tags=["requests"])


@router.post("", operation_id="startRecertification", status_code=201)
async def start(services: UsesServices, caller: Admin, asked: RecertificationRequest) -> RecertificationAnswer:
    """Have all role bindings, or those of a role, confirmed; what nobody confirms ends at `due_at`."""
    now = datetime.now(UTC)
    if asked.due_at <= now:
        raise InvalidInputError("is past", "$.due_at")
    row = RecertificationRow(new_id("rc"), asked.title, asked.due_at, caller.account_id, now)
    target = {"recertification": row.id, "role": asked.role or "", "due_at": row.due_at.isoformat()}
    async with services.audit.acting(caller, Act(Action.RECERTIFICATION_STARTED, target, {"title": row.title})):
        return _answer(row, await rows.begin(services.main, row, asked.role))


@router.get("", operation_id="listRecertifications")
async def list_recertifications(
    services: UsesServices, _caller: Admin, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[RecertificationAnswer]:
    """List recertifications, the newest first."""
    return [_answer(row) for row in await rows.recertifications(services.main, limit)]


@router.get("/{recertification_id}/bindings", operation_id="listRecertifiedBindings")
async def list_bindings(services: UsesServices, _caller: Admin, recertification_id: str) -> list[RecertifiedBinding]:
    """List the bindings of a recertification, with what was decided of each."""
    return [
        RecertifiedBinding(
            binding_id=item.binding_id,
            binding=orjson.loads(item.binding),
            expires_at=item.expires_at,
            state=item.state,
            decided_by=item.decided_by,
            decided_at=item.decided_at,
        )
        for item in await rows.items(services.main, recertification_id)
    ]


@router.post("/{recertification_id}/bindings/{binding_id}", operation_id="recertifyBinding", status_code=204)
async def recertify(
    services: UsesServices,
    caller: Admin,
    recertification_id: str,
    binding_id: str,
    asked: RecertificationDecision,
) -> None:
    """Confirm a binding, so that it goes on as before, or end it; nobody confirms their own."""
    found = [each for each in await rows.items(services.main, recertification_id) if each.binding_id == binding_id]
    if not found:
        raise NotFoundError(f"The binding {binding_id} in the recertification {recertification_id}")
    binding = orjson.loads(found[0].binding)
    confirms = asked.action == "confirm"
    if confirms and (binding["subject_kind"], binding["subject"]) == ("account", caller.account_id):
        raise ForbiddenError("confirming your own role", "somebody else")
    state = CONFIRMED if confirms else ENDED
    target = {"recertification": recertification_id, "binding": binding_id, "state": state}
    async with services.audit.acting(caller, Act(Action.RECERTIFIED, target)):
        if not await rows.decide(services.main, found[0], state, caller.account_id, datetime.now(UTC)):
            raise InvalidInputError("it is decided, or the recertification is over, already", "$.binding_id")


def _answer(row: RecertificationRow, count: int | None = None) -> RecertificationAnswer:
    return RecertificationAnswer(
        id=row.id,
        title=row.title,
        due_at=row.due_at,
        created_by=row.created_by,
        created_at=row.created_at,
        binding_count=count,
    )
