"""A whole answer by two queries: Neo4j's pruned breadth-first expansion, then all that is shown of what it met."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
from nexus_core.graph.read_whole_cypher import reach, shown

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
    met = {"nodes": list(levels), **_inner(query, starts, sides)}
    asked = None if sight.scope.everything else whose(sight.scope, "o")
    left, nodes, edges = await session.rows("lineage.shown", shown(hops, asked), {"met": met, **when})
    if asked is not None:
        await sight.learn([*((row[2], row[3]) for row in nodes), *_neighbours(nodes)])
    described = [_node(sight, *row) for row in nodes]
    hidden = not all(node.found is None or sight.sees_node(node.found) for node in described)
    if left or hidden:
        return None
    private = set() if asked is None else {row[0] for row in nodes if _comes_from_hidden(sight, row[-2])}
    return _answer(described, edges, levels, private)


def _neighbours(nodes: Iterable[Sequence[Any]]) -> Iterator[Whose]:
    return (of for row in nodes for side in row[-2:] for of in side)


def _comes_from_hidden(sight: Sight, upstream: Sequence[Whose]) -> bool:
    """Whether a node is made from hidden ones among others, or may be: of a hub not all are known."""
    return len(upstream) >= COUNTED_MOST or not all(map(sight.sees, upstream))


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
    sight: Sight,
    key: str,
    parent: str | None,
    namespace: str,
    name: str,
    field: str | None,
    type_: str | None,
    ordinal: int | None,
    facts: Sequence[Any],
    *neighbours: int | Sequence[Whose],
) -> LineageNode:
    kind = "dataset" if field is None else "datasetField"
    id_ = f"{kind}:{namespace}:{name}" if field is None else f"{kind}:{namespace}:{name}:{field}"
    found = FoundNode(key, id_, kind, parent or key, namespace, name, field, type_, ordinal)
    upstream, downstream = (_count(sight, each) for each in neighbours)
    return LineageNode(id_, kind, found, DatasetFacts(*facts), upstream, downstream)


def _count(sight: Sight, neighbours: int | Sequence[Whose]) -> int:
    return neighbours if isinstance(neighbours, int) else sum(map(sight.sees, neighbours))
