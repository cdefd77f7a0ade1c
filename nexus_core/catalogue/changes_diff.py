"""Differences between two moments, of all datasets, a namespace or some datasets: in pages and as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from nexus_core.catalogue.changes import Change, changes, fold
from nexus_core.catalogue.changes_load import load, schemas_of
from nexus_core.catalogue.changes_walk import Window, walk
from nexus_core.model.access import Scope
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.store.database import Store
from nexus_core.store.ledger_changes import ChangesSnapshot, NamedRow, reading_changes
from nexus_core.store.ledger_rows import EvidenceRow

_NAMES_MOST = 2_000  # datasets looked up at once
_BATCH = 50  # datasets compared at once: a page seldom needs more, and memory stays small


@dataclass(frozen=True, slots=True)
class DiffQuery:
    """A question for differences; without `within` of the whole estate, or of one namespace.

    `within` limits it to what lies among some datasets, both ends of an edge.
    """

    window: Window
    scope: Scope
    namespace: str | None = None
    within: frozenset[DatasetName] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: a dataset, and the key of its last row that was shown."""

    namespace: str
    name: str
    row: str


@dataclass(frozen=True, slots=True)
class DiffPage:
    """Rows in order of their datasets' names, and where the next page begins, None after the last."""

    rows: Sequence[Change]
    next: Place | None


async def read_diff(store: Store, query: DiffQuery, after: Place | None, limit: int) -> DiffPage:
    """Give a page of at most `limit` rows; raises UnavailableError while the store does not answer."""
    found: list[Change] = []
    async for batch in stream_diff(store, query, after):
        found += batch
        if len(found) > limit:
            last = found[limit - 1]
            return DiffPage(found[:limit], Place(last.output.namespace, last.output.name, last.key))
    return DiffPage(found, None)


async def stream_diff(store: Store, query: DiffQuery, after: Place | None = None) -> AsyncIterator[list[Change]]:
    """Give all rows in batches, each as the ledger is when it is read."""
    async for names in _names(store, query, after):
        for start in range(0, len(names), _BATCH):
            async with reading_changes(store) as snapshot:
                rows = await _compare(snapshot, query, names[start : start + _BATCH])
            yield _behind(rows, after)


async def _names(store: Store, query: DiffQuery, after: Place | None) -> AsyncIterator[list[NamedRow]]:
    """Give the visible datasets that may have changed, from the one on in which the last page ended."""
    window, start = query.window, (after.namespace, after.name) if after else ("", "")
    if query.within is not None:
        async with reading_changes(store) as snapshot:
            rows = await snapshot.changed_of({node_key(name.id) for name in query.within}, window.after, window.upto)
        yield [row for row in rows if (row.namespace, row.name) >= start]
        return
    more = True
    while more:
        async with reading_changes(store) as snapshot:
            rows = await snapshot.changed(window.after, window.upto, start, _NAMES_MOST + 1, query.namespace)
        more = len(rows) > _NAMES_MOST
        if more:
            start = rows[-1].namespace, rows[-1].name
        yield [row for row in rows[:_NAMES_MOST] if query.scope.sees(row.namespace)]


async def _compare(snapshot: ChangesSnapshot, query: DiffQuery, named: Iterable[NamedRow]) -> list[Change]:
    names = {row.dataset_key: DatasetName(row.namespace, row.name) for row in named}
    evidence: dict[DatasetName, list[EvidenceRow]] = {name: [] for name in names.values()}
    for row in await snapshot.evidence_of(names):
        evidence[names[str(row.output_key)]].append(row)
    schemas = await schemas_of(snapshot.rows, evidence)
    loaded = await load(snapshot.rows, evidence, schemas, query.window)
    return [
        change
        for output in loaded.outputs
        for turn in fold(walk(output, loaded.facts, query.window))
        for change in changes(output.name, turn)
        if _shown(change, query)
    ]


def _shown(change: Change, query: DiffQuery) -> bool:
    if query.within is not None and not change.datasets <= query.within:
        return False
    return change.is_visible(query.scope)


def _behind(rows: list[Change], after: Place | None) -> list[Change]:
    """Leave out the rows of the dataset in which the last page ended up to the one that it ended with.

    If that row is there no more, since the dataset changed meanwhile, its rows are given again rather than lost.
    """
    if after is None:
        return rows
    last = DatasetName(after.namespace, after.name)
    place = next((index for index, row in enumerate(rows) if row.output == last and row.key == after.row), -1)
    return rows[place + 1 :]
