"""What became of everything that a connector came across."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

SAMPLES_MAX = 20


@dataclass(slots=True)
class Tally:
    """How many objects shared an outcome, with `NAME: REASON` of the first ones as samples."""

    count: int = 0
    samples: list[str] = field(default_factory=list)

    def add(self, name: str, reason: str, count: int = 1) -> None:
        """Count objects; reasons must hold no secret."""
        self.count += count
        if len(self.samples) < SAMPLES_MAX:
            self.samples.append(f"{name}: {reason}")


@dataclass(slots=True)
class Report:
    """Outcomes so far: `read` counts by kind; skipped on purpose, denied by the source, failed unexpectedly.

    `partial` says that objects may exist which were not seen, so that their absence proves nothing.
    """

    read: Counter[str] = field(default_factory=Counter)
    skipped: Tally = field(default_factory=Tally)
    denied: Tally = field(default_factory=Tally)
    failed: Tally = field(default_factory=Tally)
    partial: bool = False
