"""Who reads a dataset and its fields how often."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query

from nexus_core.api.access import Reader
from nexus_core.api.present_name import MOVED, PresentName
from nexus_core.api.services import UsesServices
from nexus_core.api.usage_schemas import AccountUses, DayUses, FieldUses, UsageAnswer, UsesAnswer
from nexus_core.model.names import DatasetName
from nexus_core.usage import Uses, read_usage

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


def _told(uses: Uses) -> dict[str, Any]:
    most = islice(uses.by_account.items(), _ACCOUNTS_MOST)
    return {
        "count": uses.count,
        "account_count": len(uses.by_account),
        "accounts": [AccountUses(account=account or None, count=count) for account, count in most],
        "last_day": uses.last_day,
    }
