"""Answers lineage questions from Neo4j: what is reached, in which order, and the edges among it (lineage.md §4).

Most answers are two queries (`read_whole`). Where that would not be exact, the cost is a query a hop and direction,
then four for what is shown (docs/decisions/0003-graph-reads.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nexus_core.errors import NotFoundError
from nexus_core.graph import read_cypher
from nexus_core.graph.connection import Graph
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
from nexus_core.graph.read_edges import Members, asked_at, edges_of, in_order
from nexus_core.graph.read_frontier import Reached, Search, keys_of, node_of
from nexus_core.graph.read_hidden import HiddenGroups
from nexus_core.graph.read_session import ReadSession, read_session
from nexus_core.graph.read_sight import Lookup, Sight, nothing_known, whose
from nexus_core.graph.read_whole import read_whole
from nexus_core.model.access import Scope
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName, FieldName, JobName
from nexus_core.model.naming import canonical, canonical_field


async def read_lineage(
    graph: Graph, query: LineageQuery, scope: Scope, timeout_s: float, lookup: Lookup = nothing_known
) -> LineageAnswer:
    """Answer a question as far as the scope sees; `timeout_s` limits each query.

    Raises NotFoundError if the asked node is unknown or invisible, UnavailableError if Neo4j does not answer.
    """
    async with read_session(graph, timeout_s) as session:
        return await _Reading(session, query, Sight(scope, lookup)).answer()


@dataclass(frozen=True, slots=True)
class _Reading:
    session: ReadSession
    query: LineageQuery
    sight: Sight

    @property
    def hops(self) -> read_cypher.Hops:
        asked = self.query
        past, known = asked.as_of is not None, asked.known_at is not None
        return read_cypher.Hops(asked.granularity, asked.indirect, past=past, known=known)

    @property
    def when(self) -> dict[str, int]:
        """The moment asked for and what was known when, as parameters."""
        return {"at": asked_at(self.query.as_of), "known": asked_at(self.query.known_at)}

    async def answer(self) -> LineageAnswer:
        key, text = _asked(self.query, self.hops)
        whole = await read_whole(self.session, self.sight, self.query, self.hops, self.when, key)
        if whole is not None:
            return whole
        starts = await self._starts(key, text)
        reached = await Search(self.session, self.query, self.hops, self.when, self.sight).run(starts)
        nodes = {**reached.visible, **reached.hidden}
        edges = await self._edges(list(nodes.values()))
        groups = HiddenGroups.of(reached.hidden, edges)
        shown, truncated = self._cut(reached, groups)
        described, private = await self._described(shown, reached.visible)
        kept = (edge._replace(expression=None) if edge.target in private else edge for edge in edges)
        return LineageAnswer(
            nodes=described,
            edges=_between(shown, groups.collapse(kept), reached.visible),
            truncated=truncated or reached.cut,
        )

    async def _starts(self, key: str, text: str) -> list[FoundNode]:
        inside = {"namespace": self.query.namespace, "inside": f"{self.query.name}."}
        rows = await self.session.rows(
            "lineage.start", text, {"key": key, "room": self.query.limit + 1, **inside, **self.when}
        )
        found = list(map(node_of, rows))
        await self.sight.learn_nodes(found)
        starts = [start for start in found if await self._may_ask(start)]
        if not starts:
            raise NotFoundError(_title(self.query))
        return starts

    async def _may_ask(self, start: FoundNode) -> bool:
        """Whether the caller sees an asked node: a job by any dataset that it touches."""
        if self.query.asked is not Asked.JOB:
            return self.sight.sees_node(start)
        if self.sight.scope.everything:
            return True
        text = read_cypher.JOB_TOUCHES.replace("WHOSE", whose(self.sight.scope, "d"))
        rows = await self.session.rows("lineage.job_touches", text, {"key": start.key})
        await self.sight.learn(rows)
        return any(map(self.sight.sees, rows))

    async def _edges(self, nodes: Sequence[FoundNode]) -> list[LineageEdge]:
        parameters = {**keys_of(nodes), **self.when}
        rows = await self.session.rows("lineage.edges", read_cypher.edges(self.hops), parameters)
        return edges_of(rows, Members.of(nodes))

    def _cut(self, reached: Reached, groups: HiddenGroups) -> tuple[list[str], bool]:
        """Give keys of visible nodes and ids of groups in BFS order, hidden ones last in their level."""
        order = [(reached.levels[key], False, node.id, key) for key, node in reached.visible.items()]
        levels: dict[str, int] = {}
        for key, group in groups.group.items():
            levels[group] = min(reached.levels[key], levels.get(group, reached.levels[key]))
        order += [(level, True, group, group) for group, level in levels.items()]
        order.sort()
        return [entry[3] for entry in order[: self.query.limit]], len(order) > self.query.limit

    async def _described(
        self, shown: Sequence[str], visible: Mapping[str, FoundNode]
    ) -> tuple[tuple[LineageNode, ...], set[str]]:
        """Describe nodes; gives also the keys of those that are made from hidden ones, among others."""
        nodes = [visible[key] for key in shown if key in visible]
        facts = await self._facts(nodes)
        (upstream, private), (downstream, _) = [await self._counts(nodes, side) for side in Direction.BOTH.sides]
        described = {
            node.key: LineageNode(
                node.id, node.kind, node, facts.get(node.parent), upstream[node.key], downstream[node.key]
            )
            for node in nodes
        }
        return tuple(described.get(key) or LineageNode(key, "hidden") for key in shown), private

    async def _facts(self, nodes: Sequence[FoundNode]) -> dict[str, DatasetFacts]:
        rows = await self.session.rows("lineage.facts", read_cypher.FACTS, keys_of(nodes))
        return {key: DatasetFacts(*facts) for key, *facts in rows}

    async def _counts(self, nodes: Sequence[FoundNode], side: Direction) -> tuple[dict[str, int], set[str]]:
        """Count direct visible neighbours of each node, by columns and by datasets whose columns are unknown.

        Gives also which nodes have hidden ones, or may have: of a hub not all are looked at.
        """
        parameters = {**keys_of(nodes), **self.when}
        text = read_cypher.neighbours(self.hops, side, whose(self.sight.scope, "t"))
        rows = await self.session.rows(f"lineage.neighbours.{side}", text, parameters)
        await self.sight.learn(of for _, _, of, *_ in rows)
        own: dict[tuple[str, bool], int] = defaultdict(int)
        looked: dict[tuple[str, bool], int] = defaultdict(int)
        private: set[tuple[str, bool]] = set()
        for source, shared, of, neighbours, count in rows:
            looked[source, shared] += count
            if self.sight.sees(of):
                own[source, shared] += neighbours
            else:
                private.add((source, shared))
        if not self.sight.scope.everything:
            private |= {place for place, count in looked.items() if count >= read_cypher.COUNTED_MOST}
        counts = {node.key: own[node.key, False] + own[node.parent, True] for node in nodes}
        return counts, {node.key for node in nodes if {(node.key, False), (node.parent, True)} & private}


def _asked(query: LineageQuery, hops: read_cypher.Hops) -> tuple[str, str]:
    """Give key and query of the asked node."""
    if query.asked is Asked.JOB:
        return node_key(JobName(query.namespace, query.name).id), read_cypher.START_JOB
    dataset = canonical(DatasetName(query.namespace, query.name))
    if query.granularity is Granularity.DATASET:
        return node_key(dataset.id), read_cypher.START_NODE["Dataset"]
    if query.field is None:
        return node_key(dataset.id), read_cypher.start_fields(hops)
    field = FieldName(dataset, canonical_field(dataset.namespace, query.field))
    return node_key(field.id), read_cypher.START_NODE["Field"]


def _title(query: LineageQuery) -> str:
    name = f"{query.asked.value} {query.name} in {query.namespace}"
    return name if query.field is None else f"field {query.field} of {name}"


def _between(
    shown: Sequence[str], edges: Sequence[LineageEdge], visible: Mapping[str, FoundNode]
) -> tuple[LineageEdge, ...]:
    """Keep the edges between shown nodes, name their ends by id, and order them."""
    ids = {key: visible[key].id if key in visible else key for key in shown}
    kept = (edge for edge in edges if edge.source in ids and edge.target in ids)
    return in_order(edge._replace(source=ids[edge.source], target=ids[edge.target]) for edge in kept)
