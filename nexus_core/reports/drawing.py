"""A lineage graph laid out as boxes in columns, upstream left; pure, and without what is hidden but its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nexus_core.graph.read_answer import LineageAnswer, LineageNode

BOX_WIDTH, BOX_HEIGHT = 230, 36
_GAP_X, _GAP_Y, _MARGIN = 90, 14, 24
_TITLE_CHARS = 36


@dataclass(frozen=True, slots=True)
class Box:
    """A node at its place, from the left and the top; `start` is what was asked for."""

    x: int
    y: int
    title: str
    subtitle: str
    start: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes, and lines between points, each `(x, y, x, y)`."""

    width: int
    height: int
    boxes: Sequence[Box]
    lines: Sequence[tuple[int, int, int, int]]


def draw(answer: LineageAnswer, start_id: str) -> Drawing:
    """Lay a graph out: columns by the number of hops from the start, rows by what a box hangs together with."""
    levels = _levels(answer, start_id)
    columns: dict[int, list[LineageNode]] = defaultdict(list)
    for node in answer.nodes:
        columns[levels.get(node.id, 0)].append(node)
    neighbours = _neighbours(answer)
    rows: dict[str, float] = {}
    for level in sorted(columns, key=abs):
        columns[level].sort(key=lambda node: (_centre(node.id, neighbours, rows), node.id))
        rows |= {node.id: row for row, node in enumerate(columns[level])}
    places = {
        node.id: (_MARGIN + column * (BOX_WIDTH + _GAP_X), _MARGIN + row * (BOX_HEIGHT + _GAP_Y))
        for column, level in enumerate(sorted(columns))
        for row, node in enumerate(columns[level])
    }
    boxes = [Box(*places[node.id], *_titles(node), node.id == start_id) for node in answer.nodes]
    lines = [_line(places[edge.source], places[edge.target]) for edge in answer.edges if edge.source != edge.target]
    width = max((box.x for box in boxes), default=0) + BOX_WIDTH + _MARGIN
    height = max((box.y for box in boxes), default=0) + BOX_HEIGHT + _MARGIN
    return Drawing(width, height, boxes, sorted(set(lines)))


def _levels(answer: LineageAnswer, start_id: str) -> Mapping[str, int]:
    """Give the fewest hops from the start, below zero upstream; what is reached both ways stands downstream."""
    steps: dict[tuple[str, int], list[str]] = defaultdict(list)
    for edge in answer.edges:
        steps[edge.source, 1].append(edge.target)
        steps[edge.target, -1].append(edge.source)
    levels = {start_id: 0}
    for side in (1, -1):
        ahead = [start_id]
        while ahead:
            reached = [node for here in ahead for node in steps[here, side] if node not in levels]
            level = levels[ahead[0]] + side
            levels |= dict.fromkeys(reached, level)
            ahead = list(dict.fromkeys(reached))
    return levels


def _neighbours(answer: LineageAnswer) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for edge in answer.edges:
        found[edge.source].append(edge.target)
        found[edge.target].append(edge.source)
    return found


def _centre(node_id: str, neighbours: Mapping[str, Sequence[str]], rows: Mapping[str, float]) -> float:
    placed = [rows[each] for each in neighbours.get(node_id, ()) if each in rows]
    return sum(placed) / len(placed) if placed else 0.0


def _line(source: tuple[int, int], target: tuple[int, int]) -> tuple[int, int, int, int]:
    half = BOX_HEIGHT // 2
    return source[0] + BOX_WIDTH, source[1] + half, target[0], target[1] + half


def _titles(node: LineageNode) -> tuple[str, str]:
    if node.found is None:
        return "hidden", ""
    title = node.found.field or node.found.name
    subtitle = node.found.name if node.found.field else node.found.namespace
    return _short(title), _short(subtitle)


def _short(text: str) -> str:
    """Keep the end of a name, which tells most."""
    return text if len(text) <= _TITLE_CHARS else "…" + text[1 - _TITLE_CHARS :]
