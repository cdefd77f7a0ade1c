"""Tells the graph what is pending in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nexus_core.graph.claims import Claim
from nexus_core.graph.connection import Graph
from nexus_core.graph.write import project
from nexus_core.model.edge import Edge
from nexus_core.model.names import JobName
from nexus_core.store.ledger import Ledger, Snapshot
from nexus_core.store.ledger_lease import Lease
from nexus_core.store.ledger_rows import Changes, DatasetRow, EvidenceRow
from nexus_core.worker.datasets import Contents, Datasets
from nexus_core.worker.evidence import eras_of, versions_of
from nexus_core.worker.relations import held_edges
from nexus_core.worker.timeline import Span, spans

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
    eras = {row.source_key: eras_of(row) for row in await snapshot.sources(row.source_key for row in rows)}
    of = {row.evidence_key: spans(versions_of(row), eras.get(row.source_key, [])) for row in rows}
    await contents.load((content for held in of.values() for span in held for content in span.contents), snapshot)
    return [_claim(row, of[row.evidence_key], contents) for row in rows]


def _claim(row: EvidenceRow, held: Sequence[Span], contents: Contents) -> Claim:
    edges = {
        fingerprint: [Edge(*edge) for edge in contents[fingerprint]] for span in held for fingerprint in span.contents
    }
    job = JobName(row.job_namespace, row.job_name) if row.job_namespace is not None and row.job_name else None
    return Claim(row.evidence_key, row.origin, job, held_edges(held, edges))
