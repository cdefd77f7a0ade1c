"""Subscriptions to changes of assets and of what they come from (docs/reports.md)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from nexus_core.api.access import Reader
from nexus_core.api.services import UsesServices
from nexus_core.catalogue.identity import load_known
from nexus_core.errors import InvalidInputError, NotFoundError
from nexus_core.governance.secrets import new_id
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.quality.following import Following
from nexus_core.store import subscriptions as rows
from nexus_core.store.database import reading
from nexus_core.store.dataset_access import visible_in, visible_of

router = APIRouter(prefix="/api/v1/subscriptions", tags=["catalogue"])

_MOST = 500  # of one account


class NewSubscription(BaseModel):
    """An asset to follow; with `upstream` also what it comes from."""

    model_config = ConfigDict(extra="forbid")

    namespace: Annotated[str, Field(min_length=1, max_length=2048)]
    name: Annotated[str, Field(min_length=1, max_length=2048)]
    upstream: bool = False


class Subscription(BaseModel):
    """An asset that you follow."""

    id: str
    namespace: str
    name: str
    upstream: bool
    created_at: datetime


class FollowedAsset(BaseModel):
    """A name of an asset."""

    namespace: str
    name: str


class FollowedChange(BaseModel):
    """Something that happened in `asset`, which is the `subscribed` one or upstream of it."""

    at: datetime
    asset: FollowedAsset
    subscribed: FollowedAsset
    what: str


@router.get("", operation_id="listSubscriptions")
async def list_all(services: UsesServices, caller: Reader) -> list[Subscription]:
    """List what you follow, as far as you still see it."""
    aliases = await services.aliases.read(services.store)
    found = await rows.subscriptions_of(services.main, caller.account_id)
    present = {row.id: aliases.of(DatasetName(row.namespace, row.name)) for row in found}
    seen = await visible_in(services.store, caller.scope, present.values())
    return [_answer(row) for row in found if present[row.id] in seen]


@router.post("", operation_id="subscribe", status_code=201)
async def subscribe(services: UsesServices, caller: Reader, asked: NewSubscription) -> Subscription:
    """Follow an asset; following it again sets `upstream` anew."""
    aliases = await services.aliases.read(services.store)
    name = aliases.of(canonical(DatasetName(asked.namespace, asked.name)))
    async with reading(services.store) as connection:
        if not await load_known(connection, await visible_of(connection, caller.scope, [name]), aliases):
            raise NotFoundError(f"dataset {asked.name} in {asked.namespace}")
    if await rows.count_subscriptions(services.main, caller.account_id) >= _MOST:
        raise InvalidInputError(f"you follow {_MOST} assets, which is the most; end one first")
    new = rows.Subscription(
        new_id("sub"), caller.account_id, name.namespace, name.name, asked.upstream, datetime.now(UTC)
    )
    return _answer(await rows.put_subscription(services.main, new))


@router.get("/changes", operation_id="listFollowedChanges")
async def list_changes(
    services: UsesServices,
    caller: Reader,
    since: Annotated[AwareDatetime, Query(description="RFC 3339; what happened after it.")],
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
) -> list[FollowedChange]:
    """Tell what happened in what you follow, the newest first."""
    timeout_s = services.settings.graph.query_timeout_s
    aliases = await services.aliases.read(services.store)
    following = Following(services.main, services.store, services.graph, aliases, caller.scope, timeout_s)
    found = await following.since(await rows.subscriptions_of(services.main, caller.account_id), since)
    return [
        FollowedChange(at=each.at, asset=_named(each.asset), subscribed=_named(each.subscribed), what=each.what)
        for each in found[:limit]
    ]


@router.delete("/{subscription_id}", operation_id="unsubscribe", status_code=204)
async def unsubscribe(services: UsesServices, caller: Reader, subscription_id: str) -> None:
    """Follow an asset no more."""
    if not await rows.drop_subscription(services.main, caller.account_id, subscription_id):
        raise NotFoundError(f"The subscription {subscription_id[:100]}")


def _named(name: DatasetName) -> FollowedAsset:
    return FollowedAsset(namespace=name.namespace, name=name.name)


def _answer(row: rows.Subscription) -> Subscription:
    return Subscription(
        id=row.id, namespace=row.namespace, name=row.name, upstream=row.upstream, created_at=row.created_at
    )
