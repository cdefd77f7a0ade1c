"""Shapes of the answer about gaps in lineage."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field


class NamespaceCoverage(BaseModel):
    """How much of one namespace has lineage; fields are those of the present schemas."""

    platform: str
    namespace: str
    datasets: int
    datasets_with_upstream: int
    datasets_with_lineage: int
    fields: int
    fields_with_upstream: int
    fields_with_lineage: int


class SqlSample(BaseModel):
    """A job whose SQL was not understood, as of its last version; literals in the message are hidden."""

    event: str
    job_namespace: str
    job_name: str
    message: str


class SqlProblem(BaseModel):
    """A reason (docs/sql.md; `unresolved`: sources that no schema told) and how many jobs have it."""

    code: str
    jobs: int
    samples: list[SqlSample]


class SqlDialect(BaseModel):
    """How the SQL of one dialect was read; the dialect is empty where nobody told it."""

    dialect: str
    jobs: int
    complete: int
    problems: list[SqlProblem]


class HealthDataset(BaseModel):
    """A dataset that is named and nowhere described."""

    namespace: str
    name: str


class HealthOutput(BaseModel):
    """A dataset that a job wrote at `seen_at` last, and `run_count` later runs of it did not."""

    namespace: str
    name: str
    job_namespace: str
    job_name: str
    seen_at: datetime
    run_count: int


class LineageHealthAnswer(BaseModel):
    """Where lineage has gaps."""

    coverage: list[NamespaceCoverage]
    sql: Annotated[list[SqlDialect] | None, Field(description="Null for callers who do not see everything.")]
    orphan_count: Annotated[int, Field(description="Names that are used and nowhere described.")]
    orphans: Annotated[list[HealthDataset], Field(description="The first of them.")]
    stale_count: Annotated[int, Field(description="Outputs that later runs of their job did not write.")]
    stale: Annotated[list[HealthOutput], Field(description="The first of them; see /retirements/stale.")]
    proposals: Annotated[dict[str, int], Field(description="Names that look alike, by reason; see /names/proposals.")]
