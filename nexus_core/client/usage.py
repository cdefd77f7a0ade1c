"""What the API answers about usage, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Uses:
    """How often something was read; `field` "" is the dataset, an account None one that the source does not tell."""

    field: str
    count: int
    accounts: tuple[tuple[str | None, int], ...]
    last_day: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Who read a dataset and its fields since a day, and how often by day."""

    since: str
    dataset: Uses | None
    fields: tuple[Uses, ...]
    days: tuple[tuple[str, int], ...]


def usage(found: Mapping[str, Any]) -> Usage:
    """Read `GET /datasets/usage`."""
    return Usage(
        found["since"],
        _uses("", found["dataset"]) if found["dataset"] else None,
        tuple(_uses(each["field"], each) for each in found["fields"]),
        tuple((each["day"], each["count"]) for each in found["days"]),
    )


def _uses(field: str, found: Mapping[str, Any]) -> Uses:
    accounts = tuple((each["account"], each["count"]) for each in found["accounts"])
    return Uses(field, found["count"], accounts, found["last_day"])
