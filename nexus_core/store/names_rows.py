"""Rows about names as values; their fields are the columns of `names_tables`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from nexus_core.model.aliases import Pair
from nexus_core.model.names import DatasetName


class NamedRow(NamedTuple):
    """A dataset that anything names; flags once true stay so."""

    dataset_key: str
    namespace: str
    name: str
    leaf_key: str
    whole_key: str
    mentioned: bool = False
    described: bool = False
    harvested: bool = False
    compared: bool = False

    @property
    def dataset(self) -> DatasetName:
        """Its name."""
        return DatasetName(self.namespace, self.name)


class ToldRow(NamedTuple):
    """One statement about a pair of names."""

    pair_key: str
    action: str
    decision_id: str
    event_id: str
    valid_at: int
    accepted_at: int


class PairRow(NamedTuple):
    """A pair of names: what was decided, and why it is proposed."""

    pair_key: str
    left_namespace: str
    left_name: str
    right_namespace: str
    right_name: str
    state: str
    event_id: str | None = None
    decided_at: int | None = None
    reason: str = ""
    score: int = 0

    @property
    def pair(self) -> Pair:
        """The two names."""
        return Pair(
            DatasetName(self.left_namespace, self.left_name), DatasetName(self.right_namespace, self.right_name)
        )


class SqlReadingRow(NamedTuple):
    """How well the SQL of a job was read when it last ran; problems as JSON `[[code, message, statement], …]`."""

    source_key: str
    valid_at: int
    unit_key: str
    event_id: str
    job_namespace: str
    job_name: str
    dialect: str
    complete: bool
    problems: bytes


@dataclass(slots=True)
class NameChanges:
    """What a round adds about names.

    `renamed` are datasets whose node, `evidence` the keys of evidence whose edges, the graph must be told of anew;
    `classes_changed` says that an alias class is another now. `outlined` stand for others that the round changes: only
    the holder of their own partition tells the graph of them, so that a slow one cannot bring back a name that ended.
    """

    named: list[NamedRow] = field(default_factory=list)
    told: list[ToldRow] = field(default_factory=list)
    verdicts: list[PairRow] = field(default_factory=list)
    readings: list[SqlReadingRow] = field(default_factory=list)
    renamed: list[DatasetName] = field(default_factory=list)
    outlined: list[DatasetName] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    classes_changed: bool = False
