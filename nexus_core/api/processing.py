"""Records of processing activities (GDPR, Article 30): read, change, history."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel

from nexus_core.api.access import Governor
from nexus_core.api.services import Services, UsesServices
from nexus_core.errors import InvalidInputError
from nexus_core.governance import processing
from nexus_core.governance.processing import ACTIVITY_ID, KeptActivity, WrittenActivity
from nexus_core.model.access import Caller

router = APIRouter(prefix="/api/v1/processing-activities", tags=["governance"])

_Id = Annotated[str, Path(pattern=ACTIVITY_ID)]
_IfMatch = Annotated[str | None, Header(description="The ETag that the edit is of; absent for a new record.")]


class ActivityAnswer(BaseModel):
    """A record with its version; `activity` is null where it was removed."""

    id: str
    version: int
    changed_at: datetime
    changed_by: str
    activity: WrittenActivity | None


@router.get("", operation_id="listProcessingActivities")
async def list_activities(services: UsesServices, _caller: Governor) -> list[ActivityAnswer]:
    """List the records as they are now."""
    return [_answer(each) for each in await processing.all_activities(services.main)]


@router.get("/{activity_id}", operation_id="getProcessingActivity")
async def get_activity(
    services: UsesServices, _caller: Governor, activity_id: _Id, response: Response
) -> ActivityAnswer:
    """Give one record; its ETag is what an edit has to name."""
    found = await processing.one_activity(services.main, activity_id)
    response.headers["ETag"] = _etag(found)
    return _answer(found)


@router.get("/{activity_id}/history", operation_id="getProcessingActivityHistory")
async def get_history(services: UsesServices, _caller: Governor, activity_id: _Id) -> list[ActivityAnswer]:
    """Give every version of a record, the newest first, also of one that was removed."""
    return [_answer(each) for each in await processing.activity_history(services.main, activity_id)]


@router.put("/{activity_id}", operation_id="putProcessingActivity")
async def put_activity(
    services: UsesServices,
    caller: Governor,
    activity_id: _Id,
    written: WrittenActivity,
    response: Response,
    if_match: _IfMatch = None,
) -> ActivityAnswer:
    """Make a record, or change it as a whole."""
    saved = await _save(services, caller, activity_id, written, if_match)
    response.headers["ETag"] = _etag(saved)
    return _answer(saved)


@router.delete("/{activity_id}", operation_id="deleteProcessingActivity", status_code=204)
async def delete_activity(
    services: UsesServices, caller: Governor, activity_id: _Id, if_match: Annotated[str, Header()]
) -> None:
    """Remove a record; its history stays."""
    await processing.one_activity(services.main, activity_id)
    await _save(services, caller, activity_id, None, if_match)


async def _save(
    services: Services, caller: Caller, activity_id: str, written: WrittenActivity | None, if_match: str | None
) -> KeptActivity:
    version = await _version(services, activity_id, if_match)
    async with services.audit.acting(caller, processing.saving(activity_id, written)):
        return await processing.save_activity(services.main, activity_id, written, version, caller)


async def _version(services: Services, activity_id: str, if_match: str | None) -> int:
    """Give the version that an edit is of; a new record follows what was removed under its id."""
    if if_match is not None:
        text = if_match.strip('"')
        if not text.isdigit():
            raise InvalidInputError("is no ETag of ours", "$.header.if-match")
        return int(text)
    return await processing.free_version(services.main, activity_id)


def _etag(kept: KeptActivity) -> str:
    return f'"{kept.version}"'


def _answer(kept: KeptActivity) -> ActivityAnswer:
    return ActivityAnswer(
        id=kept.id,
        version=kept.version,
        changed_at=kept.changed_at,
        changed_by=kept.changed_by,
        activity=kept.written,
    )
