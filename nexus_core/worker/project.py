"""Tells the graph what is pending in the ledger."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from nexus_core.catalogue.record import refresh_search
from nexus_core.errors import StaleReadError
from nexus_core.graph.claims import Claim, DatasetShape, HeldEdge, Projected
from nexus_core.graph.connection import Graph
from nexus_core.graph.write import project
from nexus_core.model.aliases import Aliases, renamed_edge
from nexus_core.model.edge import Edge, EdgeKind, node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.partition import partition_of_key
from nexus_core.model.retention import ALL_KEPT, Horizon, kept_areas
from nexus_core.store.aliases import KnownAliases
from nexus_core.store.ledger import Ledger, Record, Snapshot
from nexus_core.store.ledger_lease import Held
from nexus_core.store.ledger_rows import Changes, EvidenceRow
from nexus_core.store.ledger_subjects import ALONE, Seen
from nexus_core.store.names import Connection, renamed_datasets, settle_renamed
from nexus_core.worker.aliases import member_keys
from nexus_core.worker.datasets import Contents, Datasets
from nexus_core.worker.evidence import versions_of
from nexus_core.worker.existence import Existence
from nexus_core.worker.relations import Absences, held_edges

MOST = 1000
"""Datasets, jobs and evidence, of each so many, in one graph transaction at most."""

_RENAMED_MOST = 100_000  # looked through for those of held partitions


async def project_pending(
    ledger: Ledger,
    graph: Graph,
    contents: Contents,
    known: KnownAliases,
    held: Held,
    horizon: Horizon = ALL_KEPT,
    most: int = MOST,
) -> bool:
    """Write one batch, at most so many of each kind, of what is pending in held partitions and note it as told.

    Tells whether any of what was pending may still be. What lies wholly behind the horizon is left out. Rounds may be
    entered into the ledger meanwhile: what they change stays pending, and is theirs to tell.
    """
    ledger.meanwhile.begin()
    with contents.in_use():
        return await _project_pending(ledger, graph, contents, known, held, horizon, most)


async def _project_pending(
    ledger: Ledger, graph: Graph, contents: Contents, known: KnownAliases, held: Held, horizon: Horizon, most: int
) -> bool:
    async with ledger.reading() as snapshot:
        datasets, jobs, evidence = await snapshot.pending(held.partitions, most)
        renamed = await _renamed_of(snapshot, held)
        if not (datasets or jobs or evidence or renamed):
            return False
        aliases = await known.load(snapshot.connection)
        names = [*(DatasetName(row.namespace, row.name) for row in datasets), *renamed]
        shapes, left = await _shapes(Datasets(snapshot, contents, Changes(), aliases), aliases, names, held, horizon)
        seen = ALONE if held.whole else await snapshot.seen(Changes())
        claims = [kept(claim, horizon) for claim in await claims_of(snapshot, contents, aliases, evidence)]
    told = Projected(shapes, [JobName(row.namespace, row.name) for row in jobs], claims, left & set(renamed))
    dataset_keys, shape_keys = [row.dataset_key for row in datasets], [node_key(shape.name.id) for shape in shapes]
    job_keys, evidence_keys = [row.job_key for row in jobs], [row.evidence_key for row in evidence]
    touched = (*dataset_keys, *shape_keys, *job_keys, *evidence_keys, *(node_key(name.id) for name in renamed))
    epochs = {partition: held.epochs[partition] for partition in map(partition_of_key, touched)}
    await project(graph, epochs, told, shared=not held.whole)
    if renamed and not ledger.meanwhile.renames:
        await _settle_renamed(ledger, held, seen, partial(_renamed, names=renamed, aliases=aliases))
    noted = await ledger.projected(held, seen, dataset_keys, job_keys, evidence_keys)
    is_full = bool(renamed) or most in (len(datasets), len(jobs), len(evidence))
    return is_full or not noted


async def _renamed_of(snapshot: Snapshot, held: Held) -> list[DatasetName]:
    found = await renamed_datasets(snapshot.connection, MOST if held.whole else _RENAMED_MOST)
    return [name for name in found if partition_of_key(node_key(name.id)) in held.partitions][:MOST]


async def _settle_renamed(ledger: Ledger, held: Held, seen: Seen, settle: Record) -> None:
    with contextlib.suppress(StaleReadError):  # the names changed again: they are told again
        await ledger.commit(Changes(held.partitions), held, seen, settle)


async def _renamed(connection: Connection, names: Sequence[DatasetName], aliases: Aliases) -> None:
    """Note that the graph has datasets under their present names, and let search find them so."""
    await refresh_search(connection, names, aliases)
    await settle_renamed(connection, [node_key(name.id) for name in names])


async def _shapes(
    datasets: Datasets, aliases: Aliases, names: Sequence[DatasetName], held: Held, horizon: Horizon
) -> tuple[list[DatasetShape], set[DatasetName]]:
    """Give the datasets of held partitions that stand for names, and the names that are none mentioned of their own.

    What stands for a name in a partition of another's is that one's to tell: it is asked for in the round's own commit.
    """
    await datasets.load(names)
    standing = {aliases.of(name) for name in names}
    shapes = {name: datasets.shape(name) for name in standing if partition_of_key(node_key(name.id)) in held.partitions}
    left = {name for name in names if aliases.of(name) != name or shapes.get(name) is None}
    return [_kept_shape(shape, horizon) for shape in shapes.values() if shape is not None], left


async def claims_of(
    snapshot: Snapshot, contents: Contents, aliases: Aliases, rows: Sequence[EvidenceRow]
) -> list[Claim]:
    """Give what evidence claims, under the names that stand for its datasets."""
    versions = {row.evidence_key: versions_of(row) for row in rows}
    wanted = {content for points in versions.values() for point in points for content in point.value}
    await contents.load(wanted, snapshot)
    edges = {fingerprint: list(_shown(contents[fingerprint])) for fingerprint in wanted}
    if aliases:
        edges = {content: [renamed_edge(edge, aliases) for edge in of] for content, of in edges.items()}
    absences = await _absences(snapshot, aliases, (edge for of in edges.values() for edge in of))
    return [_claim(row, held_edges(versions[row.evidence_key], edges, absences)) for row in rows]


def _shown(content: Iterable[Sequence[Any]]) -> Iterator[Edge]:
    return (Edge(*edge) for edge in content if edge[0] != EdgeKind.MARK)


async def _absences(snapshot: Snapshot, aliases: Aliases, edges: Iterable[Edge]) -> Absences:
    """Give when the sources of edges were not there."""
    sources = {(edge.source_namespace, edge.source_name) for edge in edges if edge.source_name}
    keys = {source: member_keys(aliases, DatasetName(*source)) for source in sources}
    existence = Existence(snapshot, Changes())
    await existence.load(key for of in keys.values() for key in of)
    return {source: absent for source, of in keys.items() if (absent := existence.absences(of))}


def kept(claim: Claim, horizon: Horizon) -> Claim:
    """Give what a horizon leaves of a claim."""
    if horizon == ALL_KEPT:
        return claim
    edges = (
        edge._replace(now=kept_areas(edge.now, horizon), once=kept_areas(edge.once, horizon)) for edge in claim.edges
    )
    return replace(claim, edges=[edge for edge in edges if edge.now or edge.once])


def _kept_shape(shape: DatasetShape, horizon: Horizon) -> DatasetShape:
    if horizon == ALL_KEPT:
        return shape
    left = {field: [one for one in held if one[1] > horizon.valid_from] for field, held in shape.members.items()}
    return replace(shape, members={field: held for field, held in left.items() if held})


def _claim(row: EvidenceRow, held: Sequence[HeldEdge]) -> Claim:
    job = JobName(row.job_namespace, row.job_name) if row.job_namespace is not None and row.job_name else None
    return Claim(row.evidence_key, row.origin, job, held)
