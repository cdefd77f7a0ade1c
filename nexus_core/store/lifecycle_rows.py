"""Rows of `lifecycle_tables` as values; their fields are the columns."""

from __future__ import annotations

from typing import NamedTuple


class HarvestRow(NamedTuple):
    """A harvest that ended well, as its COMPLETE tells."""

    event_id: str
    run_key: str
    source: str
    scope: str
    completed_at: int
    accepted_at: int
    watermark: str | None
    chunk_count: int
    digest: str | None
    partial: bool


class ChunkRow(NamedTuple):
    """One chunk of a harvest's manifest as JSON."""

    event_id: str
    run_key: str
    chunk: int
    valid_at: int
    accepted_at: int
    objects: bytes


class ManifestRow(NamedTuple):
    """The whole manifest of a harvest, known from `known_at` on; `names_key` names the content."""

    run_key: str
    event_id: str
    source: str
    scope: str
    valid_at: int
    known_at: int
    names_key: str
    partial: bool


class VerdictRow(NamedTuple):
    """What a steward decided about objects that a harvest lacked."""

    event_id: str
    source: str
    accepted_at: int
    action: str
    harvest_id: str
    objects: bytes


class GuardRow(NamedTuple):
    """What a steward decided about how much a harvest may retire."""

    event_id: str
    source: str
    valid_at: int
    accepted_at: int
    share: float
    least: int


class FindingRow(NamedTuple):
    """That harvests show a dataset or job to have ended, or to be back, as was believed in [since, until)."""

    subject_key: str
    event_id: str
    valid_at: int
    exists: bool
    since: int
    until: int
    source: str


class RetirementRow(NamedTuple):
    """What is known now of a harvest that lacked something."""

    harvest_id: str
    source: str
    scope: str
    valid_at: int
    known_at: int
    covered_count: int
    share: float
    least: int
    held_count: int
    ended_count: int
    undone_count: int
    objects: bytes


class UnharvestedRow(NamedTuple):
    """That no harvest covers a dataset any more, since which moment, by which harvest."""

    subject_key: str
    source: str
    valid_at: int
    event_id: str


class StatementRow(NamedTuple):
    """What a facet or a decision says of a dataset, a job or an output of a job: that it ended, that it is there, or
    that another erred.
    """

    subject_key: str
    event_id: str
    action: str
    source: str
    name: str
    kind: str
    valid_at: int
    accepted_at: int
    teller: str
    undoes: str
    job_namespace: str | None = None
    job_name: str | None = None
