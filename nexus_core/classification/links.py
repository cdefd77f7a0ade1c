"""From the versions of what writes a dataset to the links by which classes reach its fields: pure.

A class follows DIRECT edges, and CONDITION and WINDOW inside an expression. What affects all rows (FILTER, JOIN,
GROUP_BY, SORT) is shown as a risk of inference and propagates nothing. Where our reading does not show all sources of
a column, every field of what its writer reads is suspected to reach it (governance.md §2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from nexus_core.classification.decided import NEVER, Breaker, Decided
from nexus_core.model.class_fields import REST, Node
from nexus_core.model.classes import WHOLE, Break, Classes, Level, folded
from nexus_core.model.edge import OPEN_END, Edge, EdgeKind, digest_of, node_key
from nexus_core.model.mark import AGGREGATE, HASH, KNOWN
from nexus_core.model.names import DatasetName
from nexus_core.model.statement import Certainty
from nexus_core.model.timeline import NOW, Point, point_at

Points = Sequence[Point[tuple[str, ...]]]

ROW_SUBTYPES = frozenset({"FILTER", "JOIN", "GROUP_BY", "SORT"})


@dataclass(frozen=True, slots=True)
class Writing:
    """One evidence for a dataset: who writes it, and what it claimed when.

    `redefines`: each version replaces all that the dataset held, as a harvested view's does.
    """

    key: str
    origin: str
    job: tuple[str, str] | None
    points: Points
    redefines: bool


class Link(NamedTuple):
    """That the class of a source field reaches a target field, or a suspicion about all but `known`."""

    target: str
    source: Node
    source_name: DatasetName
    suspects: bool
    breakers: tuple[tuple[str, Break], ...]
    writing: str
    since: int
    subtype: str
    event_id: str
    known: tuple[str, ...] = ()

    def level(self, level: Level, classes: Classes) -> Level:
        """Give what arrives of a level."""
        for to, broken in self.breakers:
            level = classes.lowered(level, to, broken)
        return level.suspected if self.suspects else level


@dataclass(slots=True)
class Side:
    """What classifies a dataset: levels set by decision, and links."""

    base: dict[str, Level] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that bears on one dataset.

    `held` counts what was said since a steward last approved a lowering, and what held then; `wanted` only what holds
    now: where that is lower, a lowering may be asked for.
    """

    name: DatasetName
    held: Side
    wanted: Side
    decided: Decided
    writings: Mapping[str, Writing]

    @property
    def key(self) -> str:
        """The dataset's key."""
        return node_key(self.name.id)

    def holds_now(self, link: Link) -> bool:
        """Whether a link holds now too."""
        return self.wanted.links is self.held.links or link in self.wanted.links

    def cut(self, field_: str) -> int:
        """Give when something was last decided that may lower a field, or a suspicion about the rest."""
        return self.decided.cut(field_, rest=field_.startswith(REST))


def facts_of(
    name: DatasetName,
    writings: Iterable[Writing],
    contents: Mapping[str, Sequence[Edge]],
    decided: Decided,
) -> Facts:
    """Give what bears on a dataset; edges of contents are between names that stand for their datasets."""
    of = {one.key: one for one in writings}
    held = _side(_Collecting(name, contents, decided, now=False), of.values())
    if not decided.fields and all(map(_is_single, of.values())):
        return Facts(name, held, Side(links=held.links), decided, of)
    return Facts(name, held, _side(_Collecting(name, contents, decided, now=True), of.values()), decided, of)


def _is_single(writing: Writing) -> bool:
    """Whether it ever claimed one thing, which holds now."""
    return len(writing.points) == 1 and writing.points[0].until == OPEN_END


def _side(collecting: _Collecting, writings: Iterable[Writing]) -> Side:
    for one in writings:
        collecting.take(one)
    return collecting.side


def in_force(writing: Writing, cut: int, *, now: bool) -> dict[str, Point[tuple[str, ...]]]:
    """Give the contents that count, each with the point that was learned last.

    `now`: those that hold now. Else those of every version, or, after an approval, that was believed since and held
    then or began later. Of what redefines its dataset only the last that claimed anything counts.
    """
    points = [point for point in writing.points if point.value]
    if now or writing.redefines:
        last = point_at(points if writing.redefines else writing.points, NOW)
        points = [last] if last is not None else points if writing.redefines else []
    elif cut:
        then = point_at(writing.points, cut, cut)
        points = [one for one in points if one.since > cut or (one.until > cut and (one.at > cut or one == then))]
    found: dict[str, Point[tuple[str, ...]]] = {}
    for point in sorted(points, key=lambda point: point.since):
        found |= dict.fromkeys(point.value, point)
    return found


class _Collecting:
    """Gathers one side of the facts."""

    def __init__(
        self, name: DatasetName, contents: Mapping[str, Sequence[Edge]], decided: Decided, *, now: bool
    ) -> None:
        self._contents, self._decided, self._now = contents, decided, now
        self._pair = (name.namespace, name.name)
        level = decided.wanted if now else decided.held
        self.side = Side({each: level(each) for each in decided.fields})
        self._cuts = {decided.approved_at(each) for each in decided.fields} - {NEVER}

    def take(self, writing: Writing) -> None:
        cuts = [NEVER] if self._now else [NEVER, *sorted(self._cuts)]
        for cut in cuts:
            for content, point in in_force(writing, cut, now=self._now).items():
                self.side.links += self._links(writing, content, point, cut)

    def _links(self, writing: Writing, content: str, point: Point[Any], cut: int) -> Iterator[Link]:
        """Give the links of a content into the fields whose lowering was last approved at a moment."""
        edges = [edge for edge in self._contents[content] if edge[5:7] == self._pair]
        proofs = _proofs(edges)
        for edge in filter(propagates, edges):
            if self._is_of(edge.target_field, cut):
                link = self._link(edge, writing, point, proofs.get(folded(edge.target_field), ()))
                if not link.suspects or self._decided.rejected(link.source.dataset_key, point.since).isdisjoint(
                    (link.target, WHOLE)
                ):
                    yield link
        if self._is_of(WHOLE, cut):
            yield from self._rest(edges, writing, point)

    def _is_of(self, field_: str, cut: int) -> bool:
        return self._now or self._decided.approved_at(folded(field_)) == cut

    def _link(self, edge: Edge, writing: Writing, point: Point[Any], proofs: Collection[tuple[Break, int]]) -> Link:
        suspects = edge.confidence in (Certainty.GUESSED, Certainty.AMBIGUOUS) or not edge.target_field
        target = folded(edge.target_field)
        breakers = tuple(self._broken(target, writing, proofs)) if proofs else ()
        return Link(target, *_source(edge), suspects, breakers, writing.key, point.since, edge.subtype, point.event_id)

    def _broken(
        self, target: str, writing: Writing, proofs: Collection[tuple[Break, int]]
    ) -> Iterator[tuple[str, Break]]:
        for one in self._decided.breakers(target, approved_only=not self._now):
            if _is_proven(one, writing, proofs):
                yield one.to, one.broken

    def _rest(self, edges: Sequence[Edge], writing: Writing, point: Point[Any]) -> Iterator[Link]:
        """Give the suspicions about the columns whose sources are not all known."""
        known = {folded(edge.target_field) for edge in edges if edge.kind == EdgeKind.MARK and edge.subtype == KNOWN}
        if WHOLE in known:
            return
        for edge in edges:
            if edge.kind == EdgeKind.DATASET and edge.source_name:
                source, name = _source(edge)
                spared = tuple(sorted(known | self._decided.rejected(source.dataset_key, point.since)))
                if WHOLE not in spared:
                    target = REST + digest_of([writing.key, source.dataset_key, spared])
                    told = (True, (), writing.key, point.since, "", point.event_id, spared)
                    yield Link(target, source, name, *told)


def propagates(edge: Edge) -> bool:
    """Whether a class follows an edge; what affects all rows is a risk of inference only."""
    if edge.kind not in (EdgeKind.DIRECT, EdgeKind.INDIRECT) or not edge.source_name:
        return False
    return bool(edge.target_field) or edge.subtype not in ROW_SUBTYPES


def _source(edge: Edge) -> tuple[Node, DatasetName]:
    key, name = _named(edge.source_namespace, edge.source_name)
    return Node(key, folded(edge.source_field)), name


@lru_cache(maxsize=16_384)
def _named(namespace: str, name: str) -> tuple[str, DatasetName]:
    found = DatasetName(namespace, name)
    return node_key(found.id), found


def _proofs(edges: Iterable[Edge]) -> dict[str, list[tuple[Break, int]]]:
    found: dict[str, list[tuple[Break, int]]] = defaultdict(list)
    for edge in edges:
        if edge.kind == EdgeKind.MARK and edge.subtype == HASH:
            found[folded(edge.target_field)].append((Break.HASH, 0))
        elif edge.kind == EdgeKind.MARK and edge.subtype == AGGREGATE:
            found[folded(edge.target_field)].append((Break.AGGREGATE, int(edge.expression)))
    return found


_LEAST_ROWS = 2


def _is_proven(rule: Breaker, writing: Writing, proofs: Iterable[tuple[Break, int]]) -> bool:
    if rule.job != writing.job:
        return False
    least = max(rule.least, _LEAST_ROWS) if rule.broken is Break.AGGREGATE else 0
    return any(broken is rule.broken and count >= least for broken, count in proofs)
