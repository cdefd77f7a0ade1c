"""Shapes of what is asked and answered about the impact of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from nexus_core.model.impact import Change, ChangeKind, Verdict
from nexus_core.model.names import DatasetName

_NAME_MAX = 2048
SQL_MAX = 200_000
CHANGES_MOST = 100


class ImpactChange(BaseModel):
    """One change of a field, a dataset, or the statement of a view or job (by the job's name)."""

    model_config = ConfigDict(extra="forbid")

    kind: ChangeKind
    namespace: Annotated[str, Field(min_length=1, max_length=_NAME_MAX)]
    name: Annotated[str, Field(min_length=1, max_length=_NAME_MAX)]
    field: Annotated[str | None, Field(max_length=_NAME_MAX)] = None
    to: Annotated[str | None, Field(max_length=_NAME_MAX, description="The new name, or a field's (new) type.")] = None
    sql: Annotated[str | None, Field(max_length=SQL_MAX, description="The new statement, of `replace_sql`.")] = None

    def change(self) -> Change:
        """Give it as a value."""
        dataset = DatasetName(self.namespace, self.name)
        return Change(self.kind, dataset, self.field or "", self.to or "", self.sql or "")


class ImpactRequest(BaseModel):
    """Changes that are made together, in order."""

    model_config = ConfigDict(extra="forbid")

    changes: Annotated[list[ImpactChange], Field(min_length=1, max_length=CHANGES_MOST)]
    as_of: Annotated[
        datetime | None, Field(description="RFC 3339; lineage, schemas and texts of then. Absent: now.")
    ] = None
    depth: Annotated[int, Field(ge=1, le=50, description="How many datasets far.")] = 20


class ImpactReason(BaseModel):
    """Why: a code of docs/impact.md, and a sentence."""

    code: str
    message: str


class ImpactUser(BaseModel):
    """An account that reads what the asset makes, and how often in 90 days; null is one that the source hides."""

    account: str | None
    count: int


class ImpactDataset(BaseModel):
    """A dataset by name."""

    namespace: str
    name: str


class ImpactAsset(BaseModel):
    """What the changes do to one asset, with the place of its statement that says so, in characters."""

    id: str
    dataset: Annotated[ImpactDataset | None, Field(description="Its name; of a check, what it checks. Null: a job.")]
    verdict: Verdict
    reason: ImpactReason
    statement: Annotated[str | None, Field(description="Literals hidden; null without sight of all that it names.")]
    start: int | None
    end: int | None
    path: Annotated[list[str], Field(description="Ids from the changed asset on; `hidden` is what you do not see.")]
    owners: list[str]
    users: Annotated[list[ImpactUser], Field(description="Those that read most often, at most 100.")]
    use_count: int
    patch: Annotated[str | None, Field(description="The statement that would do as before, where one is certain.")]


class ImpactAnswer(BaseModel):
    """The assets that the changes reach, the worst and most used first."""

    assets: list[ImpactAsset]
    hidden: bool
    truncated: bool


class ScenarioRequest(BaseModel):
    """Changes to be kept under a title."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=200)]
    asked: ImpactRequest


class ScenarioAnswer(ScenarioRequest):
    """A scenario, by whom it was made and when it changed last."""

    id: str
    account: str
    changed_at: datetime
