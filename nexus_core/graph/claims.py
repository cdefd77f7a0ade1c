"""What the worker wants the graph to hold, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nexus_core.model.edge import OPEN_END, Edge
from nexus_core.model.names import DatasetName, JobName


class HeldEdge(NamedTuple):
    """An edge with the intervals [from, to) in which it holds, in microseconds, and the event behind the last."""

    edge: Edge
    froms: tuple[int, ...]
    tos: tuple[int, ...]
    event_id: str

    @property
    def current(self) -> bool:
        """Whether it holds now."""
        return self.tos[-1] == OPEN_END


@dataclass(frozen=True, slots=True)
class Claim:
    """All that one evidence claims, now and before: it replaces whatever the graph holds of this evidence."""

    evidence: str
    origin: str
    job: JobName | None
    edges: Sequence[HeldEdge]


@dataclass(frozen=True, slots=True)
class DatasetShape:
    """A dataset that events name, with its kind and its fields `(name, type)` as far as they are known now."""

    name: DatasetName
    kind: str | None
    fields: Sequence[tuple[str, str]]
