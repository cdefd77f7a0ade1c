"""A whole answer by one query: Neo4j's pruned breadth-first expansion, then all that is shown of what it met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nexus_core.graph.read_answer import (
    Asked,
    DatasetFacts,
    FoundNode,
    Granularity,
    LineageAnswer,
    LineageNode,
    LineageQuery,
)
from nexus_core.graph.read_cypher import Hops
from nexus_core.graph.read_edges import distinct, edge_of, in_order
from nexus_core.graph.read_session import ReadSession
from nexus_core.graph.read_whole_cypher import whole


async def read_whole(
    session: ReadSession, query: LineageQuery, hops: Hops, when: dict[str, int], key: str
) -> LineageAnswer | None:
    """Answer who sees everything about the node with this key; None if it is unknown or the search is needed.

    Only the search level by level is exact if the answer exceeds the limit (ties by id), if hops of two kinds mix
    (indirect ones, jobs), and if the way leads over a dataset whose lineage is known for the dataset alone.
    """
    of_all_fields = query.granularity is Granularity.FIELD and query.field is None
    if query.asked is Asked.JOB or hops.indirect or of_all_fields:
        return None
    parameters = {"key": key, **when, "room": query.limit + 1, "limit": query.limit, "depth": query.depth}
    rows = await session.rows("lineage.whole", whole(hops, query.direction, query.depth), parameters)
    if not rows or not rows[0][0]:
        return None
    (_, nodes, edges, *sides), levels = rows[0], {key: 0}
    for keys, depths in sides:
        for met, depth in zip(keys, depths, strict=True):
            levels[met] = min(depth, levels.get(met, depth))
    return _answer(nodes, edges, levels) if len(levels) <= query.limit else None


def _answer(nodes: Sequence[Sequence[Any]], edges: Sequence[Sequence[Any]], levels: dict[str, int]) -> LineageAnswer:
    found = [(levels[row[0]], node.id, node) for row in nodes for node in (_node(*row),)]
    ids = {node.found.key: node.id for _, _, node in found if node.found}
    shown = distinct(edge_of(ids[source], ids[target], row) for source, target, *row in edges)
    return LineageAnswer(tuple(node for *_, node in sorted(found)), in_order(shown), truncated=False)


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
