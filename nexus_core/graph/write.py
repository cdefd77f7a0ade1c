"""Writes the projection: one fenced transaction sets datasets, jobs and evidence to what the ledger wants.

The transaction reads what the graph holds of each evidence and writes the difference, so repeating it after a crash,
at any point, changes nothing. Rows go in the order of their keys: unsorted concurrent writes of shared nodes deadlock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from neo4j import AsyncManagedTransaction, Record, unit_of_work

from nexus_core.errors import LostLeaseError
from nexus_core.graph.claims import Claim, DatasetShape, Projected
from nexus_core.graph.connection import Graph
from nexus_core.graph.difference import Difference, difference
from nexus_core.graph.failures import answered
from nexus_core.graph.rows import dataset_row, endpoint_rows, field_rows, job_row
from nexus_core.model.edge import node_key

_WRITE_SECONDS = 120.0
"""For one transaction, on either side: a writer that nobody hears any more must not hold its locks for ever."""

_TAKE_LEASES = """
UNWIND $leases AS lease
MERGE (l:Lease {partition: lease.partition})
SET l.epoch = CASE WHEN coalesce(l.epoch, -1) < lease.epoch THEN lease.epoch ELSE l.epoch END
RETURN l.partition AS partition, l.epoch AS epoch
"""

# Setting a property takes the node's write lock until the transaction ends.
_FENCE = """
UNWIND $leases AS lease
MATCH (l:Lease {partition: lease.partition})
SET l.epoch = l.epoch
RETURN l.partition AS partition, l.epoch AS epoch
"""

# Whoever writes a dataset, its fields or edges at them holds its lock first: no two writers wait for each other in a
# circle, none counts or sweeps what another one is about to add.
_LOCK_DATASETS = """
UNWIND $rows AS row
MERGE (d:Dataset {key: row.key})
ON CREATE SET d.namespace = row.namespace, d.name = row.name, d.platform = row.platform, d.field_count = 0
SET d.key = row.key
"""

_LOCK_JOBS = "UNWIND $rows AS row MERGE (j:Job {key: row.key}) SET j.key = row.key"

# It answers the keys of those that have fields already.
_MERGE_DATASETS = """
UNWIND $rows AS row
MERGE (d:Dataset {key: row.key})
SET d.namespace = row.namespace, d.name = row.name, d.platform = row.platform, d.dataset_kind = row.dataset_kind,
    d.mentioned = true
WITH d WHERE COUNT { (d)-[:HAS_FIELD]->() } > 0
RETURN d.key AS key
"""

_UNMENTION = "UNWIND $keys AS key MATCH (d:Dataset {key: key}) REMOVE d.mentioned, d.dataset_kind"

# To look first and then create what lacks costs half of a MERGE of fields and of the relationships to them.
_FIELDS_THERE = """
UNWIND $keys AS key
MATCH (f:Field {key: key})
RETURN key, f.ordinal IS NOT NULL AS counted
"""

_CREATE_FIELDS = """
UNWIND $rows AS row
MATCH (d:Dataset {key: row.dataset_key})
CREATE (d)-[:HAS_FIELD]->(f:Field {key: row.key})
SET f += row
"""

_SET_FIELDS = "UNWIND $rows AS row MATCH (f:Field {key: row.key}) SET f += row"

_DEMOTE_FIELDS = """
UNWIND $rows AS row
MATCH (d:Dataset {key: row.key})
CALL (d, row) {
  MATCH (d)-[:HAS_FIELD]->(f) WHERE f.froms IS NOT NULL AND NOT f.key IN row.field_keys
  RETURN f
}
REMOVE f.type, f.ordinal, f.froms, f.tos, f.types
RETURN f.key AS key
"""

_MERGE_JOBS = "UNWIND $rows AS row MERGE (j:Job {key: row.key}) SET j.namespace = row.namespace, j.name = row.name"

_HELD = """
CALL () {
  MATCH (s)-[r:FEEDS]->(t) WHERE r.evidence IN $evidence RETURN s, r, t
  UNION ALL MATCH (s)-[r:FED]->(t) WHERE r.evidence IN $evidence RETURN s, r, t
  UNION ALL MATCH (s)-[r:ONCE]->(t) WHERE r.evidence IN $evidence RETURN s, r, t
  UNION ALL MATCH (s)-[r:READS]->(t) WHERE r.evidence IN $evidence RETURN s, r, t
  UNION ALL MATCH (s)-[r:WRITES]->(t) WHERE r.evidence IN $evidence RETURN s, r, t
}
RETURN elementId(r) AS id, type(r) AS type, s.key AS source, t.key AS target, properties(r) AS properties,
  [n IN [s, t] WHERE NOT n:Job | coalesce(n.dataset_key, n.key)] AS datasets
"""

_DELETE = "UNWIND $ids AS id MATCH ()-[r]->() WHERE elementId(r) = id DELETE r"

_ENSURE_DATASETS = """
UNWIND $rows AS row
MERGE (d:Dataset {key: row.key})
ON CREATE SET d.namespace = row.namespace, d.name = row.name, d.platform = row.platform, d.field_count = 0
"""

_CREATE = """
UNWIND $rows AS row
MATCH (s:{source} {{key: row.source}})
MATCH (t:{target} {{key: row.target}})
CREATE (s)-[r:{type}]->(t)
SET r = row.properties
"""

_CREATES = {
    (source, type_, target): _CREATE.format(source=source, type=type_, target=target)
    for source, type_, target in (
        ("Field", "FEEDS", "Field"),
        ("Field", "FEEDS", "Dataset"),
        ("Dataset", "FEEDS", "Dataset"),
        ("Field", "FED", "Field"),
        ("Field", "FED", "Dataset"),
        ("Dataset", "FED", "Dataset"),
        ("Dataset", "READS", "Job"),
        ("Job", "WRITES", "Dataset"),
        ("Field", "ONCE", "Field"),
        ("Field", "ONCE", "Dataset"),
        ("Dataset", "ONCE", "Dataset"),
        ("Dataset", "ONCE", "Job"),
        ("Job", "ONCE", "Dataset"),
    )
}

_UPDATE = "UNWIND $rows AS row MATCH ()-[r]->() WHERE elementId(r) = row.id SET r = row.properties"

# A field stays while a schema has it, or had it, or an edge touches it.
_SWEEP_FIELDS = """
UNWIND $keys AS key
MATCH (f:Field {key: key})
WITH f, f.dataset_key AS dataset_key, f.froms IS NULL AND NOT (f)-[:FEEDS|FED|ONCE]-() AS unheld
FOREACH (gone IN CASE WHEN unheld THEN [f] ELSE [] END | DETACH DELETE gone)
RETURN DISTINCT dataset_key
"""

_SWEEP_DATASETS = """
UNWIND $keys AS key
MATCH (d:Dataset {key: key})
WHERE d.mentioned IS NULL AND NOT (d)--()
DELETE d
"""

_COUNT_FIELDS = """
UNWIND $keys AS key
MATCH (d:Dataset {key: key})
SET d.field_count = COUNT { (d)-[:HAS_FIELD]->(f) WHERE f.ordinal IS NOT NULL OR EXISTS { (f)-[:FEEDS|FED]-() } }
"""


async def take_leases(graph: Graph, epochs: Mapping[int, int]) -> None:
    """Fence off writers of lower epochs of partitions; raises LostLeaseError if a higher one has been here."""
    async with answered(_WRITE_SECONDS):
        records, _, _ = await graph.execute_query(_TAKE_LEASES, leases=_leases(epochs))
    _check(epochs, records)


async def project(graph: Graph, epochs: Mapping[int, int], told: Projected, *, shared: bool = False) -> None:
    """Set datasets, jobs and evidence to what is wanted, all or none.

    `epochs` are those of the partitions that are written; `shared` says that others are written meanwhile. Raises
    LostLeaseError if an epoch is no longer ours, UnavailableError on any failure of Neo4j. The cost follows what is
    handed in: two round trips at least, about 15 at most.
    """
    async with answered(_WRITE_SECONDS), graph.session() as session:
        await session.execute_write(_project, epochs, told, shared)


@unit_of_work(timeout=_WRITE_SECONDS)
async def _project(
    transaction: AsyncManagedTransaction, epochs: Mapping[int, int], told: Projected, shared: bool
) -> None:
    fence = await transaction.run(_FENCE, leases=_leases(epochs))
    _check(epochs, [record async for record in fence])
    change = await _difference(transaction, told.claims)
    if shared:
        await _lock(transaction, told, change)
    touched = await _leave_datasets(transaction, [node_key(name.id) for name in told.left])
    touched |= await _write_datasets(transaction, told.datasets)
    await _rows(transaction, _MERGE_JOBS, [job_row(job) for job in told.jobs])
    touched |= await _write_difference(transaction, change, {key for shape in told.datasets for key in _written(shape)})
    if touched:
        await transaction.run(_COUNT_FIELDS, keys=sorted(touched))


async def _leave_datasets(transaction: AsyncManagedTransaction, keys: Sequence[str]) -> set[str]:
    """Take from datasets what makes them some of their own; gives their keys."""
    if not keys:
        return set()
    await transaction.run(_UNMENTION, keys=sorted(keys))
    demoted = await _keys(transaction, _DEMOTE_FIELDS, rows=[{"key": key, "field_keys": []} for key in sorted(keys)])
    await _sweep(transaction, demoted, keys)
    return set(keys)


def _leases(epochs: Mapping[int, int]) -> list[dict[str, int]]:
    return [{"partition": partition, "epoch": epoch} for partition, epoch in sorted(epochs.items())]


def _check(epochs: Mapping[int, int], found: Iterable[Record]) -> None:
    seen = {record["partition"]: record["epoch"] for record in found}
    for partition, epoch in epochs.items():
        if seen.get(partition) != epoch:
            raise LostLeaseError(f"partition {partition}")


async def _lock(transaction: AsyncManagedTransaction, told: Projected, change: Difference) -> None:
    """Lock every dataset and job that is going to be touched, in the order of their keys; makes those that lack."""
    datasets, _, ends = endpoint_rows(change.created_edges)
    rows = {row["key"]: row for row in (*datasets, *map(dataset_row, told.datasets))}
    found = {key: {"key": key} for key in (*change.datasets, *(node_key(name.id) for name in told.left))}
    await _rows(transaction, _LOCK_DATASETS, list((found | rows).values()))
    jobs = {row["key"] for row in (*map(job_row, told.jobs), *ends)}
    await _rows(transaction, _LOCK_JOBS, [{"key": key} for key in jobs])


async def _write_datasets(transaction: AsyncManagedTransaction, datasets: Sequence[DatasetShape]) -> set[str]:
    """Write datasets with their fields; gives the keys of datasets whose fields may have changed."""
    if not datasets:
        return set()
    rows = {row["key"]: row for row in map(dataset_row, datasets)}
    fields = [row for shape in datasets for row in field_rows(shape)]
    fielded = await _keys(transaction, _MERGE_DATASETS, rows=_sorted(rows.values()))
    there = await _fields_there(transaction, [row["key"] for row in fields if row["dataset_key"] in fielded])
    await _rows(transaction, _SET_FIELDS, [row for row in fields if row["key"] in there])
    await _rows(transaction, _CREATE_FIELDS, [row for row in fields if row["key"] not in there])
    if fielded:
        keys = [{"key": key, "field_keys": rows[key]["field_keys"]} for key in sorted(fielded)]
        await _sweep(transaction, await _keys(transaction, _DEMOTE_FIELDS, rows=keys), [])
    return set(rows)


async def _fields_there(transaction: AsyncManagedTransaction, keys: Iterable[str]) -> dict[str, bool]:
    """Give the fields among these that the graph has, with whether a schema has them now."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    found = await transaction.run(_FIELDS_THERE, keys=wanted)
    return {record["key"]: record["counted"] async for record in found}


async def _difference(transaction: AsyncManagedTransaction, claims: Sequence[Claim]) -> Difference:
    """Compare each evidence's relationships with what it claims: only its own partition's holder writes them."""
    if not claims:
        return difference((), ())
    result = await transaction.run(_HELD, evidence=sorted(claim.evidence for claim in claims))
    return difference(claims, [record.data() async for record in result])


async def _write_difference(
    transaction: AsyncManagedTransaction, change: Difference, written: Collection[str]
) -> set[str]:
    """Bring relationships to what is claimed; gives the datasets, by key, whose number of fields may be another.

    `written` are fields that are there for sure, counted or about to be.
    """
    if change.deleted:
        await transaction.run(_DELETE, ids=change.deleted)
    touched = await _create(transaction, change, written)
    await _rows(transaction, _UPDATE, change.updated)
    return touched | await _sweep(transaction, change.left, change.left)


async def _create(transaction: AsyncManagedTransaction, change: Difference, written: Collection[str]) -> set[str]:
    datasets, fields, jobs = endpoint_rows(change.created_edges)
    await _rows(transaction, _ENSURE_DATASETS, datasets)
    others = [row for row in fields if row["key"] not in written]
    there = await _fields_there(transaction, [row["key"] for row in others])
    await _rows(transaction, _CREATE_FIELDS, [row for row in others if row["key"] not in there])
    await _rows(transaction, _MERGE_JOBS, jobs)
    for pattern, rows in sorted(change.created.items()):
        await _rows(transaction, _CREATES[pattern], rows, by=("source", "target"))
    return {row["dataset_key"] for row in others if not there.get(row["key"])}


async def _sweep(transaction: AsyncManagedTransaction, fields: Iterable[str], datasets: Iterable[str]) -> set[str]:
    """Remove nodes that nothing holds any more; gives the keys of the datasets of the fields.

    A field that stays for its past may have lost its last edge, and then counts no more.
    """
    if not fields and not datasets:
        return set()
    result = await transaction.run(_SWEEP_FIELDS, keys=sorted(set(fields)))
    poorer = {record["dataset_key"] async for record in result}
    await transaction.run(_SWEEP_DATASETS, keys=sorted({*datasets, *poorer}))
    return poorer


async def _rows(
    transaction: AsyncManagedTransaction, query: Any, rows: Sequence[dict[str, Any]], by: tuple[str, ...] = ("key",)
) -> None:
    if rows:
        await transaction.run(query, rows=_sorted(rows, by))


async def _keys(transaction: AsyncManagedTransaction, query: str, rows: Sequence[dict[str, Any]]) -> set[str]:
    result = await transaction.run(query, rows=rows)
    return {record["key"] async for record in result}


def _sorted(rows: Iterable[dict[str, Any]], by: tuple[str, ...] = ("key",)) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: tuple(row.get(name, "") for name in by))


def _written(shape: DatasetShape) -> Iterable[str]:
    return (row["key"] for row in field_rows(shape))
