"""What a tree of decoded JSON holds, told level by level: a look at each node by itself takes three times as long."""

from __future__ import annotations

from itertools import chain
from typing import Any

from nexus_core.model.canonical_json import is_exact

_NODES = frozenset({dict, list})


def has_plain_numbers(root: Any, levels: int) -> bool | None:
    """Tell whether all numbers are integers that a double holds exactly; None for a tree of more levels than these."""
    level, plain = [root], True
    for _ in range(levels):
        values = list(chain.from_iterable(node.values() if type(node) is dict else node for node in level))
        kinds = set(map(type, values))
        if float in kinds or (int in kinds and not all(is_exact(each) for each in values if type(each) is int)):
            plain = False
        if _NODES.isdisjoint(kinds):
            return plain
        level = [each for each in values if type(each) is dict or type(each) is list]
    return None
