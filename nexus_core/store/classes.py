"""What is enforced of fields: read by everything that shows or masks, written by the one step that computes it.

All functions take a connection to the main store. Keys are those of the names that stand for datasets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.errors import StaleReadError
from nexus_core.model.class_fields import Fields, Node, Owned
from nexus_core.model.classes import OPEN, PUBLIC, WHOLE, Classes, Level, folded, is_said
from nexus_core.model.names import DatasetName
from nexus_core.store.by_key import rows_by
from nexus_core.store.catalogue import upsert
from nexus_core.store.class_tables import class_dataset, class_generation, class_request, effective_class
from nexus_core.store.many import Many

Connection = AsyncConnection
_LEVELS = Many(lambda _: insert(effective_class).values({of.name: bindparam(of.name) for of in effective_class.c}))
_KEYS_MAX = 250  # pairs of parameters of one statement, below every database's limit
_ROWS_MAX = 1000


class Generation(NamedTuple):
    """How often classes were computed; `complete_at`: all events accepted by then are in it. 0 is before the first."""

    generation: int
    complete_at: int
    projection_id: int


class Effective(NamedTuple):
    """The class that is enforced of a field."""

    class_name: str
    suspected: bool
    generation: int


class _EffectiveRow(NamedTuple):
    dataset_key: str
    field: str
    class_name: str
    suspected: bool
    parent_key: str
    parent_field: str
    pinned: bool
    cut: int
    origin: bytes
    generation: int


class DatasetClassRow(NamedTuple):
    """A dataset with the highest class in it."""

    dataset_key: str
    namespace: str
    name: str
    class_name: str
    suspected: bool
    generation: int

    @property
    def dataset(self) -> DatasetName:
        """Its name."""
        return DatasetName(self.namespace, self.name)


class RequestRow(NamedTuple):
    """A lowering that waits for a steward who is none of the authors (JSON list of account ids)."""

    dataset_key: str
    field: str
    namespace: str
    name: str
    from_class: str
    from_suspected: bool
    to_class: str
    to_suspected: bool
    reason: str
    authors: bytes
    generation: int

    @property
    def dataset(self) -> DatasetName:
        """Its name."""
        return DatasetName(self.namespace, self.name)


class EffectiveClasses(Mapping[tuple[str, str], Effective]):
    """Classes by dataset key and field, any spelling of it; of a dataset that was never classified nothing is there.

    The field "" is the whole dataset: the highest class in it. Iterating gives only fields with a class of their own.
    What nothing classifies is Public where `public` (fields by dataset key) says so, else UNDECIDED.
    """

    def __init__(
        self, fields: Mapping[str, Fields], generations: Mapping[str, int], public: Mapping[str, Collection[str]]
    ) -> None:
        self._fields, self._generations, self._public = fields, generations, public

    def __getitem__(self, asked: tuple[str, str]) -> Effective:
        key, field = asked
        generation = self._generations[key]
        level = self._fields[key].level_of(field) if key in self._fields else OPEN
        if level == OPEN and is_said(self._public.get(key, ()), folded(field)):
            return Effective(PUBLIC, False, generation)
        return Effective(level.name, not level.certain, generation)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((key, field) for key, of in self._fields.items() if key in self._generations for field in of.owned)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class Settled:
    """What one computation writes: all levels of the datasets in `fields`, and what follows for those."""

    fields: Mapping[str, Fields]
    datasets: Sequence[DatasetClassRow]
    gone: Collection[str]
    looked_at: Collection[str]
    requests: Sequence[RequestRow]


async def read_generation(connection: Connection) -> Generation:
    """Give how far classes are computed."""
    row = (await connection.execute(select(class_generation))).one()
    return Generation(row.generation, row.complete_at, row.projection_id)


async def read_effective(
    connection: Connection,
    dataset_keys: Collection[str],
    classes: Classes | None = None,
    public: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> EffectiveClasses:
    """Give what is enforced of datasets.

    `classes` tell the ranks, where more than the built-in ones are defined; `public` the fields, by dataset key, of
    which stewards said that they are Public (`class_facts.declared_public`): without it none is.
    """
    fields = await read_fields(connection, dataset_keys, classes or Classes())
    rows = await dataset_classes(connection, dataset_keys)
    return EffectiveClasses(fields, {row.dataset_key: row.generation for row in rows}, public)


async def dataset_classes(connection: Connection, keys: Iterable[str]) -> list[DatasetClassRow]:
    """Give the highest class of each dataset that was classified."""
    return await rows_by(connection, DatasetClassRow, class_dataset.c.dataset_key, keys)


async def read_fields(connection: Connection, keys: Iterable[str], classes: Classes) -> dict[str, Fields]:
    """Give the levels that fields have by themselves; datasets without any are left out."""
    found: dict[str, Fields] = defaultdict(Fields)
    for row in await rows_by(connection, _EffectiveRow, effective_class.c.dataset_key, keys):
        found[row.dataset_key].owned[row.field] = _owned(row, classes)
    return dict(found)


async def children(connection: Connection, keys: Collection[str]) -> set[str]:
    """Give the keys of datasets with levels that directly follow from those of any of these."""
    row, found = effective_class.c, set[str]()
    for part in _parts(keys):
        query = select(row.dataset_key).where(row.parent_key.in_(part)).distinct()
        found |= set((await connection.execute(query)).scalars())
    return found


async def save_settled(connection: Connection, before: Generation, now: Generation, settled: Settled) -> None:
    """Write a computation; raises StaleReadError if another one was written since `before` was read."""
    await _advance(connection, before, now)
    for part in _parts([*settled.fields, *settled.gone]):
        await connection.execute(delete(effective_class).where(effective_class.c.dataset_key.in_(part)))
    for part in _parts(settled.gone):
        await connection.execute(delete(class_dataset).where(class_dataset.c.dataset_key.in_(part)))
    for part in _parts([*settled.looked_at, *settled.gone]):
        await connection.execute(delete(class_request).where(class_request.c.dataset_key.in_(part)))
    rows = [_row(key, field, owned, now) for key, of in settled.fields.items() for field, owned in of.owned.items()]
    for start in range(0, len(rows), _ROWS_MAX):
        await _LEVELS.run(connection, rows[start : start + _ROWS_MAX])
    for start in range(0, len(settled.datasets), _ROWS_MAX):
        some = settled.datasets[start : start + _ROWS_MAX]
        await upsert(connection, class_dataset, [row._asdict() for row in some])
    if settled.requests:
        await connection.execute(insert(class_request), [row._asdict() for row in settled.requests])


async def note_complete(connection: Connection, before: Generation, complete_at: int) -> None:
    """Note that nothing that was accepted by then is missing; nothing if another computation was written since."""
    row = class_generation.c
    query = update(class_generation).where(row.generation == before.generation).values(complete_at=complete_at)
    await connection.execute(query)


async def requests(connection: Connection, limit: int, after: tuple[str, str] = ("", "")) -> list[RequestRow]:
    """Give lowerings that wait, by dataset key and field."""
    row = class_request.c
    query = select(class_request).where(tuple_(row.dataset_key, row.field) > after)
    rows = await connection.execute(query.order_by(row.dataset_key, row.field).limit(limit))
    return [RequestRow(*found) for found in rows]


async def requests_of(connection: Connection, keys: Iterable[str]) -> list[RequestRow]:
    """Give the lowerings that wait of datasets."""
    return await rows_by(connection, RequestRow, class_request.c.dataset_key, keys)


async def classified(
    connection: Connection, names: Collection[str], limit: int, after: tuple[str, str] = ("", "")
) -> list[DatasetClassRow]:
    """Give datasets that hold something of these classes, by namespace and name."""
    row = class_dataset.c
    query = select(class_dataset).where(row.class_name.in_(names), tuple_(row.namespace, row.name) > after)
    rows = await connection.execute(query.order_by(row.namespace, row.name).limit(limit))
    return [DatasetClassRow(*found) for found in rows]


async def count_levels(connection: Connection) -> int:
    """Count the levels that fields have by themselves."""
    return int((await connection.execute(select(func.count()).select_from(effective_class))).scalar_one())


async def _advance(connection: Connection, before: Generation, now: Generation) -> None:
    unchanged = class_generation.c.generation == before.generation
    done = await connection.execute(update(class_generation).where(unchanged).values(now._asdict()))
    if done.rowcount != 1:
        raise StaleReadError


def _owned(row: _EffectiveRow, classes: Classes) -> Owned:
    level = classes.level(row.class_name, certain=not row.suspected)
    parent = Node(row.parent_key, row.parent_field) if row.parent_key else None
    return Owned(level, parent, row.pinned, row.cut, orjson.loads(row.origin))


def _row(key: str, field: str, owned: Owned, now: Generation) -> dict[str, Any]:
    parent = owned.parent or Node("", WHOLE)
    return {
        "dataset_key": key,
        "field": field,
        "class_name": owned.level.name,
        "suspected": not owned.level.certain,
        "parent_key": parent.dataset_key,
        "parent_field": parent.field,
        "pinned": owned.pinned,
        "cut": owned.cut,
        "origin": orjson.dumps(owned.origin),
        "generation": now.generation,
    }


def dataset_class(key: str, name: DatasetName, level: Level, generation: int, *, public: bool) -> DatasetClassRow:
    """Give a dataset's row; `public`: a steward said so of the whole dataset."""
    shown = PUBLIC if public and level == OPEN else level.name
    return DatasetClassRow(key, name.namespace, name.name, shown, not level.certain, generation)


def _parts(keys: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(set(keys))
    return (ordered[start : start + _KEYS_MAX] for start in range(0, len(ordered), _KEYS_MAX))
