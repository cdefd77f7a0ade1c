"""A whole answer by two queries: Neo4j's pruned breadth-first expansion, then all that is shown of what it met."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from nexus_core.graph.read_answer import (
    Asked,
    DatasetFacts,
    Direction,
    FoundNode,
    Granularity,
    LineageAnswer,
    LineageEdge,
    LineageNode,
    LineageQuery,
)
from nexus_core.graph.read_cypher import COUNTED_MOST, Hops
from nexus_core.graph.read_edges import distinct, edge_of, in_order
from nexus_core.graph.read_session import ReadSession
from nexus_core.graph.read_sight import Sight, Whose, whose
from nexus_core.graph.read_whole_cypher import around, reach, shown

_SOURCES = 8
"""Where a row of a limited scope has the number of relationships that end in its node."""

_Side = Sequence[Sequence[Any]]
"""Keys of what one direction meets, and their depths."""


async def read_whole(
    session: ReadSession, sight: Sight, query: LineageQuery, hops: Hops, when: Mapping[str, int], key: str
) -> LineageAnswer | None:
    """Answer about the node with this key, or None if it is unknown or the search is needed.

    Only the search level by level is exact if the answer exceeds the limit (ties by id), if hops of two kinds mix
    (indirect ones, jobs), if the way leads over a dataset whose lineage is known for the dataset alone, and if it
    meets what the caller may not see.
    """
    if query.asked is Asked.JOB or hops.indirect:
        return None
    parameters = {"key": key, **when, "room": query.limit + 1}
    all_fields = query.granularity is Granularity.FIELD and query.field is None
    text = reach(hops, query.direction, query.depth, all_fields=all_fields)
    starts, *sides = await session.rows("lineage.reach", text, parameters)
    levels = _levels(starts, sides)
    if not starts or len(levels) > query.limit:
        return None
    met = {"nodes": list(levels), "whole": list(sight.whole), **_inner(query, starts, sides)}
    asked = None if sight.scope.everything else whose(sight.scope, "o")
    left, nodes, edges, *others = await session.rows("lineage.shown", shown(hops, asked), {"met": met, **when})
    if asked is None:
        return None if left else _answer([_node(*row) for row in nodes], edges, levels, ())
    around_them = [(space, name) for space, names in others[0] for name in names or ("",)]
    sight.meet([*(row[2] for row in nodes), *(space for space, _ in others[0])])
    if sight.scope.needs_attributes:
        await sight.learn([*((row[2], row[3]) for row in nodes), *around_them])
    if left or not all(sight.sees((row[2], row[3])) for row in nodes):
        return None
    if all(map(sight.sees, around_them)):
        private = {row[0] for row in nodes if row[_SOURCES] >= COUNTED_MOST}
        return _answer([_node(*row[:_SOURCES], *row[-2:]) for row in nodes], edges, levels, private)
    near = await session.rows("lineage.around", around(hops, asked), {"met": met, **when})
    return _with_hidden_around(sight, nodes, near, edges, levels)


def _with_hidden_around(
    sight: Sight,
    nodes: Iterable[Sequence[Any]],
    near: Iterable[tuple[str, int, Sequence[Whose], Sequence[Whose]]],
    edges: Sequence[Sequence[Any]],
    levels: Mapping[str, int],
) -> LineageAnswer:
    """Count visible neighbours alone. Who is made from hidden ones is private, and so is a hub: not all are known."""
    counts: dict[str, list[int]] = {}
    private: set[str] = set()
    for key, sources, *sides in near:
        counts[key] = [sum(map(sight.sees, side)) for side in sides]
        if sources >= COUNTED_MOST or counts[key][0] < len(sides[0]):
            private.add(key)
    return _answer([_node(*row[:_SOURCES], *counts[row[0]]) for row in nodes], edges, levels, private)


def _levels(starts: Sequence[str], sides: Iterable[_Side]) -> dict[str, int]:
    levels = dict.fromkeys(starts, 0)
    for keys, depths in sides:
        for key, depth in zip(keys, depths, strict=True):
            levels[key] = min(depth, levels.get(key, depth))
    return levels


def _inner(query: LineageQuery, starts: Sequence[str], sides: Sequence[_Side]) -> dict[str, Sequence[str]]:
    """Give, by side, what hops lead on from: all but what was met last."""
    inner: dict[str, Sequence[str]] = {"up": (), "down": ()}
    for side, (keys, depths) in zip(query.direction.sides, sides, strict=True):
        name = "up" if side is Direction.UPSTREAM else "down"
        inner[name] = [*starts, *(key for key, depth in zip(keys, depths, strict=True) if depth < query.depth)]
    return inner


def _answer(
    nodes: Sequence[LineageNode], edges: Sequence[Sequence[Any]], levels: Mapping[str, int], private: Collection[str]
) -> LineageAnswer:
    """Put an answer together; what an expression says of `private` nodes may name what is hidden."""
    order = sorted((levels[node.found.key], node.id, node) for node in nodes if node.found)
    ids = {node.found.key: node.id for node in nodes if node.found}
    among = distinct(
        _edge(ids[source], ids[target], row, private=target in private)
        for source, target, *row in edges
        if source in ids and target in ids
    )
    return LineageAnswer(tuple(node for *_, node in order), in_order(among), truncated=False)


def _edge(source: str, target: str, row: Sequence[Any], *, private: bool) -> LineageEdge:
    edge = edge_of(source, target, row)
    return edge._replace(expression=None) if private else edge


def _node(
    key: str,
    parent: str | None,
    namespace: str,
    name: str,
    field: str | None,
    type_: str | None,
    ordinal: int | None,
    facts: Sequence[Any],
    upstream: int,
    downstream: int,
) -> LineageNode:
    kind = "dataset" if field is None else "datasetField"
    id_ = f"{kind}:{namespace}:{name}" if field is None else f"{kind}:{namespace}:{name}:{field}"
    found = FoundNode(key, id_, kind, parent or key, namespace, name, field, type_, ordinal)
    return LineageNode(id_, kind, found, DatasetFacts(*facts), upstream, downstream)
