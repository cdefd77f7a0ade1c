"""Reads of a generated estate: right to the last node and edge, and how long they take beside how much they answer."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import httpx

from benchmarks.bulk import load
from benchmarks.estate import COLUMNS, LAYERS, MOVED, Estate, edges_among, levels
from benchmarks.load import CLIENTS, get
from benchmarks.stack import Stack, running

REQUESTS = 50
INDEXED_WITHIN = 60
SAMPLES = 25
_BEFORE = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=MOVED - 1)).isoformat()
_MEMORY = {50: (384, 128), 500: (512, 256), 5000: (1024, 2048)}
"""Width → heap and page cache of Neo4j, in MiB (docs/graph.md)."""

SMALL = (50, 500)
LARGE = (5000,)


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


def measure(widths: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows for estates of these widths, each loaded into a stack of its own."""
    for width in widths:
        estate = Estate(width)
        heap, cache = _MEMORY[width]
        memory = {"NEXUS_GRAPH__HEAP_MB": str(heap), "NEXUS_GRAPH__PAGE_CACHE_MB": str(cache)}
        with running(partial(load, estate), memory) as stack:
            yield from figures(estate, stack)


def figures(estate: Estate, stack: Stack) -> Iterator[tuple[str, str]]:
    """Give rows for one estate."""
    title = f"{estate.table_count:,} datasets"
    for question in QUESTIONS:
        starts = question.starts(estate, REQUESTS)
        wrong, size = compare(estate, stack, question, starts[:SAMPLES])
        paths = [question.path(estate, start) for start in starts]
        used = stack.cpu_seconds()
        alone, together = (get(stack.url, paths, stack.headers, clients) for clients in (1, CLIENTS))
        cpu_ms = (stack.cpu_seconds() - used) / len(paths) / 2 * 1000
        figure = (
            f"{size:.0f} nodes, {SAMPLES - len(wrong)} of {SAMPLES} exact; {cpu_ms:.0f} ms CPU; alone "
            f"p50 {alone.percentile_ms(0.5):.0f} ms, p95 {alone.percentile_ms(0.95):.0f} ms; "
            f"{CLIENTS} readers p95 {together.percentile_ms(0.95):.0f} ms"
        )
        yield f"{title}: {question}", figure
    yield f"{title}: {HUB}", _hub(estate, stack)


HUB = f"what a hub's column feeds, depth {LAYERS - 1}, cut at 1,000 nodes"


def _hub(estate: Estate, stack: Stack) -> str:
    question = Question("field", "downstream", LAYERS - 1)
    hub = (LAYERS * estate.width + LAYERS // 2) * COLUMNS
    answer = _ask(stack, question.path(estate, hub))
    alone = get(stack.url, [question.path(estate, hub)] * 20, stack.headers, 1)
    return (
        f"{estate.width:,} neighbours: p50 {alone.percentile_ms(0.5):.0f} ms, p95 {alone.percentile_ms(0.95):.0f} ms; "
        f"{len(answer['nodes'])} nodes, truncated {answer['truncated']}"
    )


def compare(estate: Estate, stack: Stack, question: Question, starts: Sequence[int]) -> tuple[list[int], float]:
    """Give the starts whose answer differs from a plain search, and how many nodes answers have on average."""
    wrong, sizes = [], []
    for start in starts:
        answer = _ask(stack, question.path(estate, start, limit=10_000))
        nodes = {node["id"] for node in answer["nodes"]}
        edges = {(edge["source"], edge["target"]) for edge in answer["edges"]}
        sizes.append(len(nodes))
        if (nodes, edges) != question.expected(estate, start) or answer["truncated"]:
            wrong.append(start)
    return wrong, statistics.fmean(sizes)


def _ask(stack: Stack, path: str) -> dict[str, Any]:
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
