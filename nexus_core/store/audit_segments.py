"""Parts of the audit log that files have, and taking those out of the store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, func, insert, not_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.merkle import peaks_of
from nexus_core.store.audit_tables import (
    audit_checkpoint,
    audit_leaf,
    audit_node,
    audit_personal,
    audit_prune,
    audit_record,
    audit_segment,
    audit_stamp,
)
from nexus_core.store.database import Store, reading, writing

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Segment:
    """Leaves `first` to `size` (excluded) in a file whose SHA-256 in hex is `digest`.

    `state` is what the verifier knows behind them, as JSON.
    """

    first: int
    size: int
    at: datetime
    file: str
    digest: str
    state: str


async def segments(store: Store) -> list[Segment]:
    """Give all that is sealed, in the order of the tree."""
    async with reading(store) as connection:
        rows = await connection.execute(select(audit_segment).order_by(audit_segment.c.size))
        return [Segment(row.first, row.size, row.at, row.file, row.digest, row.state) for row in rows]


async def pruned(store: Store) -> Segment | None:
    """Give the last segment whose leaves are released, so that the store's log begins behind it."""
    async with reading(store) as connection:
        size = (await connection.execute(select(func.max(audit_prune.c.size)))).scalar()
    return next((each for each in await segments(store) if each.size == size), None)


async def releases(store: Store) -> dict[int, datetime]:
    """Give when the leaves below which sizes were released."""
    async with reading(store) as connection:
        return {row.size: row.at for row in await connection.execute(select(audit_prune))}


async def size_before(store: Store, before: datetime) -> int | None:
    """Give the size of the largest checkpoint whose records are all older than a moment; None if there is none."""
    here = (audit_record.c.writer == audit_leaf.c.writer) & (audit_record.c.seq == audit_leaf.c.seq)
    newer = select(func.min(audit_leaf.c.position)).join(audit_record, here).where(audit_record.c.at >= before)
    async with reading(store) as connection:
        first = (await connection.execute(newer)).scalar()
        wanted = select(func.max(audit_checkpoint.c.size))
        if first is not None:
            wanted = wanted.where(audit_checkpoint.c.size <= first)
        size: int | None = (await connection.execute(wanted)).scalar()
    return size


async def add_segment(store: Store, segment: Segment) -> None:
    """Note that a file has a part of the log."""
    row = {name: getattr(segment, name) for name in segment.__slots__}
    async with writing(store) as connection:
        await connection.execute(insert(audit_segment).values(row))


async def release(store: Store, size: int, at: datetime) -> None:
    """Let the leaves below a size be deleted; once more changes nothing."""
    async with writing(store) as connection:
        known = (await connection.execute(select(func.max(audit_prune.c.size)))).scalar() or 0
        if known < size:
            await connection.execute(insert(audit_prune).values(size=size, at=at))


async def prune(store: Store, size: int) -> AsyncIterator[int]:
    """Delete what is released below a size, some thousand records a transaction; gives how many each time.

    What proofs of later leaves need stays: the subtrees that make up the tree of this size, and its checkpoint.
    """
    done = False
    while not done:
        async with writing(store) as connection:
            count = await _prune_some(connection, size)
            done = count < _BATCH
            if done:
                await _prune_tree(connection, size)
        yield count


async def _prune_some(connection: AsyncConnection, size: int) -> int:
    columns = audit_leaf.c
    some = select(columns.writer, columns.seq, columns.position).where(columns.position < size - 1)
    rows = (await connection.execute(some.order_by(columns.position).limit(_BATCH))).all()
    if not rows:
        return 0
    below = min(rows[-1].position + 1, size - 1)
    places = select(columns.writer, columns.seq).where(columns.position < below)
    for table in (audit_personal, audit_record):
        await connection.execute(delete(table).where(tuple_(table.c.writer, table.c.seq).in_(places)))
    await connection.execute(delete(audit_leaf).where(columns.position < below))
    return len(rows)


async def _prune_tree(connection: AsyncConnection, size: int) -> None:
    """Take out the last record, whose leaf a tree of an odd size needs, and subtrees that no proof needs."""
    last = select(audit_leaf.c.writer, audit_leaf.c.seq).where(audit_leaf.c.position == size - 1)
    for table in (audit_personal, audit_record):
        await connection.execute(delete(table).where(tuple_(table.c.writer, table.c.seq).in_(last)))
    node = audit_node.c
    peaks = [and_(node.level == level, node.position == index) for level, index in peaks_of(size)]
    for level in range(1, size.bit_length()):
        within = and_(node.level == level, node.position < size >> level)
        await connection.execute(delete(audit_node).where(within, not_(or_(*peaks))))
    for table in (audit_checkpoint, audit_stamp, audit_segment, audit_prune):
        await connection.execute(delete(table).where(table.c.size < size))
