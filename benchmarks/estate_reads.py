"""Questions to a generated estate, and whether answers are right to the last node and edge."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from benchmarks.estate import COLUMNS, LAYERS, MOVED, Estate, edges_among, levels
from benchmarks.stack import Stack

INDEXED_WITHIN = 60
_BEFORE = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=MOVED - 1)).isoformat()
MEMORY = {
    width: {"NEXUS_GRAPH__HEAP_MB": heap, "NEXUS_GRAPH__PAGE_CACHE_MB": cache}
    for width, heap, cache in ((50, "384", "128"), (500, "512", "256"), (5000, "1024", "2048"))
}
"""Width → settings of Neo4j's heap and page cache (docs/graph.md)."""


@dataclass(frozen=True, slots=True)
class Question:
    """One way to ask about tables, or about columns: where to, how far, and whether of the past."""

    granularity: str
    direction: str
    depth: int
    past: bool = False

    def __str__(self) -> str:
        when = ", as of the past" if self.past else ""
        return f"{self.granularity} lineage, {self.direction}, depth {self.depth}{when}"

    def path(self, estate: Estate, start: int, limit: int = 1000) -> str:
        """Give the URL's path that asks about a table or column."""
        table, position = divmod(start, COLUMNS) if self.granularity == "field" else (start, 0)
        name = estate.name(table)
        query: dict[str, Any] = {"namespace": name.namespace, "name": name.name, "direction": self.direction}
        query |= {"depth": self.depth, "granularity": self.granularity, "limit": limit}
        query |= {"field": f"c{position}"} if self.granularity == "field" else {}
        query |= {"as_of": _BEFORE} if self.past else {}
        return f"/api/v1/lineage/graph?{urlencode(query)}"

    def expected(self, estate: Estate, start: int) -> tuple[set[str], set[tuple[str, str]]]:
        """Give the ids of nodes and the edges that a plain search finds."""
        field = self.granularity == "field"

        def sources(node: int) -> list[int]:
            return (estate.column_sources if field else estate.table_sources)(node, past=self.past)

        def targets(node: int) -> list[int]:
            return (estate.column_targets if field else estate.table_targets)(node, past=self.past)

        ways = {"upstream": (sources,), "downstream": (targets,), "both": (sources, targets)}
        found = levels(start, self.depth, *ways[self.direction])
        ids = {node: _id(estate, node, field=field) for node in found}
        return set(ids.values()), {(ids[one], ids[other]) for one, other in edges_among(found, sources)}

    def starts(self, estate: Estate, count: int) -> list[int]:
        """Choose tables or columns with lineage on both sides; the same ones each time."""
        chance = random.Random(7)
        layers = (LAYERS - 1, LAYERS) if self.direction == "upstream" else (LAYERS // 2, LAYERS // 2 + 1)
        tables = [chance.randrange(layers[0] * estate.width, layers[1] * estate.width) for _ in range(count)]
        if self.granularity == "dataset":
            return tables
        return [table * COLUMNS + chance.randrange(COLUMNS) for table in tables]


QUESTIONS = (
    *(Question("dataset", "upstream", depth) for depth in (3, 10, 20)),
    *(Question("field", "both", depth) for depth in (3, 10)),
    Question("dataset", "upstream", 10, past=True),
    Question("field", "both", 10, past=True),
)


def compare(estate: Estate, stack: Stack, question: Question, starts: Sequence[int]) -> tuple[list[int], float]:
    """Give the starts whose answer differs from a plain search, and how many nodes answers have on average."""
    wrong, sizes = [], []
    for start in starts:
        answer = ask(stack, question.path(estate, start, limit=10_000))
        nodes = {node["id"] for node in answer["nodes"]}
        edges = {(edge["source"], edge["target"]) for edge in answer["edges"]}
        sizes.append(len(nodes))
        if (nodes, edges) != question.expected(estate, start) or answer["truncated"]:
            wrong.append(start)
    return wrong, statistics.fmean(sizes)


def ask(stack: Stack, path: str) -> dict[str, Any]:
    """Ask, and wait while a new Neo4j still fills its indexes: questions then stop at their time limit."""
    for _ in range(INDEXED_WITHIN):
        answer = httpx.get(stack.url + path, headers=stack.headers, timeout=120)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        time.sleep(1)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _id(estate: Estate, node: int, *, field: bool) -> str:
    if not field:
        return estate.name(node).id
    name = estate.name(node // COLUMNS)
    return f"datasetField:{name.namespace}:{name.name}:c{node % COLUMNS}"
