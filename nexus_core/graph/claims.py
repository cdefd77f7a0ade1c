"""What the worker wants the graph to hold, as values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nexus_core.model.edge import OPEN_END, Edge
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import Area


class HeldEdge(NamedTuple):
    """An edge with when it holds: `now` as is believed, `once` as was believed; by moment.

    `event_id` is the event behind the start of the last interval.
    """

    edge: Edge
    now: tuple[Area, ...]
    once: tuple[Area, ...]
    event_id: str

    @property
    def current(self) -> bool:
        """Whether it holds now."""
        return any(area.end == OPEN_END for area in self.now)


@dataclass(frozen=True, slots=True)
class Claim:
    """All that one evidence claims, now and before: it replaces whatever the graph holds of this evidence."""

    evidence: str
    origin: str
    job: JobName | None
    edges: Sequence[HeldEdge]


@dataclass(frozen=True, slots=True)
class DatasetShape:
    """A dataset that events name, with its kind and its fields `(name, type)` as far as they are known now.

    `members` has every field that its schema ever had, with `(from, to, type)` of its times in it.
    """

    name: DatasetName
    kind: str | None
    fields: Sequence[tuple[str, str]]
    members: Mapping[str, Sequence[tuple[int, int, str]]]


@dataclass(frozen=True, slots=True)
class Projected:
    """What one transaction tells the graph: datasets, jobs and evidence, and `left`, which are no datasets any more.

    A dataset that is left stays as long as an edge touches it.
    """

    datasets: Sequence[DatasetShape] = ()
    jobs: Sequence[JobName] = ()
    claims: Sequence[Claim] = ()
    left: Collection[DatasetName] = ()
