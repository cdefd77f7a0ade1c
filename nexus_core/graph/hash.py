"""The hash of the graph: equal for equal facts, whatever the order in which they came.

Each node and relationship is one canonical JSON row; the hash is the sum of their SHA-256 modulo 2^256 (AdHash;
Bellare and Micciancio, Eurocrypt 1997), so that nothing needs sorting or holding in memory. It covers what holds and
held as is believed now (valid time). Recorded times, and what was believed once, count only if asked for; element ids,
leases and caches never.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import orjson

from nexus_core.graph.connection import Graph
from nexus_core.graph.failures import translated

_NODES = """
MATCH (n:Dataset|Field|Job)
WHERE $bitemporal OR NOT n:Field OR n.froms IS NOT NULL OR EXISTS { (n)-[:FEEDS|FED]-() }
WITH n WHERE $bitemporal OR NOT n:Dataset OR n.mentioned IS NOT NULL OR EXISTS { (n)-[:FEEDS|FED|READS|WRITES]-() }
  OR EXISTS { (n)-[:HAS_FIELD]->(f) WHERE f.froms IS NOT NULL OR EXISTS { (f)-[:FEEDS|FED]-() } }
RETURN labels(n)[0] AS label, properties(n) AS properties
"""

_RELATIONSHIPS = """
MATCH (s)-[r:HAS_FIELD|READS|WRITES|FEEDS|FED|ONCE]->(t)
WHERE $bitemporal OR NOT type(r) IN ['ONCE', 'HAS_FIELD']
  OR type(r) = 'HAS_FIELD' AND (t.froms IS NOT NULL OR EXISTS { (t)-[:FEEDS|FED]-() })
RETURN type(r) AS type, s.key AS source, t.key AS target, properties(r) AS properties
"""

_RECORDED = ("sinces", "untils")
_CACHED = "columns"

_MODULUS = 2**256


async def graph_hash(graph: Graph, *, bitemporal: bool = False) -> str:
    """Give the hash as 64 hex digits; reads everything once, in a stream."""
    total = count = 0
    async for row in canonical_rows(graph, bitemporal=bitemporal):
        total = (total + int.from_bytes(hashlib.sha256(row).digest())) % _MODULUS
        count += 1
    return hashlib.sha256(f"{count}:{total:064x}".encode()).hexdigest()


async def canonical_rows(graph: Graph, *, bitemporal: bool = False) -> AsyncIterator[bytes]:
    """Give every node and relationship as canonical JSON, in no order."""
    with translated():
        async with graph.session(default_access_mode="READ") as session:
            for query in (_NODES, _RELATIONSHIPS):
                async for record in await session.run(query, bitemporal=bitemporal):
                    yield _row(record.data(), bitemporal=bitemporal)


def _row(values: dict[str, Any], *, bitemporal: bool) -> bytes:
    values["properties"].pop(_CACHED, None)
    if not bitemporal:
        values["properties"] = {name: value for name, value in values["properties"].items() if name not in _RECORDED}
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
