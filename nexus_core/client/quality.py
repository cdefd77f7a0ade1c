"""What the API answers about quality and figures, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """A check with what its latest run found; `field` None is the whole dataset."""

    id: str
    namespace: str
    name: str
    field: str | None
    assertion: str
    title: str
    severity: str
    passed: bool
    measured: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that is wrong with a dataset; `state` is open, assigned or resolved."""

    id: str
    namespace: str
    name: str
    field: str | None
    title: str
    state: str
    opened_at: datetime
    assignee: str | None


@dataclass(frozen=True, slots=True)
class Reached:
    """A dataset downstream of a failure, with the fields that come from it and its reads of 30 days."""

    namespace: str
    name: str
    fields: tuple[str, ...]
    owners: tuple[str, ...]
    read_count: int


@dataclass(frozen=True, slots=True)
class Blast:
    """What a failure reaches; `hidden`: it reaches more, which the account may not see."""

    reached: tuple[Reached, ...]
    hidden: bool
    truncated: bool


def check(found: Mapping[str, Any]) -> Check:
    """Read a check of `GET /quality`."""
    said = {name: found[name] for name in ("id", "namespace", "name", "field", "assertion", "title", "severity")}
    at = datetime.fromisoformat(found["at"])
    return Check(**said, passed=found["passed"], measured=found["measured"], at=at)


def incident(found: Mapping[str, Any]) -> Incident:
    """Read an incident of `GET /quality/incidents`."""
    said = {name: found[name] for name in ("id", "namespace", "name", "field", "title", "state", "assignee")}
    return Incident(**said, opened_at=datetime.fromisoformat(found["opened_at"]))


def blast(found: Mapping[str, Any]) -> Blast:
    """Read `GET /quality/blast`."""
    reached = (
        Reached(each["namespace"], each["name"], tuple(each["fields"]), tuple(each["owners"]), each["read_count"])
        for each in found["items"]
    )
    return Blast(tuple(reached), found["hidden"], found["truncated"])
