"""The edges among the nodes of an answer, as its nodes are keyed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from nexus_core.graph.read_answer import FoundNode, LineageEdge
from nexus_core.model.edge import OPEN_END, EdgeKind
from nexus_core.model.moments import microseconds, moment
from nexus_core.model.timeline import NOW


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


def edges_of(rows: Sequence[Sequence[Any]], members: Members, at: int, known: int) -> list[LineageEdge]:
    """Give the edges that hold at a time as far as was known at another, between keys of nodes; each once."""
    found: dict[tuple[Any, ...], LineageEdge] = {}
    for source_key, target_key, how, *claim in rows:
        edge = _edge(how, claim, at, known)
        for source, target in set(_pairs(source_key, target_key, how, members)):
            key = (source, target, edge.kind, edge.subtype, edge.job_namespace, edge.job_name, edge.origin, edge.event)
            found.setdefault(key, replace(edge, source=source, target=target))
    return list(found.values())


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


def _edge(how: str, claim: Sequence[Any], at: int, known: int) -> LineageEdge:
    kind, subtype, expression, origin, job_namespace, job_name, inferred, confidence, event, *times = claim
    whole = how == "whole"
    since, until = _interval(times, at, known)
    return LineageEdge(
        source="",
        target="",
        kind=EdgeKind.DATASET if whole else kind,
        subtype=None if whole else subtype or None,
        job_namespace=job_namespace,
        job_name=job_name,
        origin=origin,
        expression=None if whole else expression or None,
        inferred=whole or inferred,
        confidence=None if whole else confidence or None,
        valid_from=since,
        valid_to=until,
        event=event,
    )


def _interval(times: Sequence[Sequence[int] | None], at: int, known: int) -> tuple[datetime | None, datetime | None]:
    """Give the interval that holds; recorded times are None where nothing was ever believed otherwise."""
    froms, tos, sinces, untils = times
    always, still = ([end] * len(froms or ()) for end in (0, OPEN_END))
    for start, end, since, until in zip(froms or (), tos or (), sinces or always, untils or still, strict=True):
        if start <= at < end and since <= known < until:
            return moment(start), None if end == OPEN_END else moment(end)
    return None, None
