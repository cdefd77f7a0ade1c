"""Cypher of the lineage reads: one definition of a hop, from which search, counts and edges are built.

Parameters: in the map `$nodes`, `fields`, `datasets` and `jobs` are keys of such nodes, `parents` the keys of the
datasets that these are or belong to; `$at` and `$known` are in microseconds since 1970. The lists stand in a map, since
Neo4j plans a query anew (200 ms) for each order of magnitude of a list that is itself a parameter. Each query answers
with one row, a list `rows`: the asynchronous driver spends 60 µs on each row that it receives, and 2 µs on each element
of a list.

A dataset node in a field answer stands for the whole dataset, its columns being unknown there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from nexus_core.graph.read_answer import Direction, Granularity

COUNTED_MOST = 100
"""Relationships of a node that are looked at to count its neighbours: of a hub, the count is the least there are."""

HUB = "100 + 2 * {found}"
"""Sources beyond which a target is looked up pair by pair with the found nodes."""

_HOLDS = "any(i IN range(0, size({r}.froms) - 1) WHERE {r}.froms[i] <= $at AND $at < {r}.tos[i]{known})"
_KNOWN = " AND {r}.sinces[i] <= $known AND ({r}.untils IS NULL OR $known < {r}.untils[i])"

_HELD = "head([i IN range(0, size(r.froms) - 1) WHERE r.froms[i] <= $at AND $at < r.tos[i]{known} | r.{{end}}[i]])"
_NODE = "[t.key, id, t.dataset_key, t.namespace, t.name, t.field, t.type, t.ordinal]"
_TIMES = "range(0, size(coalesce({n}.froms, [])) - 1) WHERE {n}.froms[i] <= $at AND $at < {n}.tos[i]"
_TYPE_THEN = f"coalesce(head([i IN {_TIMES.format(n='t')} | t.types[i]]), t.type)"
_ID = (
    "CASE WHEN t:Field THEN 'datasetField:' + t.namespace + ':' + t.name + ':' + t.field "
    "WHEN t:Job THEN 'job:' + t.namespace + ':' + t.name ELSE 'dataset:' + t.namespace + ':' + t.name END AS id"
)
_EDGE = (
    "r.subtype, r.expression, r.origin, r.job_namespace, r.job_name, coalesce(r.inferred, false), r.confidence, "
    "r.event, {since}, {until}"
)
# Where a hop starts.
_FIELD = "UNWIND $nodes.fields AS source MATCH (:Field {key: source})"
_DATASET = "UNWIND $nodes.datasets AS source MATCH (:Dataset {key: source})"
_INSIDE = f"{_DATASET}-[:HAS_FIELD]->(:Field)"
_PARENT = "UNWIND $nodes.parents AS source MATCH (s:Dataset {key: source})"

START_NODE = {
    label: f"MATCH (t:{label} {{key: $key}}) WITH t, {_ID} RETURN collect({_NODE}) AS rows"
    for label in ("Dataset", "Field")
}
# A job with those inside it, as a DAG holds its tasks: OpenLineage names them PARENT.CHILD.
START_JOB = (
    "CALL () { MATCH (t:Job {key: $key}) RETURN t UNION "
    "MATCH (t:Job) WHERE t.namespace = $namespace AND t.name STARTS WITH $inside RETURN t } "
    f"WITH t, {_ID} ORDER BY id LIMIT $room RETURN collect({_NODE}) AS rows"
)
FACTS = (
    "UNWIND $nodes.parents AS key MATCH (d:Dataset {key: key}) "
    "RETURN collect([key, d.platform, d.dataset_kind, d.field_count]) AS rows"
)
JOB_TOUCHES = "MATCH (:Job {key: $key})-[:WRITES|READS]-(d:Dataset) RETURN collect(DISTINCT WHOSE) AS rows"


@dataclass(frozen=True, slots=True)
class Hops:
    """Which hops count: their granularity, whether INDIRECT ones to all rows do, and when.

    `past` asks for what holds `$at` a time, not now; `known` for what was believed of that time at `$known`.
    """

    granularity: Granularity
    indirect: bool
    past: bool
    known: bool = False

    @property
    def types(self) -> str:
        """The relationship types: what holds now is in FEEDS alone, what is believed no more in ONCE."""
        return "FEEDS|FED|ONCE" if self.known else "FEEDS|FED" if self.past else "FEEDS"

    def of_jobs(self, type_: str) -> str:
        """Give the relationship types between a job and its datasets."""
        return f"{type_}|ONCE" if self.known else type_

    def held(self, name: str = "r") -> str:
        """Give the condition that a relationship of any kind holds at the time asked for."""
        return _HOLDS.format(r=name, known=_KNOWN.format(r=name) if self.known else "")

    def holds(self, name: str = "r") -> str:
        """Give the condition that a relationship of lineage holds at the time asked for."""
        return self.held(name) if self.past or self.known else "true"

    @property
    def edge(self) -> str:
        """Give the values of the relationship `r` of lineage, with the interval that holds: now it is the last one."""
        if self.past or self.known:
            return self.edge_of_job
        return _EDGE.format(since="r.froms[-1]", until="r.tos[-1]")

    @property
    def edge_of_job(self) -> str:
        """Give the values of a relationship `r` of any kind, with the interval that holds at the time asked for."""
        held = _HELD.format(known=_KNOWN.format(r="r") if self.known else "")
        return _EDGE.format(since=held.format(end="froms"), until=held.format(end="tos"))

    @property
    def label(self) -> str:
        """The label of what hops lead between."""
        return "Field" if self.granularity is Granularity.FIELD else "Dataset"

    @property
    def type(self) -> str:
        """Give the type of the field `t` at the time asked for."""
        return _TYPE_THEN if self.past else "t.type"

    @property
    def open(self) -> str:
        """Find the fields `f` of the dataset `d`, without those that its schema has not at the time."""
        there = f"any(i IN {_TIMES.format(n='f')})" if self.past else "f.ordinal IS NOT NULL"
        return f"OPTIONAL MATCH (d)-[:HAS_FIELD]->(f:Field) WHERE f.froms IS NULL OR {there}"

    @property
    def opened(self) -> str:
        """End a hop to the dataset `d`, which stands for its fields, or for itself where none is known."""
        return f"{self.open} RETURN source, false AS shared, coalesce(f, d) AS t"

    @property
    def node(self) -> str:
        """Give the values of the node `t`, with its type of the time asked for."""
        return _NODE.replace("t.type,", f"{self.type},")


@cache
def start_fields(hops: Hops) -> str:
    """Give the query for the fields that the dataset `$key` starts with, or itself where none is known."""
    return (
        f"MATCH (d:Dataset {{key: $key}}) {hops.open} WITH coalesce(f, d) AS t WITH t, {_ID} "
        f"ORDER BY id LIMIT $room RETURN collect({hops.node}) AS rows"
    )


@cache
def step(hops: Hops, direction: Direction) -> str:
    """Give the query for the nodes one hop away, least ids first, at most `$room`."""
    return (
        f"CALL () {{ {_hop(hops, direction)} }} WITH DISTINCT t WITH t, {_ID} ORDER BY id LIMIT $room "
        f"RETURN collect({hops.node}) AS rows"
    )


@cache
def neighbours(hops: Hops, direction: Direction, whose: str) -> str:
    """Give the query that counts direct neighbours `t` per node and `whose` they are; `shared` rows are per dataset.

    The last value of a row is the number of relationships that were looked at.

    It looks at COUNTED_MOST relationships of a node: a hub would cost more than the rest of the answer.
    """
    plain = replace(hops, indirect=False)
    return (
        f"CALL () {{ {_hop(plain, direction, counted=True)} }} "
        f"WITH source, shared, {whose} AS whose, count(DISTINCT t) AS neighbours, count(*) AS looked "
        "RETURN collect([source, shared, whose, neighbours, looked]) AS rows"
    )


@cache
def edges(hops: Hops) -> str:
    """Give the query for the edges among `$nodes.fields` and `$nodes.datasets`; Python opens what is told per dataset.

    `how` says what source and target are: `plain` nodes, a `whole` dataset and a field, an `unresolved` pair of
    datasets, or a field whose INDIRECT effect is on all `rows` of a dataset.
    """
    parts = [_edges_of_datasets(hops)] if hops.granularity is Granularity.DATASET else _edges_of_fields(hops)
    return f"CALL () {{ {' UNION ALL '.join([*parts, *_edges_of_jobs(hops)])} }} RETURN collect(row) AS rows"


def arrow(name: str, types: str, direction: Direction) -> str:
    """Give a relationship pattern in a direction."""
    return f"-[{name}:{types}]->" if direction is Direction.DOWNSTREAM else f"<-[{name}:{types}]-"


def _hop(hops: Hops, direction: Direction, *, counted: bool = False) -> str:
    hop = arrow("r", hops.types, direction)
    found = f"WHERE {hops.holds()} RETURN source, false AS shared, t"
    branches = [_from_jobs(hops, direction)]
    if hops.granularity is Granularity.DATASET:
        branches += [_limited(hops, "datasets", "Dataset", hop) if counted else f"{_DATASET}{hop}(t:Dataset) {found}"]
    else:
        branches += [_limited(hops, "fields", "Field", hop) if counted else f"{_FIELD}{hop}(t:Field) {found}"]
        branches += [f"{_INSIDE}{hop}(t:Field) {found}"]
        branches += [_unresolved(hops, direction)]
        branches += _all_rows(hops, direction) if hops.indirect else []
    return " UNION ALL ".join(branches)


def _limited(hops: Hops, keys: str, label: str, hop: str) -> str:
    """Give a hop between nodes of one label by at most COUNTED_MOST relationships of each node."""
    found = f"MATCH (:{label} {{key: source}}){hop}(t:{label}) WHERE {hops.holds()}"
    return (
        f"UNWIND $nodes.{keys} AS source CALL (source) {{ {found} RETURN t LIMIT {COUNTED_MOST} }} "
        "RETURN source, false AS shared, t"
    )


def _from_jobs(hops: Hops, direction: Direction) -> str:
    hop = arrow("r", hops.of_jobs("WRITES" if direction is Direction.DOWNSTREAM else "READS"), direction)
    found = f"UNWIND $nodes.jobs AS source MATCH (:Job {{key: source}}){hop}(d:Dataset) WHERE {hops.held()} "
    as_dataset = hops.granularity is Granularity.DATASET
    return found + ("RETURN source, false AS shared, d AS t" if as_dataset else hops.opened)


def _unresolved(hops: Hops, direction: Direction) -> str:
    """Hops between datasets by evidence that knows no columns: a field traversal goes on by them."""
    output = "t" if direction is Direction.DOWNSTREAM else "s"
    return (
        f"{_PARENT}{arrow('r', hops.types, direction)}(t:Dataset) "
        f"WHERE {hops.holds()} AND {no_columns(hops, output)} RETURN source, true AS shared, t"
    )


def no_columns(hops: Hops, output: str) -> str:
    """Give the condition that the evidence of the relationship `r` between datasets knows no column of the output."""
    of_evidence = f"c.evidence = r.evidence AND {hops.holds('c')}"
    unsure = "" if hops.known else "r.columns IS NULL AND "
    return (
        f"{unsure}NOT EXISTS {{ ({output})<-[c:{hops.types}]-(:Field) WHERE {of_evidence} }} "
        f"AND NOT EXISTS {{ ({output})-[:HAS_FIELD]->(:Field)<-[c:{hops.types}]-(:Field) WHERE {of_evidence} }}"
    )


def _all_rows(hops: Hops, direction: Direction) -> list[str]:
    """Hops of a field that affects all rows of a dataset, such as by a filter: they reach each of its fields."""
    hop = arrow("r", hops.types, direction)
    if direction is Direction.UPSTREAM:
        return [f"{_PARENT}{hop}(t:Field) WHERE {hops.holds()} RETURN source, true AS shared, t"]
    return [f"{start}{hop}(d:Dataset) WHERE {hops.holds()} {hops.opened}" for start in (_FIELD, _INSIDE)]


def _among(hops: Hops, label: str, keys: str) -> str:
    """Find the relationships `r` from `s` to `t` among nodes of one label.

    Sources feed thousands, and targets are made from few: so it looks from the targets, but for one with more sources
    than could be shown.
    """
    few = HUB.format(found=f"size($nodes.{keys})")
    every = " + ".join(f"COUNT {{ (t)<-[:{type_}]-() }}" for type_ in hops.types.split("|"))
    return (
        f"UNWIND $nodes.{keys} AS target MATCH (t:{label} {{key: target}}) WITH t, {every} AS sources "
        "CALL (t, sources) { "
        f"WITH t, sources WHERE sources <= {few} "
        f"MATCH (t)<-[r:{hops.types}]-(s:{label}) WHERE s.key IN $nodes.{keys} RETURN s, r "
        f"UNION ALL WITH t, sources WHERE sources > {few} UNWIND $nodes.{keys} AS source "
        f"MATCH (s:{label} {{key: source}}) WITH s, t MATCH (s)-[r:{hops.types}]->(t) RETURN s, r "
        f"}} WITH s, r, t WHERE {hops.holds()}"
    )


def _edges_of_datasets(hops: Hops) -> str:
    return f"{_among(hops, 'Dataset', 'datasets')} RETURN [s.key, t.key, 'plain', r.kind, {hops.edge}] AS row"


def _edges_of_fields(hops: Hops) -> list[str]:
    to, holds = f"-[r:{hops.types}]->", hops.holds()
    into_whole = "UNWIND $nodes.datasets AS target MATCH (:Dataset {key: target})-[:HAS_FIELD]->(:Field)"
    into_whole += f"<-[r:{hops.types}]-(s:Field)"
    field, whole = (
        f"(t:Field) WHERE t.key IN $nodes.fields AND {holds}",
        f"(t:Dataset) WHERE t.key IN $nodes.parents AND {holds}",
    )
    between = _among(hops, "Dataset", "parents")
    came_from, unknown = f"WHERE s.key IN $nodes.fields AND {holds}", no_columns(hops, "t")
    parts = [
        f"{_among(hops, 'Field', 'fields')} RETURN [s.key, t.key, 'plain', r.kind, {hops.edge}] AS row",
        f"{_INSIDE}{to}{field} RETURN [source, t.key, 'whole', r.kind, {hops.edge}] AS row",
        f"{into_whole} {came_from} RETURN [s.key, target, 'whole', r.kind, {hops.edge}] AS row",
        f"{between} AND {unknown} RETURN [s.key, t.key, 'unresolved', r.kind, {hops.edge}] AS row",
    ]
    if hops.indirect:
        rows = f"RETURN [source, t.key, 'rows', r.kind, {hops.edge}] AS row"
        parts += [f"{start}{to}{whole} {rows}" for start in (_FIELD, _INSIDE)]
    return parts


def _edges_of_jobs(hops: Hops) -> list[str]:
    touches = f"IN $nodes.parents AND {hops.held()}"
    written = f"UNWIND $nodes.jobs AS source MATCH (:Job {{key: source}})-[r:{hops.of_jobs('WRITES')}]->(t:Dataset)"
    read = f"UNWIND $nodes.jobs AS target MATCH (:Job {{key: target}})<-[r:{hops.of_jobs('READS')}]-(s:Dataset)"
    return [
        f"{written} WHERE t.key {touches} RETURN [source, t.key, 'rows', 'WRITES', {hops.edge_of_job}] AS row",
        f"{read} WHERE s.key {touches} RETURN [s.key, target, 'read', 'READS', {hops.edge_of_job}] AS row",
    ]
