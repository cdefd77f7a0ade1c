"""Cypher of an answer by two queries: what is reached, then all that is shown of it.

The first has the depth in its text, since bounds of a pattern cannot be parameters, and so it is small: Neo4j plans it
anew for each depth. The second is the same for all questions of one kind, and looks up each node only once, since that
costs as much as finding it. Parameters: `$key`, `$at` and `$known` as in `read_cypher`, `$room` for one more node than
the answer may have; in the map `$met` the keys `nodes` of what is shown, and `up` and `down`, those of them that hops
upstream and downstream lead on from; `whole`, namespaces all of which is visible.
"""

from __future__ import annotations

from functools import cache

from nexus_core.graph.read_answer import Direction, Granularity
from nexus_core.graph.read_cypher import COUNTED_MOST, HUB, Hops, arrow, no_columns

_SIDES = {Direction.UPSTREAM: "up", Direction.DOWNSTREAM: "down"}


@cache
def reach(hops: Hops, direction: Direction, depth: int, *, all_fields: bool) -> str:
    """Give the query for the keys of starts and, for each side, the keys of what is reached with their depths.

    `all_fields` starts from the fields of the dataset `$key`. `depth` is a checked number, at most 50.
    """
    if all_fields:
        starts = f"MATCH (d:Dataset {{key: $key}}) {hops.open} WITH f LIMIT $room WITH collect(f) AS starts"
    else:
        starts = f"MATCH (s:{hops.label} {{key: $key}}) WITH collect(s) AS starts"
    sides = " ".join(_reach(hops, side, depth) for side in direction.sides)
    told = ", ".join(map(_SIDES.__getitem__, direction.sides))
    return f"{starts} {sides} RETURN [[t IN starts | t.key], {told}] AS rows"


@cache
def shown(hops: Hops, whose: str | None) -> str:
    """Give the query for whether hops by unknown columns lead on, and if not, for nodes and the edges among them.

    `whose` asks also for the namespaces of all their neighbours `o` that are neither among them nor in `whole`, each
    with the names in it if these count.
    """
    found = f"UNWIND $met.nodes AS key MATCH (t:{hops.label} {{key: key}}) WITH collect(t) AS nodes"
    if hops.granularity is Granularity.DATASET:
        leaves, left = "", "false"
    else:
        leaves = " ".join(_leaves(hops, side) for side in Direction.BOTH.sides)
        left = "up OR down"
    others = "" if whose is None else ", others"
    return (
        f"{leaves} WITH {left} AS left CALL (left) {{ WITH left WHERE NOT left {found} RETURN nodes }} "
        f"{_edges(hops)} {_described(hops, whose)} RETURN [left, described, edges{others}] AS rows"
    )


@cache
def around(hops: Hops, whose: str) -> str:
    """Give the query for whose the neighbours `o` of each node are, upstream and downstream."""
    up, down = (_nodes(hops, side, f"WITH DISTINCT o RETURN {whose}") for side in Direction.BOTH.sides)
    return (
        f"UNWIND $met.nodes AS key MATCH (t:{hops.label} {{key: key}}) OPTIONAL MATCH (t)<-[:HAS_FIELD]-(d:Dataset) "
        f"RETURN collect([t.key, {_sources(hops)}, {up}, {down}]) AS rows"
    )


def _reach(hops: Hops, side: Direction, depth: int) -> str:
    """Expand; the planner turns `min(length(p))` into the depth at which a node was met, and prunes."""
    conditions = [f"all(r IN rs WHERE {hops.holds()})"] if hops.past or hops.known else []
    # Only a dataset's upstream side has hops of both kinds, and ONCE leads over jobs; all others end in the right kind
    # by themselves.
    if hops.granularity is Granularity.DATASET and (side is Direction.UPSTREAM or hops.known):
        conditions.append("all(r IN rs WHERE r.kind = 'DATASET')")
    where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    return (
        "CALL (starts) { UNWIND starts AS s "
        f"MATCH p = (s){arrow('rs', f'{hops.types}*1..{depth}', side)}(t:{hops.label}) {where}"
        "WITH t, min(length(p)) AS depth LIMIT $room "
        f"RETURN [collect(t.key), collect(depth)] AS {_SIDES[side]} }}"
    )


def _leaves(hops: Hops, side: Direction) -> str:
    name = _SIDES[side]
    return (
        f"CALL () {{ UNWIND $met.{name} AS key MATCH (:Field {{key: key}})<-[:HAS_FIELD]-(d:Dataset) WITH DISTINCT d "
        f"{_unresolved(hops, side)} WITH r LIMIT 1 RETURN count(r) > 0 AS {name} }}"
    )


def _unresolved(hops: Hops, side: Direction) -> str:
    output = "o" if side is Direction.DOWNSTREAM else "d"
    hop = arrow("r", hops.types, side)
    return f"MATCH (d){hop}(o:Dataset) WHERE {hops.holds()} AND {no_columns(hops, output)}"


def _edges(hops: Hops) -> str:
    """Find the edges from their targets: sources feed thousands, and targets are made from few, but for hubs."""
    few, label = HUB.format(found="size(nodes)"), hops.label
    return (
        f"CALL (nodes) {{ UNWIND nodes AS t WITH nodes, t, {_sources(hops)} AS sources CALL (nodes, t, sources) {{ "
        f"WITH * WHERE sources <= {few} MATCH (t)<-[r:{hops.types}]-(o:{label}) WHERE o IN nodes RETURN o, r "
        f"UNION ALL WITH * WHERE sources > {few} UNWIND nodes AS o MATCH (o)-[r:{hops.types}]->(t) RETURN o, r "
        f"}} WITH o, r, t WHERE {hops.holds()} RETURN collect([o.key, t.key, r.kind, {hops.edge}]) AS edges }}"
    )


def _sources(hops: Hops) -> str:
    """Count the relationships that end in the node `t`, which Neo4j knows without looking at them."""
    return " + ".join(f"COUNT {{ (t)<-[:{type_}]-() }}" for type_ in hops.types.split("|"))


def _described(hops: Hops, whose: str | None) -> str:
    """Give what is shown of each node, with counts of its neighbours, and whose these are if that is asked."""
    own = "t" if hops.granularity is Granularity.DATASET else "d"
    parent = "" if own == "t" else "OPTIONAL MATCH (t)<-[:HAS_FIELD]-(d:Dataset) "
    counted, (up, down), others = _counted(hops) if whose is None else _told(hops, whose)
    return (
        f"CALL (nodes) {{ UNWIND nodes AS t {parent}{counted}{others[0]} collect([t.key, t.dataset_key, t.namespace, "
        f"t.name, t.field, {hops.type}, t.ordinal, [{own}.platform, {own}.dataset_kind, {own}.field_count], "
        f"{up}, {down}]) AS described{others[1]} }}"
    )


def _counted(hops: Hops) -> tuple[str, list[str], tuple[str, str]]:
    some = f"WITH o LIMIT {COUNTED_MOST} RETURN DISTINCT o"
    counts = [" + ".join(f"COUNT {{ {one} {some} }}" for one in _found(hops, side)) for side in Direction.BOTH.sides]
    return "", counts, ("RETURN", "")


def _told(hops: Hops, whose: str) -> tuple[str, list[str], tuple[str, str]]:
    """Neighbours are many times the same: they are told once for all nodes, and their names are read once.

    Where hops lead on from, the neighbours on that side are in the answer already, and are only counted.
    """
    _, counts, _ = _counted(hops)
    (ups, up), (downs, down) = (
        (
            f"CASE WHEN t.key IN $met.{name} THEN [] ELSE {_nodes(hops, side, 'RETURN DISTINCT o')} END",
            f"CASE WHEN t.key IN $met.{name} THEN {count} ELSE size({name}s) END",
        )
        for (side, name), count in zip(_SIDES.items(), counts, strict=True)
    )
    found = "collect(t) AS shown, collect(ups) + collect(downs) AS found"
    others = (
        "UNWIND found AS some UNWIND some AS o WITH DISTINCT o, shown WHERE NOT o IN shown "
        f"WITH o, o.namespace AS space WHERE NOT space IN $met.whole {_OTHERS[whose]}"
    )
    also = f", {found} CALL (shown, found) {{ {others} }} RETURN described, others"
    return f"WITH *, {ups} AS ups, {downs} AS downs ", [f"{_sources(hops)}, {up}", down], ("WITH", also)


_OTHERS = {
    "[o.namespace]": "RETURN collect(DISTINCT [space, []]) AS others",
    "[o.namespace, o.name]": "WITH space, collect(DISTINCT o.name) AS names RETURN collect([space, names]) AS others",
}


def _nodes(hops: Hops, side: Direction, told: str) -> str:
    return " + ".join(f"COLLECT {{ {one} WITH o LIMIT {COUNTED_MOST} {told} }}" for one in _found(hops, side))


def _found(hops: Hops, side: Direction) -> list[str]:
    """Find direct neighbours: by columns, and by datasets whose columns are unknown."""
    found = [f"MATCH (t){arrow('r', hops.types, side)}(o:{hops.label}) WHERE {hops.holds()}"]
    return [*found, _unresolved(hops, side)] if hops.granularity is Granularity.FIELD else found
