"""The lease of the one worker that may write, with an epoch that fences off its predecessors.

After Kleppmann, "How to do distributed locking" (2016): a lease ends by time, and every write carries its epoch, so
that a holder that slept past the end cannot harm.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from nexus_core.errors import LostLeaseError
from nexus_core.store.database import Store, writing
from nexus_core.store.ledger_tables import lease

LEASE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Lease:
    """A held lease; each holder has a greater epoch than the ones before."""

    name: str
    owner: str
    epoch: int


async def acquire(store: Store, name: str, owner: str) -> Lease | None:
    """Take a lease that is free, over, or already the owner's; None while another holds it."""
    insert = (postgresql if store.dialect.name == "postgresql" else sqlite).insert(lease)
    empty = insert.values(name=name, owner="", epoch=0, expires_at=0)
    async with writing(store) as connection:
        await connection.execute(empty.on_conflict_do_nothing(index_elements=["name"]))
        row = (await connection.execute(select(lease).where(lease.c.name == name).with_for_update())).one()
        if row.expires_at > _now() and row.owner != owner:
            return None
        values = {"owner": owner, "epoch": row.epoch + 1, "expires_at": _end()}
        await connection.execute(update(lease).where(lease.c.name == name).values(values))
        return Lease(name, owner, row.epoch + 1)


async def renew(store: Store, held: Lease) -> None:
    """Prolong a lease; raises LostLeaseError if another has taken it."""
    await _expire(store, held, _end())


async def release(store: Store, held: Lease) -> None:
    """Give a lease back, so that the next holder need not wait."""
    await _expire(store, held, 0)


async def _expire(store: Store, held: Lease, at: int) -> None:
    mine = (lease.c.name == held.name) & (lease.c.epoch == held.epoch)
    async with writing(store) as connection:
        done = await connection.execute(update(lease).where(mine).values(expires_at=at))
    if not done.rowcount:
        raise LostLeaseError(held.name)


def _now() -> int:
    return int(time.time() * 1_000_000)


def _end() -> int:
    return _now() + int(LEASE_SECONDS * 1_000_000)
