"""Cypher of an answer by two queries: what is reached, then all that is shown of it.

The first has the depth in its text, since bounds of a pattern cannot be parameters, and so it is small: Neo4j plans it
anew for each depth. The second is the same for all questions of one kind, and looks up each node only once, since that
costs as much as finding it. Parameters: `$key`, `$at` and `$known` as in `read_cypher`, `$room` for one more node than
the answer may have; in the map `$met` the keys `nodes` of what is shown, and `up` and `down`, those of them that hops
upstream and downstream lead on from.
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

    `whose` asks whose the neighbours `o` are in place of their number.
    """
    found = f"UNWIND $met.nodes AS key MATCH (t:{hops.label} {{key: key}}) WITH collect(t) AS nodes"
    if hops.granularity is Granularity.DATASET:
        leaves, left = "", "false"
    else:
        leaves = " ".join(_leaves(hops, side) for side in Direction.BOTH.sides)
        left = "up OR down"
    return (
        f"{leaves} WITH {left} AS left CALL (left) {{ WITH left WHERE NOT left {found} RETURN nodes }} "
        f"{_edges(hops)} {_described(hops, whose)} RETURN [left, described, edges] AS rows"
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
    sources = " + ".join(f"COUNT {{ (t)<-[:{type_}]-() }}" for type_ in hops.types.split("|"))
    few, label = HUB.format(found="size(nodes)"), hops.label
    return (
        f"CALL (nodes) {{ UNWIND nodes AS t WITH nodes, t, {sources} AS sources CALL (nodes, t, sources) {{ "
        f"WITH * WHERE sources <= {few} MATCH (t)<-[r:{hops.types}]-(o:{label}) WHERE o IN nodes RETURN o, r "
        f"UNION ALL WITH * WHERE sources > {few} UNWIND nodes AS o MATCH (o)-[r:{hops.types}]->(t) RETURN o, r "
        f"}} WITH o, r, t WHERE {hops.holds()} RETURN collect([o.key, t.key, r.kind, {hops.edge}]) AS edges }}"
    )


def _described(hops: Hops, whose: str | None) -> str:
    """Give what is shown of each node, with counts of its neighbours."""
    own = "t" if hops.granularity is Granularity.DATASET else "d"
    parent = "" if own == "t" else "OPTIONAL MATCH (t)<-[:HAS_FIELD]-(d:Dataset) "
    up, down = (_neighbours(hops, side, whose) for side in Direction.BOTH.sides)
    return (
        f"CALL (nodes) {{ UNWIND nodes AS t {parent}RETURN collect([t.key, t.dataset_key, t.namespace, t.name, "
        f"t.field, {hops.type}, t.ordinal, [{own}.platform, {own}.dataset_kind, {own}.field_count], "
        f"{up}, {down}]) AS described }}"
    )


def _neighbours(hops: Hops, side: Direction, whose: str | None) -> str:
    """Count direct neighbours, or give whose they are: by columns and by datasets whose columns are unknown."""
    found = [f"MATCH (t){arrow('r', hops.types, side)}(o:{hops.label}) WHERE {hops.holds()}"]
    if hops.granularity is Granularity.FIELD:
        found.append(_unresolved(hops, side))
    some = f"WITH o LIMIT {COUNTED_MOST}"
    if whose is not None:
        return " + ".join(f"COLLECT {{ {one} {some} WITH DISTINCT o RETURN {whose} }}" for one in found)
    return " + ".join(f"COUNT {{ {one} {some} RETURN DISTINCT o }}" for one in found)
