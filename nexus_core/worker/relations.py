"""From the versions of an evidence to the relationships that the graph holds: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from nexus_core.graph.claims import HeldEdge
from nexus_core.model.edge import OPEN_END, Edge
from nexus_core.model.timeline import Area, Point, Span, areas, spans

Absences = Mapping[tuple[str, str], Sequence[Area]]
"""When a source dataset `(namespace, name)` was not there; sources that always were are left out."""


def held_edges(
    versions: Sequence[Point[tuple[str, ...]]], contents: Mapping[str, Iterable[Edge]], absences: Absences
) -> list[HeldEdge]:
    """Give each edge of an evidence once, with when any version claims it and its source is there."""
    found = list(spans(versions))
    if len(found) == 1 and not absences:
        return _always(found[0], contents)
    claimed: dict[Edge, list[Span[tuple[str, ...]]]] = defaultdict(list)
    for span in found:
        for edge in {edge for fingerprint in span.value for edge in contents[fingerprint]}:
            claimed[edge].append(span)
    held = (
        _held(edge, of, absences.get((edge.source_namespace, edge.source_name), ())) for edge, of in claimed.items()
    )
    return [edge for edge in held if edge.now or edge.once]


def _always(span: Span[tuple[str, ...]], contents: Mapping[str, Iterable[Edge]]) -> list[HeldEdge]:
    """Give the edges of an evidence that only ever said one thing."""
    area = (Area(span.start, span.end, span.since, span.until),)
    now, once = (area, ()) if span.until == OPEN_END else ((), area)
    edges = {edge for fingerprint in span.value for edge in contents[fingerprint]}
    return [HeldEdge(edge, now, once, span.event_id) for edge in edges]


def _held(edge: Edge, claimed: Sequence[Span[tuple[str, ...]]], absent: Sequence[Area]) -> HeldEdge:
    found = areas((Area(span.start, span.end, span.since, span.until) for span in claimed), absent)
    now = tuple(area for area in found if area.until == OPEN_END)
    once = tuple(area for area in found if area.until != OPEN_END)
    return HeldEdge(edge, now, once, _event(claimed, (now or once or (None,))[-1]))


def _event(claimed: Iterable[Span[tuple[str, ...]]], last: Area | None) -> str:
    """Give the event behind the start of an edge's last interval: that of the version in which it begins."""
    if last is None:
        return ""
    around = [span for span in claimed if span.start <= last.start < span.end and span.until >= last.until]
    begun = max((span.start for span in around), default=0)
    return min((span.event_id for span in around if span.start == begun), default="")
