"""Rows of the ledger as values; their fields are the columns of `ledger_tables`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import orjson

from nexus_core.model.partition import ALL_PARTITIONS, partition_of_key
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


class IndexRow(NamedTuple):
    """Where one event belongs, as far as can be told without reading it again."""

    event_id: str
    run_key: str
    unit_key: str
    principal_class: str
    job_key: str | None
    run_id: str | None
    parent_run_id: str | None
    event_type: str
    streaming: bool
    valid_at: int
    accepted_at: int


class DatasetRow(NamedTuple):
    """A dataset that an event named, with the change points of its facets as JSON."""

    dataset_key: str
    namespace: str
    name: str
    timelines: bytes
    pending: bool


class SpellingRow(NamedTuple):
    """A dataset's name as an event wrote it."""

    spelling_key: str
    namespace: str
    name: str
    dataset_key: str


class FacetRow(NamedTuple):
    """That an event of a principal class saw a facet with this content at a moment."""

    dataset_key: str
    facet: str
    principal_class: str
    event_id: str
    fingerprint: str
    valid_at: int
    accepted_at: int


class ExistenceRow(NamedTuple):
    """That a dataset or job ended, or was there, at a moment, as was believed in [since, until)."""

    subject_key: str
    event_id: str
    valid_at: int
    exists: bool
    since: int
    until: int


class MomentRow(NamedTuple):
    """That something may have changed for a dataset at a moment."""

    dataset_key: str
    at: int


class ContentRow(NamedTuple):
    """Content that rows name by its fingerprint: edges, or fields of a schema."""

    fingerprint: str
    body: bytes


class JobRow(NamedTuple):
    """A job that an event named."""

    job_key: str
    namespace: str
    name: str
    pending: bool


class SourceRow(NamedTuple):
    """When the source text of a job changed, as one principal class tells, as JSON."""

    source_key: str
    eras: bytes


class UnitRow(NamedTuple):
    """A unit that makes a version, and when, as was believed in [since, until)."""

    unit_key: str
    since: int
    until: int
    source_key: str
    valid_at: int
    source_fingerprint: str | None
    event_id: str


class ObservationRow(NamedTuple):
    """What one unit says of one evidence, as was believed in [since, until)."""

    evidence_key: str
    unit_key: str
    since: int
    until: int
    valid_at: int
    content_fingerprint: str
    event_id: str


class EvidenceRow(NamedTuple):
    """An evidence with its versions as JSON; `pending` until the graph has them."""

    evidence_key: str
    source_key: str
    principal_class: str
    origin: str
    job_key: str | None
    output_key: str | None
    job_namespace: str | None
    job_name: str | None
    output_namespace: str | None
    output_name: str | None
    versions: bytes
    pending: bool


class ReadingRow(NamedTuple):
    """That an evidence named a dataset as a source, now or before."""

    dataset_key: str
    evidence_key: str


class LookupRow(NamedTuple):
    """That a unit's derivation asked for a dataset's schema or a routine's text, and which one it was given."""

    unit_key: str
    dataset_key: str
    fingerprint: str | None


class RoutineRow(NamedTuple):
    """That a harvest saw a routine with this text at a moment; the event holds the text."""

    routine_key: str
    job_key: str
    valid_at: int
    event_id: str
    fingerprint: str
    accepted_at: int


class DerivationRow(NamedTuple):
    """A derivation's outcome, kept under the digest of everything that it depends on."""

    derivation_key: str
    body: bytes


class HorizonRow(NamedTuple):
    """That a decision forgets what held, and what was believed, before two moments."""

    event_id: str
    valid_from: int
    known_from: int
    accepted_at: int


class TaskKind(StrEnum):
    """Why to look again at what rests on a subject: its schema or text is another, or it ended or returned."""

    BELIEF = "belief"
    END = "end"


class TaskRow(NamedTuple):
    """What the work of one partition asks of another's: to look again at a subject, as known since a recorded time."""

    partition: int
    kind: str
    key: str
    since: int


@dataclass(slots=True)
class Changes:
    """What one round adds to the ledger; rows of one key replace the former row, or repeat it.

    `partitions` are those that the round may write. `changed` names the schemas and routines believed otherwise now,
    with the recorded time since when; `ended` subjects that ended or returned, by every name; `renames` says that names
    became one or ceased to be.
    """

    partitions: Collection[int] = ALL_PARTITIONS
    changed: dict[str, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    renames: bool = False
    done_tasks: list[tuple[int]] = field(default_factory=list)
    index: list[IndexRow] = field(default_factory=list)
    datasets: list[DatasetRow] = field(default_factory=list)
    spellings: list[SpellingRow] = field(default_factory=list)
    facets: list[FacetRow] = field(default_factory=list)
    contents: list[ContentRow] = field(default_factory=list)
    jobs: list[JobRow] = field(default_factory=list)
    sources: list[SourceRow] = field(default_factory=list)
    units: list[UnitRow] = field(default_factory=list)
    observations: list[ObservationRow] = field(default_factory=list)
    evidence: list[EvidenceRow] = field(default_factory=list)
    existence: list[ExistenceRow] = field(default_factory=list)
    readings: list[ReadingRow] = field(default_factory=list)
    lookups: list[LookupRow] = field(default_factory=list)
    routines: list[RoutineRow] = field(default_factory=list)
    derivations: list[DerivationRow] = field(default_factory=list)
    harvests: list[HarvestRow] = field(default_factory=list)
    chunks: list[ChunkRow] = field(default_factory=list)
    manifests: list[ManifestRow] = field(default_factory=list)
    verdicts: list[VerdictRow] = field(default_factory=list)
    guards: list[GuardRow] = field(default_factory=list)
    findings: list[FindingRow] = field(default_factory=list)
    retirements: list[RetirementRow] = field(default_factory=list)
    unharvested: list[UnharvestedRow] = field(default_factory=list)
    statements: list[StatementRow] = field(default_factory=list)
    horizons: list[HorizonRow] = field(default_factory=list)
    dropped_units: list[tuple[str, int]] = field(default_factory=list)
    dropped_observations: list[tuple[str, str, int]] = field(default_factory=list)
    dropped_lookups: list[tuple[str, str]] = field(default_factory=list)
    dropped_existence: list[tuple[str, str, int, bool, int]] = field(default_factory=list)
    dropped_findings: list[tuple[str, str, int, bool, int]] = field(default_factory=list)
    dropped_manifests: list[tuple[str]] = field(default_factory=list)
    dropped_retirements: list[tuple[str]] = field(default_factory=list)
    dropped_unharvested: list[tuple[str, str]] = field(default_factory=list)

    def owns(self, key: str) -> bool:
        """Whether the round may write what a key of evidence or unit stands for."""
        return partition_of_key(key) in self.partitions

    @property
    def moments(self) -> set[MomentRow]:
        """When anything changed for a dataset, as these rows tell: what differences are looked up by."""
        evidence = (MomentRow(row.output_key, at) for row in self.evidence if row.output_key for at in _ats(row))
        schemas = (MomentRow(row.dataset_key, at) for row in self.datasets for at in _schema_ats(row))
        ends = (MomentRow(row.subject_key, row.valid_at) for row in self.existence)
        return {*evidence, *schemas, *ends}


def _ats(row: EvidenceRow) -> Iterator[int]:
    return (at for at, *_ in orjson.loads(row.versions))


def _schema_ats(row: DatasetRow) -> Iterator[int]:
    classes = orjson.loads(row.timelines).get("schema", {})
    return (at for points in classes.values() for at, *_ in points)
