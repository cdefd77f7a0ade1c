"""The projections of one log: which is read, which is being built, which is kept for roll-back.

All functions take the main store, and raise UnavailableError while it does not answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import LostLeaseError
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.projection_tables import projection

PAUSE_SECONDS = 30.0
_MARGIN = timedelta(seconds=5)  # clocks of processes that share a store may differ by as much


class State(StrEnum):
    """What a projection is for: `kept` was active before and can be again, `discarded` is half removed.

    The Neo4j of a `new` one is not ours yet: it is neither written nor emptied before it was seen empty.
    """

    NEW = "new"
    BUILDING = "building"
    READY = "ready"
    ACTIVE = "active"
    KEPT = "kept"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Projection:
    """One Neo4j with its own ledger; the fields are the columns of `projection_tables`."""

    id: int
    graph: str
    graph_user: str
    graph_password: str
    ledger: str
    derivation_version: str
    state: State
    epoch: int
    scanned: int
    until_at: datetime | None
    paused_until: datetime | None
    paused_by: str | None
    created_at: datetime

    @property
    def is_paused(self) -> bool:
        """Whether its workers step aside now; longer by a margin for clocks that differ."""
        return self.paused_until is not None and datetime.now(UTC) < self.paused_until + _MARGIN


async def active_projection(store: Store) -> Projection:
    """Give the one that the API reads and workers feed."""
    async with reading(store) as connection:
        return _shape((await connection.execute(_ACTIVE)).one())


async def projections(store: Store) -> list[Projection]:
    """Give all, by id."""
    async with reading(store) as connection:
        return [_shape(row) for row in await connection.execute(select(projection).order_by(projection.c.id))]


async def add_projection(store: Store, row: Projection) -> None:
    """Enter a new one."""
    values = {column.name: getattr(row, column.name) for column in projection.columns}
    async with writing(store) as connection:
        await connection.execute(insert(projection).values(values | {"state": row.state.value}))


async def forget_projection(store: Store, projection_id: int) -> None:
    """Remove one that is not active."""
    row = projection.c
    async with writing(store) as connection:
        await connection.execute(delete(projection).where(row.id == projection_id, row.state != State.ACTIVE.value))


async def note_projection(store: Store, projection_id: int, **values: Any) -> None:
    """Set columns of one: `state` to anything but active, `scanned`, `derivation_version`."""
    async with writing(store) as connection:
        await connection.execute(update(projection).where(projection.c.id == projection_id).values(values))


async def pause(store: Store, projection_id: int, by: str) -> None:
    """Have the workers of a projection step aside for PAUSE_SECONDS from now; repeat it to prolong."""
    until = datetime.now(UTC) + timedelta(seconds=PAUSE_SECONDS)
    await note_projection(store, projection_id, paused_until=until, paused_by=by)


async def resume(store: Store, projection_id: int, by: str) -> None:
    """End a pause that `by` began."""
    mine = (projection.c.id == projection_id) & (projection.c.paused_by == by)
    async with writing(store) as connection:
        await connection.execute(update(projection).where(mine).values(paused_until=None, paused_by=None))


async def switch(store: Store, former: Projection, to: int, by: str, scanned: int) -> None:
    """Make another projection the active one and keep the former, in one transaction.

    Both have what lies before position `scanned` of the log: from there the former catches up, should it be wanted.

    Raises LostLeaseError unless `former` is still active and paused by `by`: after the pause its workers may have
    merged events that the other lacks.
    """
    row = projection.c
    is_mine = (row.id == former.id) & (row.epoch == former.epoch) & (row.state == State.ACTIVE.value)
    is_held = (row.paused_by == by) & (row.paused_until > datetime.now(UTC))
    kept = {"state": State.KEPT.value, "paused_until": None, "paused_by": None, "scanned": scanned}
    active = {"state": State.ACTIVE.value, "epoch": former.epoch + 1}
    async with writing(store) as connection:
        done = await connection.execute(update(projection).where(is_mine & is_held).values(kept))
        if not done.rowcount:
            raise LostLeaseError("switching the projection")
        await connection.execute(update(projection).where(row.id == to).values(active))


async def check_epoch(connection: AsyncConnection, epoch: int | None) -> None:
    """Raise LostLeaseError if another projection than that of the epoch is active; holds it so until the end.

    Part of the transaction that notes events as merged: a worker that slept through a switch must not note what only
    the former projection has.
    """
    if epoch is not None:
        row = (await connection.execute(_ACTIVE.with_for_update(read=True))).one_or_none()
        if row is None or row.epoch != epoch:
            raise LostLeaseError("the active projection")


_ACTIVE = select(projection).where(projection.c.state == State.ACTIVE.value)


def _shape(row: Any) -> Projection:
    values = dict(row._mapping)
    return Projection(**values | {"state": State(values["state"])})
