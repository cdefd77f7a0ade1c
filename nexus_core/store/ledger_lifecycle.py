"""What the ledger knows of ends and returns, read in a snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.store import ledger_tables
from nexus_core.store import lifecycle_tables as tables
from nexus_core.store.by_key import rows_by
from nexus_core.store.ledger_subjects import Noted, source_subject
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

_Row = TypeVar("_Row", bound=NamedTuple)
_KEYS_MAX = 500


class Write(NamedTuple):
    """That a job wrote a dataset, or that a job ran (`subject_key`), at a moment, as was believed in [since, until)."""

    subject_key: str
    evidence_key: str
    unit_key: str
    since: int
    until: int
    valid_at: int
    event_id: str


class LifecycleSnapshot:
    """The ledger's rows of ends and returns as of one moment; all methods give the rows that exist, in no order."""

    def __init__(self, connection: AsyncConnection, noted: Noted) -> None:
        self._connection, self._noted = connection, noted

    async def harvests(self, run_keys: Iterable[str]) -> list[HarvestRow]:
        """Give the COMPLETE events of harvests."""
        return await self._rows(HarvestRow, tables.harvest_run.c.run_key, run_keys)

    async def chunks(self, run_keys: Iterable[str]) -> list[ChunkRow]:
        """Give the chunks of harvests: megabytes for a large source."""
        return await self._rows(ChunkRow, tables.harvest_chunk.c.run_key, run_keys)

    async def manifests(self, sources: Iterable[str]) -> list[ManifestRow]:
        """Give the whole manifests of sources."""
        return await self._rows(ManifestRow, tables.harvest_manifest.c.source, self._of_sources(sources))

    async def manifests_of_runs(self, run_keys: Iterable[str]) -> list[ManifestRow]:
        """Give the whole manifests of harvests."""
        return await self._rows(ManifestRow, tables.harvest_manifest.c.run_key, run_keys)

    async def verdicts(self, sources: Iterable[str]) -> list[VerdictRow]:
        """Give what was decided about harvests of sources."""
        return await self._rows(VerdictRow, tables.harvest_verdict.c.source, self._of_sources(sources))

    async def guards(self, sources: Iterable[str]) -> list[GuardRow]:
        """Give the limits of sources."""
        return await self._rows(GuardRow, tables.harvest_guard.c.source, self._of_sources(sources))

    async def findings(self, sources: Iterable[str]) -> list[FindingRow]:
        """Give all that harvests of sources show."""
        return await self._rows(FindingRow, tables.harvest_finding.c.source, self._of_sources(sources))

    async def findings_of(self, subject_keys: Iterable[str]) -> list[FindingRow]:
        """Give what harvests show of subjects."""
        return await self._rows(FindingRow, tables.harvest_finding.c.subject_key, self._of_subjects(subject_keys))

    async def retirements(self, sources: Iterable[str]) -> list[RetirementRow]:
        """Give the harvests of sources that lacked something."""
        return await self._rows(RetirementRow, tables.harvest_retirement.c.source, self._of_sources(sources))

    async def unharvested(self, sources: Iterable[str]) -> list[UnharvestedRow]:
        """Give what no harvest of sources covers any more."""
        return await self._rows(UnharvestedRow, tables.unharvested.c.source, self._of_sources(sources))

    async def statements(self, subject_keys: Iterable[str]) -> list[StatementRow]:
        """Give what facets and decisions say of subjects."""
        return await self._rows(StatementRow, tables.lifecycle_statement.c.subject_key, self._of_subjects(subject_keys))

    async def closures(self, output_keys: Iterable[str]) -> list[StatementRow]:
        """Give what decisions say of outputs of jobs; whoever decides changes the datasets too, which are noted."""
        return await self._rows(StatementRow, tables.lifecycle_statement.c.subject_key, output_keys)

    async def ended(self, subject_keys: Iterable[str]) -> set[str]:
        """Give the subjects that a facet, a decision or a harvest ever said to have ended."""
        asked = self._of_subjects(subject_keys)
        said = await self._rows(StatementRow, tables.lifecycle_statement.c.subject_key, asked)
        shown = await self._rows(FindingRow, tables.harvest_finding.c.subject_key, asked)
        return {row.subject_key for row in said if row.action == "gone"} | {row.subject_key for row in shown}

    async def statements_of_ends(self, source: str) -> list[StatementRow]:
        """Give the ends that facets and decisions tell of in a namespace."""
        self._of_sources([source])
        row = tables.lifecycle_statement
        query = select(row).where(row.c.source == source, row.c.action == "gone")
        return [StatementRow(*each) for each in await self._connection.execute(query)]

    async def writes(self, subject_keys: Iterable[str]) -> list[Write]:
        """Give every observation of what wrote datasets, or of jobs: many rows, for the rare subject that ended."""
        observed, of = ledger_tables.observation.c, ledger_tables.evidence.c
        self._noted.written |= (wanted := self._of_subjects(subject_keys))
        found = []
        for subject in (of.output_key, of.job_key):
            for part in _parts(wanted):
                query = (
                    select(
                        subject,
                        observed.evidence_key,
                        observed.unit_key,
                        observed.since,
                        observed.until,
                        observed.valid_at,
                        observed.event_id,
                    )
                    .join_from(
                        ledger_tables.observation, ledger_tables.evidence, observed.evidence_key == of.evidence_key
                    )
                    .where(subject.in_(part))
                )
                found += [Write(*row) for row in await self._connection.execute(query)]
        return found

    def _of_sources(self, sources: Iterable[str]) -> set[str]:
        asked = set(sources)
        subjects = set(map(source_subject, asked))
        self._noted.sources |= subjects
        self._noted.subjects |= subjects
        return asked

    def _of_subjects(self, keys: Iterable[str]) -> set[str]:
        asked = set(keys)
        self._noted.subjects |= asked
        return asked

    async def _rows(self, shape: type[_Row], column: Column[Any], keys: Iterable[str]) -> list[_Row]:
        return await rows_by(self._connection, shape, column, keys)


def _parts(keys: Iterable[str]) -> Iterable[list[str]]:
    wanted = sorted(set(keys))
    return (wanted[start : start + _KEYS_MAX] for start in range(0, len(wanted), _KEYS_MAX))
