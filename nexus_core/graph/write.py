"""Writes the projection: one fenced transaction sets datasets, jobs and evidence to what the ledger wants.

The transaction reads what the graph holds of each evidence and writes the difference, so repeating it after a crash,
at any point, changes nothing. Rows go in the order of their keys: unsorted concurrent writes of shared nodes deadlock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, LiteralString

from neo4j import AsyncManagedTransaction, AsyncResult, Record, unit_of_work

from nexus_core.errors import LostLeaseError
from nexus_core.graph import write_cypher as cypher
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


async def take_leases(graph: Graph, epochs: Mapping[int, int]) -> None:
    """Fence off writers of lower epochs of partitions; raises LostLeaseError if a higher one has been here."""
    async with answered(_WRITE_SECONDS):
        records, _, _ = await graph.execute_query(cypher.TAKE_LEASES, given={"leases": _leases(epochs)})
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
    fence = await _run(transaction, cypher.FENCE, leases=_leases(epochs))
    _check(epochs, [record async for record in fence])
    change = await _difference(transaction, told.claims)
    described = list(map(dataset_rows, told.datasets))
    datasets, fields = [row for row, _ in described], [row for _, of in described for row in of]
    if shared:
        await _lock(transaction, told, datasets, change)
    touched = await _leave_datasets(transaction, [node_key(name.id) for name in told.left])
    touched |= await _write_datasets(transaction, datasets, fields)
    jobs = [job_row(job) for job in told.jobs]
    await _rows(transaction, cypher.MERGE_JOBS, jobs)
    touched |= await _write_difference(transaction, change, {row["key"] for row in (*datasets, *fields, *jobs)})
    if touched:
        await _run(transaction, cypher.COUNT_FIELDS, keys=sorted(touched))


async def _leave_datasets(transaction: AsyncManagedTransaction, keys: Sequence[str]) -> set[str]:
    """Take from datasets what makes them some of their own; gives their keys."""
    if not keys:
        return set()
    await _run(transaction, cypher.UNMENTION, keys=sorted(keys))
    none = [{"key": key, "field_keys": []} for key in sorted(keys)]
    demoted = await _keys(transaction, cypher.DEMOTE_FIELDS, rows=none)
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
    await _rows(transaction, cypher.LOCK_DATASETS, list((found | rows).values()))
    jobs = {row["key"] for row in (*map(job_row, told.jobs), *ends)}
    await _rows(transaction, cypher.LOCK_JOBS, [{"key": key} for key in jobs])


async def _write_datasets(
    transaction: AsyncManagedTransaction, datasets: Sequence[Row], fields: Sequence[Row]
) -> set[str]:
    """Write datasets with their fields; gives the keys of datasets whose fields may have changed."""
    if not datasets:
        return set()
    rows = {row["key"]: row for row in datasets}
    fielded = await _keys(transaction, cypher.MERGE_DATASETS, rows=_sorted(rows.values()))
    there = await _fields_there(transaction, [row["key"] for row in fields if row["dataset_key"] in fielded])
    await _rows(transaction, cypher.SET_FIELDS, [row for row in fields if row["key"] in there])
    await _create_fields(transaction, (row for row in fields if row["key"] not in there))
    if fielded:
        keys = [{"key": key, "field_keys": rows[key]["field_keys"]} for key in sorted(fielded)]
        await _sweep(transaction, await _keys(transaction, cypher.DEMOTE_FIELDS, rows=keys), [])
    return set(rows)


async def _create_fields(transaction: AsyncManagedTransaction, fields: Iterable[Row]) -> None:
    """Create fields, dataset by dataset."""
    found: dict[str, Row] = {}
    for row in fields:
        of = {"key": row["dataset_key"], "namespace": row["namespace"], "name": row["name"], "fields": []}
        found.setdefault(row["dataset_key"], of)["fields"].append(
            {name: value for name, value in row.items() if name not in _OF_DATASET}
        )
    await _rows(transaction, cypher.CREATE_FIELDS, list(found.values()))


async def _fields_there(transaction: AsyncManagedTransaction, keys: Iterable[str]) -> dict[str, bool]:
    """Give the fields among these that the graph has, with whether a schema has them now."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    result = await _run(transaction, cypher.FIELDS_THERE, keys=wanted)
    [found] = [record async for record in result]
    return dict.fromkeys(found["counted"], True) | dict.fromkeys(found["uncounted"], False)


async def _difference(transaction: AsyncManagedTransaction, claims: Sequence[Claim]) -> Difference:
    """Compare each evidence's relationships with what it claims: only its own partition's holder writes them."""
    if not claims:
        return difference((), ())
    result = await _run(transaction, cypher.HELD, evidence=sorted(claim.evidence for claim in claims))
    return difference(claims, [record.data() async for record in result])


async def _write_difference(
    transaction: AsyncManagedTransaction, change: Difference, written: Collection[str]
) -> set[str]:
    """Bring relationships to what is claimed; gives the datasets, by key, whose number of fields may be another.

    `written` are datasets, jobs and fields that are there for sure, the fields counted or about to be.
    """
    if change.deleted:
        await _run(transaction, cypher.DELETE, ids=change.deleted)
    touched = await _create(transaction, change, written)
    await _rows(transaction, cypher.UPDATE, change.updated)
    return touched | await _sweep(transaction, change.left, change.left)


async def _create(transaction: AsyncManagedTransaction, change: Difference, written: Collection[str]) -> set[str]:
    datasets, others, jobs = endpoint_rows(change.created_edges, written)
    await _rows(transaction, cypher.ENSURE_DATASETS, datasets)
    there = await _fields_there(transaction, [row["key"] for row in others])
    await _create_fields(transaction, (row for row in others if row["key"] not in there))
    await _rows(transaction, cypher.MERGE_JOBS, jobs)
    for pattern, rows in sorted(change.created.items()):
        await _run(transaction, cypher.CREATES[pattern], rows=_alike(rows))
    return {row["dataset_key"] for row in others if not there.get(row["key"])}


async def _sweep(transaction: AsyncManagedTransaction, fields: Iterable[str], datasets: Iterable[str]) -> set[str]:
    """Remove nodes that nothing holds any more; gives the keys of the datasets of the fields.

    A field that stays for its past may have lost its last edge, and then counts no more.
    """
    if not fields and not datasets:
        return set()
    result = await _run(transaction, cypher.SWEEP_FIELDS, keys=sorted(set(fields)))
    poorer = {record["dataset_key"] async for record in result}
    await _run(transaction, cypher.SWEEP_DATASETS, keys=sorted({*datasets, *poorer}))
    return poorer


def _alike(rows: Iterable[Row]) -> list[Row]:
    """Give relationships by the properties that they share, their sources by target, in the order of their ends."""
    found: dict[int, tuple[Row, dict[str, list[str]]]] = {}
    for row in sorted(rows, key=itemgetter("target", "source")):
        _, sources = found.setdefault(id(row["properties"]), (row["properties"], {}))
        sources.setdefault(row["target"], []).append(row["source"])
    return [
        {"properties": properties, "ends": [[target, of] for target, of in sources.items()]}
        for properties, sources in found.values()
    ]


async def _run(transaction: AsyncManagedTransaction, query: LiteralString, **given: Any) -> AsyncResult:
    return await transaction.run(query, given=given)


async def _rows(transaction: AsyncManagedTransaction, query: LiteralString, rows: Sequence[Row]) -> None:
    if rows:
        await _run(transaction, query, rows=_sorted(rows))


async def _keys(transaction: AsyncManagedTransaction, query: LiteralString, rows: Sequence[Row]) -> set[str]:
    result = await _run(transaction, query, rows=rows)
    return {record["key"] async for record in result}


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row.get("key", "")))
