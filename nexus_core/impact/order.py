"""The order in which statements are judged: what makes a dataset before what reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nexus_core.model.impact import Estate, FieldLink, Statement
from nexus_core.model.names import DatasetName, JobName


@dataclass(frozen=True, slots=True)
class Node:
    """Something that is judged: a statement, or what feeds one dataset without any. `names` are its datasets."""

    id: str
    reads: frozenset[DatasetName]
    outputs: frozenset[DatasetName]
    names: frozenset[DatasetName]
    statement: Statement | None = None
    links: tuple[FieldLink, ...] = ()
    in_cycle: bool = False


def nodes_of(estate: Estate) -> list[Node]:
    """Give what is to be judged, by id."""
    found = [_of_statement(each) for each in estate.statements]
    by_target: dict[DatasetName | JobName, list[FieldLink]] = defaultdict(list)
    for link in estate.links:
        by_target[link.target].append(link)
    found += [_of_links(target, links) for target, links in by_target.items()]
    return sorted(found, key=lambda node: node.id)


def _of_statement(statement: Statement) -> Node:
    outputs = statement.writes | ({statement.defines} if statement.defines else frozenset())
    names = statement.reads | outputs
    return Node(statement.id, statement.reads, outputs, names, statement)


def _of_links(target: DatasetName | JobName, links: Sequence[FieldLink]) -> Node:
    reads = frozenset(link.source for link in links)
    outputs = frozenset({target} if isinstance(target, DatasetName) else set())
    return Node(target.id, reads, outputs, reads | outputs, None, tuple(links))


def levels(estate: Estate) -> Iterator[list[Node]]:
    """Give nodes level by level, each behind all that make what it reads; a cycle is entered at its least id."""
    nodes = nodes_of(estate)
    makers: dict[DatasetName, set[int]] = defaultdict(set)
    for at, node in enumerate(nodes):
        for name in node.outputs:
            makers[name].add(at)
    waits = {
        at: {maker for name in node.reads for maker in makers.get(name, ()) if maker != at}
        for at, node in enumerate(nodes)
    }
    readers: dict[int, set[int]] = defaultdict(set)
    for at, on in waits.items():
        for maker in on:
            readers[maker].add(at)
    yield from _peeled(nodes, waits, readers)


def _peeled(nodes: Sequence[Node], waits: dict[int, set[int]], readers: dict[int, set[int]]) -> Iterator[list[Node]]:
    ready = sorted(at for at, on in waits.items() if not on)
    forced = False
    while waits:
        if not ready:
            ready, forced = [min(waits)], True
        yield [_marked(nodes[at], in_cycle=forced) for at in ready]
        freed: set[int] = set()
        for at in ready:
            waits.pop(at)
            for reader in readers[at]:
                if reader in waits:
                    waits[reader].discard(at)
                    freed.add(reader)
        ready = sorted(at for at in freed if at in waits and not waits[at])


def _marked(node: Node, *, in_cycle: bool) -> Node:
    if not in_cycle:
        return node
    return Node(node.id, node.reads, node.outputs, node.names, node.statement, node.links, in_cycle=True)
