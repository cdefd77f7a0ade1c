"""Looks changes up in the ledger: which datasets may have changed in a window of valid time, and what to read of them.

Times are microseconds since 1970; windows are (after, upto].
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from sqlalchemy import Column, CompoundSelect, Select, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store.database import Store, reading
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import EvidenceRow
from nexus_core.store.ledger_tables import change_moment, dataset, event_index, evidence, existence
from nexus_core.store.ledger_tables import reading as source_reading

_KEYS_MAX = 500  # parameters of one statement, below every database's limit


class NamedRow(NamedTuple):
    """A dataset by name, in the order of estate-wide differences."""

    namespace: str
    name: str
    dataset_key: str


class ChangesSnapshot:
    """The ledger as of one moment, asked for changes; `rows` gives the rest of it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.rows = Snapshot(connection)

    async def changed(
        self, after: int, upto: int, start: tuple[str, str], limit: int, namespaces: Collection[str] = ()
    ) -> list[NamedRow]:
        """Give the datasets from a name on that may have changed in a window, in order of namespace and name, of some
        namespaces or all.
        """
        query = _named(_changed(after, upto), start, namespaces).order_by("namespace", "name", "dataset_key")
        return [NamedRow(*row) for row in await self._connection.execute(query.limit(limit))]

    async def changed_of(self, keys: Collection[str], after: int, upto: int) -> list[NamedRow]:
        """Give those of some datasets that may have changed in a window, in order of namespace and name."""
        found: set[NamedRow] = set()
        for part in _parts(keys):
            query = _named(_changed(after, upto, part), ("", ""), ())
            found.update(NamedRow(*row) for row in await self._connection.execute(query))
        return sorted(found)

    async def evidence_of(self, output_keys: Iterable[str]) -> list[EvidenceRow]:
        """Give the evidence of outputs."""
        found: list[EvidenceRow] = []
        for part in _parts(output_keys):
            query = select(evidence).where(evidence.c.output_key.in_(part))
            found += [EvidenceRow(*row) for row in await self._connection.execute(query)]
        return found

    async def evidence_reading(self, dataset_keys: Collection[str]) -> list[EvidenceRow]:
        """Give the evidence, of other outputs, that ever named a dataset (by any of its keys) as a source."""
        query = (
            select(evidence)
            .join(source_reading, source_reading.c.evidence_key == evidence.c.evidence_key)
            .where(source_reading.c.dataset_key.in_(dataset_keys), evidence.c.output_key.not_in(dataset_keys))
            .distinct()
        )
        return [EvidenceRow(*row) for row in await self._connection.execute(query)]

    async def sources_existence_ats(self, output_keys: Collection[str]) -> list[int]:
        """Give the moments at which a source that evidence of an output (by any of its keys) ever named ended or
        came back.
        """
        query = _of_sources(existence.c.valid_at).where(evidence.c.output_key.in_(output_keys))
        return list((await self._connection.execute(query)).scalars())

    async def events_beside(self, event_ids: Iterable[str]) -> dict[str, list[str]]:
        """Give the other events of the runs that events belong to, earliest first."""
        found = await self._events_sharing(event_index.c.run_key, event_ids)
        others = {of: [each for each in shared if each != of] for of, shared in found.items()}
        return {of: each for of, each in others.items() if each}

    async def events_of_versions(self, event_ids: Iterable[str]) -> dict[str, list[str]]:
        """Give all events of the version of a job that each of some events belongs to, earliest first."""
        return await self._events_sharing(event_index.c.unit_key, event_ids)

    async def _events_sharing(self, key: Column[Any], event_ids: Iterable[str]) -> dict[str, list[str]]:
        """Give the events, themselves included, that have the key of each of some events, earliest first."""
        other = event_index.alias()
        found: dict[str, list[str]] = {}
        for part in _parts(event_ids):
            query = (
                select(event_index.c.event_id, other.c.event_id)
                .join(other, other.c[key.name] == key)
                .where(event_index.c.event_id.in_(part))
                .order_by(other.c.valid_at, other.c.event_id)
            )
            for event_id, each in await self._connection.execute(query):
                found.setdefault(event_id, []).append(each)
        return found


@asynccontextmanager
async def reading_changes(store: Store) -> AsyncIterator[ChangesSnapshot]:
    """Open a snapshot; raises UnavailableError while the store does not answer."""
    async with reading(store) as connection:
        yield ChangesSnapshot(connection)


def _changed(after: int, upto: int, among: Sequence[str] | None = None) -> Select[Any] | CompoundSelect[Any]:
    """Give the query for the keys of datasets that changed themselves, or one of whose sources ended or came back."""
    own = select(change_moment.c.dataset_key).where(change_moment.c.at > after, change_moment.c.at <= upto)
    by_source = _of_sources(evidence.c.output_key).where(existence.c.valid_at > after, existence.c.valid_at <= upto)
    if among is not None:
        own = own.where(change_moment.c.dataset_key.in_(among))
        by_source = by_source.where(evidence.c.output_key.in_(among))
    return union(own, by_source)


def _of_sources(column: Any) -> Select[Any]:
    return (
        select(column)
        .select_from(existence)
        .join(source_reading, source_reading.c.dataset_key == existence.c.subject_key)
        .join(evidence, evidence.c.evidence_key == source_reading.c.evidence_key)
    )


def _named(
    keys: Select[Any] | CompoundSelect[Any], start: tuple[str, str], namespaces: Collection[str]
) -> CompoundSelect[Any]:
    """Give the query for names: those that events mention, and those that only SQL does."""
    wanted = keys.subquery()
    mentioned = select(dataset.c.namespace, dataset.c.name, dataset.c.dataset_key)
    written = select(evidence.c.output_namespace, evidence.c.output_name, evidence.c.output_key)
    parts = []
    for query in (mentioned, written):
        space, name, key = query.selected_columns
        part = query.where(key.in_(select(wanted)), tuple_(space, name) >= tuple_(*start))
        parts.append(part.where(space.in_(namespaces)) if namespaces else part)
    return union(*parts)


def _parts(keys: Iterable[str]) -> Iterable[list[str]]:
    wanted = sorted(set(keys))
    return (wanted[start : start + _KEYS_MAX] for start in range(0, len(wanted), _KEYS_MAX))
