"""From changed units to changed evidence: observations, source timelines and versions (lineage.md §2).

The usual unit of a scheduled job repeats what is known: it adds rows and changes nothing. Only where it does not, all
rows of the evidence are read and its versions made anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import orjson

from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import OPEN_END, Edge, EvidenceKey, node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.timeline import Fact, Point, greatest, history, repeats
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import (
    Changes,
    EvidenceRow,
    LookupRow,
    ObservationRow,
    ReadingRow,
    SourceRow,
    UnitRow,
)
from nexus_core.worker.datasets import Contents
from nexus_core.worker.ends import Ends
from nexus_core.worker.units import Unit

Contained = tuple[str, ...]
"""Fingerprints of all that an evidence claims at a moment; none: it claims nothing from then on."""

ENDED: Contained = ()

_SOURCE = slice(Edge._fields.index("source_namespace"), Edge._fields.index("source_name") + 1)


@dataclass(frozen=True, slots=True)
class Derived:
    """A unit with the contents that it claims and the keys of the schemas and routines that this rests on."""

    unit: Unit
    claims: Mapping[EvidenceKey, str]
    lookups: Collection[str]


@dataclass(frozen=True, slots=True)
class State:
    """What a unit says as far as was known from a recorded time on; None where it makes no version."""

    since: int
    derived: Derived | None


@dataclass(frozen=True, slots=True)
class Rederived:
    """The states of a unit from a recorded time on; what was known before is as it was."""

    since: int
    states: Sequence[State]


class Lookups(Protocol):
    """Tells what derivations were given of schemas and routines."""

    async def load(self, keys: Collection[str]) -> None:
        """Fetch what is asked for next."""
        ...

    def seen(self, key: str, at: int, since: int) -> str | None:
        """Give the fingerprint of what was believed of a moment from a recorded time on."""
        ...


@dataclass(slots=True)
class _Touched:
    """What a round does to one evidence or one source: rows added, and whether former ones changed or went."""

    added: list[ObservationRow] = field(default_factory=list)
    disturbed: bool = False


_Row = TypeVar("_Row", UnitRow, ObservationRow)


def valid_since(rows: Iterable[UnitRow]) -> tuple[int, int]:
    """Give the moment of a unit as it is believed last, and the recorded time from which it makes a version."""
    ordered = sorted(rows, key=lambda row: row.since)
    return ordered[-1].valid_at, ordered[0].since


class EvidenceRound:
    """Takes in the changed units of one round and writes the rows that follow."""

    def __init__(self, ledger: Snapshot, contents: Contents, changes: Changes, aliases: Aliases) -> None:
        self._ledger, self._contents, self._changes = ledger, contents, changes
        self._ends = Ends(ledger, changes, aliases)
        self.sources: set[DatasetName] = set()
        """The datasets that new contents read from."""
        self._evidence: dict[str, _Touched] = defaultdict(_Touched)
        self._keys: dict[str, tuple[EvidenceKey, str]] = {}
        self._sources: dict[str, list[UnitRow]] = defaultdict(list)
        self._disturbed_sources: set[str] = set()

    async def take(self, derived: Mapping[str, Rederived], lookups: Lookups) -> None:
        """Compare units with what the ledger has of them."""
        units: dict[str, list[UnitRow]] = defaultdict(list)
        for row in await self._ledger.units(derived):
            units[row.unit_key].append(row)
        observed: dict[str, dict[str, list[ObservationRow]]] = defaultdict(lambda: defaultdict(list))
        for one in await self._ledger.observations_of_units(derived):
            observed[one.unit_key][one.evidence_key].append(one)
        asked: dict[str, dict[str, LookupRow]] = defaultdict(dict)
        for lookup in await self._ledger.lookups_of_units(derived):
            asked[lookup.unit_key][lookup.dataset_key] = lookup
        await lookups.load({key for of in asked.values() for key in of})
        for key, again in derived.items():
            now = _spliced(units[key], again.since, [row for row in _unit_rows(key, again) if row])
            self._take_unit(units[key], now)
            self._note_keys(again)
            self._take_observations(again, observed[key], _observation_rows(key, again))
            self._take_lookups(key, again, now, asked[key], lookups)

    async def subjects(self) -> dict[str, set[str]]:
        """Give the output and the job of each evidence that this round observed, by its key."""
        rows = await self._ledger.evidence(self._evidence.keys() - self._keys.keys())
        found = {row.evidence_key: {key for key in (row.output_key, row.job_key) if key} for row in rows}
        for key in self._evidence.keys() & self._keys.keys():
            of = self._keys[key][0]
            found[key] = {node_key(named.id) for named in (of.output, of.job) if named}
        return found

    async def end(self, subjects: Collection[str]) -> None:
        """Take in that datasets or jobs ended or came back: their evidence, and the edges that read them.

        What lies in partitions of others is told to them by the commit.
        """
        if not subjects:
            return
        for key, of in (await self.subjects()).items():
            self._evidence[key].disturbed |= not of.isdisjoint(subjects)
        for row in await self._ledger.evidence_of_subjects(subjects):
            if self._changes.owns(row.evidence_key):
                self._evidence[row.evidence_key].disturbed = True
        readers = {row.evidence_key for row in await self._ledger.readings(subjects)}
        for row in await self._ledger.evidence(filter(self._changes.owns, readers)):
            self._changes.evidence.append(row._replace(pending=True))

    async def settle(self) -> None:
        """Bring source timelines, then versions, up to date."""
        eras, moved = await self._settle_sources()
        for row in await self._ledger.evidence_of_sources(moved):
            self._evidence[row.evidence_key].disturbed = True
        former = {row.evidence_key: row for row in await self._ledger.evidence(self._evidence)}
        again = {
            key: former.get(key) or self._new_row(key) for key in self._evidence if self._must_rebuild(key, former)
        }
        await self._load_around(again.values(), eras)
        rows: dict[str, dict[tuple[str, int], ObservationRow]] = defaultdict(dict)
        for one in await self._ledger.observations(again):
            rows[one.evidence_key][one.unit_key, one.since] = one
        for evidence_key, unit_key, since in self._changes.dropped_observations:
            rows[evidence_key].pop((unit_key, since), None)
        for key, row in again.items():
            rows[key].update({(one.unit_key, one.since): one for one in self._evidence[key].added})
            await self._rebuild(row, rows[key].values(), former.get(key), eras.get(row.source_key, []))

    def _take_unit(self, former: Sequence[UnitRow], now: Sequence[UnitRow]) -> None:
        added, gone = _difference(former, now)
        self._changes.units += added
        self._changes.dropped_units += [(row.unit_key, row.since) for row in gone]
        for row in added:
            self._sources[row.source_key].append(row)
        starts = {row.since for row in former}
        if gone or any(row.since in starts for row in added):
            self._disturbed_sources |= {row.source_key for row in (*former, *now)}

    def _note_keys(self, again: Rederived) -> None:
        """Remember the evidence behind its keys."""
        for state in again.states:
            if one := state.derived:
                self._keys |= {evidence.key: (evidence, one.unit.source_key) for evidence in one.claims}

    def _take_observations(
        self, again: Rederived, former: Mapping[str, list[ObservationRow]], new: Mapping[str, list[ObservationRow]]
    ) -> None:
        for evidence_key in former.keys() | new.keys():
            before = former.get(evidence_key, [])
            now = _spliced(before, again.since, new.get(evidence_key, []))
            added, gone = _difference(before, now)
            if not added and not gone:
                continue
            self._changes.observations += added
            self._changes.dropped_observations += [(evidence_key, row.unit_key, row.since) for row in gone]
            touched = self._evidence[evidence_key]
            touched.added += added
            starts = {row.since for row in before}
            touched.disturbed |= bool(gone) or any(row.since in starts for row in added)

    def _take_lookups(
        self,
        key: str,
        again: Rederived,
        rows: Sequence[UnitRow],
        former: Mapping[str, LookupRow],
        lookups: Lookups,
    ) -> None:
        asked = {of for state in again.states if state.derived for of in state.derived.lookups}
        if any(row.since < again.since for row in rows):
            asked |= former.keys()
        if not rows:
            asked = set()
        now = {of: LookupRow(key, of, lookups.seen(of, *valid_since(rows))) for of in asked}
        self._changes.lookups += [row for of, row in now.items() if row != former.get(of)]
        self._changes.dropped_lookups += [(key, of) for of in former.keys() - now.keys()]

    async def _settle_sources(self) -> tuple[dict[str, list[Point[str]]], set[str]]:
        """Give the eras of every touched source, and the sources whose eras changed."""
        before = await self._eras({*self._sources, *self._disturbed_sources})
        after = dict(before)
        again = {key for key in before if self._source_moves(key, before[key])}
        facts: dict[str, dict[tuple[str, int], UnitRow]] = defaultdict(dict)
        for row in await self._ledger.units_of_sources(again):
            facts[row.source_key][row.unit_key, row.since] = row
        dropped = set(self._changes.dropped_units)
        for key in again:
            units = {of: row for of, row in facts[key].items() if of not in dropped}
            units |= {(row.unit_key, row.since): row for row in self._sources[key]}
            told = (fact for row in units.values() if (fact := _source_fact(row)))
            after[key] = history(told, greatest)
        moved = {key for key in again if after[key] != before[key]}
        self._changes.sources += [SourceRow(key, packed(after[key])) for key in moved]
        return after, moved

    def _source_moves(self, key: str, eras: Sequence[Point[str]]) -> bool:
        if key in self._disturbed_sources:
            return True
        told = (fact for row in self._sources[key] if (fact := _source_fact(row)))
        return any(not repeats(eras, fact) for fact in told)

    async def _eras(self, keys: Iterable[str]) -> dict[str, list[Point[str]]]:
        wanted = set(keys)
        found: dict[str, list[Point[str]]] = {key: [] for key in wanted}
        for row in await self._ledger.sources(wanted):
            found[row.source_key] = [Point(*point) for point in orjson.loads(row.eras)]
        return found

    def _must_rebuild(self, key: str, former: Mapping[str, EvidenceRow]) -> bool:
        touched = self._evidence[key]
        if touched.disturbed or key not in former:
            return True
        known = versions_of(former[key])
        return not all(repeats(known, _observed(row)) for row in touched.added)

    async def _load_around(self, rows: Collection[EvidenceRow], eras: dict[str, list[Point[str]]]) -> None:
        """Fetch what ends evidence: the source timelines of their jobs, the ends of outputs and jobs."""
        eras |= await self._eras({row.source_key for row in rows} - eras.keys())
        await self._ends.load(rows)

    async def _rebuild(
        self,
        row: EvidenceRow,
        observed: Iterable[ObservationRow],
        former: EvidenceRow | None,
        eras: Sequence[Point[str]],
    ) -> None:
        now = versions(observed, eras, self._ends.of(row))
        body = packed(now)
        if former is not None and body == former.versions:
            return
        self._changes.evidence.append(row._replace(versions=body, pending=True))
        await self._note_readings(row.evidence_key, _contents(now) - _contents(versions_of(former) if former else []))

    async def _note_readings(self, evidence_key: str, contents: Collection[str]) -> None:
        await self._contents.load(contents, self._ledger)
        named = {tuple(edge[_SOURCE]) for content in contents for edge in self._contents[content]}
        sources = {DatasetName(namespace, name) for namespace, name in named if name}
        self.sources |= sources
        self._changes.readings += [ReadingRow(node_key(source.id), evidence_key) for source in sources]

    def _new_row(self, key: str) -> EvidenceRow:
        evidence, source_key = self._keys[key]
        job, output = evidence.job, evidence.output
        return EvidenceRow(
            key,
            source_key,
            evidence.principal_class,
            evidence.origin,
            node_key(job.id) if job else None,
            node_key(output.id) if output else None,
            job.namespace if job else None,
            job.name if job else None,
            output.namespace if output else None,
            output.name if output else None,
            b"[]",
            True,
        )


def versions(
    observed: Iterable[ObservationRow], eras: Iterable[Point[str]], ends: Iterable[Fact[Contained]]
) -> list[Point[Contained]]:
    """Give what an evidence claims when: as its units say, until its job's source changes or something ends it."""
    facts = [_observed(one) for one in observed]
    facts += [Fact(era.at, ENDED, era.event_id, era.since, era.until) for era in eras]
    return history([*facts, *ends], _together)


def versions_of(row: EvidenceRow) -> list[Point[Contained]]:
    """Give what an evidence claimed when."""
    return [
        Point(at, tuple(contents), event_id, since, until)
        for at, contents, event_id, since, until in orjson.loads(row.versions)
    ]


def _contents(points: Iterable[Point[Contained]]) -> set[str]:
    return {content for point in points for content in point.value}


def packed(points: Iterable[Point[Contained]] | Iterable[Point[str]]) -> bytes:
    """Write change points as the ledger keeps them."""
    return orjson.dumps([tuple(point) for point in points])


def _together(values: Iterable[Contained]) -> Contained:
    """Give what several units claim of one moment: all of it."""
    return tuple(sorted({content for value in values for content in value}))


def _observed(row: ObservationRow) -> Fact[Contained]:
    return Fact(row.valid_at, (row.content_fingerprint,), row.event_id, row.since, row.until)


def _source_fact(row: UnitRow) -> Fact[str] | None:
    source = row.source_fingerprint
    return None if source is None else Fact(row.valid_at, source, row.event_id, row.since, row.until)


def _unit_rows(key: str, again: Rederived) -> Iterable[UnitRow]:
    for since, until, one in _lasting(again):
        unit = one.unit
        yield UnitRow(key, since, until, unit.source_key, unit.valid_at, unit.source, unit.event_id)


def _observation_rows(key: str, again: Rederived) -> dict[str, list[ObservationRow]]:
    rows: dict[str, list[ObservationRow]] = defaultdict(list)
    for since, until, one in _lasting(again):
        for evidence, content in one.claims.items():
            rows[evidence.key].append(
                ObservationRow(evidence.key, key, since, until, one.unit.valid_at, content, one.unit.event_id)
            )
    return rows


def _lasting(again: Rederived) -> Iterable[tuple[int, int, Derived]]:
    ends = [*(state.since for state in again.states[1:]), OPEN_END]
    for state, until in zip(again.states, ends, strict=True):
        if state.derived is not None:
            yield state.since, until, state.derived


def _spliced(former: Iterable[_Row], since: int, new: Iterable[_Row]) -> list[_Row]:
    """Give former rows up to a recorded time and new ones from it on; equal neighbours are one row."""
    rows: list[_Row] = [row._replace(until=min(row.until, since)) for row in former if row.since < since]
    rows += new
    rows.sort(key=_since)
    joined: list[_Row] = []
    for row in rows:
        last = joined.pop() if joined else None
        if last is None:
            joined.append(row)
        elif last.until == row.since and last._replace(since=row.since, until=row.until) == row:
            joined.append(last._replace(until=row.until))
        else:
            joined += [last, row]
    return joined


def _since(row: UnitRow | ObservationRow) -> int:
    return row.since


def _difference(former: Iterable[_Row], now: Iterable[_Row]) -> tuple[list[_Row], list[_Row]]:
    """Give the rows to write, and the former ones whose key is there no more."""
    before = {row.since: row for row in former}
    after = {row.since: row for row in now}
    added = [row for key, row in after.items() if before.get(key) != row]
    return added, [row for key, row in before.items() if key not in after]
