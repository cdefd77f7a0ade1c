"""What the API answers about names, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Side = tuple[str, str]


@dataclass(frozen=True, slots=True)
class NamePair:
    """Two names, each as `(namespace, name)`, that look like one dataset or were decided about."""

    left: Side
    right: Side
    sentence: str
    score: int
    event: str | None
    decided_at: str | None
    shared_count: int | None


def name_pair(found: Mapping[str, Any]) -> NamePair:
    """Read one pair of `GET /names/proposals` or `GET /names/decisions`."""
    return NamePair(
        left=_side(found["left"]),
        right=_side(found["right"]),
        sentence=found["sentence"],
        score=found["score"],
        event=found.get("event"),
        decided_at=found.get("decided_at"),
        shared_count=found.get("shared_count"),
    )


def _side(found: Mapping[str, str]) -> Side:
    return found["namespace"], found["name"]
