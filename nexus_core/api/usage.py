"""Who reads a dataset and its fields how often."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query

from nexus_core.api.access import Reader
from nexus_core.api.cursors import closed, opened
from nexus_core.api.present_name import MOVED, PresentName
from nexus_core.api.services import UsesServices
from nexus_core.api.usage_schemas import (
    AccountUses,
    DayUses,
    FieldUses,
    UnusedAsset,
    UnusedPage,
    UsageAnswer,
    UsesAnswer,
)
from nexus_core.model.names import DatasetName
from nexus_core.usage import Uses, date_of, find_unused, read_usage

router = APIRouter(prefix="/api/v1/datasets", tags=["catalogue"])

_ACCOUNTS_MOST = 100


@router.get("/usage", operation_id="getUsage", dependencies=[PresentName], responses=MOVED)
async def get_usage(
    services: UsesServices,
    caller: Reader,
    namespace: Annotated[str, Query(min_length=1, max_length=2048)],
    name: Annotated[str, Query(min_length=1, max_length=2048)],
    days: Annotated[int, Query(ge=1, le=3650, description="The last days, today (UTC) included.")] = 30,
) -> UsageAnswer:
    """Tell who read a dataset and its fields how often, as the query logs of its source tell."""
    aliases = await services.aliases.read(services.store)
    found = await read_usage(services.store, aliases, caller.scope, DatasetName(namespace, name), days)
    fields = sorted(found.fields.items(), key=lambda of: (-of[1].count, of[0]))
    return UsageAnswer(
        namespace=found.name.namespace,
        name=found.name.name,
        since=found.since,
        dataset=UsesAnswer(**_told(found.dataset)) if found.dataset else None,
        fields=[FieldUses(field=field, **_told(uses)) for field, uses in fields],
        days=[DayUses(day=day, count=count) for day, count in found.by_day.items()],
    )


@router.get("/unused", operation_id="listUnusedAssets")
async def list_unused(
    services: UsesServices,
    caller: Reader,
    days: Annotated[int, Query(ge=1, le=3650, description="Not read in the last days, and known for longer.")] = 90,
    cursor: Annotated[str | None, Query(max_length=10_000)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> UnusedPage:
    """List what nobody reads, in the sources whose query logs tell of reads."""
    aliases = await services.aliases.read(services.store)
    place = opened(cursor, (str, str, int)) if cursor else ("", "", -1)
    after = (str(place[0]), str(place[1]), int(place[2]))
    found, then = await find_unused(services.store, aliases, caller.scope, days, after, limit)
    items = [
        UnusedAsset(
            namespace=each.namespace,
            name=each.name,
            kind=each.kind,
            first_seen_at=each.first_seen_at,
            last_day=date_of(each.last_day) if each.last_day is not None else None,
        )
        for each in found
    ]
    return UnusedPage(items=items, next=closed(*then) if then else None)


def _told(uses: Uses) -> dict[str, Any]:
    most = islice(uses.by_account.items(), _ACCOUNTS_MOST)
    return {
        "count": uses.count,
        "account_count": len(uses.by_account),
        "accounts": [AccountUses(account=account or None, count=count) for account, count in most],
        "last_day": uses.last_day,
    }
