"""When the datasets and jobs that a round touches were there, from all that the ledger holds of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from nexus_core.model.edge import OPEN_END
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_lifecycle import Write
from nexus_core.store.ledger_rows import Changes, ExistenceRow
from nexus_core.store.lifecycle_rows import FindingRow, ManifestRow, StatementRow
from nexus_core.worker.lifecycle_harvests import Named
from nexus_core.worker.lifecycle_subject import By, Statement, turns
from nexus_core.worker.said import Teller

GONE, THERE, UNDO = "gone", "there", "undo"
"""The actions of statements."""

_BY = {Teller.HARVEST: By.HARVEST, Teller.PRODUCER: By.PRODUCER, Teller.CURATOR: By.CURATOR}


class Listings(Protocol):
    """The manifests of sources."""

    async def of(self, source: str) -> list[ManifestRow]:
        """Give the manifests of a source."""
        ...

    def names(self, manifest: ManifestRow) -> frozenset[Named]:
        """Give the canonical names of a manifest."""
        ...


class Subjects:
    """Keys of datasets and jobs whose existence is computed anew."""

    def __init__(self, keys: Collection[str], listings: Listings, ledger: Snapshot, changes: Changes) -> None:
        self._keys, self._listings, self._ledger, self._changes = keys, listings, ledger, changes
        self._told: dict[str, list[Statement]] = defaultdict(list)

    async def settle(self, outputs: Mapping[str, Collection[str]]) -> set[str]:
        """Write existence; `outputs` are the subjects of evidence of this round. Gives the subjects that changed."""
        if not self._keys:
            return set()
        for key, rows in (await self._statements()).items():
            self._told[key] += said(rows)
            self._told[key] += await self._listed(rows)
        for finding in await self._findings():
            by = Statement(finding.valid_at, finding.event_id, finding.exists, By.FINDING, finding.since, finding.until)
            self._told[finding.subject_key].append(by)
        ended = {key for key, told in self._told.items() if not all(one.exists for one in told)}
        for write in await self._writes(ended, outputs):
            by = Statement(write.valid_at, write.event_id, True, By.WRITE, write.since, write.until)
            self._told[write.subject_key].append(by)
        return self._note(await self._ledger.existence(self._keys))

    async def _statements(self) -> dict[str, list[StatementRow]]:
        rows = {row[:3]: row for row in await self._ledger.lifecycle.statements(self._keys)}
        rows |= {row[:3]: row for row in self._changes.statements if row.subject_key in self._keys}
        found: dict[str, list[StatementRow]] = defaultdict(list)
        for row in rows.values():
            found[row.subject_key].append(row)
        return found

    async def _listed(self, rows: Collection[StatementRow]) -> list[Statement]:
        """Give which harvests listed a dataset of which a facet told an end."""
        told = next((row for row in rows if row.action == GONE and row.teller != Teller.CURATOR), None)
        if told is None:
            return []
        return [
            Statement(manifest.valid_at, manifest.event_id, True, By.LISTING, manifest.known_at)
            for manifest in await self._listings.of(told.source)
            if (told.source, told.name) in self._listings.names(manifest)
        ]

    async def _findings(self) -> list[FindingRow]:
        rows = {row[:5]: row for row in await self._ledger.lifecycle.findings_of(self._keys)}
        for key in self._changes.dropped_findings:
            rows.pop(key, None)
        rows |= {row[:5]: row for row in self._changes.findings if row.subject_key in self._keys}
        return list(rows.values())

    async def _writes(self, ended: Collection[str], outputs: Mapping[str, Collection[str]]) -> list[Write]:
        rows = {row[:4]: row for row in await self._ledger.lifecycle.writes(ended)}
        dropped = set(self._changes.dropped_observations)
        kept = {key: row for key, row in rows.items() if key[1:] not in dropped}
        for one in self._changes.observations:
            for key in outputs.get(one.evidence_key, ()):
                if key in ended:
                    write = Write(key, *one[:4], one.valid_at, one.event_id)
                    kept[write[:4]] = write
        return list(kept.values())

    def _note(self, former: Iterable[ExistenceRow]) -> set[str]:
        now = {
            row[:5]: row
            for key in self._keys
            for turn in turns(self._told.get(key, ()))
            for row in (ExistenceRow(key, turn.event_id, turn.at, turn.exists, turn.since, turn.until),)
        }
        before = {row[:5]: row for row in former}
        added = [row for key, row in now.items() if before.get(key) != row]
        gone = before.keys() - now.keys()
        self._changes.existence += added
        self._changes.dropped_existence += sorted(gone)
        return {row.subject_key for row in added} | {key[0] for key in gone}


def said(rows: Iterable[StatementRow]) -> Iterator[Statement]:
    """Give what facets and decisions say; what was undone was believed until then."""
    told = list(rows)
    undone: dict[str, int] = {}
    for row in told:
        if row.action == UNDO:
            undone[row.undoes] = min(row.accepted_at, undone.get(row.undoes, OPEN_END))
    for row in told:
        until = undone.get(row.event_id, OPEN_END)
        if row.action != UNDO and row.accepted_at < until:
            by = _BY[Teller(row.teller)]
            yield Statement(row.valid_at, row.event_id, row.action == THERE, by, row.accepted_at, until)
