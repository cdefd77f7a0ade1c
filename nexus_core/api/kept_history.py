"""How far back answers reach: what is not kept any more is answered 410 (docs/lineage.md, How far back)."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from nexus_core.api.access import Reader
from nexus_core.api.schemas import KeptHistory
from nexus_core.api.services import Services, UsesServices
from nexus_core.errors import ForgottenError
from nexus_core.model.moments import microseconds, moment
from nexus_core.model.retention import Horizon

router = APIRouter(prefix="/api/v1/lineage", tags=["lineage"])


@router.get("/kept", operation_id="getKeptHistory")
async def get_kept_history(services: UsesServices, _caller: Reader) -> KeptHistory:
    """Say from when on history is kept, and from when on what was believed; null where all of it is."""
    horizon = await services.horizon.read(services.store)
    return KeptHistory(kept_from=_told(horizon.valid_from), known_from=_told(horizon.known_from))


async def require_kept(services: Services, known_at: datetime | None, **valid: datetime | None) -> Horizon:
    """Give the horizon; raises ForgottenError for a moment before it, which is named as its parameter is."""
    horizon = await services.horizon.read(services.store)
    for name, at in valid.items():
        _require(name, at, horizon.valid_from)
    _require("known_at", known_at, horizon.known_from)
    return horizon


def _require(name: str, at: datetime | None, kept_from: int) -> None:
    if at is not None and microseconds(at) < kept_from:
        raise ForgottenError(f"`{name}`", moment(kept_from))


def _told(at: int) -> datetime | None:
    return moment(at) if at else None
