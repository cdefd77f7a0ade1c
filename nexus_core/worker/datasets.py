"""The datasets that a round touches: their spellings, and what was observed of their schemas when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from nexus_core.graph.claims import DatasetShape
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import OPEN_END, digest, digest_of, node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.model.timeline import NOW, Fact, Point, beliefs, believed_at, greatest, history, periods, repeats
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import Changes, ContentRow, DatasetRow, FacetRow, SpellingRow
from nexus_core.store.names import named_rows
from nexus_core.worker.aliases import member_keys
from nexus_core.worker.cache import Cache
from nexus_core.worker.said import Said

SCHEMA, KIND = "schema", "datasetType"
_KEPT_BYTES = 8 * 2**20
_STORED_KEPT = 32_768

Fields = tuple[tuple[str, str], ...]
Timelines = dict[str, dict[str, list[Point[str]]]]
"""Facet → principal class → change points."""


@dataclass(slots=True)
class _State:
    name: DatasetName
    mentioned: bool = False
    changed: bool = False
    timelines: Timelines = field(default_factory=dict)


class Contents:
    """Contents by fingerprint, kept across rounds; `stored` ones need no writing again.

    They are kept as JSON and read at each use: what JSON of contents is read into takes five times as much.
    """

    def __init__(self) -> None:
        self._bodies: Cache[bytes] = Cache(_KEPT_BYTES, trims_itself=False)
        self.stored: Cache[bool] = Cache(_STORED_KEPT)
        self._begun: list[int] = []

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep what is loaded until the end of a block; what no block that is under way has used may go before it."""
        began = self._bodies.use_count
        self._bodies.trim(began - min(self._begun, default=began))
        self._begun.append(began)
        try:
            yield
        finally:
            self._begun.remove(began)

    async def load(self, fingerprints: Iterable[str], ledger: Snapshot) -> None:
        """Fetch what is not kept."""
        missing = [fingerprint for fingerprint in set(fingerprints) if self._bodies.get(fingerprint) is None]
        for row in await ledger.contents(missing):
            self._bodies.put(row.fingerprint, row.body, len(row.body))
            self.stored.put(row.fingerprint, True)

    def add(self, body: bytes, changes: Changes) -> str:
        """Take content that may be new; gives its fingerprint."""
        fingerprint = digest(body)
        if fingerprint not in self.stored:
            changes.contents.append(ContentRow(fingerprint, body))
        if self._bodies.get(fingerprint) is None:
            self._bodies.put(fingerprint, body, len(body))
        return fingerprint

    def committed(self, changes: Changes) -> None:
        """Remember what the ledger now holds."""
        for content in changes.contents:
            self.stored.put(content.fingerprint, True)
        for spelling in changes.spellings:
            self.stored.put(spelling.spelling_key, True)
        for job in changes.jobs:
            self.stored.put(job.job_key, True)

    def __getitem__(self, fingerprint: str) -> Any:
        body = self._bodies.get(fingerprint)
        if body is None:
            raise LookupError(f"content {fingerprint} was not loaded")
        return orjson.loads(body)


class Datasets:
    """What one round knows and learns of datasets; what is known of one name counts for all names of its class."""

    def __init__(self, ledger: Snapshot, contents: Contents, changes: Changes, aliases: Aliases) -> None:
        self._ledger, self._contents, self._changes, self._aliases = ledger, contents, changes, aliases
        self._states: dict[str, _State] = {}
        self._new: dict[str, set[FacetRow]] = defaultdict(set)
        self._unsettled: dict[str, int] = {}

    async def load(self, names: Iterable[DatasetName]) -> None:
        """Fetch datasets with the schemas that they ever had; names are canonical."""
        wanted = set(names)
        if self._aliases:
            wanted = {member for name in wanted for member in self._aliases.members(name)}
        missing = {key: name for name in wanted if (key := node_key(name.id)) not in self._states}
        self._states |= {key: _State(name) for key, name in missing.items()}
        for row in await self._ledger.datasets(missing):
            self._states[row.dataset_key] = _State(
                DatasetName(row.namespace, row.name), mentioned=True, timelines=_timelines(row.timelines)
            )
        await self._contents.load(
            (fp for key in missing for fp in _fingerprints(self._states[key].timelines)), self._ledger
        )

    async def load_keys(self, keys: Iterable[str]) -> None:
        """Fetch mentioned datasets by key, and those that have a mentioned alias."""
        missing = {key for key in set(keys) if key not in self._states}
        rows = await self._ledger.datasets(missing)
        await self.load(DatasetName(row.namespace, row.name) for row in rows)
        if self._aliases and (left := missing - self._states.keys()):
            await self.load(row.dataset for row in await named_rows(self._ledger.connection, left))

    async def observe(self, events: Iterable[Said]) -> None:
        """Take in which datasets events name and what they say of them."""
        told = list(events)
        await self.load(canonical(name) for said in told for name in said.datasets)
        for said in told:
            for raw in said.datasets:
                self._mention(raw)
            for facet, values in ((SCHEMA, said.schemas), (KIND, said.kinds)):
                for raw, value in values.items():
                    self._observe(said, raw, facet, orjson.dumps(value))

    async def settle(self) -> dict[str, int]:
        """Bring timelines up to date.

        Gives the datasets, by every name, with a changed schema timeline, and since when it differs.
        """
        for row in await self._ledger.facets(self._unsettled):
            self._new[row.dataset_key].add(row)
        await self._contents.load((row.fingerprint for key in self._unsettled for row in self._new[key]), self._ledger)
        changed = {key: since for key, since in self._unsettled.items() if self._rebuild(key)}
        for state in self._states.values():
            if state.changed:
                self._changes.datasets.append(_row(state))
        return self._by_every_name(changed)

    def _by_every_name(self, changed: dict[str, int]) -> dict[str, int]:
        found: dict[str, int] = {}
        for key, since in changed.items():
            for member in member_keys(self._aliases, self._states[key].name):
                found[member] = min(since, found.get(member, OPEN_END))
        return found

    def fields_at(self, name: DatasetName, at: int, known_at: int = NOW) -> Fields | None:
        """Give the schema of a moment as far as was known then; None where none was."""
        fingerprint = self.schema_at(name, at, known_at)
        return None if fingerprint is None else self._fields(fingerprint)

    def schema_at(self, name: DatasetName, at: int, known_at: int) -> str | None:
        """Give the fingerprint of that schema."""
        return believed_at(self._schemas(node_key(name.id)), at, known_at)

    def beliefs(self, key: str, at: int, since: int) -> list[tuple[int, str | None]]:
        """Give which schema, by fingerprint, was believed of a moment from a recorded time on."""
        return beliefs(self._schemas(key), at, since)

    def shape(self, name: DatasetName) -> DatasetShape | None:
        """Give a loaded dataset as it is known now, by the name that stands for it; None where no event names it."""
        first = self._aliases.of(name)
        key = node_key(first.id)
        if not any(self._states[member].mentioned for member in member_keys(self._aliases, first)):
            return None
        kind = believed_at(self._told(key, KIND), NOW)
        fields = self.fields_at(first, NOW)
        return DatasetShape(first, self._contents[kind] if kind else None, fields or (), self._members(key))

    def _members(self, key: str) -> dict[str, list[tuple[int, int, str]]]:
        """Give every field that the schema ever had with `(from, to, type)` of its times in it."""
        members: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for start, end, fingerprint in periods(self._schemas(key)):
            for field_name, type_ in dict(self._fields(fingerprint)).items():
                held = members[field_name]
                if held and held[-1][1:] == (start, type_):
                    held[-1] = (held[-1][0], end, type_)
                else:
                    held.append((start, end, type_))
        return members

    def _schemas(self, key: str) -> Mapping[str, list[Point[str]]]:
        return self._told(key, SCHEMA)

    def _told(self, key: str, facet: str) -> Mapping[str, list[Point[str]]]:
        """Give a facet's change points by class: those of all names of the dataset together."""
        state = self._states.get(key)
        if state is None:
            return {}
        keys = member_keys(self._aliases, state.name) if self._aliases else [key]
        if len(keys) == 1:
            return state.timelines.get(facet, {})
        told: dict[str, list[Fact[str]]] = defaultdict(list)
        for member in keys:
            for name, points in self._states[member].timelines.get(facet, {}).items():
                told[name] += [Fact(*point) for point in points]
        return {name: history(facts, greatest) for name, facts in told.items()}

    def _fields(self, fingerprint: str) -> Fields:
        return tuple(map(tuple, self._contents[fingerprint]))

    def _mention(self, raw: DatasetName) -> None:
        name = canonical(raw)
        key, spelling = node_key(name.id), digest_of(["spelling", raw.namespace, raw.name])
        if not self._states[key].mentioned:
            self._states[key].mentioned = self._states[key].changed = True
        if spelling not in self._contents.stored:
            self._changes.spellings.append(SpellingRow(spelling, raw.namespace, raw.name, key))

    def _observe(self, said: Said, raw: DatasetName, facet: str, body: bytes) -> None:
        key = node_key(canonical(raw).id)
        fingerprint = self._contents.add(body, self._changes)
        row = FacetRow(key, facet, said.principal_class, said.event_id, fingerprint, said.valid_at, said.accepted_at)
        self._changes.facets.append(row)
        self._new[key].add(row)
        points = self._states[key].timelines.get(facet, {}).get(said.principal_class, ())
        if not repeats(points, _fact(row)):
            self._unsettled[key] = min(said.accepted_at, self._unsettled.get(key, OPEN_END))

    def _rebuild(self, key: str) -> bool:
        """Make a dataset's timelines anew from all facts; tells whether its schema's changed."""
        state = self._states[key]
        by_class: dict[str, dict[str, list[Fact[str]]]] = defaultdict(lambda: defaultdict(list))
        for row in self._new[key]:
            by_class[row.facet][row.principal_class].append(_fact(row))
        timelines = {
            facet: {name: history(facts, greatest) for name, facts in sorted(classes.items())}
            for facet, classes in sorted(by_class.items())
        }
        before, state.timelines = state.timelines, timelines
        state.changed |= before != timelines
        return before.get(SCHEMA) != timelines.get(SCHEMA)


def _fact(row: FacetRow) -> Fact[str]:
    return Fact(row.valid_at, row.fingerprint, row.event_id, row.accepted_at)


def _timelines(body: bytes) -> Timelines:
    stored: Mapping[str, Mapping[str, list[list[Any]]]] = orjson.loads(body)
    return {
        facet: {name: [Point(*point) for point in points] for name, points in classes.items()}
        for facet, classes in stored.items()
    }


def _fingerprints(timelines: Timelines) -> Iterable[str]:
    return (value for classes in timelines.values() for points in classes.values() for (_, value, *_) in points)


def _row(state: _State) -> DatasetRow:
    name = state.name
    stored = {
        facet: {name: [tuple(point) for point in points] for name, points in classes.items()}
        for facet, classes in state.timelines.items()
    }
    return DatasetRow(node_key(name.id), name.namespace, name.name, orjson.dumps(stored), True)
