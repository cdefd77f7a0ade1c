"""The harvests of one source in the ledger: whole manifests, and what follows from them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical
from nexus_core.model.retirement import RetirementState as State
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import Changes, ContentRow
from nexus_core.store.lifecycle_rows import (
    ChunkRow,
    FindingRow,
    GuardRow,
    HarvestRow,
    ManifestRow,
    RetirementRow,
    StatementRow,
    UnharvestedRow,
    VerdictRow,
)
from nexus_core.worker.cache import Cache
from nexus_core.worker.lifecycle_harvests import Guard, Harvest, Named, Outcome, Retirement, Sweep, Verdict, sweep
from nexus_core.worker.lifecycle_manifest import manifest_of
from nexus_core.worker.said import Teller

_SOURCES_KEPT = 16


class Manifests:
    """The whole manifests of harvests, those of this round included, with their names by content."""

    def __init__(self, ledger: Snapshot, changes: Changes) -> None:
        self._ledger, self._changes = ledger, changes
        self._names: dict[str, frozenset[Named]] = {}
        self._written: dict[Named, set[Named]] = defaultdict(set)
        self._of_source: dict[str, list[ManifestRow]] = {}

    async def settle(self, runs: Iterable[str]) -> set[str]:
        """Put together the manifests of harvests that this round touched; gives the sources of those that changed."""
        rows, touched = self._ledger.lifecycle, set(runs)
        former = {row.run_key: row for row in await rows.manifests_of_runs(touched)}
        harvests: dict[str, dict[str, HarvestRow]] = defaultdict(dict)
        for told in (*await rows.harvests(touched), *self._changes.harvests):
            harvests[told.run_key][told.event_id] = told
        chunks: dict[str, dict[str, ChunkRow]] = defaultdict(dict)
        for part in await rows.chunks(harvests):
            chunks[part.run_key][part.event_id] = part
        # What was whole once and has no chunk any more was compacted.
        compacted = {run for run in former if not chunks[run] and any(of.chunk_count for of in harvests[run].values())}
        for part in self._changes.chunks:
            chunks[part.run_key][part.event_id] = part
        changed: set[str] = set()
        for run in sorted(harvests.keys() - compacted):
            made = manifest_of(list(harvests[run].values()), chunks[run].values())
            changed |= self._note(run, former.get(run), made)
        return changed

    def _note(self, run: str, before: ManifestRow | None, made: tuple[ManifestRow, bytes] | None) -> set[str]:
        now = made[0] if made else None
        if now == before:
            return set()
        if made:
            self._changes.manifests.append(made[0])
            self._changes.contents.append(ContentRow(made[0].names_key, made[1]))
        else:
            self._changes.dropped_manifests.append((run,))
        return {row.source for row in (before, now) if row}

    async def rows(self, source: str) -> list[ManifestRow]:
        """Give the manifests of a source."""
        if source not in self._of_source:
            rows = {row.run_key: row for row in await self._ledger.lifecycle.manifests([source])}
            for (run,) in self._changes.dropped_manifests:
                rows.pop(run, None)
            rows |= {row.run_key: row for row in self._changes.manifests}
            self._of_source[source] = [row for row in rows.values() if row.source == source]
        return self._of_source[source]

    async def of(self, source: str) -> list[ManifestRow]:
        """Give the manifests of a source, their names loaded."""
        rows = await self.rows(source)
        await self.load(row.names_key for row in rows)
        return rows

    def names(self, manifest: ManifestRow) -> frozenset[Named]:
        """Give the canonical names of a manifest that is loaded."""
        return self._names[manifest.names_key]

    def spellings(self) -> dict[Named, set[Named]]:
        """Give how loaded names that are not canonical were written."""
        return self._written

    async def load(self, keys: Iterable[str]) -> None:
        """Fetch names."""
        missing = set(keys) - self._names.keys()
        bodies = {row.fingerprint: row.body for row in await self._ledger.contents(missing)}
        bodies |= {row.fingerprint: row.body for row in self._changes.contents if row.fingerprint in missing}
        known: dict[Named, Named] = {}
        for key in missing:
            names = set()
            for namespace, name in orjson.loads(bodies[key]):
                exact = canonical(DatasetName(namespace, name))
                named = known.setdefault((exact.namespace, exact.name), (exact.namespace, exact.name))
                names.add(named)
                if named != (namespace, name):
                    self._written[named].add((namespace, name))
            self._names[key] = frozenset(names)


@dataclass(slots=True)
class _Known:
    """How far a source was computed, from what, and how its names were written."""

    manifests: frozenset[ManifestRow]
    decisions: frozenset[str]
    sweep: Sweep
    written: dict[Named, set[Named]]


class Sources:
    """The sources that a worker has computed, kept from round to round: a harvest after the last one is cheap.

    What is kept is compared with the ledger before it is used, so a round that was not committed does no harm.
    """

    def __init__(self) -> None:
        self._known: Cache[_Known] = Cache(_SOURCES_KEPT)

    async def found(
        self, source: str, manifests: Manifests, verdicts: Sequence[VerdictRow], guards: Sequence[GuardRow]
    ) -> tuple[Outcome, Mapping[Named, set[Named]]]:
        """Give what follows for a source, and how its names were written where that is not canonical."""
        rows = frozenset(await manifests.rows(source))
        decisions = frozenset([*(row.event_id for row in verdicts), *(row.event_id for row in guards)])
        known = self._known.get(source)
        new = rows - known.manifests if known else rows
        if known is None or known.decisions != decisions or not known.manifests <= rows or not _prolongs(known, new):
            made = await self._anew(source, manifests, verdicts, guards)
            known = _Known(rows, decisions, made, defaultdict(set))
        else:
            await manifests.load(row.names_key for row in new)
            await asyncio.to_thread(known.sweep.prolong, [_harvest(row, manifests) for row in new])
            known.manifests = rows
        for named, spelled in manifests.spellings().items():
            known.written.setdefault(named, set()).update(spelled)
        self._known.put(source, known)
        return await asyncio.to_thread(known.sweep.outcome), known.written

    async def _anew(
        self, source: str, manifests: Manifests, verdicts: Sequence[VerdictRow], guards: Sequence[GuardRow]
    ) -> Sweep:
        harvests = [_harvest(row, manifests) for row in await manifests.of(source)]
        said = [
            Verdict(row.accepted_at, row.event_id, row.action, row.harvest_id, _named(row.objects)) for row in verdicts
        ]
        limits = [Guard(row.valid_at, row.event_id, row.accepted_at, row.share, row.least) for row in guards]
        # Seconds for a large source with a long history: beside the loop, so that the lease is renewed meanwhile.
        return await asyncio.to_thread(sweep, harvests, said, limits)


def _prolongs(known: _Known, new: Iterable[ManifestRow]) -> bool:
    return known.sweep.prolongs((row.valid_at, row.event_id, row.known_at) for row in new)


async def settle_source(
    source: str, sources: Sources, manifests: Manifests, ledger: Snapshot, changes: Changes
) -> set[str]:
    """Write what the harvests of a source show; gives the subjects of which they show something else now."""
    rows = ledger.lifecycle
    verdicts = {row.event_id: row for row in (*await rows.verdicts([source]), *changes.verdicts)}
    guards = {row.event_id: row for row in (*await rows.guards([source]), *changes.guards)}
    found, written = await sources.found(
        source,
        manifests,
        [row for row in verdicts.values() if row.source == source],
        [row for row in guards.values() if row.source == source],
    )
    _note_retirements(source, found, await rows.retirements([source]), changes)
    _note_unharvested(source, found, await rows.unharvested([source]), changes)
    touched = _note_findings(source, found, written, await rows.findings([source]), changes)
    # A harvest may answer a facet that told of an end.
    told: list[StatementRow] = await rows.statements_of_ends(source)
    return touched | {row.subject_key for row in told if row.teller != Teller.CURATOR}


def _harvest(row: ManifestRow, manifests: Manifests) -> Harvest:
    return Harvest(
        row.valid_at, row.event_id, row.known_at, row.scope, row.names_key, manifests.names(row), row.partial
    )


def _subjects(named: Named, written: Mapping[Named, set[Named]]) -> set[str]:
    """Give the keys of the dataset of a name, and of the jobs that a harvest makes of it (views, routines)."""
    spelled = written.get(named, set()) | {named}
    return {node_key(DatasetName(*named).id), *(node_key(JobName(*name).id) for name in spelled)}


def _note_findings(
    source: str, found: Outcome, written: Mapping[Named, set[Named]], former: Iterable[FindingRow], changes: Changes
) -> set[str]:
    now = {
        row[:5]: row
        for one in found.findings
        for key in _subjects(one.named, written)
        for row in (FindingRow(key, one.event_id, one.at, one.exists, one.since, one.until, source),)
    }
    before = {row[:5]: row for row in former}
    added = [row for key, row in now.items() if before.get(key) != row]
    changes.findings += added
    gone = before.keys() - now.keys()
    changes.dropped_findings += sorted(gone)
    return {row.subject_key for row in added} | {key[0] for key in gone}


def _note_retirements(source: str, found: Outcome, former: Sequence[RetirementRow], changes: Changes) -> None:
    now = {one.harvest.event_id: _retirement(source, one) for one in found.retirements}
    before = {row.harvest_id: row for row in former}
    changes.retirements += [row for key, row in now.items() if before.get(key) != row]
    changes.dropped_retirements += [(key,) for key in sorted(before.keys() - now.keys())]


def _retirement(source: str, one: Retirement) -> RetirementRow:
    states = list(one.objects.values())
    harvest, guard = one.harvest, one.guard
    return RetirementRow(
        harvest_id=harvest.event_id,
        source=source,
        scope=harvest.scope,
        valid_at=harvest.at,
        known_at=harvest.known_at,
        covered_count=one.covered_count,
        share=guard.share,
        least=guard.least,
        held_count=states.count(State.HELD),
        ended_count=states.count(State.ENDED),
        undone_count=states.count(State.UNDONE),
        objects=orjson.dumps([(*named, state) for named, state in sorted(one.objects.items())]),
    )


def _note_unharvested(source: str, found: Outcome, former: Iterable[UnharvestedRow], changes: Changes) -> None:
    now: Mapping[tuple[str, str], UnharvestedRow] = {
        (row.subject_key, row.source): row
        for named, harvest in found.unharvested.items()
        for row in (UnharvestedRow(node_key(DatasetName(*named).id), source, harvest.at, harvest.event_id),)
    }
    before = {(row.subject_key, row.source): row for row in former}
    changes.unharvested += [row for key, row in now.items() if before.get(key) != row]
    changes.dropped_unharvested += sorted(before.keys() - now.keys())


def _named(body: bytes) -> frozenset[Named]:
    return frozenset((namespace, name) for namespace, name in orjson.loads(body))
