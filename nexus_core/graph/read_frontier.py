"""The search for what is reached, hop by hop, in one direction or both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nexus_core.graph import read_cypher
from nexus_core.graph.read_answer import Direction, FoundNode, LineageQuery
from nexus_core.graph.read_session import ReadSession
from nexus_core.graph.read_sight import Sight

HIDDEN_MOST = 5_000
"""Most hidden nodes that one question passes through; beyond it the answer is truncated."""


@dataclass(slots=True)
class Reached:
    """What a search met: visible nodes and hidden ones with the level at which they count; cut if there was more."""

    levels: dict[str, int] = field(default_factory=dict)
    visible: dict[str, FoundNode] = field(default_factory=dict)
    hidden: dict[str, FoundNode] = field(default_factory=dict)
    cut: bool = False

    def add(self, node: FoundNode, level: int, *, visible: bool) -> None:
        """Note a node, at its least level."""
        self.levels[node.key] = min(level, self.levels.get(node.key, level))
        (self.visible if visible else self.hidden)[node.key] = node


@dataclass(slots=True)
class _Side:
    direction: Direction
    frontier: list[FoundNode]
    visited: set[str]


def node_of(row: Sequence[Any]) -> FoundNode:
    """Read a node from a row of a search."""
    key, node_id, parent, namespace, name, field_name, field_type, ordinal = row[:8]
    kind = node_id.partition(":")[0]
    own = key if kind == "dataset" else ""
    return FoundNode(key, node_id, kind, parent or own, namespace, name, field_name, field_type, ordinal)


def keys_of(nodes: Iterable[FoundNode]) -> dict[str, Any]:
    """Give the parameter `$nodes` of these nodes."""
    keys: dict[str, list[str]] = {"datasetField": [], "dataset": [], "job": []}
    parents: set[str] = set()
    for node in nodes:
        keys[node.kind].append(node.key)
        if node.parent:
            parents.add(node.parent)
    kinds = {"fields": keys["datasetField"], "datasets": keys["dataset"], "jobs": keys["job"]}
    return {"nodes": {**kinds, "parents": sorted(parents)}}


@dataclass(frozen=True, slots=True)
class Search:
    """One question's traversal, level by level: a level is one query a direction.

    Hidden nodes are passed within the level at which they are met, however many follow each other: a hidden group
    is one hop (lineage.md §4). Each level takes the least ids first and stops one beyond the limit.
    """

    session: ReadSession
    query: LineageQuery
    hops: read_cypher.Hops
    when: Mapping[str, int]
    sight: Sight

    async def run(self, starts: Sequence[FoundNode]) -> Reached:
        """Search from the starts, which are visible."""
        reached = Reached()
        for node in starts:
            reached.add(node, 0, visible=True)
        keys = {node.key for node in starts}
        sides = [_Side(direction, list(starts), set(keys)) for direction in self.query.direction.sides]
        for level in range(1, self.query.depth + 1):
            if len(reached.visible) > self.query.limit or not any(side.frontier for side in sides):
                break
            for side in sides:
                await self._advance(side, level, reached)
        return reached

    async def _advance(self, side: _Side, level: int, reached: Reached) -> None:
        """Move a side one level on: visible nodes straight, and what hidden groups of the last level lead to."""
        hidden = [node for node in side.frontier if node.key in reached.hidden]
        exits = await self._pass_through(side, hidden, level - 1, reached) if hidden else []
        straight = [node for node in side.frontier if node.key in reached.visible]
        met = {node.key: node for node in [*exits, *await self._step(side, straight, reached)]}
        side.frontier = list(met.values())
        for node in side.frontier:
            reached.add(node, level, visible=node.kind == "job" or self.sight.sees_node(node))

    async def _pass_through(
        self, side: _Side, entries: list[FoundNode], level: int, reached: Reached
    ) -> list[FoundNode]:
        exits: list[FoundNode] = []
        while entries and not reached.cut:
            met = await self._step(side, entries, reached)
            entries = [node for node in met if not self.sight.sees_node(node)]
            exits += [node for node in met if self.sight.sees_node(node)]
            for node in entries:
                reached.add(node, level, visible=False)
            reached.cut = reached.cut or len(reached.hidden) > HIDDEN_MOST
        return exits

    async def _step(self, side: _Side, nodes: list[FoundNode], reached: Reached) -> list[FoundNode]:
        if not nodes:
            return []
        # Visited nodes come again and take room, but none of them is more than the answer holds by now.
        room = self.query.limit + 1 + len(reached.hidden) + (0 if self.sight.scope.everything else HIDDEN_MOST)
        parameters = {**keys_of(nodes), **self.when, "room": room}
        rows = await self.session.rows(
            f"lineage.step.{side.direction}", read_cypher.step(self.hops, side.direction), parameters
        )
        reached.cut = reached.cut or (len(rows) == room and not self.sight.scope.everything)
        met = [node for node in map(node_of, rows) if node.key not in side.visited]
        side.visited.update(node.key for node in met)
        await self.sight.learn_nodes(met)
        return met
