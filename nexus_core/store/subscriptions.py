"""Keeps subscriptions. All functions raise UnavailableError if the store fails."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from nexus_core.store.catalogue import Connection, chunks
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.ledger_tables import change_moment
from nexus_core.store.quality_tables import incident
from nexus_core.store.subscription_tables import subscription


class Subscription(NamedTuple):
    """That an account wants to know what changes in a dataset, and in what it comes from if `upstream`."""

    id: str
    account_id: str
    namespace: str
    name: str
    upstream: bool
    created_at: datetime


class Opened(NamedTuple):
    """An incident that was opened."""

    namespace: str
    name: str
    title: str
    opened_at: datetime


async def subscriptions_of(store: Store, account_id: str) -> list[Subscription]:
    """Give an account's subscriptions by name."""
    query = select(subscription).where(subscription.c.account_id == account_id)
    async with reading(store) as connection:
        rows = await connection.execute(query.order_by(subscription.c.name, subscription.c.namespace))
        return [Subscription(*row) for row in rows]


async def count_subscriptions(store: Store, account_id: str) -> int:
    """Count an account's subscriptions."""
    query = select(func.count()).select_from(subscription).where(subscription.c.account_id == account_id)
    async with reading(store) as connection:
        return int((await connection.execute(query)).scalar_one())


async def put_subscription(store: Store, row: Subscription) -> Subscription:
    """Subscribe; where the account has subscribed to the dataset already, `upstream` is as it is now."""
    async with writing(store) as connection:
        made = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(subscription)
        whole = made.values(row._asdict()).on_conflict_do_update(
            index_elements=["account_id", "namespace", "name"], set_={"upstream": made.excluded.upstream}
        )
        return Subscription(*(await connection.execute(whole.returning(subscription))).one())


async def drop_subscription(store: Store, account_id: str, subscription_id: str) -> bool:
    """End a subscription of an account; False if it has no such."""
    mine = delete(subscription).where(subscription.c.id == subscription_id, subscription.c.account_id == account_id)
    async with writing(store) as connection:
        return bool((await connection.execute(mine)).rowcount)


async def changed_since(connection: Connection, dataset_keys: Iterable[str], since: int) -> dict[str, int]:
    """Give those of some datasets in which something may have changed since a moment, with when it last did."""
    row = change_moment.c
    found: dict[str, int] = {}
    for keys in chunks(sorted(set(dataset_keys))):
        query = select(row.dataset_key, func.max(row.at)).where(row.dataset_key.in_(keys), row.at > since)
        found |= {key: int(at) for key, at in await connection.execute(query.group_by(row.dataset_key))}
    return found


async def opened_since(store: Store, dataset_keys: Collection[str], since: datetime) -> list[Opened]:
    """Give the incidents of some datasets that were opened since a moment."""
    row = incident.c
    found: list[Opened] = []
    async with reading(store) as connection:
        for keys in chunks(sorted(set(dataset_keys))):
            query = select(row.namespace, row.name, row.title, row.opened_at)
            rows = await connection.execute(query.where(row.dataset_key.in_(keys), row.opened_at > since))
            found += [Opened(*each) for each in rows]
    return found
