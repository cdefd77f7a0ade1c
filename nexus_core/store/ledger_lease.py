"""Leases on the partitions of the work, with epochs that fence off whoever held one before.

After Kleppmann, "How to do distributed locking" (2016): a lease ends by time, and every write checks its epoch, so that
a holder that slept past the end cannot harm. Times are the store's own, so that clocks of workers may differ.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, Insert, Table, cast, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import LostLeaseError
from nexus_core.model.partition import ALL_PARTITIONS, PARTITION_COUNT
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.ledger_tables import lease, member

LEASE_SECONDS = 5.0

_MICROS = 1_000_000
_FORGOTTEN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Held:
    """The partitions that a worker holds, with the epoch of each: greater than that of every holder before."""

    owner: str
    epochs: Mapping[int, int]

    @property
    def partitions(self) -> Collection[int]:
        """The partitions."""
        return self.epochs.keys()

    @property
    def whole(self) -> bool:
        """Whether nobody else can write anything while these leases are checked."""
        return len(self.epochs) == PARTITION_COUNT

    def without(self, partitions: Collection[int]) -> Held:
        """Give what is left after giving some back."""
        return replace(self, epochs={of: epoch for of, epoch in self.epochs.items() if of not in partitions})


@dataclass(frozen=True, slots=True)
class Member:
    """A worker that gave a sign of life within the hour: its partitions, the events that it has merged so far."""

    owner: str
    alive: bool
    partition_count: int
    merged_count: int


async def claim(store: Store, held: Held) -> Held:
    """Take free and ended leases up to a fair share of what all live workers hold; gives all that is held then.

    More than the share is kept until `release`. It is also a sign of life. Nobody waits: a lease that is being written
    is not free.
    """
    async with writing(store) as connection:
        now = await _now(connection)
        await _sign(connection, held.owner, now)
        rows = await _leases(connection)
        epochs = {row.partition: row.epoch for row in rows if row.owner == held.owner and row.expires_at > now}
        kept = {of: epoch for of, epoch in held.epochs.items() if epochs.get(of) == epoch}
        share = await fair_share(connection, now)
        free = _free(rows, held.owner, kept, now)[: max(share - len(kept), 0)]
        taken = await _take(connection, held.owner, free, now) if free else {}
        return Held(held.owner, dict(sorted({**kept, **taken}.items())))


async def fair_share(connection: AsyncConnection, now: int) -> int:
    """Give how many partitions each live worker may hold."""
    alive = select(func.count()).select_from(member).where(member.c.seen_at > now - _lasting())
    count = (await connection.execute(alive)).scalar_one()
    return -(-PARTITION_COUNT // max(int(count), 1))


async def surplus(store: Store, held: Held) -> list[int]:
    """Give the partitions that are more than a fair share, for the others."""
    async with reading(store) as connection:
        share = await fair_share(connection, await _now(connection))
    return sorted(held.partitions)[share:]


async def renew(store: Store, held: Held, merged_count: int) -> None:
    """Prolong leases and give a sign of life; raises LostLeaseError if another has taken one."""
    async with writing(store) as connection:
        now = await _now(connection)
        await _sign(connection, held.owner, now, merged_count)
        await check(connection, held, locks=True)
        if held.epochs:
            mine = lease.c.partition.in_(held.partitions)
            await connection.execute(update(lease).where(mine).values(expires_at=now + _lasting()))


async def release(store: Store, held: Held, partitions: Collection[int]) -> None:
    """Give leases back, so that the next holders need not wait; with the last one the worker takes its leave."""
    ours = lease.c.partition.in_(sorted(partitions)) & (lease.c.owner == held.owner)
    async with writing(store) as connection:
        await connection.execute(select(lease).where(ours).order_by(lease.c.partition).with_for_update())
        await connection.execute(update(lease).where(ours).values(owner="", expires_at=0))
        if not held.without(partitions).epochs:
            await connection.execute(update(member).where(member.c.owner == held.owner).values(seen_at=0))


async def check(connection: AsyncConnection, held: Held, *, locks: bool = False) -> None:
    """Raise LostLeaseError unless all are still held; until the transaction ends nobody takes one."""
    query = select(lease.c.partition, lease.c.epoch).where(lease.c.owner == held.owner)
    if not held.whole:
        query = query.where(lease.c.partition.in_(held.partitions))
    rows = await connection.execute(query.order_by(lease.c.partition).with_for_update(read=not locks))
    epochs = {row.partition: row.epoch for row in rows}
    for partition, epoch in held.epochs.items():
        if epochs.get(partition) != epoch:
            raise LostLeaseError(f"partition {partition}")


async def members(store: Store) -> list[Member]:
    """Give the workers that were seen within the hour."""
    counted = func.count(lease.c.partition)
    query = select(member, counted).outerjoin(lease, lease.c.owner == member.c.owner).group_by(*member.c)
    async with reading(store) as connection:
        now = await _now(connection)
        rows = (await connection.execute(query.order_by(member.c.owner))).all()
    return [
        Member(owner, seen_at > now - _lasting(), count if seen_at > now - _lasting() else 0, merged_count)
        for owner, seen_at, merged_count, count in rows
    ]


def _free(rows: Sequence[Any], owner: str, kept: Mapping[int, int], now: int) -> list[int]:
    """Give the partitions that may be taken, those that ended first before the others."""
    free = [row for row in rows if row.partition not in kept and (row.expires_at <= now or row.owner == owner)]
    return [row.partition for row in sorted(free, key=lambda row: (row.expires_at, row.partition))]


async def _take(connection: AsyncConnection, owner: str, partitions: Sequence[int], now: int) -> dict[int, int]:
    ended = (lease.c.expires_at <= now) | (lease.c.owner == owner)
    free = select(lease).where(lease.c.partition.in_(partitions), ended).order_by(lease.c.partition)
    rows = (await connection.execute(free.with_for_update(skip_locked=True))).all()
    if not rows:
        return {}
    values = {"owner": owner, "epoch": lease.c.epoch + 1, "expires_at": now + _lasting()}
    taken = [row.partition for row in rows]
    await connection.execute(update(lease).where(lease.c.partition.in_(taken)).values(values))
    return {row.partition: row.epoch + 1 for row in rows}


async def _leases(connection: AsyncConnection) -> Sequence[Any]:
    rows = (await connection.execute(select(lease))).all()
    if len(rows) == PARTITION_COUNT:
        return rows
    new = [{"partition": of, "owner": "", "epoch": 0, "expires_at": 0} for of in sorted(ALL_PARTITIONS)]
    await connection.execute(_insert_missing(connection, lease, "partition"), new)
    return (await connection.execute(select(lease))).all()


def _insert_missing(connection: AsyncConnection, table: Table, key: str) -> Insert:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement: Insert = dialect.insert(table).on_conflict_do_nothing(index_elements=[key])
    return statement


async def _sign(connection: AsyncConnection, owner: str, now: int, merged_count: int | None = None) -> None:
    """Say that a worker lives. It may say so twice at once, so a row that has come meanwhile is as good as its own."""
    values = {"seen_at": now} | ({} if merged_count is None else {"merged_count": merged_count})
    if not (await connection.execute(update(member).where(member.c.owner == owner).values(values))).rowcount:
        await connection.execute(delete(member).where(member.c.seen_at < now - _FORGOTTEN_SECONDS * _MICROS))
        new = {"owner": owner, "seen_at": now, "merged_count": merged_count or 0}
        await connection.execute(_insert_missing(connection, member, "owner"), [new])


async def _now(connection: AsyncConnection) -> int:
    """Give the store's time in microseconds since 1970."""
    if connection.dialect.name != "postgresql":
        return int(time.time() * _MICROS)
    clock = cast(func.extract("epoch", func.clock_timestamp()) * _MICROS, BigInteger)
    return int((await connection.execute(select(clock))).scalar_one())


def _lasting() -> int:
    return int(LEASE_SECONDS * _MICROS)
