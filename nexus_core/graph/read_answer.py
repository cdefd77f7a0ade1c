"""What a lineage question asks and what it answers, as values without I/O.

What an answer has thousands of are named tuples: making one costs a third of a frozen dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Direction(StrEnum):
    """Where the traversal goes; BOTH is the union of the two, not the undirected component."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"

    @property
    def sides(self) -> tuple[Direction, ...]:
        """The single directions that it is made of."""
        return (Direction.UPSTREAM, Direction.DOWNSTREAM) if self is Direction.BOTH else (self,)


class Granularity(StrEnum):
    """Whether hops go from dataset to dataset or from field to field."""

    DATASET = "dataset"
    FIELD = "field"


class Asked(StrEnum):
    """What kind of node the traversal starts from."""

    DATASET = "dataset"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class LineageQuery:
    """A question to the lineage graph (lineage.md §4); `depth` counts hops, `limit` nodes in BFS order.

    A field query without `field` starts from all fields. `as_of` None asks for what holds now, `known_at`
    None for what is believed now.
    """

    namespace: str
    name: str
    field: str | None = None
    asked: Asked = Asked.DATASET
    direction: Direction = Direction.BOTH
    depth: int = 5
    granularity: Granularity = Granularity.DATASET
    as_of: datetime | None = None
    known_at: datetime | None = None
    indirect: bool = False
    limit: int = 1_000


class FoundNode(NamedTuple):
    """A node that a traversal met; `parent` is the key of its dataset, its own if it is one, "" for a job."""

    key: str
    id: str
    kind: str
    parent: str
    namespace: str
    name: str
    field: str | None = None
    type: str | None = None
    ordinal: int | None = None


class DatasetFacts(NamedTuple):
    """What a lineage answer shows of a dataset, be it a node itself or the parent of one."""

    platform: str | None
    dataset_kind: str | None
    field_count: int | None


class LineageNode(NamedTuple):
    """A node of the answer; a hidden one has an id and nothing else."""

    id: str
    kind: str
    found: FoundNode | None = None
    facts: DatasetFacts | None = None
    upstream_count: int | None = None
    downstream_count: int | None = None


class LineageEdge(NamedTuple):
    """An edge of the answer between node ids; what touches a hidden node has source, target and kind only."""

    source: str
    target: str
    kind: str
    subtype: str | None = None
    job_namespace: str | None = None
    job_name: str | None = None
    origin: str | None = None
    event: str | None = None
    expression: str | None = None
    inferred: bool = False
    confidence: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class LineageAnswer:
    """Nodes in BFS order (ties by id), all valid edges between them, and whether the limit cut something."""

    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]
    truncated: bool
