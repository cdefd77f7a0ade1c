"""What a caller may not see, collapsed: a connected group of hidden nodes is one node without name, kind or count.

Hidden nodes are of one group if an edge joins them or they belong to one dataset, so that not even the number of
columns that were passed shows. Ids are random per answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nexus_core.graph.read_answer import FoundNode, LineageEdge
from nexus_core.model.edge import EdgeKind


@dataclass(frozen=True, slots=True)
class HiddenGroups:
    """Groups of hidden nodes: key of a node → id of its group."""

    group: Mapping[str, str]

    @classmethod
    def of(cls, hidden: Mapping[str, FoundNode], edges: Iterable[LineageEdge]) -> HiddenGroups:
        """Group hidden nodes by union-find (Galler and Fischer, 1964)."""
        root = {key: node.parent or key for key, node in hidden.items()}
        root |= {parent: parent for parent in root.values()}
        for edge in edges:
            if edge.source in hidden and edge.target in hidden:
                root[_find(root, edge.source)] = _find(root, edge.target)
        ids: dict[str, str] = {}
        return cls({key: ids.setdefault(_find(root, key), _random_id()) for key in hidden})

    def collapse(self, edges: Iterable[LineageEdge]) -> list[LineageEdge]:
        """Move edges of hidden nodes to their groups, and strip them of all but their ends."""
        kept: dict[LineageEdge, None] = {}
        for edge in edges:
            source, target = self.group.get(edge.source), self.group.get(edge.target)
            if source is None and target is None:
                kept[edge] = None
            elif source != target:
                kept[LineageEdge(source or edge.source, target or edge.target, EdgeKind.DATASET)] = None
        return list(kept)


def _random_id() -> str:
    return f"hidden:{secrets.token_hex(8)}"


def _find(root: dict[str, str], key: str) -> str:
    while root[key] != key:
        root[key] = root[root[key]]
        key = root[key]
    return key
