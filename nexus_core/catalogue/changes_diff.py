"""Differences between two moments, of all datasets, a namespace or some datasets: in pages and as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nexus_core.catalogue.changes import Change, changes, fold
from nexus_core.catalogue.changes_load import keys_of, load, schemas_of
from nexus_core.catalogue.changes_walk import Window, walk
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.store.database import Store
from nexus_core.store.ledger_changes import ChangesSnapshot, reading_changes
from nexus_core.store.ledger_rows import EvidenceRow

_NAMES_MOST = 2_000  # datasets looked up at once
_BATCH = 50  # datasets compared at once: a page seldom needs more, and memory stays small


@dataclass(frozen=True, slots=True)
class DiffQuery:
    """A question for differences; without `within` of the whole estate, or of some namespaces.

    `within` limits it to what lies among some datasets, both ends of an edge. Datasets go by the names that stand for
    them under `aliases`.
    """

    window: Window
    scope: Scope
    aliases: Aliases
    namespaces: Collection[str] = ()
    within: frozenset[DatasetName] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: a dataset by the name it was looked up by, and the key of its last row that was shown."""

    namespace: str
    name: str
    row: str


@dataclass(frozen=True, slots=True)
class DiffPage:
    """Rows in order of their datasets' names, and where the next page begins, None after the last."""

    rows: Sequence[Change]
    next: Place | None


class _Batch(NamedTuple):
    """Rows of some datasets, and the name that each dataset was looked up by."""

    rows: list[Change]
    found_as: Mapping[DatasetName, DatasetName]


async def read_diff(store: Store, query: DiffQuery, after: Place | None, limit: int) -> DiffPage:
    """Give a page of at most `limit` rows; raises UnavailableError while the store does not answer."""
    found: list[Change] = []
    names: dict[DatasetName, DatasetName] = {}
    async for batch in _batches(store, query, after):
        found += batch.rows
        names |= batch.found_as
        if len(found) > limit:
            last = found[limit - 1]
            name = names[last.output]
            return DiffPage(found[:limit], Place(name.namespace, name.name, last.key))
    return DiffPage(found, None)


async def stream_diff(store: Store, query: DiffQuery, after: Place | None = None) -> AsyncIterator[list[Change]]:
    """Give all rows in batches, each as the ledger is when it is read."""
    async for batch in _batches(store, query, after):
        yield batch.rows


async def _batches(store: Store, query: DiffQuery, after: Place | None) -> AsyncIterator[_Batch]:
    first = True
    async for names in _names(store, query, after):
        for start in range(0, len(names), _BATCH):
            async with reading_changes(store) as snapshot:
                found_as = await _found_as(snapshot, query, names[start : start + _BATCH])
                rows = await _compare(snapshot, query, found_as)
            yield _Batch(_behind(rows, after) if first and after else rows, found_as)
            first = False


async def _names(store: Store, query: DiffQuery, after: Place | None) -> AsyncIterator[list[DatasetName]]:
    """Give the datasets that may be visible and may have changed, from the one on in which the last page ended."""
    window, start = query.window, (after.namespace, after.name) if after else ("", "")
    if query.within is not None:
        keys = keys_of(query.aliases, query.within)
        async with reading_changes(store) as snapshot:
            found = await snapshot.changed_of(keys, window.after, window.upto)
        yield [DatasetName(row.namespace, row.name) for row in found if (row.namespace, row.name) >= start]
        return
    more = True
    while more:
        async with reading_changes(store) as snapshot:
            rows = await snapshot.changed(window.after, window.upto, start, _NAMES_MOST + 1, query.namespaces)
        more = len(rows) > _NAMES_MOST
        if more:
            start = rows[-1].namespace, rows[-1].name
        names = (DatasetName(row.namespace, row.name) for row in rows[:_NAMES_MOST])
        yield [name for name in names if query.scope.may_see(name)]


async def _found_as(
    snapshot: ChangesSnapshot, query: DiffQuery, names: Iterable[DatasetName]
) -> dict[DatasetName, DatasetName]:
    """Give the datasets that names stand for, each only by the least of its names that changed."""
    found: dict[DatasetName, DatasetName] = {}
    for name in names:
        members = query.aliases.members(name) if query.aliases else [name]
        lesser = {node_key(one.id) for one in members if one < name}
        if not (lesser and await snapshot.changed_of(lesser, query.window.after, query.window.upto)):
            found[members[0]] = name
    return found


async def _compare(snapshot: ChangesSnapshot, query: DiffQuery, names: Iterable[DatasetName]) -> list[Change]:
    evidence: dict[DatasetName, list[EvidenceRow]] = {name: [] for name in names}
    keys = keys_of(query.aliases, evidence)
    for row in await snapshot.evidence_of(keys):
        evidence[keys[str(row.output_key)]].append(row)
    schemas = await schemas_of(snapshot.rows, query.aliases, evidence)
    loaded = await load(snapshot.rows, query.aliases, evidence, schemas, query.window)
    rows = (
        change
        for output in loaded.outputs
        for turn in fold(walk(output, loaded.facts, query.window))
        for change in changes(output.name, turn)
        if query.within is None or change.datasets <= query.within
    )
    return await loaded.shown(snapshot.rows, rows, query.window, query.scope)


def _behind(rows: list[Change], after: Place) -> list[Change]:
    """Leave out the rows up to the one that the last page ended with.

    If that row is there no more, since its dataset changed meanwhile, the dataset's rows are given again, not lost.
    """
    place = next((index for index, row in enumerate(rows) if row.key == after.row), -1)
    return rows[place + 1 :]
