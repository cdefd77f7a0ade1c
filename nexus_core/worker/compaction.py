"""Takes out of ledger and graph what lies behind the horizon, in batches, so that nothing that is kept changes.

Of facts dated before the horizon only the last can matter to what holds from it on; of schemas and source texts those
stay at which something changed, since runs from before may be derived again. Each evidence is computed with the facts
that would stay, and left as it is unless the same follows from them (docs/decisions/0009-retention.md).

The caller holds all partitions, and no worker keeps caches from before: a content that nobody refers to goes too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from nexus_core.graph.claims import Claim
from nexus_core.model.edge import OPEN_END, Edge
from nexus_core.model.retention import Horizon, clipped_areas
from nexus_core.model.timeline import Area, Fact, Point, greatest, history
from nexus_core.store import ledger_compaction as store
from nexus_core.store.ledger import Record, Snapshot
from nexus_core.store.ledger_lease import Held
from nexus_core.store.ledger_rows import Changes, DatasetRow, EvidenceRow, FacetRow, ObservationRow, UnitRow
from nexus_core.store.ledger_subjects import ALONE
from nexus_core.worker.datasets import SCHEMA
from nexus_core.worker.ends import Ends
from nexus_core.worker.evidence import packed, versions, versions_of
from nexus_core.worker.merge import Merger
from nexus_core.worker.project import claims_of, kept

_EVIDENCE, _UNITS, _DATASETS = 50, 500, 10
_MOMENTS, _CHUNKS, _CONTENTS, _PAGE = 5_000, 50, 5_000, 1_000

Pass = Callable[[Held], Awaitable[bool]]
"""Does a batch; False when nothing is left for it."""


@dataclass(slots=True)
class Compaction:
    """One compaction up to a horizon, which may be broken off after any step and begun anew; `dropped` counts rows."""

    merger: Merger
    horizon: Horizon
    dropped: Counter[str] = field(default_factory=Counter)
    _at: int = 0
    _cursor: str = ""
    _referred: tuple[Mapping[int, int], set[str]] | None = None

    async def step(self, held: Held) -> bool:
        """Do the next batch in one transaction of the ledger and one of the graph; False when all is done.

        Raises LostLeaseError if a lease has gone to another; then nothing of the batch is written.
        """
        passes: Sequence[Pass] = (
            self._evidence,
            self._units,
            self._datasets,
            self._moments,
            self._chunks,
            self._contents,
        )
        if self._at < len(passes) and not await passes[self._at](held):
            self._at, self._cursor = self._at + 1, ""
        return self._at < len(passes)

    async def _evidence(self, held: Held) -> bool:
        changes = Changes(held.partitions)
        async with self.merger.ledger.reading() as snapshot:
            rows = await store.evidence_after(snapshot.connection, self._cursor, _EVIDENCE)
            if rows:
                await self._thin(snapshot, rows, changes)
        await self._write(held, changes, "observations", len(changes.dropped_observations))
        self._cursor = rows[-1].evidence_key if rows else ""
        return bool(rows)

    async def _thin(self, snapshot: Snapshot, rows: Sequence[EvidenceRow], changes: Changes) -> None:
        aliases = await self.merger.aliases.load(snapshot.connection)
        eras = {row.source_key: _points(row.eras) for row in await snapshot.sources(row.source_key for row in rows)}
        ends = Ends(snapshot, Changes(), aliases)
        await ends.load(rows)
        observed: dict[str, list[ObservationRow]] = defaultdict(list)
        for one in await snapshot.observations(row.evidence_key for row in rows):
            observed[one.evidence_key].append(one)
        settled = await self._settled(snapshot, observed.values())
        needed_of = {key: _needed(of, self.horizon, settled) for key, of in observed.items()}
        thinner: list[EvidenceRow] = []
        for row in rows:
            needed = needed_of.get(row.evidence_key, [])
            made = versions(needed, eras.get(row.source_key, ()), ends.of(row))
            thinner.append(row._replace(versions=packed(made)))
        contents = self.merger.contents
        before = await claims_of(snapshot, contents, aliases, rows)
        after = await claims_of(snapshot, contents, aliases, thinner)
        for row, thin, was, is_ in zip(rows, thinner, before, after, strict=True):
            same = _told(was, self.horizon) == _told(is_, self.horizon)
            if same:
                gone = set(observed[row.evidence_key]) - set(needed_of.get(row.evidence_key, ()))
                changes.dropped_observations += sorted(one[:3] for one in gone)
            if kept(was, self.horizon) != was or (same and thin.versions != row.versions):
                changes.evidence.append((thin if same else row)._replace(pending=True))

    async def _settled(self, snapshot: Snapshot, observed: Iterable[Sequence[ObservationRow]]) -> set[str]:
        """Give those of the units before the horizon whose schemas were all known when they ran.

        What others say may still change, should a schema come that was never told before.
        """
        old = {one.unit_key: one.valid_at for of in observed for one in _lasting(of, self.horizon)}
        asked: dict[str, set[str]] = defaultdict(set)
        for lookup in await snapshot.lookups_of_units(old):
            asked[lookup.unit_key].add(lookup.dataset_key)
        first = {row.dataset_key: _described_from(row) for row in await snapshot.datasets(set().union(*asked.values()))}
        return {unit for unit, at in old.items() if all(first.get(key, OPEN_END) <= at for key in asked[unit])}

    async def _units(self, held: Held) -> bool:
        changes = Changes(held.partitions)
        async with self.merger.ledger.reading() as snapshot:
            rows = await store.silent_units_after(snapshot.connection, self._cursor, self.horizon, _UNITS)
            gone = await self._needless(snapshot, rows)
        changes.dropped_units += [(row.unit_key, row.since) for row in gone]
        forget = partial(store.drop_lookups, unit_keys=sorted({row.unit_key for row in gone}))
        await self._write(held, changes, "units", len(gone), forget)
        self._cursor = rows[-1].unit_key if rows else ""
        return bool(rows)

    async def _needless(self, snapshot: Snapshot, rows: Sequence[UnitRow]) -> list[UnitRow]:
        """Give the units that no change of a source's text is dated by."""
        sources = {row.source_key for row in rows}
        dated = {row.source_key: {point.at for point in _points(row.eras)} for row in await snapshot.sources(sources)}
        for source, at in (await store.last_units(snapshot.connection, sorted(sources), self.horizon)).items():
            dated.setdefault(source, set()).add(at)
        return [row for row in rows if row.source_fingerprint is None or row.valid_at not in dated[row.source_key]]

    async def _datasets(self, held: Held) -> bool:
        changes = Changes(held.partitions)
        async with self.merger.ledger.reading() as snapshot:
            rows = await store.datasets_after(snapshot.connection, self._cursor, _DATASETS)
            keys = [row.dataset_key for row in rows]
            old = await store.facets_before(snapshot.connection, keys, self.horizon)
            every = await snapshot.facets({row.dataset_key for row in old})
        gone = [one for row in rows for one in _repeated(row, old, every)]
        changes.datasets += [row._replace(pending=True) for row in rows if _has_past(row, self.horizon)]
        await self._write(held, changes, "facet observations", len(gone), partial(store.drop_facets, rows=gone))
        self._cursor = rows[-1].dataset_key if rows else ""
        return bool(rows)

    async def _moments(self, held: Held) -> bool:
        return await self._drop_some(held, "moments of change", store.drop_moments, _MOMENTS)

    async def _chunks(self, held: Held) -> bool:
        return await self._drop_some(held, "chunks of harvests", store.drop_chunks, _CHUNKS)

    async def _drop_some(
        self, held: Held, name: str, drop: Callable[[store.Connection, Horizon, int], Awaitable[int]], limit: int
    ) -> bool:
        count = 0

        async def dropping(connection: store.Connection) -> None:
            nonlocal count
            count = await drop(connection, self.horizon, limit)

        await self._write(held, Changes(held.partitions), name, 0, dropping)
        self.dropped[name] += count
        return count == limit

    async def _contents(self, held: Held) -> bool:
        """Drop contents that nobody refers to; who does was found out under the same leases."""
        if self._referred is None or self._referred[0] != held.epochs:
            self._referred, self._cursor = (held.epochs, await self._all_referred()), ""
        async with self.merger.ledger.reading() as snapshot:
            found = await store.contents_after(snapshot.connection, self._cursor, _CONTENTS)
        gone = [fingerprint for fingerprint in found if fingerprint not in self._referred[1]]
        drop = partial(store.drop_contents, fingerprints=gone)
        await self._write(held, Changes(held.partitions), "contents", len(gone), drop)
        self._cursor = found[-1] if found else ""
        return bool(found)

    async def _all_referred(self) -> set[str]:
        """Give the fingerprints of all contents in use: about 100 bytes of memory each."""
        async with self.merger.ledger.reading() as snapshot:
            connection = snapshot.connection
            found = await store.referred_contents(connection)
            cursor = ""
            while rows := await store.evidence_after(connection, cursor, _PAGE):
                found |= {content for row in rows for point in versions_of(row) for content in point.value}
                cursor = rows[-1].evidence_key
            cursor = ""
            while described := await store.datasets_after(connection, cursor, _PAGE):
                found |= {point.value for row in described for points in _timelines(row).values() for point in points}
                cursor = described[-1].dataset_key
        return found

    async def _write(self, held: Held, changes: Changes, name: str, count: int, *also: Record) -> None:
        await self.merger.ledger.commit(changes, held, ALONE, *also)
        self.dropped[name] += count
        await self.merger.finish(held)


def _lasting(observed: Iterable[ObservationRow], horizon: Horizon) -> list[ObservationRow]:
    """Give what was observed before a horizon, and believed at its recorded time and since."""
    old = (one for one in observed if one.valid_at < horizon.valid_from)
    return [one for one in old if one.until == OPEN_END and one.since <= horizon.known_from]


def _last(observed: Iterable[ObservationRow], horizon: Horizon) -> list[ObservationRow]:
    """Give the last of that: several units may have begun at one moment."""
    lasting = _lasting(observed, horizon)
    last = max((one.valid_at for one in lasting), default=0)
    return [one for one in lasting if one.valid_at == last]


def _needed(observed: Sequence[ObservationRow], horizon: Horizon, settled: Collection[str]) -> list[ObservationRow]:
    """Give the observations that may matter from a horizon on: the last before it.

    Of units that may still say something else, then or now, also the last of each content.
    """
    open_: dict[str, list[ObservationRow]] = defaultdict(list)
    for one in _lasting(observed, horizon):
        if one.unit_key not in settled:
            open_[one.content_fingerprint].append(one)
    needed = {one for of in (observed, *open_.values()) for one in _last(of, horizon)}
    over = {one for one in observed if one.valid_at < horizon.valid_from and one.until <= horizon.known_from}
    needless = {*over, *_lasting(observed, horizon)} - needed
    return [one for one in observed if one not in needless]


def _told(claim: Claim, horizon: Horizon) -> dict[Edge, tuple[tuple[Area, ...], tuple[Area, ...], str]]:
    """Give what the hash of the graph counts of a claim (`nexus_core.graph.hash`)."""
    found: dict[Edge, tuple[tuple[Area, ...], tuple[Area, ...], str]] = {}
    for edge in claim.edges:
        now, once = clipped_areas(edge.now, horizon), clipped_areas(edge.once, horizon)
        if now or once:
            found[edge.edge] = (now, once, edge.event_id if now and now[-1].start > horizon.valid_from else "")
    return found


def _repeated(row: DatasetRow, old: Iterable[FacetRow], every: Iterable[FacetRow]) -> list[FacetRow]:
    """Give the old facts of a dataset that only repeat others, if its timelines are the same without them."""
    timelines = _timelines(row)
    ats: dict[tuple[str, str], set[int]] = {of: {point.at for point in points} for of, points in timelines.items()}
    mine = [one for one in old if one.dataset_key == row.dataset_key]
    for one in mine:
        last = max(each.valid_at for each in mine if _of(each) == _of(one))
        ats.setdefault(_of(one), set()).add(last)
    gone = {one for one in mine if one.valid_at not in ats[_of(one)]}
    left: dict[tuple[str, str], list[Fact[str]]] = defaultdict(list)
    for one in every:
        if one.dataset_key == row.dataset_key and one not in gone:
            left[_of(one)].append(Fact(one.valid_at, one.fingerprint, one.event_id, one.accepted_at))
    same = {of: history(facts, greatest) for of, facts in left.items()} == timelines
    return sorted(gone) if same else []


def _of(row: FacetRow) -> tuple[str, str]:
    return row.facet, row.principal_class


def _has_past(row: DatasetRow, horizon: Horizon) -> bool:
    """Whether a dataset's schema changed before a horizon, so that the graph may have fields that are behind it."""
    points = (points for (facet, _), points in _timelines(row).items() if facet == SCHEMA)
    return sum(point.at <= horizon.valid_from for of in points for point in of) > 1


def _timelines(row: DatasetRow) -> dict[tuple[str, str], list[Point[str]]]:
    stored: Mapping[str, Mapping[str, Collection[Any]]] = orjson.loads(row.timelines)
    return {
        (facet, name): [Point(*point) for point in points]
        for facet, classes in stored.items()
        for name, points in classes.items()
    }


def _described_from(row: DatasetRow) -> int:
    """Give since when a dataset has a schema that is believed now."""
    points = (point for (facet, _), of in _timelines(row).items() if facet == SCHEMA for point in of)
    return min((point.at for point in points if point.until == OPEN_END), default=OPEN_END)


def _points(body: bytes) -> list[Point[str]]:
    return [Point(*point) for point in orjson.loads(body)]
