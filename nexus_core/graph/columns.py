"""When an evidence knows columns of what it writes: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from nexus_core.graph.claims import HeldEdge
from nexus_core.model.edge import EdgeKind
from nexus_core.model.timeline import Area

Spans = Mapping[tuple[str, str], Sequence[tuple[int, int]]]
"""Dataset `(namespace, name)` → intervals [from, to) in order that neither meet nor overlap."""


def columns_known(edges: Iterable[HeldEdge]) -> Spans:
    """Give when the edges of one evidence, as is believed now, lead from fields into a dataset or its fields."""
    found: dict[tuple[str, str], set[tuple[int, int]]] = defaultdict(set)
    for one in edges:
        if one.edge.source_field and one.edge.target_name:
            target = (one.edge.target_namespace, one.edge.target_name)
            found[target].update((area.start, area.end) for area in one.now)
    return {target: _joined(spans) for target, spans in found.items()}


def knows_columns(one: HeldEdge, known: Spans) -> bool:
    """Whether an edge between datasets stands beside columns whenever it holds, as is believed now."""
    if one.edge.kind != EdgeKind.DATASET:
        return False
    spans = known.get((one.edge.target_namespace, one.edge.target_name), ())
    return bool(one.now) and all(_covered(area, spans) for area in one.now)


def _covered(area: Area, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= area.start and area.end <= end for start, end in spans)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
