"""Cypher of a whole answer: what one node reaches, the edges among it, and what is shown of each, in one query.

What is found stays nodes until the end: looking each up again by its key costs as much as finding it. Parameters:
`$key`, `$at` and `$known` as in `read_cypher`, `$limit` nodes at most in an answer, `$room` one more, `$depth`.
"""

from __future__ import annotations

from functools import cache

from nexus_core.graph.read_answer import Direction, Granularity
from nexus_core.graph.read_cypher import COUNTED_MOST, HUB, Hops, arrow, no_columns

_SIDES = {Direction.UPSTREAM: "up", Direction.DOWNSTREAM: "down"}


@cache
def whole(hops: Hops, direction: Direction, depth: int) -> str:
    """Give the query; its one row is whether the answer is whole, nodes, edges, and for each side keys and depths.

    Bounds of a pattern cannot be parameters: `depth` is a checked number, at most 50.
    """
    sides = direction.sides
    met = " + ".join(f"{_SIDES[side]}.met" for side in sides)
    fits = [f"size({_SIDES[side]}.met) <= $limit" for side in sides]
    parts = [f"MATCH (s:{hops.label} {{key: $key}})", *(_reach(hops, side, depth) for side in sides)]
    if hops.granularity is Granularity.FIELD:
        parts += [_leaves(hops, side) for side in sides]
        fits += [f"NOT {_SIDES[side]}_left" for side in sides]
    parts += [
        f"WITH *, {' AND '.join(fits)} AS fits",
        f"CALL (s, {', '.join(map(_SIDES.__getitem__, sides))}, fits) {{ WITH * WHERE fits",
        f"UNWIND [s] + {met} AS t RETURN collect(DISTINCT t) AS nodes }}",
        _edges(hops),
        _described(hops),
        f"RETURN collect([fits, shown, edges, {', '.join(_told(side) for side in sides)}]) AS rows",
    ]
    return "\n".join(parts)


def _told(side: Direction) -> str:
    name = _SIDES[side]
    return f"[[t IN {name}.met | t.key], {name}.depths]"


def _reach(hops: Hops, side: Direction, depth: int) -> str:
    """Expand; the planner turns `min(length(p))` into the depth at which a node was met, and prunes."""
    conditions = [f"all(r IN rs WHERE {hops.holds()})"] if hops.past or hops.known else []
    # Only a dataset's upstream side has hops of both kinds, and ONCE leads over jobs; all others end in the right kind
    # by themselves.
    if hops.granularity is Granularity.DATASET and (side is Direction.UPSTREAM or hops.known):
        conditions.append("all(r IN rs WHERE r.kind = 'DATASET')")
    where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    return (
        f"CALL (s) {{ MATCH p = (s){arrow('rs', f'{hops.types}*1..{depth}', side)}(t:{hops.label}) {where}"
        "WITH t, min(length(p)) AS depth LIMIT $room "
        f"RETURN {{met: collect(t), depths: collect(depth)}} AS {_SIDES[side]} }}"
    )


def _leaves(hops: Hops, side: Direction) -> str:
    """Say whether hops by unknown columns leave the datasets of what was met, but for what is met last."""
    name = _SIDES[side]
    inner = f"[s] + [i IN range(0, size({name}.met) - 1) WHERE {name}.depths[i] < $depth | {name}.met[i]]"
    return (
        f"CALL (s, {name}) {{ UNWIND {inner} AS f MATCH (f)<-[:HAS_FIELD]-(d:Dataset) WITH DISTINCT d "
        f"{_unresolved(hops, side)} WITH r LIMIT 1 RETURN count(r) > 0 AS {name}_left }}"
    )


def _unresolved(hops: Hops, side: Direction) -> str:
    output = "o" if side is Direction.DOWNSTREAM else "d"
    hop = arrow("r", hops.types, side)
    return f"MATCH (d){hop}(o:Dataset) WHERE {hops.holds()} AND {no_columns(hops, output)}"


def _edges(hops: Hops) -> str:
    """Find the edges from their targets: sources feed thousands, and targets are made from few, but for hubs."""
    sources = " + ".join(f"COUNT {{ (t)<-[:{type_}]-() }}" for type_ in hops.types.split("|"))
    few, label = HUB.format(found="size(nodes)"), hops.label
    return (
        f"CALL (nodes) {{ UNWIND nodes AS t WITH nodes, t, {sources} AS sources CALL (nodes, t, sources) {{ "
        f"WITH * WHERE sources <= {few} MATCH (t)<-[r:{hops.types}]-(o:{label}) WHERE o IN nodes RETURN o, r "
        f"UNION ALL WITH * WHERE sources > {few} UNWIND nodes AS o MATCH (o)-[r:{hops.types}]->(t) RETURN o, r "
        f"}} WITH o, r, t WHERE {hops.holds()} RETURN collect([o.key, t.key, r.kind, {hops.edge}]) AS edges }}"
    )


def _described(hops: Hops) -> str:
    """Give what is shown of each node, with counts of its neighbours."""
    own = "t" if hops.granularity is Granularity.DATASET else "d"
    parent = "" if own == "t" else "OPTIONAL MATCH (t)<-[:HAS_FIELD]-(d:Dataset) "
    up, down = (_count(hops, side) for side in Direction.BOTH.sides)
    return (
        f"CALL (nodes) {{ UNWIND nodes AS t {parent}RETURN collect([t.key, t.dataset_key, t.namespace, t.name, "
        f"t.field, {hops.type}, t.ordinal, [{own}.platform, {own}.dataset_kind, {own}.field_count], {up}, {down}]) "
        "AS shown }"
    )


def _count(hops: Hops, side: Direction) -> str:
    """Count direct neighbours, by columns and by datasets whose columns are unknown."""
    hop, most = arrow("r", hops.types, side), f"WITH o LIMIT {COUNTED_MOST} RETURN DISTINCT o"
    counted = f"COUNT {{ MATCH (t){hop}(o:{hops.label}) WHERE {hops.holds()} {most} }}"
    if hops.granularity is Granularity.DATASET:
        return counted
    return f"{counted} + COUNT {{ {_unresolved(hops, side)} {most} }}"
