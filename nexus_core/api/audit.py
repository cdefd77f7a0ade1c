"""The audit log: what was done by whom, and the proofs that nobody changed it since (docs/audit.md)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from nexus_core.api.access import Auditor
from nexus_core.api.audit_schemas import AuditCheckpoint, AuditConsistency, AuditPage, AuditProof, AuditRecord
from nexus_core.api.cursors import closed, opened
from nexus_core.api.services import UsesServices
from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.governance.audit_export import export
from nexus_core.governance.audit_notes import read_note
from nexus_core.governance.audit_reading import Seen, feed_line, prove_growth, prove_record, read_from, read_page
from nexus_core.model.access import Caller, Permission
from nexus_core.model.audit import Act, Action, Place
from nexus_core.model.moments import microseconds, moment
from nexus_core.store import audit_tree
from nexus_core.store.audit import Wanted

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

_NDJSON = "application/x-ndjson"
_Text = Annotated[str | None, Query(min_length=1, max_length=2048)]
_Size = Annotated[int, Query(ge=1, le=2**53, description="Leaves of the checkpoint's tree.")]


@router.get("", operation_id="listAuditRecords")
async def list_records(
    services: UsesServices,
    caller: Auditor,
    action: Annotated[list[Action] | None, Query(description="Only these.")] = None,
    account: Annotated[_Text, Query(description="Only what this account did, by its id.")] = None,
    target: Annotated[
        _Text, Query(description="Only what was done to this: `NAME=VALUE`, such as `token=tok_1`.")
    ] = None,
    start: Annotated[datetime | None, Query(alias="from", description="RFC 3339; from then on.")] = None,
    end: Annotated[datetime | None, Query(alias="to", description="RFC 3339; before then.")] = None,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditPage:
    """List records, the newest first; of sources that the caller does not see there are none. Reading is recorded."""
    wanted = Wanted(
        actions=tuple(action or ()),
        account_id=account,
        target=_pair(target),
        from_at=_aware(start, "from"),
        to_at=_aware(end, "to"),
        before=_place(cursor),
    )
    await services.audit.record(caller, Act(Action.AUDIT_READ))
    seen, following = await read_page(services.main, wanted, caller.scope_of(Permission.AUDIT), limit)
    last = following and closed(microseconds(following.at), following.place.writer, following.place.seq)
    return AuditPage(items=[_record(each) for each in seen], next=last)


@router.get("/checkpoint", operation_id="getAuditCheckpoint")
async def get_checkpoint(services: UsesServices, _caller: Auditor, size: _Size | None = None) -> AuditCheckpoint:
    """Give the newest checkpoint, or that of a size: keep it elsewhere, and give it to `nexus audit verify`."""
    signed = await audit_tree.newest_checkpoint(services.main, size)
    if signed is None:
        raise NotFoundError("Such a checkpoint of the audit log")
    note = read_note(signed.note)
    return AuditCheckpoint(
        size=signed.size,
        root=note.checkpoint.root.hex(),
        at=signed.at,
        note=signed.note,
        key_id=note.signatures[0][1].hex(),
    )


@router.get("/proof", operation_id="getAuditProof")
async def get_proof(
    services: UsesServices,
    caller: Auditor,
    writer: Annotated[str, Query(min_length=1, max_length=200)],
    seq: Annotated[int, Query(ge=0, le=2**53)],
    size: _Size | None = None,
) -> AuditProof:
    """Prove that a record is in the tree of a checkpoint, by default the newest."""
    found = await prove_record(services.main, Place(writer, seq), caller.scope_of(Permission.AUDIT), size)
    return AuditProof(
        position=found.position,
        size=found.signed.size,
        record=found.record.body.decode(),
        leaf=found.record.leaf.hex(),
        proof=[step.hex() for step in found.proof],
        checkpoint=found.signed.note,
    )


@router.get("/consistency", operation_id="getAuditConsistency")
async def get_consistency(services: UsesServices, _caller: Auditor, first: _Size, second: _Size) -> AuditConsistency:
    """Prove that the tree of one checkpoint is the beginning of that of a later one."""
    proof, old, new = await prove_growth(services.main, first, second)
    return AuditConsistency(
        first=first,
        second=second,
        proof=[step.hex() for step in proof],
        first_checkpoint=old.note,
        second_checkpoint=new.note,
    )


@router.get("/export", operation_id="exportAudit", response_class=StreamingResponse)
async def export_audit(services: UsesServices, caller: Auditor) -> StreamingResponse:
    """Give all that the newest checkpoint covers as JSON Lines, for `nexus audit verify --export`.

    Needs the sight of all sources, since a part of the log proves nothing.
    """
    _check_sees_all(caller)
    lines = export(services.main)
    first = await anext(lines)  # raises what there is to raise while a status can still tell it
    await services.audit.record(caller, Act(Action.AUDIT_EXPORTED))
    return StreamingResponse(_all(first, lines), media_type=_NDJSON)


@router.get("/feed", operation_id="getAuditFeed", response_class=Response)
async def get_feed(
    services: UsesServices,
    caller: Auditor,
    first: Annotated[int, Query(alias="from", ge=0, le=2**53, description="Position of the first record.")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> Response:
    """Give records in the tree's order as JSON Lines, as far as the newest checkpoint covers them, for a SIEM.

    It asks again from the last `position` and one on; none is left out or comes twice. Needs the sight of all sources.
    """
    _check_sees_all(caller)
    seen = await read_from(services.main, first, limit)
    if seen:
        await services.audit.record(caller, Act(Action.AUDIT_EXPORTED, {"from": str(first)}))
    return Response(b"".join(map(feed_line, seen)), media_type=_NDJSON)


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for line in rest:
        yield line


def _check_sees_all(caller: Caller) -> None:
    if not caller.scope_of(Permission.AUDIT).everything:
        raise ForbiddenError("exporting the whole audit log", "the authority auditor without namespaces")


def _record(seen: Seen) -> AuditRecord:
    record, kept = seen.record, seen.kept
    return AuditRecord(
        writer=record.place.writer,
        seq=record.place.seq,
        at=record.at,
        action=record.action,
        outcome=record.outcome,
        target=dict(record.target),
        personal={name: orjson.loads(opening.value) for name, opening in kept.personal.items()},
        erased=sorted(record.personal.keys() - kept.personal.keys()),
        of=record.of,
        position=kept.position,
    )


def _pair(target: str | None) -> tuple[str, str] | None:
    if target is None:
        return None
    name, equals, value = target.partition("=")
    if not equals:
        raise InvalidInputError("is no NAME=VALUE", "$.query.target")
    return name, value


def _aware(at: datetime | None, name: str) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise InvalidInputError("has no offset: end it with Z or, for example, +01:00", f"$.query.{name}")
    return at


def _place(cursor: str | None) -> tuple[datetime, Place] | None:
    if cursor is None:
        return None
    at, writer, seq = opened(cursor, (int, str, int))
    try:
        return moment(at), Place(writer, seq)
    except OverflowError as error:
        raise InvalidInputError("is no cursor of ours", "$.query.cursor") from error
