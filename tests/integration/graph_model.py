"""A small graph in plain Python beside the one in Neo4j, and lineage answers by the plainest search over it."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nexus_core.graph.read_answer import Direction, Granularity, LineageQuery
from nexus_core.model.edge import OPEN_END, node_key
from nexus_core.model.names import DatasetName, FieldName

NAMESPACES = ("postgres://a:5432", "kafka://b:9092", "we\"ird'}) DETACH DELETE n // `x`")
T0 = datetime(2026, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micro(at):
    return (at - _EPOCH) // timedelta(microseconds=1)


@dataclass
class Claim:
    """A relationship of lineage: ends are ids."""

    source: str
    target: str
    kind: str
    subtype: str
    evidence: str
    job: str
    froms: list[int]
    tos: list[int]

    @property
    def current(self):
        return self.tos[-1] == OPEN_END

    def holds(self, at):
        return (
            self.current if at is None else any(a <= micro(at) < b for a, b in zip(self.froms, self.tos, strict=True))
        )


@dataclass
class Model:
    datasets: dict[str, DatasetName] = field(default_factory=dict)
    fields: dict[str, list[str]] = field(default_factory=dict)  # dataset id → ids of its fields
    parent: dict[str, str] = field(default_factory=dict)  # id → id of its dataset, its own for a dataset
    names: dict[str, FieldName] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)

    def sees(self, scope, node):
        return scope.sees(self.datasets[self.parent[node]])

    def whole(self, dataset):
        return self.fields[dataset] or [dataset]

    def graph(self, query: LineageQuery):
        """Downstream hops of a question: node → nodes."""
        held = [claim for claim in self.claims if claim.holds(query.as_of)]
        if query.granularity is Granularity.DATASET:
            return _adjacency((c.source, c.target) for c in held if c.kind == "DATASET")
        return _adjacency(self._field_hops(held, query.indirect))

    def _field_hops(self, held, indirect):
        known = {(c.evidence, self.parent[c.target]) for c in held if c.source in self.names}
        for claim in held:
            source, target = claim.source, claim.target
            if claim.kind == "DATASET":
                if (claim.evidence, target) not in known:
                    yield "unresolved", source, target
            elif target in self.names:
                yield "field", source, target
            elif indirect:
                yield "rows", source, target

    def hops(self, query, direction):
        """Give a function node → set of nodes one hop away."""
        if query.granularity is Granularity.DATASET:
            down, up = self.graph(query)
            return (down if direction is Direction.DOWNSTREAM else up).__getitem__
        held = [claim for claim in self.claims if claim.holds(query.as_of)]
        told = list(self._field_hops(held, query.indirect))
        step = self._down if direction is Direction.DOWNSTREAM else self._up
        return lambda node: step(node, told)

    def _down(self, node, told):
        own = {node, *self.fields.get(node, ())}
        found = set()
        for how, source, target in told:
            if (how == "unresolved" and source == self.parent[node]) or (how == "field" and source in own):
                found.add(target)
            elif source in own and how == "rows":
                found.update(self.whole(target))
        return found

    def _up(self, node, told):
        own = {node, *self.fields.get(node, ())}
        found = set()
        for how, source, target in told:
            if (how == "field" and target in own) or (how in {"unresolved", "rows"} and target == self.parent[node]):
                found.add(source)
        return found

    def starts(self, query):
        dataset = DatasetName(query.namespace, query.name).id
        if query.granularity is Granularity.DATASET:
            return [dataset]
        if query.field is not None:
            return [FieldName(DatasetName(query.namespace, query.name), query.field).id]
        return self.whole(dataset)

    def levels(self, query, scope):
        """Least hops to each node, where hidden nodes in a row are one hop together."""
        least: dict[str, int] = {}
        for direction in query.direction.sides:
            hops = self.hops(query, direction)
            reached = dict.fromkeys(self.starts(query), 0)
            queue = list(reached)
            while queue:
                queue.sort(key=reached.__getitem__)
                node = queue.pop(0)
                for other in hops(node):
                    free = not self.sees(scope, node) and not self.sees(scope, other)
                    cost = reached[node] + (0 if free else 1)
                    if cost <= query.depth and cost < reached.get(other, 10**9):
                        reached[other] = cost
                        queue.append(other)
            for node, level in reached.items():
                least[node] = min(level, least.get(node, level))
        return least

    def edges(self, query, nodes):
        """(source, target, kind) among nodes."""
        held = [claim for claim in self.claims if claim.holds(query.as_of)]
        if query.granularity is Granularity.DATASET:
            return {(c.source, c.target, c.kind) for c in held if c.kind == "DATASET" and {c.source, c.target} <= nodes}
        found = set()
        kinds = {(c.source, c.target): c.kind for c in held}
        for how, source, target in self._field_hops(held, query.indirect):
            inside = {node for node in nodes if self.parent[node] == source}
            into = {node for node in nodes if self.parent[node] == target}
            owner, owned = self.parent[source], self.parent[target]
            if how == "unresolved":
                found |= {(each, target, "DATASET") for each in inside if target in nodes}
                found |= {(source, each, "DATASET") for each in into if source in nodes}
            elif how == "rows":
                found |= {(end, each, "INDIRECT") for end in {source, owner} & nodes for each in into}
            else:
                found |= {(source, target, kinds[source, target])} if {source, target} <= nodes else set()
                found |= {(owner, target, "DATASET")} if {owner, target} <= nodes else set()
                found |= {(source, owned, "DATASET")} if {source, owned} <= nodes else set()
        return found


def _adjacency(pairs):
    down, up = defaultdict(set), defaultdict(set)
    for source, target in pairs:
        down[source].add(target)
        up[target].add(source)
    return down, up


def random_model(seed: int, size: int = 24) -> Model:
    """Cycles, self-loops, datasets without fields, evidence without columns, closed and reopened edges."""
    rnd, model = random.Random(seed), Model()
    for index in range(size):
        name = DatasetName(rnd.choice(NAMESPACES), f"d.s.t{index}" if index % 5 else f"o'd\"d{{}}.{index}")
        model.datasets[name.id] = name
        model.parent[name.id] = name.id
        fields = [FieldName(name, f"c{number}" if number else "`c` = 'x'") for number in range(rnd.choice([0, 2, 3]))]
        model.fields[name.id] = [each.id for each in fields]
        for each in fields:
            model.names[each.id] = each
            model.parent[each.id] = name.id
    ids = list(model.datasets)
    for number in range(size + size // 2):
        target = rnd.choice(ids)
        sources = rnd.sample(ids, rnd.choice([1, 1, 2]))
        froms, tos = rnd.choice(
            [([0], [None]), ([0], [None]), ([0], [5]), ([0, 6], [3, None]), ([2], [8]), ([5], [None])]
        )
        common = {
            "evidence": f"e{number}",
            "job": f"job {number}",
            "froms": [micro(T0 + timedelta(days=day)) for day in froms],
            "tos": [OPEN_END if day is None else micro(T0 + timedelta(days=day)) for day in tos],
        }
        columns = rnd.random() < 0.6
        for source in sources:
            model.claims.append(Claim(source, target, "DATASET", "", **common))
            pairs = [(a, b) for a in model.fields[source] for b in model.fields[target]]
            if columns and pairs:
                for a, b in rnd.sample(pairs, rnd.randint(1, len(pairs))):
                    model.claims.append(Claim(a, b, "DIRECT", "IDENTITY", **common))
                if rnd.random() < 0.4:
                    model.claims.append(Claim(rnd.choice(model.fields[source]), target, "INDIRECT", "FILTER", **common))
    return model


async def load(graph, model: Model) -> None:
    """Write a model to Neo4j, as docs/graph.md says."""
    await graph.execute_query(
        "UNWIND $rows AS r CREATE (n:Dataset) SET n = r",
        rows=[
            {
                "key": node_key(node),
                "namespace": name.namespace,
                "name": name.name,
                "platform": "postgres",
                "dataset_kind": "table",
                "field_count": len(model.fields[node]),
            }
            for node, name in model.datasets.items()
        ],
    )
    await graph.execute_query(
        "UNWIND $rows AS r MATCH (d:Dataset {key: r.dataset_key}) "
        "CREATE (n:Field) SET n = r CREATE (d)-[:HAS_FIELD]->(n)",
        rows=[
            {
                "key": node_key(node),
                "dataset_key": node_key(name.dataset.id),
                "namespace": name.dataset.namespace,
                "name": name.dataset.name,
                "field": name.field,
                "type": "int",
                "ordinal": 1,
            }
            for node, name in model.names.items()
        ],
    )
    known = {claim.evidence for claim in model.claims if claim.source in model.names}
    for kind in ("FEEDS", "FED"):
        await graph.execute_query(
            f"UNWIND $rows AS r MATCH (a:Dataset|Field {{key: r.a}}) MATCH (b:Dataset|Field {{key: r.b}}) "
            f"CREATE (a)-[e:{kind}]->(b) SET e = r.p",
            rows=[
                {"a": node_key(claim.source), "b": node_key(claim.target), "p": _properties(claim, known)}
                for claim in model.claims
                if claim.current == (kind == "FEEDS")
            ],
        )


def _properties(claim: Claim, known):
    """Give properties; every other evidence says whether it knows columns, the rest are as of an older writer."""
    told = claim.kind == "DATASET" and claim.evidence in known and int(claim.evidence[1:]) % 2
    return {
        **({"columns": True} if told else {}),
        "evidence": claim.evidence,
        "kind": claim.kind,
        "subtype": claim.subtype,
        "expression": "",
        "origin": "sql",
        "job_namespace": "airflow",
        "job_name": claim.job,
        "inferred": False,
        "froms": claim.froms,
        "tos": claim.tos,
        "event": f"sha256:{claim.evidence}",
    }
