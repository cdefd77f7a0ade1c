"""Shapes of what is asked and answered about classes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1, max_length=2048)]
FieldName = Annotated[str, Field(max_length=2048, description="Empty for the whole dataset.")]


class ClassifiedDataset(BaseModel):
    """A dataset with the highest class in it."""

    namespace: str
    name: str
    classification: str
    suspected: bool


class ClassDefinition(BaseModel):
    """A class; a greater rank is stricter."""

    name: str
    rank: int


class ClassifiedDatasets(BaseModel):
    """A page of classified datasets; everything accepted up to `complete_at` is in `generation`."""

    items: list[ClassifiedDataset]
    classes: list[ClassDefinition]
    generation: int
    complete_at: datetime
    next: str | None


class PathJob(BaseModel):
    """The job that brought a class."""

    namespace: str
    name: str


class PathStep(BaseModel):
    """Where a class comes from: nearest first, a decision last; `hidden` where the caller may not see further.

    `rest` is a suspicion about all fields but `known`.
    """

    namespace: str | None = None
    name: str | None = None
    field: str = ""
    classification: str | None = None
    suspected: bool = False
    rest: bool = False
    known: list[str] = []
    job: PathJob | None = None
    event: str | None = None
    hidden: bool = False


class InferenceRisk(BaseModel):
    """A classified field by which the dataset's rows are chosen, matched, grouped or sorted."""

    namespace: str
    name: str
    field: str
    kind: Annotated[str, Field(description="FILTER, JOIN, GROUP_BY or SORT.")]
    classification: str


class Lowering(BaseModel):
    """A class that could be lower, and stays until a steward approves who did not cause it."""

    namespace: str
    name: str
    field: str
    classification: str
    suspected: bool
    becomes: str
    reason: Annotated[str, Field(description="set, breaker, lineage or unsupported.")]


class FieldClassification(BaseModel):
    """What is enforced of a field, and why; `pinned`: nothing says so any more, and nobody approved that it goes."""

    namespace: str
    name: str
    field: str
    classification: str
    suspected: bool
    generation: int
    pinned: bool
    path: list[PathStep]
    sentence: str
    risks: list[InferenceRisk]
    lowering: Lowering | None


class Lowerings(BaseModel):
    """A page of lowerings that wait."""

    items: list[Lowering]
    next: str | None


class TaggedClass(BaseModel):
    """A class that a tag of an event proposes for a field, or for the whole dataset."""

    namespace: str
    name: str
    field: str
    classification: str
    event: str


class TaggedClasses(BaseModel):
    """A page of classes that tags propose and no steward has decided."""

    items: list[TaggedClass]
    next: str | None


class BreakerJob(BaseModel):
    """The job whose column a breaker names."""

    model_config = ConfigDict(extra="forbid")

    namespace: Text
    name: Text


class ClassDecision(BaseModel):
    """A decision about fields of a dataset.

    `set` and `accept` give a class; `reject` a proposal or a suspicion; `breaker` names the job and what the SQL must
    prove, `hash` or `aggregate` over groups of at least `least` rows; `unbreak` ends it, by its event; `approve` lets
    a waiting lowering happen.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    action: Literal["set", "accept", "reject", "breaker", "unbreak", "approve"]
    namespace: Text
    name: Text
    fields: Annotated[list[FieldName], Field(min_length=1, max_length=1000)] = [""]
    class_name: Annotated[str | None, Field(alias="class", min_length=1, max_length=100)] = None
    job: BreakerJob | None = None
    breaks: Literal["hash", "aggregate"] | None = None
    least: Annotated[int, Field(ge=2, le=1_000_000)] = 10
    breaker: Annotated[str | None, Field(max_length=200)] = None


class ClassDecided(BaseModel):
    """The event that carries a decision; it counts once it is merged and classes are computed."""

    event: str
