"""A seeded warehouse of eight layers: tables of eight columns, each made from one or two tables further left."""

from __future__ import annotations

import random
from typing import Any

_LAYERS = 8
_COLUMNS = 8
_TWO_SOURCES = 0.3
_COPIED = 5  # columns of each pair of tables


def graph_of(tables: int) -> dict[str, Any]:
    """Give the tables with their columns, and links (source, column, target, column); a pair of tables has five."""
    draw = random.Random(tables)
    width = -(-tables // _LAYERS)
    return {
        "tables": [
            {"id": f"t{number}", "columns": [f"column_{at}" for at in range(_COLUMNS)]} for number in range(tables)
        ],
        "links": [link for number in range(width, tables) for link in _links(draw, number, width)],
    }


def _links(draw: random.Random, number: int, width: int) -> list[tuple[str, str, str, str]]:
    layer = number // width
    back = 1 + (draw.randrange(layer) if draw.random() < 0.2 else 0)
    start = (layer - back) * width
    sources = {start + draw.randrange(width) for _ in range(2 if draw.random() < _TWO_SOURCES else 1)}
    return [
        (f"t{source}", f"column_{draw.randrange(_COLUMNS)}", f"t{number}", f"column_{at}")
        for source in sorted(sources)
        for at in draw.sample(range(_COLUMNS), _COPIED)
    ]
