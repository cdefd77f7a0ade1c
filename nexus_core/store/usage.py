"""Writes and reads who read what how often."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store.usage_tables import usage

USAGE_DAYS = 90

_KEYS_MAX = 500  # parameters of one statement, below every database's limit
_DAY_SECONDS = 86_400


class UsageRow(NamedTuple):
    """That an account read a field ("" for the dataset as such) so often on a day, counted from 1970-01-01."""

    unit_key: str
    dataset_key: str
    field: str
    account: str
    day: int
    read_count: int


class UsageSum(NamedTuple):
    """How often an account read a field on a day, in all."""

    field: str
    account: str
    day: int
    read_count: int


def today() -> int:
    """Give the present day, counted from 1970-01-01 in UTC."""
    return int(time.time()) // _DAY_SECONDS


async def save_usage(connection: AsyncConnection, usages: Mapping[str, Collection[UsageRow]], days_kept: int) -> None:
    """Replace the rows of units and drop what is older than `days_kept`; part of the connection's transaction."""
    if not usages:
        return
    oldest = today() - days_kept
    for units in _parts(usages):
        await connection.execute(delete(usage).where(usage.c.unit_key.in_(units)))
    rows = [row._asdict() for of in usages.values() for row in of if row.day > oldest]
    if rows:
        await connection.execute(insert(usage), rows)
    await connection.execute(delete(usage).where(usage.c.day <= oldest))


async def usage_of(connection: AsyncConnection, dataset_keys: Collection[str], days: int) -> list[UsageSum]:
    """Give the sums of a dataset over its names, for the last days, today included."""
    table = usage.c
    query = (
        select(table.field, table.account, table.day, func.sum(table.read_count))
        .where(table.dataset_key.in_(dataset_keys), table.day > today() - days)
        .group_by(table.field, table.account, table.day)
        .order_by(table.field, table.account, table.day)
    )
    return [UsageSum(field, account, day, int(count)) for field, account, day, count in await connection.execute(query)]


async def read_counts(connection: AsyncConnection, dataset_keys: Collection[str], days: int) -> dict[str, int]:
    """Give how often datasets as such were read in the last days, today included; those that were not are left out."""
    table = usage.c
    found: dict[str, int] = {}
    for keys in _parts(dataset_keys):
        query = (
            select(table.dataset_key, func.sum(table.read_count))
            .where(table.dataset_key.in_(keys), table.field == "", table.day > today() - days)
            .group_by(table.dataset_key)
        )
        found |= {key: int(count) for key, count in await connection.execute(query)}
    return found


async def uses_by_account(
    connection: AsyncConnection, dataset_keys: Collection[str], days: int
) -> dict[str, dict[str, int]]:
    """Give how often which account read each dataset as such, for the last days, today included, by key."""
    found: dict[str, dict[str, int]] = {}
    table = usage.c
    for part in _parts(dataset_keys):
        query = (
            select(table.dataset_key, table.account, func.sum(table.read_count))
            .where(table.dataset_key.in_(part), table.field == "", table.day > today() - days)
            .group_by(table.dataset_key, table.account)
        )
        for key, account, count in await connection.execute(query):
            found.setdefault(key, {})[account] = int(count)
    return found


def _parts(keys: Iterable[str]) -> Iterable[list[str]]:
    ordered = sorted(keys)
    return (ordered[start : start + _KEYS_MAX] for start in range(0, len(ordered), _KEYS_MAX))
