"""Reads and writes what is known of names; writers hold the worker's lease, so that a read and its write are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.aliases import EVERY, Aliases, Pair, State
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.store.by_key import rows_by
from nexus_core.store.ledger_tables import evidence
from nexus_core.store.names_rows import NameChanges, NamedRow, PairRow, SqlReadingRow, ToldRow
from nexus_core.store.names_tables import (
    NOT_COMPARED,
    name_generation,
    name_pair,
    named,
    renamed,
    sql_reading,
    told_of_names,
)

Connection = AsyncConnection

_KEYS_MAX = 500  # parameters of one statement, below every database's limit
_ALIKE_MOST = 100
"""Names that are spelled alike beyond this number tell nothing: every schema has its `orders`."""

_FLAGS = ("mentioned", "described", "harvested")
_VERDICT = ("state", "event_id", "decided_at")
_PROPOSAL = ("reason", "score")


async def save_names(connection: Connection, changes: NameChanges) -> None:
    """Write a round's changes; part of the transaction that the connection is in."""
    await _upsert(connection, named, changes.named, _FLAGS, flags=True)
    await _upsert(connection, told_of_names, changes.told, ("event_id", "valid_at", "accepted_at"))
    await _upsert(connection, name_pair, changes.verdicts, _VERDICT)
    await _save_readings(connection, changes.readings)
    if changes.classes_changed:
        await _change_classes(connection, changes)
    await _ask_to_tell(connection, {*changes.renamed, *changes.outlined})


async def save_proposals(connection: Connection, proposed: Sequence[PairRow], compared: Sequence[str]) -> None:
    """Write near-misses, and that the names of these keys were compared."""
    await _upsert(connection, name_pair, proposed, _PROPOSAL)
    for keys in _parts(compared):
        await connection.execute(update(named).where(named.c.dataset_key.in_(keys)).values(compared=True))


async def settle_renamed(connection: Connection, keys: Sequence[str]) -> None:
    """Note that the graph has been told of datasets that changed their name, or stand for others."""
    for part in _parts(keys):
        await connection.execute(delete(renamed).where(renamed.c.dataset_key.in_(part)))


async def renamed_datasets(connection: Connection, limit: int) -> list[DatasetName]:
    """Give datasets that changed their name, or stand for others, and of which the graph has yet to be told."""
    query = select(renamed.c.namespace, renamed.c.name).order_by(renamed.c.dataset_key).limit(limit)
    return [DatasetName(*row) for row in await connection.execute(query)]


async def generation(connection: Connection) -> int:
    """Give a number that grows whenever a class of names changes."""
    return (await connection.execute(select(name_generation.c.generation))).scalar_one_or_none() or 0


async def accepted_pairs(connection: Connection) -> list[Pair]:
    """Give the pairs of names that mean one dataset."""
    rows = await connection.execute(select(name_pair).where(name_pair.c.state == State.ACCEPTED.value))
    return [PairRow(*row).pair for row in rows]


async def harvested_among(connection: Connection, names: Iterable[DatasetName]) -> set[DatasetName]:
    """Give those of these names that a harvest described; of `*` those of whose namespace it described any."""
    wanted = set(names)
    keys = {node_key(name.id): name for name in wanted if name.name != EVERY}
    found = {keys[row.dataset_key] for row in await named_rows(connection, keys) if row.harvested}
    spaces = sorted({name.namespace for name in wanted if name.name == EVERY})
    for part in _parts(spaces):
        query = select(named.c.namespace).where(named.c.namespace.in_(part), named.c.harvested).distinct()
        found |= {DatasetName(space, EVERY) for space in (await connection.execute(query)).scalars()}
    return found


async def classes(connection: Connection, pairs: Sequence[Pair], also: Iterable[DatasetName] = ()) -> Aliases:
    """Give the classes that pairs add up to; `also` are names known to be harvested beside what is stored."""
    bare = Aliases(pairs)
    of = {name for pair in pairs for side in pair for name in (bare.members(side) if side.name != EVERY else (side,))}
    return Aliases(pairs, await harvested_among(connection, of) | set(also))


async def told_of(connection: Connection, pair_keys: Iterable[str]) -> list[ToldRow]:
    """Give everything said of pairs."""
    return await rows_by(connection, ToldRow, told_of_names.c.pair_key, pair_keys)


async def pairs_of(connection: Connection, pair_keys: Iterable[str]) -> list[PairRow]:
    """Give pairs by key."""
    return await rows_by(connection, PairRow, name_pair.c.pair_key, pair_keys)


async def named_rows(connection: Connection, keys: Iterable[str]) -> list[NamedRow]:
    """Give what is known of datasets by key."""
    return await rows_by(connection, NamedRow, named.c.dataset_key, keys)


async def named_in(connection: Connection, namespaces: Iterable[str]) -> list[DatasetName]:
    """Give every dataset that anything names in namespaces."""
    return [row.dataset for row in await rows_by(connection, NamedRow, named.c.namespace, namespaces)]


async def names_to_compare(connection: Connection, limit: int) -> list[NamedRow]:
    """Give names that were not compared with those spelled alike."""
    query = select(named).where(NOT_COMPARED).order_by(named.c.dataset_key).limit(limit)
    return [NamedRow(*row) for row in await connection.execute(query)]


async def names_alike(connection: Connection, rows: Iterable[NamedRow]) -> list[NamedRow]:
    """Give the names that share the last part within the namespace, or the whole name beyond it, with any of these.

    Where more than 100 share it, none.
    """
    of = list(rows)
    found: dict[str, NamedRow] = {}
    for column, keys in (
        (named.c.leaf_key, {row.leaf_key for row in of}),
        (named.c.whole_key, {row.whole_key for row in of}),
    ):
        for part in _parts(sorted(keys)):
            few = select(column).where(column.in_(part)).group_by(column).having(func.count() <= _ALIKE_MOST)
            query = select(named).where(column.in_(few))
            found |= {row.dataset_key: NamedRow(*row) for row in await connection.execute(query)}
    return list(found.values())


async def proposals(
    connection: Connection, limit: int, least: int = 1, after: tuple[int, str] | None = None
) -> list[PairRow]:
    """Give open pairs that look alike, the surest first; `after` is score and key of the last one seen.

    Tables of one namespace that are both harvested are two tables, and not proposed.
    """
    left, right = named.alias("one"), named.alias("other")
    same = name_pair.c.left_namespace == name_pair.c.right_namespace
    query = (
        select(name_pair)
        .outerjoin(left, and_(left.c.namespace == name_pair.c.left_namespace, left.c.name == name_pair.c.left_name))
        .outerjoin(
            right, and_(right.c.namespace == name_pair.c.right_namespace, right.c.name == name_pair.c.right_name)
        )
        .where(name_pair.c.state == State.OPEN.value, name_pair.c.score >= least)
        .where(~and_(same, left.c.harvested.is_(True), right.c.harvested.is_(True)))
        .order_by(name_pair.c.score.desc(), name_pair.c.pair_key)
        .limit(limit)
    )
    if after is not None:
        score, key = after
        later = and_(name_pair.c.score == score, name_pair.c.pair_key > key)
        query = query.where(or_(name_pair.c.score < score, later))
    return [PairRow(*row) for row in await connection.execute(query)]


async def decided_pairs(connection: Connection, state: State, limit: int, after: str | None) -> list[PairRow]:
    """Give accepted or rejected pairs by key, those after a key."""
    query = select(name_pair).where(name_pair.c.state == state.value, name_pair.c.pair_key > (after or ""))
    rows = await connection.execute(query.order_by(name_pair.c.pair_key).limit(limit))
    return [PairRow(*row) for row in rows]


async def shared_names(connection: Connection, one: str, other: str) -> int:
    """Count the dataset names that two namespaces share."""
    ours, theirs = named.alias("ours"), named.alias("theirs")
    query = select(func.count()).where(
        ours.c.namespace == one, theirs.c.namespace == other, theirs.c.name == ours.c.name
    )
    return int((await connection.execute(query)).scalar_one())


async def _save_readings(connection: Connection, rows: Sequence[SqlReadingRow]) -> None:
    """Keep of each job the latest reading, whatever the order in which they come."""
    if not rows:
        return
    insert = _insert(connection, sql_reading)
    table, new = sql_reading.c, insert.excluded
    later = or_(new.valid_at > table.valid_at, and_(new.valid_at == table.valid_at, new.unit_key >= table.unit_key))
    values = {column.name: new[column.name] for column in sql_reading.columns if not column.primary_key}
    statement = insert.on_conflict_do_update(index_elements=["source_key"], set_=values, where=later)
    await connection.execute(statement, [row._asdict() for row in sorted(rows)])


async def _change_classes(connection: Connection, changes: NameChanges) -> None:
    row = _insert(connection, name_generation).values(id=1, generation=1)
    grown = {"generation": name_generation.c.generation + 1}
    await connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=grown))
    for part in _parts(sorted(changes.evidence)):
        await connection.execute(update(evidence).where(evidence.c.evidence_key.in_(part)).values(pending=True))


async def _ask_to_tell(connection: Connection, names: Iterable[DatasetName]) -> None:
    """Have the graph told of datasets by the holders of their partitions."""
    rows = [
        {"dataset_key": node_key(name.id), "namespace": name.namespace, "name": name.name} for name in sorted(names)
    ]
    if rows:
        await connection.execute(_insert(connection, renamed).on_conflict_do_nothing(), rows)


async def _upsert(
    connection: Connection, table: Table, rows: Sequence[NamedTuple], changed: Sequence[str], *, flags: bool = False
) -> None:
    if not rows:
        return
    insert = _insert(connection, table)
    values: Mapping[str, Any] = {name: insert.excluded[name] for name in changed}
    if flags:
        values = {name: or_(table.c[name], value) for name, value in values.items()}
    key = [column.name for column in table.primary_key.columns]
    statement = insert.on_conflict_do_update(index_elements=key, set_=values)
    # Sorted, so that writers of several partitions cannot wait for each other in a circle.
    await connection.execute(statement, [row._asdict() for row in sorted(rows, key=lambda row: tuple(row)[:3])])


def _insert(connection: Connection, table: Table) -> Any:
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def _parts(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[start : start + _KEYS_MAX] for start in range(0, len(keys), _KEYS_MAX))
