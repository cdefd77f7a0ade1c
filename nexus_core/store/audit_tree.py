"""The Merkle tree over all audit records: grown by the signer, read for proofs and exports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import BrokenAuditError, ConflictError, InvalidInputError
from nexus_core.model.audit import Place, Record, read_record
from nexus_core.model.merkle import Frontier, Nodes, node_hash, peaks_of
from nexus_core.store.audit import Kept, opened_by, record_row
from nexus_core.store.audit_tables import audit_checkpoint, audit_leaf, audit_node, audit_record, audit_writer
from nexus_core.store.database import Store, reading, snapshot, writing
from nexus_core.store.many import Many

_LEAVES = Many(lambda _: insert(audit_leaf))
_NODES = Many(lambda _: insert(audit_node))
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint that was signed: a note over size and root."""

    size: int
    at: datetime
    note: str


class _Chain(NamedTuple):
    """How many records of a chain are in the tree, and the hash of the last one."""

    sequenced: int
    last: bytes


async def sequence(store: Store, limit: int) -> int:
    """Give records that have none a place in the tree, each chain in its order; gives how many there were.

    Raises BrokenAuditError for a record that is not what its writer wrote, or ConflictError if another signer was
    faster.
    """
    try:
        async with writing(store) as connection:
            chains, new = await _unsequenced(connection, limit)
            if new:
                await _grow(connection, await read_frontier(connection), chains, new)
    except IntegrityError as error:
        raise ConflictError("The tree of the audit log") from error
    return len(new)


async def read_frontier(connection: AsyncConnection) -> Frontier:
    """Give the tree as it is."""
    last = (await connection.execute(select(func.max(audit_leaf.c.position)))).scalar()
    size = 0 if last is None else last + 1
    wanted = peaks_of(size)
    known = await _hashes(connection, wanted)
    return Frontier(size, [known[place] for place in wanted])


async def read_chains(store: Store, start: int = 0) -> dict[str, tuple[int, bytes, int]]:
    """Give how many records of each chain are said to be in the tree, the hash of the last, and how many there are.

    Leaves from `start` on are counted.
    """
    counted = select(audit_leaf.c.writer, func.count().label("count")).where(audit_leaf.c.position >= start)
    leaves = counted.group_by(audit_leaf.c.writer).subquery()
    query = select(audit_writer, leaves.c.count.label("leaves")).outerjoin(
        leaves, leaves.c.writer == audit_writer.c.writer
    )
    async with snapshot(store) as connection:
        rows = await connection.execute(query)
        return {row.writer: (row.sequenced, row.last, row.leaves or 0) for row in rows}


async def add_checkpoint(store: Store, signed: Signed) -> None:
    """Keep a checkpoint."""
    async with writing(store) as connection:
        await connection.execute(insert(audit_checkpoint).values(size=signed.size, at=signed.at, note=signed.note))


async def newest_checkpoint(store: Store, size: int | None = None) -> Signed | None:
    """Give the checkpoint of the largest tree, or that of a size; None if there is none."""
    query = select(audit_checkpoint).order_by(audit_checkpoint.c.size.desc()).limit(1)
    if size is not None:
        query = query.where(audit_checkpoint.c.size == size)
    async with reading(store) as connection:
        row = (await connection.execute(query)).one_or_none()
    return Signed(row.size, row.at, row.note) if row else None


async def checkpoints(store: Store) -> list[Signed]:
    """Give every checkpoint, smallest first."""
    async with reading(store) as connection:
        rows = await connection.execute(select(audit_checkpoint).order_by(audit_checkpoint.c.size))
        return [Signed(row.size, row.at, row.note) for row in rows]


async def nodes_of(store: Store, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Give the hashes of complete subtrees, `(level, index)`, as far as they are there."""
    async with reading(store) as connection:
        return await _hashes(connection, places)


async def prove(store: Store, proof: Callable[[Nodes], list[bytes]]) -> list[bytes]:
    """Compute a proof (model.merkle) over the tree; its nodes are fetched at once."""
    wanted: list[tuple[int, int]] = []

    def ask(level: int, index: int) -> bytes:
        wanted.append((level, index))
        return b""

    proof(ask)
    async with reading(store) as connection:
        known = await _hashes(connection, wanted)
    return proof(lambda level, index: known[level, index])


async def entries(store: Store, size: int, first: int = 0) -> AsyncIterator[tuple[Kept, bool]]:
    """Give the records of a tree of a size from the leaf `first` on, in its order and from one moment.

    With each, whether all that the tables repeat of it for queries and proofs is as its body says.
    """
    records = audit_leaf.outerjoin(
        audit_record, (audit_record.c.writer == audit_leaf.c.writer) & (audit_record.c.seq == audit_leaf.c.seq)
    )
    columns = [column for column in audit_record.c if column.name not in ("writer", "seq", "leaf")]
    async with snapshot(store) as connection:
        for start in range(first, size, _PAGE):
            query = (
                select(audit_leaf, *columns, audit_record.c.leaf.label("written"))
                .select_from(records)
                .where(audit_leaf.c.position >= start, audit_leaf.c.position < min(start + _PAGE, size))
                .order_by(audit_leaf.c.position)
            )
            rows = (await connection.execute(query)).all()
            if not rows:
                return  # a size that someone changed must not keep us busy for ever
            openings, wrong = await opened_by(connection, [Place(row.writer, row.seq) for row in rows])
            for row in rows:
                place = Place(row.writer, row.seq)
                repeats = place not in wrong and _repeats(row)
                yield Kept(place, row.at, row.body or b"", openings[place], row.position), repeats


async def false_nodes(store: Store, size: int, first: int = 0) -> AsyncIterator[tuple[int, int]]:
    """Give `(level, index)` of stored subtrees of a tree of a size that are not those of what is below them.

    Those that end before the leaf `first` are not looked at.
    """
    async with snapshot(store) as connection:
        for level in range(1, size.bit_length()):
            count = size >> level
            for start in range(first >> level, count, _PAGE):
                part = range(start, min(start + _PAGE, count))
                below = await _hashes(connection, [(level - 1, index) for index in range(2 * start, 2 * part.stop)])
                here = await _hashes(connection, [(level, index) for index in part])
                for index in part:
                    pair = below.get((level - 1, 2 * index)), below.get((level - 1, 2 * index + 1))
                    if None in pair or here.get((level, index)) != node_hash(*(half or b"" for half in pair)):
                        yield level, index


def _repeats(row: Any) -> bool:
    try:
        record = read_record(row.body or b"")
    except InvalidInputError:
        return False
    told = record_row(record)
    same = all(told[name] == getattr(row, name) for name in ("writer", "seq", "at", "action", "target"))
    return same and row.leaf == row.written == record.leaf


async def _unsequenced(connection: AsyncConnection, limit: int) -> tuple[dict[str, _Chain], list[Record]]:
    """Give new records with where the tree has each chain so far.

    No chain has a gap, since its records are added in order by one writer.
    """
    columns = (audit_record.c.writer, audit_record.c.seq, audit_record.c.at, audit_record.c.body, audit_record.c.leaf)
    query = (
        select(*columns, audit_writer.c.sequenced, audit_writer.c.last)
        .join(audit_writer, audit_writer.c.writer == audit_record.c.writer)
        .where(audit_record.c.seq >= audit_writer.c.sequenced)
        .order_by(audit_record.c.at, audit_record.c.writer, audit_record.c.seq)
        .limit(limit)
    )
    rows = (await connection.execute(query)).all()
    chains = {row.writer: _Chain(row.sequenced, row.last) for row in rows}
    return chains, [_record(row) for row in rows]


def _record(row: Any) -> Record:
    try:
        record = read_record(row.body)
    except InvalidInputError as error:
        raise BrokenAuditError(f"record {row.seq} of {row.writer}", error.reason) from error
    if (record.place, record.at, record.leaf) != (Place(row.writer, row.seq), row.at, row.leaf):
        raise BrokenAuditError(f"record {row.seq} of {row.writer}", "it is not what was written")
    return record


async def _grow(
    connection: AsyncConnection, frontier: Frontier, chains: dict[str, _Chain], new: Iterable[Record]
) -> None:
    leaves, nodes = [], []
    for record in new:
        writer, seq, leaf = record.place.writer, record.place.seq, record.leaf
        if chains[writer] != (seq, record.previous):
            raise BrokenAuditError(f"record {seq} of {writer}", "it does not follow the one before it")
        chains[writer] = _Chain(seq + 1, leaf)
        leaves.append({"position": frontier.size, "writer": writer, "seq": seq, "leaf": leaf})
        nodes += [
            {"level": level, "position": index, "hash": found} for level, index, found in frontier.add(leaf) if level
        ]
    await _LEAVES.run(connection, leaves)
    await _NODES.run(connection, nodes)
    for writer, chain in sorted(chains.items()):
        told = update(audit_writer).where(audit_writer.c.writer == writer)
        await connection.execute(told.values(sequenced=chain.sequenced, last=chain.last))


async def _hashes(connection: AsyncConnection, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    found: dict[tuple[int, int], bytes] = {}
    for level in {level for level, _ in wanted}:
        table, hashed = (audit_node, audit_node.c.hash) if level else (audit_leaf, audit_leaf.c.leaf)
        indexes = [index for of, index in wanted if of == level]
        for start in range(0, len(indexes), _PAGE):
            query = select(table.c.position, hashed).where(table.c.position.in_(indexes[start : start + _PAGE]))
            if level:
                query = query.where(audit_node.c.level == level)
            found |= {(level, position): digest for position, digest in await connection.execute(query)}
    return found
