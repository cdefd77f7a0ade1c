"""Shapes of what is answered about usage."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field


class AccountUses(BaseModel):
    """How often one account read; null is one that the source does not tell."""

    account: str | None
    count: int


class UsesAnswer(BaseModel):
    """How often something was read, by whom, and on which day (UTC) last."""

    count: int
    account_count: int
    accounts: Annotated[list[AccountUses], Field(description="Those that read most often, at most 100.")]
    last_day: date


class FieldUses(UsesAnswer):
    """The reads of one field."""

    field: str


class DayUses(BaseModel):
    """The reads of a dataset on one day (UTC)."""

    day: date
    count: int


class UsageAnswer(BaseModel):
    """Who reads a dataset how often; `dataset` is null where no query log told of a read."""

    namespace: str
    name: str
    since: date
    dataset: UsesAnswer | None
    fields: Annotated[list[FieldUses], Field(description="Fields that were read, most often first.")]
    days: list[DayUses]


class UsageSummary(BaseModel):
    """The reads of the last 30 days."""

    count: int
    account_count: int
    last_day: date


class UnusedAsset(BaseModel):
    """An asset that no query log told a read of; `last_day` is null where none is known at all."""

    namespace: str
    name: str
    kind: str
    first_seen_at: datetime
    last_day: date | None


class UnusedPage(BaseModel):
    """A page of unused assets, by name."""

    items: list[UnusedAsset]
    next: str | None
