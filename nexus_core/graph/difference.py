"""What to change so that the graph holds exactly what evidence claims: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nexus_core.graph.claims import Claim, HeldEdge
from nexus_core.graph.columns import Spans, columns_known, knows_columns
from nexus_core.graph.rows import Row, ends
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
        known, properties = columns_known(claim.edges), _Properties(claim)
        for one in claim.edges:
            for pattern, row in _relationships(claim, one, known, properties):
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


def _relationships(claim: Claim, one: HeldEdge, known: Spans, properties: _Properties) -> Iterator[tuple[Pattern, Row]]:
    """Give what the graph holds of an edge: as it is believed now, and as it once was."""
    (source_label, source), (target_label, target) = ends(one.edge, claim.job)
    of_job = one.edge.kind in (EdgeKind.READS, EdgeKind.WRITES)
    if one.now:
        type_ = str(one.edge.kind) if of_job else "FEEDS" if one.current else "FED"
        told = properties.now(one, knows_columns=knows_columns(one, known))
        yield (source_label, type_, target_label), {"source": source, "target": target, "properties": told}
    if one.once:
        told = properties.once(one)
        yield (source_label, "ONCE", target_label), {"source": source, "target": target, "properties": told}


class _Properties:
    """The properties of one evidence's relationships; those that differ in their ends alone share them."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._made: dict[tuple[Any, ...], Row] = {}

    def now(self, one: HeldEdge, *, knows_columns: bool) -> Row:
        """Give those of what is believed now."""
        key = (*_own(one), one.now, knows_columns)
        if key not in self._made:
            columns = {"columns": True} if knows_columns else {}
            self._made[key] = {**_details(self._claim, one), **columns, **_times(one.now)}
        return self._made[key]

    def once(self, one: HeldEdge) -> Row:
        """Give those of what was believed once."""
        key = (*_own(one), one.once)
        if key not in self._made:
            times = {**_times(one.once), "untils": [area.until for area in one.once]}
            self._made[key] = {**_details(self._claim, one), "kind": str(one.edge.kind), **times}
        return self._made[key]


def _own(one: HeldEdge) -> tuple[Any, ...]:
    """Give what of an edge becomes properties, but for its times."""
    return (*one.edge[:2], *one.edge[8:], one.event_id)


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
