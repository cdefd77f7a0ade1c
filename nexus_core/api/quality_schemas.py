"""Shapes of what is asked and answered about quality."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_Name = Annotated[str, Field(min_length=1, max_length=2048)]
_Note = Annotated[str, Field(max_length=2000)]


class QualityCheck(BaseModel):
    """A check with what its latest run found; `field` is null for one of the whole dataset."""

    id: str
    namespace: str
    name: str
    field: str | None
    assertion: Annotated[str, Field(description="What is asserted, in the tool's word: not_null, volume, …")]
    title: str
    severity: Literal["error", "warn"]
    tool: Annotated[str, Field(description="dbt, great-expectations, soda, lineage-nexus, or empty for another.")]
    job_namespace: str
    job_name: str
    passed: bool
    measured: Annotated[float | None, Field(description="Rows or seconds that one of our own checks counted.")]
    at: datetime


class QualityPage(BaseModel):
    """A page of checks, the latest result first."""

    items: list[QualityCheck]
    next: str | None


class QualityDay(BaseModel):
    """Results of one day (UTC)."""

    day: date
    passed: int
    failed: int


class QualityFigure(BaseModel):
    """A figure of the dataset, or of a field, as it was measured at a moment."""

    field: str | None
    metric: Annotated[str, Field(description="row_count, byte_count, null_count, distinct_count, written_row_count, …")]
    value: float
    at: datetime


class DatasetQualityAnswer(BaseModel):
    """The checks of one dataset, failing ones first, its results by day, and its figures, the latest first."""

    namespace: str
    name: str
    checks: list[QualityCheck]
    days: list[QualityDay]
    figures: list[QualityFigure]


class QualityResult(BaseModel):
    """What one run found."""

    passed: bool
    measured: float | None
    at: datetime


class QualityTrend(BaseModel):
    """A check with what its runs found, the latest first."""

    check: QualityCheck
    results: list[QualityResult]


class ReachedDataset(BaseModel):
    """A dataset downstream of a failure; `fields` are those that come from the failing field."""

    namespace: str
    name: str
    kind: str | None
    fields: list[str]
    owners: list[str]
    read_count: Annotated[int, Field(description="Reads of the last 30 days, as query logs tell.")]


class BlastAnswer(BaseModel):
    """What a failure reaches, the most read first; `hidden`: it reaches more, which you may not see."""

    items: list[ReachedDataset]
    hidden: bool
    truncated: bool


class Incident(BaseModel):
    """Something that is wrong with a dataset; `check` is null for one that a person opened."""

    id: str
    check: str | None
    namespace: str
    name: str
    field: str | None
    title: str
    severity: Literal["error", "warn"]
    state: Literal["open", "assigned", "resolved"]
    failed_at: datetime
    opened_at: datetime
    opened_by: str | None
    assignee: str | None
    resolved_at: datetime | None
    resolved_by: Annotated[str | None, Field(description="Null in a resolved one: the check passed again.")]
    note: str


class IncidentPage(BaseModel):
    """A page of incidents, the newest first."""

    items: list[Incident]
    next: str | None


class NewIncident(BaseModel):
    """An incident that a person opens."""

    model_config = ConfigDict(extra="forbid")

    namespace: _Name
    name: _Name
    field: Annotated[str | None, Field(max_length=2048)] = None
    title: Annotated[str, Field(min_length=1, max_length=300)]
    severity: Literal["error", "warn"] = "error"


class IncidentChange(BaseModel):
    """What becomes of an incident; `assignee` names who is to see to it."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["assign", "resolve", "reopen"]
    assignee: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    note: _Note = ""
