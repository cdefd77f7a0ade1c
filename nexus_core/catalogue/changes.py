"""What changed between two moments, or at one, in a dataset's schema and in what feeds it: rows and how they are made.

Pure. Times are microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from nexus_core.model.edge import Edge, digest
from nexus_core.model.names import DatasetName, FieldName, JobName


class Op(StrEnum):
    """What happened to what `before` and `after` tell of."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class What(StrEnum):
    """What it happened to: fields and edges come and go, types, subtypes and expressions change."""

    FIELD = "field"
    TYPE = "type"
    EDGE = "edge"
    TRANSFORMATION = "transformation"


class EdgeSide(NamedTuple):
    """An edge with who claims it; of several claims a stated one before an inferred one, then the least key's."""

    edge: Edge
    origin: str
    job: JobName | None


class FieldSide(NamedTuple):
    """A field of a dataset's schema."""

    field: str
    type: str


class Subject(NamedTuple):
    """What can change: a field of the dataset (without source and kind), or edges of one kind between two ends."""

    field: str
    source: DatasetName | None = None
    source_field: str = ""
    kind: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        """Its place among the subjects of a dataset: field by field, the schema before edges."""
        source = self.source or DatasetName("", "")
        return self.field, self.kind, source.namespace, source.name, self.source_field


Detail = tuple[str, str]
"""What tells sides of one subject apart: an edge's subtype and expression, or "" and a field's type."""

Sides = Mapping[Detail, EdgeSide | FieldSide]


class Cause(NamedTuple):
    """When something changed, and the event that tells so."""

    at: int
    event_id: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens to one subject at a moment, or between two; `causes` has every detail that came or went."""

    subject: Subject
    before: Sides
    after: Sides
    causes: Mapping[Detail, Cause]


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a difference or a history; an added one has no `before`, a removed one no `after`.

    `is_private` says that its event tells of datasets that the reader may not see, so that neither its SQL is shown nor
    its expressions.
    """

    output: DatasetName
    op: Op
    what: What
    before: EdgeSide | FieldSide | None
    after: EdgeSide | FieldSide | None
    cause: Cause
    is_private: bool = False

    @property
    def datasets(self) -> set[DatasetName]:
        """Every dataset that the row names."""
        sources = (side.edge for side in (self.before, self.after) if isinstance(side, EdgeSide))
        return {self.output, *(DatasetName(edge.source_namespace, edge.source_name) for edge in sources)}

    @property
    def fields(self) -> set[FieldName]:
        """Every field that the row names."""
        found: set[FieldName] = set()
        for side in (self.before, self.after):
            if isinstance(side, FieldSide):
                found.add(FieldName(self.output, side.field))
            elif side is not None:
                source = DatasetName(side.edge.source_namespace, side.edge.source_name)
                found |= {FieldName(source, side.edge.source_field), FieldName(self.output, side.edge.target_field)}
        return found

    @property
    def key(self) -> str:
        """What tells it apart from the other rows of an answer, 32 hex digits."""
        return digest(repr((self.output, self.cause, self.op, self.what, self.before, self.after)).encode())

    @property
    def told(self) -> Change:
        """The row as its reader may see it: an expression may name columns of what the same event tells of."""
        if not self.is_private:
            return self
        return replace(self, before=_without_expression(self.before), after=_without_expression(self.after))


def _without_expression(side: EdgeSide | FieldSide | None) -> EdgeSide | FieldSide | None:
    return side._replace(edge=side.edge._replace(expression="")) if isinstance(side, EdgeSide) else side


def fold(turns: Iterable[Turn]) -> list[Turn]:
    """Give one turn for each subject that differs between the start and the end of a walk."""
    folded: dict[Subject, Turn] = {}
    for turn in turns:
        first = folded.get(turn.subject)
        causes = {**first.causes, **turn.causes} if first else turn.causes
        folded[turn.subject] = replace(turn, before=first.before if first else turn.before, causes=causes)
    differing = (turn for turn in folded.values() if turn.before.keys() != turn.after.keys())
    return sorted(differing, key=lambda turn: turn.subject.order)


def changes(output: DatasetName, turn: Turn) -> Iterator[Change]:
    """Give the rows of a turn: what went and what came makes changed rows as far as it goes, of one subtype first."""
    gone, new = turn.before.keys() - turn.after.keys(), turn.after.keys() - turn.before.keys()
    changed = What.TRANSFORMATION if turn.subject.kind else What.TYPE
    for before, after in _pairs(gone, new):
        cause = max(turn.causes[before], turn.causes[after])
        yield Change(output, Op.CHANGED, changed, turn.before[before], turn.after[after], cause)
        gone, new = gone - {before}, new - {after}
    stayed = {subtype for subtype, _ in turn.after}
    for detail in sorted(gone):
        what = _alone(turn.subject, detail, stayed)
        yield Change(output, Op.REMOVED, what, turn.before[detail], None, turn.causes[detail])
        stayed.add(detail[0])
    known = {subtype for subtype, _ in turn.before}
    for detail in sorted(new):
        what = _alone(turn.subject, detail, known)
        yield Change(output, Op.ADDED, what, None, turn.after[detail], turn.causes[detail])
        known.add(detail[0])


def _pairs(gone: Iterable[Detail], new: Iterable[Detail]) -> list[tuple[Detail, Detail]]:
    left, right = sorted(gone), sorted(new)
    pairs = []
    for same in (True, False):
        for one in list(left):
            other = next((each for each in right if (each[0] == one[0]) is same), None)
            if other is not None:
                pairs.append((one, other))
                left.remove(one)
                right.remove(other)
    return pairs


def _alone(subject: Subject, detail: Detail, others: set[str]) -> What:
    """Name what came or went alone: one more expression of an edge that is there anyway is a transformation."""
    if not subject.kind:
        return What.FIELD
    return What.TRANSFORMATION if detail[0] in others else What.EDGE
