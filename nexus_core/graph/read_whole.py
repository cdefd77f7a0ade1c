"""A whole answer by two queries: Neo4j's pruned breadth-first expansion, then all that is shown of what it met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from nexus_core.graph.read_answer import (
    Asked,
    DatasetFacts,
    Direction,
    FoundNode,
    Granularity,
    LineageAnswer,
    LineageNode,
    LineageQuery,
)
from nexus_core.graph.read_cypher import Hops
from nexus_core.graph.read_edges import distinct, edge_of, in_order
from nexus_core.graph.read_session import ReadSession
from nexus_core.graph.read_whole_cypher import reach, shown
from nexus_core.model.access import Scope

_Side = Sequence[Sequence[Any]]
"""Keys of what one direction meets, and their depths."""


async def read_whole(
    session: ReadSession, query: LineageQuery, hops: Hops, when: Mapping[str, int], key: str, scope: Scope
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
    text = shown(hops, spaces=not scope.everything)
    left, nodes, edges = await session.rows("lineage.shown", text, {"met": met, **when})
    sees = cache(scope.sees)
    described = [_node(sees, *row) for row in nodes]
    hidden = any(node.found and not sees(node.found.namespace) for node in described)
    return None if left or hidden else _answer(described, edges, levels)


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


def _answer(nodes: Sequence[LineageNode], edges: Sequence[Sequence[Any]], levels: Mapping[str, int]) -> LineageAnswer:
    order = sorted((levels[node.found.key], node.id, node) for node in nodes if node.found)
    ids = {node.found.key: node.id for node in nodes if node.found}
    among = distinct(
        edge_of(ids[source], ids[target], row) for source, target, *row in edges if source in ids and target in ids
    )
    return LineageAnswer(tuple(node for *_, node in order), in_order(among), truncated=False)


def _node(
    sees: Callable[[str], bool],
    key: str,
    parent: str | None,
    namespace: str,
    name: str,
    field: str | None,
    type_: str | None,
    ordinal: int | None,
    facts: Sequence[Any],
    *neighbours: int | Sequence[str],
) -> LineageNode:
    kind = "dataset" if field is None else "datasetField"
    id_ = f"{kind}:{namespace}:{name}" if field is None else f"{kind}:{namespace}:{name}:{field}"
    found = FoundNode(key, id_, kind, parent or key, namespace, name, field, type_, ordinal)
    upstream, downstream = (_count(sees, each) for each in neighbours)
    return LineageNode(id_, kind, found, DatasetFacts(*facts), upstream, downstream)


def _count(sees: Callable[[str], bool], neighbours: int | Sequence[str]) -> int:
    return neighbours if isinstance(neighbours, int) else sum(map(sees, neighbours))
