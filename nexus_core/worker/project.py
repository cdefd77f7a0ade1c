"""Tells the graph what is pending in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from nexus_core.graph.claims import Claim, HeldEdge
from nexus_core.graph.connection import Graph
from nexus_core.graph.write import project
from nexus_core.model.edge import Edge, node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.store.ledger import Ledger, Snapshot
from nexus_core.store.ledger_lease import Lease
from nexus_core.store.ledger_rows import Changes, DatasetRow, EvidenceRow
from nexus_core.worker.datasets import Contents, Datasets
from nexus_core.worker.evidence import versions_of
from nexus_core.worker.existence import Existence
from nexus_core.worker.relations import Absences, held_edges

_MOST = 1000  # of each kind in one graph transaction


async def project_pending(ledger: Ledger, graph: Graph, contents: Contents, lease: Lease) -> bool:
    """Write one batch of what is pending and note it as told; False when nothing was."""
    async with ledger.reading() as snapshot:
        datasets, jobs, evidence = await snapshot.pending(_MOST)
        if not (datasets or jobs or evidence):
            return False
        shapes = await _shapes(snapshot, contents, datasets)
        claims = await _claims(snapshot, contents, evidence)
    names = [JobName(row.namespace, row.name) for row in jobs]
    await project(graph, (lease.name, lease.epoch), shapes, names, claims)
    await ledger.projected(
        lease,
        [row.dataset_key for row in datasets],
        [row.job_key for row in jobs],
        [row.evidence_key for row in evidence],
    )
    return True


async def _shapes(snapshot: Snapshot, contents: Contents, rows: Sequence[DatasetRow]) -> list[Any]:
    datasets = Datasets(snapshot, contents, Changes())
    await datasets.load_keys(row.dataset_key for row in rows)
    return [datasets.shape(row.dataset_key) for row in rows]


async def _claims(snapshot: Snapshot, contents: Contents, rows: Sequence[EvidenceRow]) -> list[Claim]:
    versions = {row.evidence_key: versions_of(row) for row in rows}
    wanted = {content for points in versions.values() for point in points for content in point.value}
    await contents.load(wanted, snapshot)
    edges = {fingerprint: [Edge(*edge) for edge in contents[fingerprint]] for fingerprint in wanted}
    absences = await _absences(snapshot, (edge for of in edges.values() for edge in of))
    return [_claim(row, held_edges(versions[row.evidence_key], edges, absences)) for row in rows]


async def _absences(snapshot: Snapshot, edges: Iterable[Edge]) -> Absences:
    """Give when the sources of edges were not there."""
    sources = {(edge.source_namespace, edge.source_name) for edge in edges if edge.source_name}
    keys = {node_key(DatasetName(*source).id): source for source in sources}
    existence = Existence(snapshot, Changes())
    await existence.load(keys)
    return {source: absent for key, source in keys.items() if (absent := existence.absences(key))}


def _claim(row: EvidenceRow, held: Sequence[HeldEdge]) -> Claim:
    job = JobName(row.job_namespace, row.job_name) if row.job_namespace is not None and row.job_name else None
    return Claim(row.evidence_key, row.origin, job, held)
