"""From the versions of an evidence to the relationships that the graph holds: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nexus_core.graph.claims import HeldEdge
from nexus_core.model.edge import Edge
from nexus_core.worker.timeline import Span


def held_edges(spans: Sequence[Span], contents: Mapping[str, Iterable[Edge]]) -> list[HeldEdge]:
    """Give each edge of an evidence once, with the intervals in which any version claims it; touching ones join."""
    held: dict[Edge, list[tuple[int, int, str]]] = {}
    for span in spans:
        if span.start >= span.end:
            continue
        for edge in {edge for fingerprint in span.contents for edge in contents[fingerprint]}:
            intervals = held.setdefault(edge, [])
            if intervals and intervals[-1][1] == span.start:
                start, _, event_id = intervals[-1]
                intervals[-1] = (start, span.end, event_id)
            else:
                intervals.append((span.start, span.end, span.event_id))
    return [
        HeldEdge(edge, tuple(start for start, _, _ in of), tuple(end for _, end, _ in of), of[-1][2])
        for edge, of in held.items()
    ]
