"""What a dataset is found by, as texts that each database indexes in its own way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The dataset's name as it is, and texts whose words find it, by what they are."""

    name: str
    names: str
    fields: str
    labels: str
    description: str
