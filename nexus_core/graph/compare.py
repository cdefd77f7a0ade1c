"""Where two graphs differ, found without holding either: rows are summed in buckets; differing ones are read again."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from nexus_core.graph.connection import Graph
from nexus_core.graph.hash import canonical_rows

_BUCKETS = 4096
_MODULUS = 2**256


@dataclass(frozen=True, slots=True)
class OnlyIn:
    """A node or relationship, as canonical JSON, that one graph has and the other has not."""

    side: str
    row: bytes


async def differences(graph_a: Graph, graph_b: Graph, limit: int) -> list[OnlyIn]:
    """Give rows that only one of two graphs has, sorted, `-` for the first's and `+` for the second's.

    Recorded times and former beliefs count. Reads both twice. Holds the rows of buckets that differ, of at most
    `limit` buckets: each has a 4096th of the graph.
    """
    sums = await asyncio.gather(_sums(graph_a), _sums(graph_b))
    differing = [bucket for bucket in range(_BUCKETS) if sums[0][bucket] != sums[1][bucket]][:limit]
    if not differing:
        return []
    rows = await asyncio.gather(_rows_of(graph_a, set(differing)), _rows_of(graph_b, set(differing)))
    return list(_only(*rows))[:limit]


async def _sums(graph: Graph) -> list[int]:
    sums = [0] * _BUCKETS
    async for bucket, digest, _ in _digests(graph):
        sums[bucket] = (sums[bucket] + int.from_bytes(digest)) % _MODULUS
    return sums


async def _rows_of(graph: Graph, buckets: set[int]) -> set[bytes]:
    return {row async for bucket, _, row in _digests(graph) if bucket in buckets}


async def _digests(graph: Graph) -> AsyncIterator[tuple[int, bytes, bytes]]:
    async for row in canonical_rows(graph, bitemporal=True):
        digest = hashlib.sha256(row).digest()
        yield int.from_bytes(digest[:2]) % _BUCKETS, digest, row


def _only(rows_a: set[bytes], rows_b: set[bytes]) -> Iterator[OnlyIn]:
    found = [(row, "-") for row in rows_a - rows_b] + [(row, "+") for row in rows_b - rows_a]
    return (OnlyIn(side, row) for row, side in sorted(found))
