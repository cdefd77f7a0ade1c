"""Legal holds: what they cover is neither erased nor pruned until they end (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from nexus_core.api.access import Governor, Identified
from nexus_core.api.services import Services, UsesServices
from nexus_core.governance.holds import Holder, check_may_hold, end_hold, place_hold
from nexus_core.model.access import Permission
from nexus_core.store.curation import account_names
from nexus_core.store.holds import Hold, holds

router = APIRouter(prefix="/api/v1/holds", tags=["governance"])

_Reason = Annotated[str, Field(min_length=1, max_length=1000)]


class HoldRequest(BaseModel):
    """What to hold, and why; without an account everything."""

    model_config = ConfigDict(extra="forbid")

    reason: _Reason
    account_id: Annotated[str | None, Field(min_length=1, max_length=200)] = None


class HoldEnd(BaseModel):
    """Why a hold ends."""

    model_config = ConfigDict(extra="forbid")

    reason: _Reason


class HoldAnswer(BaseModel):
    """A hold; names are empty for who had the machine, and `account_id` is null where everything is held."""

    id: str
    reason: str
    account_id: str | None
    account: str
    placed_at: datetime
    placed_by: str
    ended_at: datetime | None
    ended_by: str
    end_reason: str


@router.get("", operation_id="listHolds")
async def list_holds(services: UsesServices, identity: Identified) -> list[HoldAnswer]:
    """List all legal holds, the oldest first; for who holds `govern` or `audit` for everything."""
    check_may_hold(identity.caller, Permission.GOVERN, Permission.AUDIT)
    return await _answers(services, await holds(services.main))


@router.post("", operation_id="placeHold", status_code=201)
async def place(services: UsesServices, caller: Governor, asked: HoldRequest) -> HoldAnswer:
    """Keep an account's data, or everything, from being erased and pruned; takes `govern` for everything."""
    check_may_hold(caller, Permission.GOVERN)
    placed = await place_hold(services.audit, asked.reason, asked.account_id, Holder(caller))
    return (await _answers(services, [placed]))[0]


@router.post("/{hold_id}/end", operation_id="endHold")
async def end(services: UsesServices, caller: Governor, hold_id: str, asked: HoldEnd) -> HoldAnswer:
    """End a hold; takes `govern` for everything, and nobody ends one of their own data."""
    check_may_hold(caller, Permission.GOVERN)
    ended = await end_hold(services.audit, hold_id, asked.reason, Holder(caller))
    return (await _answers(services, [ended]))[0]


async def _answers(services: Services, found: Iterable[Hold]) -> list[HoldAnswer]:
    rows = list(found)
    people = {each for row in rows for each in (row.account_id, row.placed_by, row.ended_by) if each}
    names = await account_names(services.main, people)
    return [_answer(row, names) for row in rows]


def _answer(row: Hold, names: Mapping[str, str]) -> HoldAnswer:
    return HoldAnswer(
        id=row.id,
        reason=row.reason,
        account_id=row.account_id,
        account=names.get(row.account_id or "", ""),
        placed_at=row.placed_at,
        placed_by=names.get(row.placed_by, ""),
        ended_at=row.ended_at,
        ended_by=names.get(row.ended_by, ""),
        end_reason=row.end_reason,
    )
