"""The history of one dataset or field, newest first: its schema, the edges into it and those out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nexus_core.catalogue.changes import Change, EdgeSide, changes
from nexus_core.catalogue.changes_load import existence_of, keys_of, load, points_of, schemas_of
from nexus_core.catalogue.changes_walk import Window, walk
from nexus_core.errors import NotFoundError
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.names import DatasetName, FieldName
from nexus_core.model.naming import canonical, canonical_field
from nexus_core.model.timeline import Points, believed
from nexus_core.store.database import Store
from nexus_core.store.dataset_access import visible_of
from nexus_core.store.ledger_changes import ChangesSnapshot, reading_changes
from nexus_core.store.ledger_rows import EvidenceRow


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """A question for the history of a dataset, or of one of its fields, as was believed at a recorded time.

    It goes back to the moment `kept_from`, in microseconds, which it leaves out.
    """

    asked: DatasetName
    field: str | None
    known_at: int
    scope: Scope
    kept_from: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ends: the moment and the key of its last row."""

    at: int
    row: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Rows, newest first, and where the next page begins, None after the last."""

    rows: Sequence[Change]
    next: Mark | None


async def read_history(
    store: Store, aliases: Aliases, query: HistoryQuery, after: Mark | None, limit: int
) -> HistoryPage:
    """Give a page of at most `limit` rows.

    Raises NotFoundError for a dataset or field that is unknown or invisible, UnavailableError while the store does
    not answer. Reads all evidence of the dataset, but of its contents only those of the moments shown.
    """
    name = aliases.of(canonical(query.asked))
    async with reading_changes(store) as snapshot:
        seen = await visible_of(snapshot.rows.connection, query.scope, [name])
        history = await _open(snapshot, aliases, query, name) if seen else None
        if history is None:
            raise NotFoundError(_missing(query))
        page = await _page(history, after, limit)
    if query.field is not None and after is None and not page.rows:
        raise NotFoundError(_missing(query))
    return page


def _missing(query: HistoryQuery) -> str:
    dataset = f"dataset {query.asked.name} in {query.asked.namespace}"
    return dataset if query.field is None else f"field {query.field} of {dataset}"


async def _open(snapshot: ChangesSnapshot, aliases: Aliases, query: HistoryQuery, name: DatasetName) -> _History | None:
    keys = keys_of(aliases, [name])
    into, out = await snapshot.evidence_of(keys), await snapshot.evidence_reading(keys)
    schemas = await schemas_of(snapshot.rows, aliases, [name])
    if not (into or out or schemas):
        return None
    field = None if query.field is None else canonical_field(name.namespace, query.field)
    existence = await existence_of(snapshot.rows, aliases, [name])
    of_sources = await snapshot.sources_existence_ats(keys)
    ended = existence.get(name, ())
    return _History(snapshot, aliases, query, name, field, into, _by_output(out, aliases), schemas, ended, of_sources)


@dataclass(frozen=True, slots=True)
class _History:
    snapshot: ChangesSnapshot
    aliases: Aliases
    query: HistoryQuery
    name: DatasetName
    field: str | None
    into: Sequence[EvidenceRow]
    out: Mapping[DatasetName, Sequence[EvidenceRow]]
    schemas: Mapping[DatasetName, Mapping[str, Points]]
    existence: Points
    of_sources: Sequence[int]

    def moments(self) -> list[int]:
        """Give every moment at which something may have changed, newest first."""
        rows = (*self.into, *(row for of in self.out.values() for row in of))
        found = {at for row in rows for at in self._ats(row)} | set(self.of_sources)
        told = (self.existence, *(points for of in self.schemas.values() for points in of.values()))
        found |= {point.at for points in told for point in believed(points, self.query.known_at)}
        return sorted((at for at in found if at > self.query.kept_from), reverse=True)

    async def rows(self, after: int, upto: int) -> list[Change]:
        """Give what is visible of the changes in a window, newest first."""
        window = Window(max(after, self.query.kept_from), upto, self.query.known_at)
        found = await self._walked({self.name: self.into}, window, None)
        found += await self._walked(self._touched(window), window, self.name)
        return sorted(filter(self._touches, found), key=lambda change: -change.cause.at)

    async def _walked(
        self, evidence: Mapping[DatasetName, Sequence[EvidenceRow]], window: Window, only_from: DatasetName | None
    ) -> list[Change]:
        schemas = self.schemas if only_from is None else {}
        loaded = await load(self.snapshot.rows, self.aliases, evidence, schemas, window, only_from)
        rows = (
            change
            for output in loaded.outputs
            for turn in walk(output, loaded.facts, window)
            for change in changes(output.name, turn)
            if only_from is None or isinstance(change.before or change.after, EdgeSide)
        )
        return await loaded.shown(self.snapshot.rows, rows, window, self.query.scope)

    def _touched(self, window: Window) -> dict[DatasetName, Sequence[EvidenceRow]]:
        """Give the outputs whose edges from the dataset may change in a window: all if the dataset came or went."""
        every = any(window.has(point.at) for point in self.existence)
        return {
            output: rows
            for output, rows in sorted(self.out.items())
            if every or any(window.has(at) for row in rows for at in self._ats(row))
        }

    def _ats(self, row: EvidenceRow) -> Iterable[int]:
        return (point.at for point in believed(points_of(row), self.query.known_at))

    def _touches(self, change: Change) -> bool:
        """Whether a row is about the field asked for; without one each is."""
        if self.field is None:
            return True
        return FieldName(self.name, self.field) in change.fields


async def _page(history: _History, after: Mark | None, limit: int) -> HistoryPage:
    """Take moments newest first, as many as may fill the page, then more, until it is full."""
    moments = [at for at in history.moments() if after is None or at <= after.at]
    found: list[Change] = []
    size = limit
    while moments and len(found) <= limit:
        taken, moments = moments[:size], moments[size:]
        rows = await history.rows(moments[0] if moments else taken[-1] - 1, taken[0])
        found += _behind(rows, after)
        size *= 2
    if len(found) <= limit:
        return HistoryPage(found, None)
    last = found[limit - 1]
    return HistoryPage(found[:limit], Mark(last.cause.at, last.key))


def _behind(rows: list[Change], after: Mark | None) -> list[Change]:
    """Leave out the rows up to the one that the last page ended with; if it is there no more, those of its moment."""
    if after is None:
        return rows
    place = next((index for index, row in enumerate(rows) if row.cause.at == after.at and row.key == after.row), -1)
    return rows[place + 1 :]


def _by_output(rows: Iterable[EvidenceRow], aliases: Aliases) -> dict[DatasetName, list[EvidenceRow]]:
    found: dict[DatasetName, list[EvidenceRow]] = {}
    for row in rows:
        output = DatasetName(str(row.output_namespace), str(row.output_name))
        found.setdefault(aliases.of(output), []).append(row)
    return found
