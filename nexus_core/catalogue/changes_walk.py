"""A walk from moment to moment through what evidence claims of a dataset and what its schema was: pure.

A dataset's lineage is the union of what all evidence of it claims, less the edges whose source is not there; so an edge
of two writers goes only when both have ended it. Times are microseconds since 1970.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from nexus_core.catalogue.changes import Cause, Detail, EdgeSide, FieldSide, Sides, Subject, Turn
from nexus_core.model.edge import Edge, EdgeKind
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical_field
from nexus_core.model.timeline import CLASSES, Point, Points, believed, point_at

THERE, GONE = "there", "gone"
"""Values of a dataset's existence; of both at one moment the greater holds, as in `nexus_core.worker.existence`."""

_OF_JOBS = frozenset((EdgeKind.READS, EdgeKind.WRITES))


@dataclass(frozen=True, slots=True)
class Window:
    """The moments in (after, upto], as was believed at the recorded time `known_at`."""

    after: int
    upto: int
    known_at: int

    def has(self, at: int) -> bool:
        """Whether a moment lies in it."""
        return self.after < at <= self.upto


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one evidence of a dataset claims when: change points of contents by fingerprint, none once it ended."""

    key: str
    origin: str
    job: JobName | None
    versions: Sequence[Point[tuple[str, ...]]]

    def within(self, window: Window) -> list[Point[tuple[str, ...]]]:
        """Give the change points that a window shows: the one that holds at its start, and those inside."""
        first = point_at(self.versions, window.after, window.known_at)
        told = believed(self.versions, window.known_at)
        return ([first] if first else []) + [point for point in told if window.has(point.at)]


@dataclass(frozen=True, slots=True)
class Output:
    """A dataset with evidence of it, and the change points of its schema by principal class."""

    name: DatasetName
    evidence: Sequence[Evidence]
    schemas: Mapping[str, Points]


@dataclass(frozen=True, slots=True)
class Facts:
    """What outputs refer to: edges and fields by fingerprint, and the existence of the datasets that ever ended."""

    edges: Mapping[str, Sequence[Edge]]
    fields: Mapping[str, Sequence[tuple[str, str]]]
    existence: Mapping[DatasetName, Points]


def walk(output: Output, facts: Facts, window: Window) -> Iterator[Turn]:
    """Give what happens in a window, by moment, then by subject."""
    lineage, schema = _Lineage(output, facts, window), _Schema(output, facts, window)
    for at in sorted(lineage.moments | schema.moments):
        yield from sorted((*schema.turns(at), *lineage.turns(at)), key=lambda turn: turn.subject.order)


class _Schema:
    """The fields of a dataset as the walk goes on; none before its first schema, and none while it is gone."""

    def __init__(self, output: Output, facts: Facts, window: Window) -> None:
        self._namespace, self._facts = output.name.namespace, facts
        self._known_at = window.known_at
        self._by_class = [output.schemas.get(name, ()) for name in CLASSES]
        self._existence = facts.existence.get(output.name, ())
        points = believed(chain(self._existence, *self._by_class), window.known_at)
        self.moments = {point.at for point in points if window.has(point.at)}
        self._fields = self._at(window.after)

    def turns(self, at: int) -> Iterator[Turn]:
        """Give what a moment changes, and go on to it."""
        if at not in self.moments:
            return
        before, self._fields = self._fields, self._at(at)
        cause = Cause(at, self._event(at))
        for name in before.keys() | self._fields.keys():
            old, new = ({("", side.type): side} if (side := of.get(name)) else {} for of in (before, self._fields))
            if old != new:
                yield Turn(Subject(name), old, new, dict.fromkeys((*old, *new), cause))

    def _at(self, at: int) -> dict[str, FieldSide]:
        existence = point_at(self._existence, at, self._known_at)
        told = next((point for of in self._by_class if (point := point_at(of, at, self._known_at))), None)
        if told is None or (existence is not None and existence.value == GONE):
            return {}
        fields: dict[str, FieldSide] = {}
        for field, type_ in self._facts.fields[told.value]:
            name = canonical_field(self._namespace, field)
            fields.setdefault(name, FieldSide(name, type_))
        return fields

    def _event(self, at: int) -> str:
        told = (point_at(of, at, self._known_at) for of in (*self._by_class, self._existence))
        return next((point.event_id for point in told if point and point.at == at), "")


class _Lineage:
    """The edges into a dataset, without those of jobs, as the walk goes on."""

    def __init__(self, output: Output, facts: Facts, window: Window) -> None:
        self._facts = facts
        self._claims: dict[Subject, dict[Detail, dict[str, EdgeSide]]] = {}
        self._held: dict[str, frozenset[Edge]] = {}
        self._absent: set[DatasetName] = set()
        self._of_source: dict[DatasetName, set[Subject]] = defaultdict(set)
        self._versions: dict[int, list[tuple[Evidence, Point[tuple[str, ...]]]]] = defaultdict(list)
        self._ends: dict[int, list[tuple[DatasetName, Point[str]]]] = defaultdict(list)
        for one in sorted(output.evidence, key=lambda one: one.key):
            for point in one.within(window):
                if window.has(point.at):
                    self._versions[point.at].append((one, point))
                else:
                    self._take(one, self._edges(point))
        for source in self._sources():
            self._watch(source, facts.existence[source], window)
        self.moments = self._versions.keys() | self._ends.keys()

    def turns(self, at: int) -> Iterator[Turn]:
        """Give what a moment changes, and go on to it."""
        before: dict[Subject, Sides] = {}
        causes: dict[Subject, dict[Detail, Cause]] = defaultdict(dict)
        for one, point in self._versions.get(at, ()):
            edges = self._edges(point)
            for edge in edges ^ self._held.get(one.key, frozenset()):
                subject, detail = _named(edge)
                before.setdefault(subject, self._live(subject))
                causes[subject].setdefault(detail, Cause(at, point.event_id))
            self._take(one, edges)
        for source, end in self._ends.get(at, ()):
            for subject in self._of_source[source]:
                before.setdefault(subject, self._live(subject))
                for detail in self._claims[subject]:
                    causes[subject].setdefault(detail, Cause(at, end.event_id))
            (self._absent.add if end.value == GONE else self._absent.discard)(source)
        for subject, old in before.items():
            new = self._live(subject)
            if old.keys() != new.keys():
                yield Turn(subject, old, new, _moved(old, new, causes[subject]))

    def _edges(self, point: Point[tuple[str, ...]]) -> frozenset[Edge]:
        edges = (edge for content in point.value for edge in self._facts.edges[content])
        return frozenset(edge for edge in edges if edge.kind not in _OF_JOBS)

    def _take(self, one: Evidence, edges: frozenset[Edge]) -> None:
        former = self._held.get(one.key, frozenset())
        self._held[one.key] = edges
        for edge in former - edges:
            subject, detail = _named(edge)
            self._claims[subject].get(detail, {}).pop(one.key, None)
        for edge in edges:
            subject, detail = _named(edge)
            claims = self._claims.setdefault(subject, {}).setdefault(detail, {})
            side = EdgeSide(edge, one.origin, one.job)
            claims[one.key] = min(side, claims.get(one.key, side), key=_preferred)
            self._of_source[DatasetName(edge.source_namespace, edge.source_name)].add(subject)

    def _live(self, subject: Subject) -> Sides:
        if subject.source in self._absent:
            return {}
        details = self._claims.get(subject, {})
        return {
            detail: min(sorted(claims.items()), key=lambda claim: claim[1].edge.inferred)[1]
            for detail, claims in details.items()
            if claims
        }

    def _sources(self) -> set[DatasetName]:
        """Give the sources, of any version in the window, that ever ended."""
        if not self._facts.existence:
            return set()
        points = (point for of in self._versions.values() for _, point in of)
        edges = chain(*self._held.values(), *map(self._edges, points))
        return {DatasetName(edge.source_namespace, edge.source_name) for edge in edges} & self._facts.existence.keys()

    def _watch(self, source: DatasetName, points: Points, window: Window) -> None:
        start = point_at(points, window.after, window.known_at)
        if start is not None and start.value == GONE:
            self._absent.add(source)
        for point in believed(points, window.known_at):
            if window.has(point.at):
                self._ends[point.at].append((source, point))


def _preferred(side: EdgeSide) -> tuple[bool, Edge]:
    return side.edge.inferred, side.edge


def _named(edge: Edge) -> tuple[Subject, Detail]:
    source = DatasetName(edge.source_namespace, edge.source_name)
    return Subject(edge.target_field, source, edge.source_field, edge.kind), (edge.subtype, edge.expression)


def _moved(old: Sides, new: Sides, causes: Mapping[Detail, Cause]) -> dict[Detail, Cause]:
    """Give the causes of what came or went; where a source's return meets a new version, the version tells."""
    some = next(iter(causes.values()))
    return {detail: causes.get(detail, some) for detail in old.keys() ^ new.keys()}
