"""A generated estate of any size, as a graph and as the answers that a plain search of it gives.

LAYERS layers of tables, each built from two tables of the layer before, column by column; and a hub a layer, whose
first column feeds the last column of every table of the layer. Until MOVED each table was built from another second
table: those edges are closed, so that questions of the past have another answer. All is arithmetic on numbers: a
table is a number, a column is `table * COLUMNS + position`, and nothing is held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nexus_core.model.edge import Edge, EdgeKind, EvidenceKey
from nexus_core.model.names import DatasetName, JobName

LAYERS = 21
COLUMNS = 10
NAMESPACE = "postgres://estate.example:5432"
JOBS = "estate"
BEGAN, MOVED = 1_700_000_000_000_000, 1_750_000_000_000_000
"""When the first edges began, and when each table changed its second source; microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Estate:
    """Tables 0 to LAYERS × width - 1 by layer, then LAYERS hubs."""

    width: int

    @property
    def table_count(self) -> int:
        """Tables, hubs included."""
        return LAYERS * (self.width + 1)

    def name(self, table: int) -> DatasetName:
        """Name a table."""
        layer, position = divmod(table, self.width)
        if layer < LAYERS:
            return DatasetName(NAMESPACE, f"estate.layer{layer}.t{position}")
        return DatasetName(NAMESPACE, f"estate.hubs.h{table - LAYERS * self.width}")

    def job(self, table: int) -> JobName:
        """Name the job that builds a table."""
        return JobName(JOBS, f"build.{self.name(table).name}")

    def evidence(self, table: int, *, reads: bool = False) -> str:
        """Give the key of the evidence for a table, or of what its job reads."""
        return EvidenceKey("producer", "event", self.job(table), None if reads else self.name(table)).key

    def hub_of(self, table: int) -> int:
        """Give the hub that feeds a table's layer."""
        return LAYERS * self.width + table // self.width

    def built(self) -> range:
        """Give the tables that have sources."""
        return range(self.width, LAYERS * self.width)

    def table_sources(self, table: int, *, past: bool = False) -> list[int]:
        """Give what a table is built from, now or before MOVED."""
        layer, position = divmod(table, self.width)
        if not 0 < layer < LAYERS:
            return []
        first = (layer - 1) * self.width
        return [first + position, first + (position + (2 if past else 1)) % self.width, self.hub_of(table)]

    def table_targets(self, table: int, *, past: bool = False) -> list[int]:
        """Give what is built from a table."""
        layer, position = divmod(table, self.width)
        if layer >= LAYERS:
            of = table - LAYERS * self.width
            return list(range(of * self.width, (of + 1) * self.width)) if of else []
        if layer + 1 == LAYERS:
            return []
        after = (layer + 1) * self.width
        return [after + position, after + (position - (2 if past else 1)) % self.width]

    def column_sources(self, column: int, *, past: bool = False) -> list[int]:
        """Give what a column is made from."""
        table, position = divmod(column, COLUMNS)
        *parents, hub = self.table_sources(table, past=past) or [-1]
        found = [parent * COLUMNS + position for parent in parents]
        return [*found, hub * COLUMNS] if found and position == COLUMNS - 1 else found

    def column_targets(self, column: int, *, past: bool = False) -> list[int]:
        """Give what is made from a column."""
        table, position = divmod(column, COLUMNS)
        if table < LAYERS * self.width:
            return [target * COLUMNS + position for target in self.table_targets(table, past=past)]
        return [target * COLUMNS + COLUMNS - 1 for target in self.table_targets(table)] if position == 0 else []

    def column_edge(self, source: int, target: int) -> Edge:
        """Give the claim that one column makes another."""
        (from_table, from_at), (to_table, to_at) = divmod(source, COLUMNS), divmod(target, COLUMNS)
        of, to = self.name(from_table), self.name(to_table)
        return Edge(
            EdgeKind.DIRECT, "IDENTITY", of.namespace, of.name, f"c{from_at}", to.namespace, to.name, f"c{to_at}"
        )


Neighbours = Callable[[int], list[int]]


def levels(start: int, depth: int, *ways: Neighbours) -> dict[int, int]:
    """Give all that a breadth-first search reaches one way, or each way in turn, with the depth at which it does."""
    found = {start: 0}
    for neighbours in ways:
        seen, frontier = {start}, [start]
        for level in range(1, depth + 1):
            frontier = list(dict.fromkeys(other for node in frontier for other in neighbours(node)))
            frontier = [node for node in frontier if node not in seen]
            seen.update(frontier)
            for node in frontier:
                found[node] = min(level, found.get(node, level))
    return found


def edges_among(nodes: dict[int, int], sources: Neighbours) -> Iterator[tuple[int, int]]:
    """Give the edges between found nodes."""
    return ((source, node) for node in nodes for source in sources(node) if source in nodes)
