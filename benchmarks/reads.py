"""Reads of `/lineage/graph` on what the ingestion benchmark has written: 20 layers of 50 tables, 12 columns each."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from benchmarks.events import NAMESPACE, WIDTH, table
from benchmarks.ingest import TABLES
from benchmarks.load import get
from benchmarks.stack import Stack

REQUESTS = 200


def measure(stack: Stack) -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    for granularity in ("dataset", "field"):
        for depth in (3, 10, 20):
            paths = [_path(number, granularity, depth) for number in range(TABLES - WIDTH, TABLES)]
            get(stack.url, paths[:8], stack.headers)
            load = get(stack.url, (paths * REQUESTS)[:REQUESTS], stack.headers)
            yield (
                f"graph by {granularity}, upstream, depth {depth}, 8 readers",
                f"p50 {load.percentile_ms(0.5):.0f} ms, p95 {load.percentile_ms(0.95):.0f} ms",
            )


def _path(number: int, granularity: str, depth: int) -> str:
    query: dict[str, str | int] = {
        "namespace": NAMESPACE,
        "name": table(number),
        "direction": "upstream",
        "depth": depth,
        "granularity": granularity,
    }
    if granularity == "field":
        query["field"] = "c0"
    return f"/api/v1/lineage/graph?{urlencode(query)}"
