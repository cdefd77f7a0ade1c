"""The edges among the nodes of an answer, as its nodes are keyed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from nexus_core.graph.read_answer import FoundNode, LineageEdge
from nexus_core.model.edge import OPEN_END, EdgeKind
from nexus_core.model.moments import microseconds, moment
from nexus_core.model.timeline import NOW

_CLAIM = 8
"""So many values of an edge, from the first, tell it from others: all that does not describe it."""

_moment = lru_cache(maxsize=4096)(moment)
"""Most edges of an answer began with a few events."""


def asked_at(at: datetime | None) -> int:
    """Give a time that is asked for as the graph has it, NOW for None."""
    return NOW if at is None else microseconds(at)


@dataclass(frozen=True, slots=True)
class Members:
    """The nodes of an answer by dataset: what an edge that is told for a dataset stands for."""

    keys: Collection[str]
    fields: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, nodes: Collection[FoundNode]) -> Members:
        """Group nodes by their dataset."""
        fields: dict[str, list[str]] = defaultdict(list)
        for node in nodes:
            if node.kind == "datasetField":
                fields[node.parent].append(node.key)
        return cls({node.key for node in nodes}, fields)

    def own(self, dataset: str) -> list[str]:
        """Give the dataset's node, if it is one."""
        return [dataset] if dataset in self.keys else []

    def all(self, dataset: str) -> list[str]:
        """Give the dataset's node and those of its fields."""
        return [*self.own(dataset), *self.fields.get(dataset, ())]


def edges_of(rows: Sequence[Sequence[Any]], members: Members) -> list[LineageEdge]:
    """Give the edges between keys of nodes, each once."""
    return list(distinct(_opened(rows, members)))


def distinct(edges: Iterable[LineageEdge]) -> Iterable[LineageEdge]:
    """Keep one edge of those that differ only in what describes them."""
    return {edge[:_CLAIM]: edge for edge in edges}.values()


def _opened(rows: Sequence[Sequence[Any]], members: Members) -> Iterator[LineageEdge]:
    for source_key, target_key, how, *claim in rows:
        read = _whole_edge if how == "whole" else edge_of
        for source, target in set(_pairs(source_key, target_key, how, members)):
            yield read(source, target, claim)


def edge_of(source: str, target: str, claim: Sequence[Any]) -> LineageEdge:
    """Read an edge between two nodes from the values that `read_cypher.Hops.edge` asks for."""
    kind, subtype, expression, origin, job_namespace, job_name, inferred, confidence, event, since, until = claim
    return LineageEdge(
        source,
        target,
        kind,
        subtype or None,
        job_namespace,
        job_name,
        origin,
        event,
        expression or None,
        inferred,
        confidence or None,
        None if since is None else _moment(since),
        None if until is None or until == OPEN_END else _moment(until),
    )


def _whole_edge(source: str, target: str, claim: Sequence[Any]) -> LineageEdge:
    """Read an edge between a field and a dataset that stands for its fields."""
    edge = edge_of(source, target, claim)
    return edge._replace(kind=EdgeKind.DATASET, subtype=None, expression=None, inferred=True, confidence=None)


def in_order(edges: Iterable[LineageEdge]) -> tuple[LineageEdge, ...]:
    """Order the edges of an answer."""
    return tuple(sorted(edges, key=lambda edge: (edge.source, edge.target, edge.kind, edge.job_name or "")))


def _pairs(source: str, target: str, how: str, members: Members) -> Iterator[tuple[str, str]]:
    """Open an edge that is told per dataset to the nodes of the answer (`how`: see `read_cypher.edges`)."""
    match how:
        case "rows":
            yield from ((source, each) for each in members.all(target))
        case "read":
            yield from ((each, target) for each in members.all(source))
        case "unresolved":
            # A hop by unknown columns ends in the whole dataset, whichever way it is followed.
            yield from ((each, target) for each in members.all(source) if members.own(target))
            yield from ((source, each) for each in members.all(target) if members.own(source))
        case _:
            yield source, target
