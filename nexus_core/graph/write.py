"""Writes the projection: one fenced transaction sets datasets, jobs and evidence to what the ledger wants.

The transaction reads what the graph holds of each evidence and writes the difference, so repeating it after a crash,
at any point, changes nothing. Rows go in the order of their keys: unsorted concurrent writes of shared nodes deadlock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from neo4j import AsyncManagedTransaction, Record, unit_of_work

from nexus_core.errors import LostLeaseError
from nexus_core.graph.claims import Claim, Projected
from nexus_core.graph.connection import Graph
from nexus_core.graph.difference import Difference, difference
from nexus_core.graph.failures import answered
from nexus_core.graph.rows import Row, dataset_rows, endpoint_rows, job_row
from nexus_core.model.edge import node_key

_OF_DATASET = frozenset({"dataset_key", "namespace", "name"})
"""What of a field its dataset tells."""

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
MATCH (d:Dataset {key: row.key})
UNWIND row.fields AS own
CREATE (d)-[:HAS_FIELD]->(:Field {
  key: own.key, dataset_key: row.key, namespace: row.namespace, name: row.name, field: own.field,
  type: own.type, ordinal: own.ordinal, froms: own.froms, tos: own.tos, types: own.types
})
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

# Most relationships of an evidence have the same properties, which are handed over once.
_CREATE = """
UNWIND $rows AS row
UNWIND row.ends AS ends
MATCH (s:{source} {{key: ends[0]}})
MATCH (t:{target} {{key: ends[1]}})
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
    described = list(map(dataset_rows, told.datasets))
    datasets, fields = [row for row, _ in described], [row for _, of in described for row in of]
    if shared:
        await _lock(transaction, told, datasets, change)
    touched = await _leave_datasets(transaction, [node_key(name.id) for name in told.left])
    touched |= await _write_datasets(transaction, datasets, fields)
    await _rows(transaction, _MERGE_JOBS, [job_row(job) for job in told.jobs])
    touched |= await _write_difference(transaction, change, {row["key"] for row in fields})
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


async def _lock(
    transaction: AsyncManagedTransaction, told: Projected, described: Sequence[Row], change: Difference
) -> None:
    """Lock every dataset and job that is going to be touched, in the order of their keys; makes those that lack."""
    datasets, _, ends = endpoint_rows(change.created_edges)
    rows = {row["key"]: row for row in (*datasets, *described)}
    found = {key: {"key": key} for key in (*change.datasets, *(node_key(name.id) for name in told.left))}
    await _rows(transaction, _LOCK_DATASETS, list((found | rows).values()))
    jobs = {row["key"] for row in (*map(job_row, told.jobs), *ends)}
    await _rows(transaction, _LOCK_JOBS, [{"key": key} for key in jobs])


async def _write_datasets(
    transaction: AsyncManagedTransaction, datasets: Sequence[Row], fields: Sequence[Row]
) -> set[str]:
    """Write datasets with their fields; gives the keys of datasets whose fields may have changed."""
    if not datasets:
        return set()
    rows = {row["key"]: row for row in datasets}
    fielded = await _keys(transaction, _MERGE_DATASETS, rows=_sorted(rows.values()))
    there = await _fields_there(transaction, [row["key"] for row in fields if row["dataset_key"] in fielded])
    await _rows(transaction, _SET_FIELDS, [row for row in fields if row["key"] in there])
    await _create_fields(transaction, (row for row in fields if row["key"] not in there))
    if fielded:
        keys = [{"key": key, "field_keys": rows[key]["field_keys"]} for key in sorted(fielded)]
        await _sweep(transaction, await _keys(transaction, _DEMOTE_FIELDS, rows=keys), [])
    return set(rows)


async def _create_fields(transaction: AsyncManagedTransaction, fields: Iterable[Row]) -> None:
    """Create fields, dataset by dataset."""
    found: dict[str, Row] = {}
    for row in fields:
        of = {"key": row["dataset_key"], "namespace": row["namespace"], "name": row["name"], "fields": []}
        found.setdefault(row["dataset_key"], of)["fields"].append(
            {name: value for name, value in row.items() if name not in _OF_DATASET}
        )
    await _rows(transaction, _CREATE_FIELDS, list(found.values()))


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
    await _create_fields(transaction, (row for row in others if row["key"] not in there))
    await _rows(transaction, _MERGE_JOBS, jobs)
    for pattern, rows in sorted(change.created.items()):
        await transaction.run(_CREATES[pattern], rows=_alike(rows))
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


def _alike(rows: Iterable[Row]) -> list[Row]:
    """Give relationships by the properties that they share, in the order of their ends."""
    found: dict[int, Row] = {}
    for row in sorted(rows, key=itemgetter("source", "target")):
        alike = found.setdefault(id(row["properties"]), {"properties": row["properties"], "ends": []})
        alike["ends"].append([row["source"], row["target"]])
    return list(found.values())


async def _rows(transaction: AsyncManagedTransaction, query: Any, rows: Sequence[Row]) -> None:
    if rows:
        await transaction.run(query, rows=_sorted(rows))


async def _keys(transaction: AsyncManagedTransaction, query: str, rows: Sequence[Row]) -> set[str]:
    result = await transaction.run(query, rows=rows)
    return {record["key"] async for record in result}


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row.get("key", "")))
