"""Shapes of what the routes of retirements take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from nexus_core.model.decision import ObjectKind
from nexus_core.model.retirement import RetiredBy, RetiredKind, RetirementState


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JobRef(_Shape):
    """A job by name."""

    namespace: str = Field(min_length=1, max_length=2048)
    name: str = Field(min_length=1, max_length=2048)


class OutputName(_Shape):
    """A dataset by the name under which a job writes it."""

    namespace: str = Field(min_length=1, max_length=2048)
    name: str = Field(min_length=1, max_length=2048)


class StaleOutputs(_Shape):
    """Outputs of one job that its later runs did not write: the last run that did, how many did not, and the latest."""

    job: JobRef
    outputs: list[StaleOutputOf]


class StaleOutputOf(_Shape):
    """One of them."""

    namespace: str
    name: str
    seen_at: datetime
    run_count: int
    last_run_at: datetime


class ClosingRequest(_Shape):
    """A job, and outputs that it no longer writes, from `at` (default now) on."""

    job: JobRef
    outputs: list[OutputName] = Field(min_length=1, max_length=10_000)
    at: datetime | None = None


class RetiredObject(_Shape):
    """A dataset or job that ended, or would."""

    namespace: str
    name: str
    kind: RetiredKind
    state: RetirementState


class RetirementSummary(_Shape):
    """What one event retires, or would; `id` is the event's.

    `by` harvest: the harvest of `scope` lacked these of the `covered_count` objects that it should have listed; more
    than `share` of them, and at least `least`, are held. `objects` are the first 1,000 of `object_count`. `job` is that
    of outputs which a steward closed.
    """

    id: str
    by: RetiredBy
    source: str
    at: datetime
    known_at: datetime
    counts: dict[str, int]
    object_count: int
    objects: list[RetiredObject]
    scope: str | None = None
    covered_count: int | None = None
    share: float | None = None
    least: int | None = None
    job: JobRef | None = None


class ObjectName(_Shape):
    """A dataset or job by name."""

    namespace: str = Field(min_length=1, max_length=2048)
    name: str = Field(min_length=1, max_length=2048)
    kind: ObjectKind = ObjectKind.DATASET


class RetirementRequest(_Shape):
    """Datasets and jobs to retire, or to restore, from `at` (default now) on."""

    action: Literal["retire", "restore"] = "retire"
    objects: list[ObjectName] = Field(min_length=1, max_length=10_000)
    at: datetime | None = None


class VerdictRequest(_Shape):
    """Which objects of a retirement are meant; all that it is possible for if left out."""

    objects: list[ObjectName] | None = Field(default=None, max_length=100_000)


class GuardSetting(_Shape):
    """How much one harvest of a source may retire: more than this share of what it covers, and this many, is held."""

    source: str = Field(min_length=1, max_length=2048)
    share: float = Field(ge=0, le=1)
    least: int = Field(ge=0, le=1_000_000_000)
    since: datetime | None = None


class Decided(_Shape):
    """A decision that is durable; it shows once it is merged."""

    id: str
    object_count: int
