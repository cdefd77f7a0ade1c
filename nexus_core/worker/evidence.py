"""From changed units to changed evidence: observations, source timelines and versions (lineage.md §2).

The usual unit of a scheduled job repeats what is known: it adds rows and changes nothing. Only where it does not, all
rows of the evidence are read and its versions made anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from nexus_core.model.edge import Edge, EvidenceKey, pack
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import (
    Changes,
    EvidenceRow,
    LookupRow,
    ObservationRow,
    SourceRow,
    UnitRow,
)
from nexus_core.worker.datasets import Contents
from nexus_core.worker.timeline import (
    Observed,
    Points,
    Version,
    change_points,
    changes_nothing,
    spans,
    value_at,
    versions,
)
from nexus_core.worker.units import Unit


@dataclass(frozen=True, slots=True)
class Derived:
    """A unit with what it claims and the schemas (dataset key → fingerprint) that this rests on."""

    unit: Unit
    claims: Mapping[EvidenceKey, set[Edge]]
    lookups: Mapping[str, str | None]


@dataclass(slots=True)
class _Touched:
    """What a round does to one evidence or one source: rows added, and whether former ones changed or went."""

    added: list[ObservationRow] = field(default_factory=list)
    disturbed: bool = False


class EvidenceRound:
    """Takes in the changed units of one round and writes the rows that follow."""

    def __init__(self, ledger: Snapshot, contents: Contents, changes: Changes) -> None:
        self._ledger, self._contents, self._changes = ledger, contents, changes
        self._evidence: dict[str, _Touched] = defaultdict(_Touched)
        self._keys: dict[str, EvidenceKey] = {}
        self._source_of: dict[str, str] = {}
        self._sources: dict[str, list[UnitRow]] = defaultdict(list)
        self._disturbed_sources: set[str] = set()

    async def take(self, derived: Mapping[str, Derived | None]) -> None:
        """Compare units with what the ledger has of them; None is a unit that makes no version (any more)."""
        former = {row.unit_key: row for row in await self._ledger.units(derived)}
        observed: dict[str, dict[str, ObservationRow]] = defaultdict(dict)
        for row in await self._ledger.observations_of_units(derived):
            observed[row.unit_key][row.evidence_key] = row
        asked: dict[str, dict[str, LookupRow]] = defaultdict(dict)
        for lookup in await self._ledger.lookups_of_units(derived):
            asked[lookup.unit_key][lookup.dataset_key] = lookup
        for key, one in derived.items():
            self._take_unit(key, one, former.get(key))
            self._take_observations(key, one, observed[key])
            self._take_lookups(key, one, asked[key])

    async def settle(self) -> None:
        """Bring source timelines, then versions, up to date."""
        eras, moved = await self._settle_sources()
        for row in await self._ledger.evidence_of_sources(moved):
            self._evidence[row.evidence_key].disturbed = True
        former = {row.evidence_key: row for row in await self._ledger.evidence(self._evidence)}
        wanted = {*self._source_of.values(), *(row.source_key for row in former.values())}
        eras |= await self._eras(wanted - eras.keys())
        again = [key for key in self._evidence if self._must_rebuild(key, former.get(key), eras)]
        rows: dict[str, dict[str, ObservationRow]] = defaultdict(dict)
        for one in await self._ledger.observations(again):
            rows[one.evidence_key][one.unit_key] = one
        dropped = set(self._changes.dropped_observations)
        for key in again:
            all_rows = rows[key] | {row.unit_key: row for row in self._evidence[key].added}
            facts = [_observed(row) for unit, row in all_rows.items() if (key, unit) not in dropped]
            self._rebuild(key, facts, former.get(key), eras)

    def _take_unit(self, key: str, one: Derived | None, former: UnitRow | None) -> None:
        row = None
        if one is not None:
            row = UnitRow(key, one.unit.source_key, one.unit.valid_at, one.unit.source)
        if row == former:
            return
        if row is not None:
            self._changes.units.append(row)
            self._sources[row.source_key].append(row)
        elif former is not None:
            self._changes.dropped_units.append(key)
        if former is not None:
            self._disturbed_sources.add(former.source_key)

    def _take_observations(self, key: str, one: Derived | None, former: Mapping[str, ObservationRow]) -> None:
        rows = {row.evidence_key: row for row in self._rows(key, one)} if one else {}
        for evidence_key, row in rows.items():
            if row == former.get(evidence_key):
                continue
            self._changes.observations.append(row)
            self._evidence[evidence_key].added.append(row)
            self._evidence[evidence_key].disturbed |= evidence_key in former
        for evidence_key in former.keys() - rows.keys():
            self._changes.dropped_observations.append((evidence_key, key))
            self._evidence[evidence_key].disturbed = True

    def _rows(self, key: str, one: Derived) -> Iterable[ObservationRow]:
        for evidence, edges in one.claims.items():
            _, body = pack(edges)
            self._keys[evidence.key] = evidence
            self._source_of[evidence.key] = one.unit.source_key
            yield ObservationRow(
                evidence.key,
                key,
                one.unit.valid_at,
                self._contents.add(body, self._changes),
                one.unit.source,
                one.unit.accepted_at,
                one.unit.event_id,
            )

    def _take_lookups(self, key: str, one: Derived | None, former: Mapping[str, LookupRow]) -> None:
        rows = {of: LookupRow(key, of, seen) for of, seen in one.lookups.items()} if one else {}
        self._changes.lookups += [row for of, row in rows.items() if row != former.get(of)]
        self._changes.dropped_lookups += [(key, of) for of in former.keys() - rows.keys()]

    async def _settle_sources(self) -> tuple[dict[str, Points], set[str]]:
        """Give the eras of every touched source, and the sources whose eras changed."""
        before = await self._eras({*self._sources, *self._disturbed_sources})
        after: dict[str, Points] = dict(before)
        again = {key for key in before if self._source_moves(key, before[key])}
        facts: dict[str, dict[str, UnitRow]] = defaultdict(dict)
        for row in await self._ledger.units_of_sources(again):
            facts[row.source_key][row.unit_key] = row
        for key in again:
            units = facts[key] | {row.unit_key: row for row in self._sources[key]}
            kept = [row for unit, row in units.items() if unit not in self._changes.dropped_units]
            after[key] = change_points((row.valid_at, row.source_fingerprint) for row in kept if row.source_fingerprint)
        moved = {key for key in again if list(after[key]) != list(before[key])}
        self._changes.sources += [SourceRow(key, orjson.dumps(after[key])) for key in moved]
        return after, moved

    def _source_moves(self, key: str, eras: Points) -> bool:
        if key in self._disturbed_sources:
            return True
        known = [row for row in self._sources[key] if row.source_fingerprint is not None]
        return any(value_at(eras, row.valid_at) != row.source_fingerprint for row in known)

    async def _eras(self, keys: Iterable[str]) -> dict[str, Points]:
        wanted = set(keys)
        found: dict[str, Points] = {key: [] for key in wanted}
        for row in await self._ledger.sources(wanted):
            found[row.source_key] = eras_of(row)
        return found

    def _must_rebuild(self, key: str, former: EvidenceRow | None, eras: Mapping[str, Points]) -> bool:
        touched = self._evidence[key]
        if touched.disturbed or former is None:
            return True
        known = versions_of(former)
        return not all(changes_nothing(known, _observed(row), eras[former.source_key]) for row in touched.added)

    def _rebuild(
        self, key: str, facts: Iterable[Observed], former: EvidenceRow | None, eras: Mapping[str, Points]
    ) -> None:
        row = former or self._new_row(key)
        now = versions(facts, eras[row.source_key])
        # Compared by their spans: a source text may change without moving any claim.
        pending = former is None or former.pending or self._spans_changed(former, now, eras[row.source_key])
        body = orjson.dumps([tuple(version) for version in now])
        if former is None or pending or body != former.versions:
            self._changes.evidence.append(row._replace(versions=body, pending=pending))

    def _spans_changed(self, former: EvidenceRow, now: list[Version], eras: Points) -> bool:
        if former.source_key in {row.source_key for row in self._changes.sources}:
            return True  # what the former spans were is not known any more
        return spans(versions_of(former), eras) != spans(now, eras)

    def _new_row(self, key: str) -> EvidenceRow:
        evidence = self._keys[key]
        job, output = evidence.job, evidence.output
        return EvidenceRow(
            key,
            self._source_of[key],
            evidence.principal_class,
            evidence.origin,
            job.namespace if job else None,
            job.name if job else None,
            output.namespace if output else None,
            output.name if output else None,
            b"[]",
            True,
        )


def eras_of(row: SourceRow) -> Points:
    """Give a source's change points."""
    return [(at, source) for at, source in orjson.loads(row.eras)]


def versions_of(row: EvidenceRow) -> list[Version]:
    """Give an evidence's versions."""
    return [
        Version(at, tuple(contents), source, era, event_id)
        for at, contents, source, era, event_id in orjson.loads(row.versions)
    ]


def _observed(row: ObservationRow) -> Observed:
    return Observed(row.valid_at, row.content_fingerprint, row.source_fingerprint, row.event_id)
