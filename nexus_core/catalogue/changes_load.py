"""Reads what a walk through changes needs from the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from nexus_core.catalogue.changes_walk import GONE, THERE, Evidence, Facts, Output, Window
from nexus_core.model.edge import Edge, node_key, unpack
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import Fact, Point, Points, greatest, history
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import EvidenceRow, ExistenceRow


@dataclass(frozen=True, slots=True)
class Loaded:
    """Outputs with what they refer to."""

    outputs: Sequence[Output]
    facts: Facts


async def load(
    ledger: Snapshot,
    evidence: Mapping[DatasetName, Sequence[EvidenceRow]],
    schemas: Mapping[DatasetName, Mapping[str, Points]],
    window: Window,
    only_from: DatasetName | None = None,
) -> Loaded:
    """Read the contents that a window shows of outputs, and which of their datasets ever ended.

    `only_from` leaves out the edges of all other sources.
    """
    outputs = [Output(name, [_evidence(row) for row in rows], schemas.get(name, {})) for name, rows in evidence.items()]
    edges = await _edges(ledger, outputs, window)
    if only_from is not None:
        edges = {content: [edge for edge in of if edge[2:4] == _pair(only_from)] for content, of in edges.items()}
    sources = {edge[2:4] for of in edges.values() for edge in of}
    names = {*evidence, *(DatasetName(*source) for source in sources if source[1])}
    fields = await _fields(ledger, outputs)
    return Loaded(outputs, Facts(edges, fields, await existence_of(ledger, names)))


async def schemas_of(ledger: Snapshot, names: Iterable[DatasetName]) -> dict[DatasetName, dict[str, Points]]:
    """Give the change points of datasets' schemas by principal class; nothing for what no event names."""
    rows = await ledger.datasets(node_key(name.id) for name in names)
    return {DatasetName(row.namespace, row.name): _schemas(row.timelines) for row in rows}


async def existence_of(ledger: Snapshot, names: Iterable[DatasetName]) -> dict[DatasetName, Points]:
    """Give the change points of the existence of those datasets that ever ended."""
    by_key = {node_key(name.id): name for name in names}
    rows: dict[str, list[ExistenceRow]] = defaultdict(list)
    for row in await ledger.existence(by_key):
        rows[row.subject_key].append(row)
    return {by_key[key]: history(map(_existence, of), greatest) for key, of in rows.items()}


def _evidence(row: EvidenceRow) -> Evidence:
    job = JobName(row.job_namespace, row.job_name) if row.job_namespace is not None and row.job_name else None
    return Evidence(row.evidence_key, row.origin, job, points_of(row))


def points_of(row: EvidenceRow) -> list[Point[tuple[str, ...]]]:
    """Give the change points of what an evidence claims, as fingerprints of contents."""
    points = orjson.loads(row.versions)
    return [Point(at, tuple(contents), event_id, since, until) for at, contents, event_id, since, until in points]


async def _edges(ledger: Snapshot, outputs: Iterable[Output], window: Window) -> dict[str, Sequence[Edge]]:
    shown = (point for output in outputs for one in output.evidence for point in one.within(window))
    rows = await ledger.contents({content for point in shown for content in point.value})
    return {row.fingerprint: unpack(row.body) for row in rows}


async def _fields(ledger: Snapshot, outputs: Iterable[Output]) -> dict[str, Sequence[tuple[str, str]]]:
    points = (point for output in outputs for of in output.schemas.values() for point in of)
    rows = await ledger.contents({point.value for point in points})
    return {row.fingerprint: [(field, type_) for field, type_ in orjson.loads(row.body)] for row in rows}


def _schemas(timelines: bytes) -> dict[str, Points]:
    classes = orjson.loads(timelines).get("schema", {})
    return {name: [Point(*point) for point in points] for name, points in classes.items()}


def _existence(row: ExistenceRow) -> Fact[str]:
    return Fact(row.valid_at, THERE if row.exists else GONE, row.event_id, row.since, row.until)


def _pair(name: DatasetName) -> tuple[str, str]:
    return name.namespace, name.name
