"""The hash of the graph: equal for equal facts, whatever the order in which they came.

Each node and relationship is one canonical JSON row; the hash is the sum of their SHA-256 modulo 2^256 (AdHash;
Bellare and Micciancio, Eurocrypt 1997), so that nothing needs sorting or holding in memory. It covers what holds and
held as is believed now (valid time). Recorded times, and what was believed once, count only if asked for; element ids,
leases and caches never, nor what lies behind the horizon up to which history is forgotten, be it still there or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import orjson

from nexus_core.graph.access import ACCESS
from nexus_core.graph.connection import Graph
from nexus_core.graph.failures import translated
from nexus_core.graph.horizon import horizon_of
from nexus_core.model.edge import OPEN_END
from nexus_core.model.retention import ALL_KEPT, Horizon, clipped_areas
from nexus_core.model.timeline import Area

# What is behind the horizon counts for nothing, be it still there or not.
_TOUCHED = "EXISTS { (NODE)-[r:TYPES]-() WHERE any(each IN r.tos WHERE each > $valid_from) }"
_ONCE = """($bitemporal AND EXISTS { (NODE)-[r:ONCE]-()
  WHERE any(i IN range(0, coalesce(size(r.tos), 0) - 1)
            WHERE r.tos[i] > $valid_from AND r.untils[i] > $known_from) })"""


def _touched(node: str, types: str) -> str:
    """Say that a relationship of these types, or a former belief where these count, touches a node."""
    return _TOUCHED.replace("NODE", node).replace("TYPES", types) + " OR " + _ONCE.replace("NODE", node)


def _held(field: str) -> str:
    """Say that a field is in a schema, was in one, or is touched by an edge."""
    return f"any(each IN coalesce({field}.tos, []) WHERE each > $valid_from) OR " + _touched(field, "FEEDS|FED")


_NODES = f"""
MATCH (n:Dataset|Field|Job)
WHERE NOT n:Field OR {_held("n")}
WITH n WHERE NOT n:Dataset OR n.mentioned IS NOT NULL OR {_touched("n", "FEEDS|FED|READS|WRITES")}
  OR EXISTS {{ (n)-[:HAS_FIELD]->(f) WHERE {_held("f")} }}
RETURN labels(n)[0] AS label, properties(n) AS properties
"""

_RELATIONSHIPS = f"""
MATCH (s)-[r:HAS_FIELD|READS|WRITES|FEEDS|FED|ONCE]->(t)
WHERE type(r) <> 'HAS_FIELD' AND ($bitemporal OR type(r) <> 'ONCE')
  OR type(r) = 'HAS_FIELD' AND ({_held("t")})
RETURN type(r) AS type, s.key AS source, t.key AS target, properties(r) AS properties
"""

_RECORDED = ("sinces", "untils")
_LEFT_OUT = ("columns", *ACCESS)

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
    horizon = await horizon_of(graph)
    with translated():
        async with graph.session(default_access_mode="READ") as session:
            for query in (_NODES, _RELATIONSHIPS):
                found = await session.run(query, bitemporal=bitemporal, **horizon._asdict())
                async for record in found:
                    values = record.data()
                    if horizon == ALL_KEPT or _clip(values, horizon):
                        yield _row(values, bitemporal=bitemporal)


def _row(values: dict[str, Any], *, bitemporal: bool) -> bytes:
    for name in _LEFT_OUT:
        values["properties"].pop(name, None)
    if not bitemporal:
        values["properties"] = {name: value for name, value in values["properties"].items() if name not in _RECORDED}
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def _clip(values: dict[str, Any], horizon: Horizon) -> bool:
    """Leave out of a row what lies behind the horizon, and what is counted with it; False if nothing is left."""
    properties: dict[str, Any] = values["properties"]
    if "sinces" in properties:
        return _clip_edge(values["type"], properties, horizon)
    properties.pop("field_count", None)
    if "froms" in properties:
        _clip_field(properties, horizon)
    return True


def _clip_edge(type_: str, properties: dict[str, Any], horizon: Horizon) -> bool:
    untils = properties.get("untils") or [OPEN_END] * len(properties["tos"])
    held = zip(properties["froms"], properties["tos"], properties["sinces"], untils, strict=True)
    left = clipped_areas((Area(*area) for area in held), horizon)
    if not left:
        return False
    for name, column in zip(("froms", "tos", "sinces"), zip(*left, strict=True), strict=False):
        properties[name] = list(column)
    if "untils" in properties:
        properties["untils"] = [area.until for area in left]
    if "event" in properties and (type_ == "ONCE" or left[-1].start == horizon.valid_from):
        properties["event"] = ""  # who told it first may be forgotten
    return True


def _clip_field(properties: dict[str, Any], horizon: Horizon) -> None:
    held = zip(properties["froms"], properties["tos"], properties["types"], strict=True)
    left = [(max(start, horizon.valid_from), end, type_) for start, end, type_ in held if end > horizon.valid_from]
    for index, name in enumerate(("froms", "tos", "types")):
        if left:
            properties[name] = [one[index] for one in left]
        else:
            del properties[name]
