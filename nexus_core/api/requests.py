"""Requests for edits and for access, which somebody else decides (docs/curation.md)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from nexus_core.api.access import Identified, Reader
from nexus_core.api.curating import make, readable_all
from nexus_core.api.curation import edits_of, plain_edits, result_of
from nexus_core.api.curation_schemas import CuratedEdit
from nexus_core.api.request_schemas import (
    AccessRequest,
    BreakGlassRequest,
    ChangeRequest,
    RequestAnswer,
    RequestDecided,
    RequestDecision,
    RequestPage,
)
from nexus_core.api.services import Services, UsesServices
from nexus_core.errors import NotFoundError
from nexus_core.governance.curation import tag_of
from nexus_core.governance.requests import AskedRole, RequestKind, Requests, missing
from nexus_core.model.access import Caller, Permission
from nexus_core.model.audit import Act, Action
from nexus_core.store.curation import account_names
from nexus_core.store.requests import PENDING, STATES, RequestRow, list_requests

router = APIRouter(prefix="/api/v1/requests", tags=["requests"])


@router.post("/changes", operation_id="requestChange", status_code=201)
async def request_change(services: UsesServices, caller: Reader, asked: ChangeRequest) -> RequestAnswer:
    """Propose edits of what you may read; who may make them approves."""
    edits = await plain_edits(services, caller, asked.edits)
    planned = await make(services, caller, edits, dry=True)
    body = {"edits": [_resting(each, tag_of(plan.before)) for each, plan in zip(asked.edits, planned, strict=True)]}
    return await _ask(services, caller, RequestKind.CHANGE, body, asked.reason)


@router.post("/access", operation_id="requestAccess", status_code=201)
async def request_access(services: UsesServices, identity: Identified, asked: AccessRequest) -> RequestAnswer:
    """Ask for a role for a purpose until a moment; somebody else approves."""
    role = AskedRole(asked.role, asked.scope, expires_at=asked.expires_at)
    await Requests(services.main).check_role(role)
    return await _ask(services, identity.caller, RequestKind.ACCESS, role.body, asked.purpose)


@router.post("/break-glass", operation_id="breakGlass", status_code=201)
async def break_glass(services: UsesServices, identity: Identified, asked: BreakGlassRequest) -> RequestAnswer:
    """Ask for a role in an emergency; a second person approves, it ends after minutes, and an alarm tells of it."""
    role = AskedRole(asked.role, asked.scope, minutes=asked.minutes)
    await Requests(services.main).check_role(role)
    return await _ask(services, identity.caller, RequestKind.BREAK_GLASS, role.body, asked.reason)


@router.get("", operation_id="listRequests")
async def list_all(
    services: UsesServices,
    identity: Identified,
    state: Annotated[str, Query(pattern=f"^({'|'.join(STATES)})$")] = PENDING,
    before: AwareDatetime | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RequestPage:
    """List your own requests and those that you may decide, the newest first."""
    caller = identity.caller
    rows = await list_requests(services.main, state, caller.account_id, _kinds(caller), before, limit + 1)
    seen = [row for row in rows[:limit] if await _sees(services, caller, row)]
    names = await account_names(services.main, [row.account_id for row in seen])
    items = [await _answer(services, caller, row, names) for row in seen]
    return RequestPage(items=items, next=rows[limit - 1].created_at if len(rows) > limit else None)


@router.post("/{request_id}/decision", operation_id="decideRequest")
async def decide(
    services: UsesServices, identity: Identified, request_id: str, asked: RequestDecision
) -> RequestDecided:
    """Approve or reject somebody else's request, or withdraw your own; approving does what is asked for."""
    caller, requests = identity.caller, Requests(services.main)
    row = await requests.get(request_id)
    if not await _sees(services, caller, row):
        raise missing(request_id)
    states = {"approve": "approved", "reject": "rejected", "withdraw": "withdrawn"}
    target = {"kind": row.kind, "request": row.id, "state": states[asked.action]}
    act = Act(Action.REQUEST_DECIDED, target, {"account": row.account_id, "note": asked.note})
    async with services.audit.acting(caller, act):
        if asked.action == "approve":
            return await _approve(services, caller, requests, row, asked.note)
        if asked.action == "reject":
            await requests.reject(caller, row, asked.note)
            return RequestDecided(id=row.id, state="rejected")
        await requests.withdraw(caller, row)
        return RequestDecided(id=row.id, state="withdrawn")


async def _approve(
    services: Services, caller: Caller, requests: Requests, row: RequestRow, note: str
) -> RequestDecided:
    async with requests.approving(caller, row, note):
        if row.kind == RequestKind.CHANGE:
            edits = await edits_of(services, caller, _edits(row))
            done = await make(services, caller, edits, "request")
            return RequestDecided(id=row.id, state="approved", results=[result_of(each) for each in done])
        if row.kind == RequestKind.BREAK_GLASS:
            await services.audit.record(caller, _alarm("approved", row.id, row.account_id, row.asked, row.reason))
        return RequestDecided(id=row.id, state="approved", binding=await requests.grant(caller, row))


async def _ask(
    services: Services, caller: Caller, kind: RequestKind, body: dict[str, Any], reason: str
) -> RequestAnswer:
    target = {"kind": kind.value}
    async with services.audit.acting(caller, Act(Action.REQUEST_MADE, target, {"asked": body, "reason": reason})):
        if kind is RequestKind.BREAK_GLASS:
            await services.audit.record(caller, _alarm("asked", "", caller.account_id, body, reason))
        row = await Requests(services.main).ask(caller, kind, body, reason)
    return await _answer(services, caller, row, {caller.account_id: caller.name})


def _alarm(state: str, request: str, account: str, body: dict[str, Any], reason: str) -> Act:
    told = {"account": account, "reason": reason, "scope": body["scope"]}
    return Act(Action.BREAK_GLASS, {"state": state, "request": request, "role": body["role"]}, told)


def _kinds(caller: Caller) -> list[str]:
    """Give the kinds whose requests of others a caller may come to decide."""
    access = caller.may(Permission.ADMIN) or caller.may(Permission.GOVERN)
    kinds = [RequestKind.ACCESS, RequestKind.BREAK_GLASS] if access else []
    return [*kinds, *([RequestKind.CHANGE] if caller.may(Permission.CURATE) else [])]


async def _sees(services: Services, caller: Caller, row: RequestRow) -> bool:
    """Whether a request is the caller's, or one to decide that names nothing which is hidden from the caller."""
    if row.account_id == caller.account_id:
        return True
    if row.kind not in _kinds(caller):
        return False
    if row.kind != RequestKind.CHANGE:
        return True
    try:
        await readable_all(services, caller, [each.subject for each in _edits(row)])
    except NotFoundError:
        return False
    return True


def _edits(row: RequestRow) -> list[CuratedEdit]:
    return [CuratedEdit.model_validate(each) for each in row.asked["edits"]]


def _resting(edit: CuratedEdit, tag: str) -> dict[str, Any]:
    """Let a value rest on what is curated when it was proposed; changes of lists hold whatever comes between."""
    whole = edit.model_dump(mode="json")
    return whole if edit.add or edit.remove else {**whole, "etag": edit.etag or tag}


async def _answer(services: Services, caller: Caller, row: RequestRow, names: dict[str, str]) -> RequestAnswer:
    decidable = row.state == PENDING and await Requests(services.main).may_decide(caller, row)
    return RequestAnswer(
        id=row.id,
        kind=RequestKind(row.kind),
        state=row.state,
        asked=row.asked,
        reason=row.reason,
        account_id=row.account_id,
        account=names.get(row.account_id, ""),
        created_at=row.created_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
        decidable=decidable,
    )
