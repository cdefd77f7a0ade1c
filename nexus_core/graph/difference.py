"""What to change so that the graph holds exactly what evidence claims: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nexus_core.graph.claims import Claim, HeldEdge
from nexus_core.graph.columns import columns_known, knows_columns
from nexus_core.graph.rows import Row, end_keys, end_labels
from nexus_core.model.edge import Edge, EdgeKind
from nexus_core.model.names import JobName
from nexus_core.model.timeline import Area

Pattern = tuple[str, str, str]
"""Label, relationship type, label."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Relationships to create by pattern, to update and to delete by element id.

    `left` are the nodes that lose one and `datasets` the datasets of these, by key.
    """

    created: Mapping[Pattern, list[Row]]
    created_edges: Sequence[tuple[Edge, JobName | None]]
    updated: list[Row]
    deleted: list[str]
    left: list[str]
    datasets: set[str]


def difference(claims: Iterable[Claim], held: Iterable[Mapping[str, Any]]) -> Difference:
    """Compare claims with the relationships that the graph holds: rows of id, type, source, target, properties
    and the keys of the datasets that it touches."""
    present: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    gone = []
    for row in held:
        identity = _identity(row["type"], row["source"], row["target"], row["properties"])
        if identity in present:
            gone.append(row)
        else:
            present[identity] = row
    created: dict[Pattern, list[Row]] = defaultdict(list)
    edges: list[tuple[Edge, JobName | None]] = []
    updated: list[Row] = []
    for claim in claims:
        relationships = _Relationships(claim)
        for one in claim.edges:
            for pattern, row in relationships.of(one):
                found = present.pop(_identity(pattern[1], *row.values()), None) if present else None
                if found is None:
                    created[pattern].append(row)
                    edges.append((one.edge, claim.job))
                elif found["properties"] != row["properties"]:
                    updated.append({"id": found["id"], "properties": row["properties"]})
    gone += present.values()
    left = [key for row in gone for key in (row["source"], row["target"])]
    datasets = {key for row in gone for key in row["datasets"]}
    return Difference(created, edges, updated, [row["id"] for row in gone], left, datasets)


def _identity(type_: str, source: str, target: str, properties: Mapping[str, Any]) -> tuple[Any, ...]:
    kept = (properties.get(name) for name in ("evidence", "kind", "subtype", "expression", "inferred", "confidence"))
    return (type_, source, target, *kept)


class _Relationships:
    """What the graph holds of the edges of one evidence; those that differ in their ends alone share properties."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._known = columns_known(claim.edges)
        self._made: dict[tuple[Any, ...], list[tuple[Pattern, Row]]] = {}

    def of(self, one: HeldEdge) -> Iterator[tuple[Pattern, Row]]:
        """Give the relationships of an edge: as it is believed now, and as it once was."""
        edge = one.edge
        target = edge[5:7] if edge.kind == EdgeKind.DATASET else ()  # which columns may be known of
        key = (edge[:2], edge[8:], not edge.source_field, not edge.target_field, target, one[1:])
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = list(self._make(one))
        source, target_key = end_keys(edge, self._claim.job)
        for pattern, properties in made:
            yield pattern, {"source": source, "target": target_key, "properties": properties}

    def _make(self, one: HeldEdge) -> Iterator[tuple[Pattern, Row]]:
        source, target = end_labels(one.edge)
        details = _details(self._claim, one)
        if one.now:
            of_job = one.edge.kind in (EdgeKind.READS, EdgeKind.WRITES)
            type_ = str(one.edge.kind) if of_job else "FEEDS" if one.current else "FED"
            columns = {"columns": True} if knows_columns(one, self._known) else {}
            yield (source, type_, target), {**details, **columns, **_times(one.now)}
        if one.once:
            times = {**_times(one.once), "untils": [area.until for area in one.once]}
            yield (source, "ONCE", target), {**details, "kind": str(one.edge.kind), **times}


def _times(held: Sequence[Area]) -> Row:
    return {
        "froms": [area.start for area in held],
        "tos": [area.end for area in held],
        "sinces": [area.since for area in held],
    }


def _details(claim: Claim, one: HeldEdge) -> Row:
    if one.edge.kind in (EdgeKind.READS, EdgeKind.WRITES):
        return {"evidence": claim.evidence}
    details: Row = {
        "evidence": claim.evidence,
        "kind": one.edge.kind,
        "subtype": one.edge.subtype,
        "expression": one.edge.expression,
        "inferred": one.edge.inferred,
        "confidence": one.edge.confidence,
        "origin": claim.origin,
        "event": one.event_id,
    }
    if claim.job:
        details |= {"job_namespace": claim.job.namespace, "job_name": claim.job.name}
    return details
