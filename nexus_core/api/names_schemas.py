"""Shapes of what is asked and answered about names."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1, max_length=2048)]


class NameSide(BaseModel):
    """One name of a pair: a dataset, or with the name `*` every dataset of a namespace."""

    model_config = ConfigDict(extra="forbid")

    namespace: Text
    name: Text = "*"


class NamePairAnswer(BaseModel):
    """Two names, why they look like one dataset, and what was decided."""

    left: NameSide
    right: NameSide
    state: Literal["open", "accepted", "rejected"]
    reason: Annotated[str, Field(description="symlink, case, shorter, domain, hosts or port; empty if by hand.")]
    sentence: Annotated[str, Field(description="The reason in words.")]
    score: Annotated[int, Field(ge=0, le=100, description="How sure it is.")]
    event: Annotated[str | None, Field(description="The event that decided it.")] = None
    decided_at: datetime | None = None
    shared_count: Annotated[int | None, Field(description="How many dataset names two namespaces share.")] = None


class NamePairs(BaseModel):
    """A page of pairs; `next` is the `cursor` of the following one."""

    items: list[NamePairAnswer]
    next: str | None


class NameDecision(BaseModel):
    """What a steward decides about two names."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["accept", "reject", "undo"]
    left: NameSide
    right: NameSide


class NameDecided(BaseModel):
    """The event of a decision; the graph follows as soon as the worker has merged it."""

    event: str


class DatasetNames(BaseModel):
    """What a dataset is called: the name that stands for it first."""

    names: list[NameSide]
