"""How long a changed class takes to settle in an estate of a million fields, for what follows from it.

The ledger of the generated estate is filled as the worker's merging would leave it; Neo4j takes no part in classes.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from benchmarks.estate import BEGAN, COLUMNS, LAYERS, Estate
from nexus_core.classification.step import Classification
from nexus_core.eventlog.opening import open_log
from nexus_core.model.classes import CONFIDENTIAL, PII, WHOLE, Act
from nexus_core.model.edge import OPEN_END, Edge, EdgeKind, EvidenceKey, node_key, pack
from nexus_core.model.mark import KNOWN, mark
from nexus_core.model.names import DatasetName
from nexus_core.settings import Settings
from nexus_core.store.class_facts import ClassChanges, ClassStatementRow, save_class_changes
from nexus_core.store.classes import count_levels
from nexus_core.store.database import Store, open_store, reading, writing
from nexus_core.store.ledger import Ledger
from nexus_core.store.ledger_lease import Held, claim
from nexus_core.store.ledger_rows import Changes, ContentRow, EvidenceRow, ReadingRow
from nexus_core.store.ledger_subjects import ALONE
from nexus_core.store.migration import migrate

TABLES = 100_000
ROUND = 2_000
TARGETS = {1_000: 5.0, 100_000: 60.0}
"""Fields that follow → seconds."""

_SMALL_LAYER = 7  # from which a whole table reaches some 1,000 fields in the layers below


def measure(tables: int = TABLES) -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    with tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        yield from asyncio.run(_measured(Settings(data_dir=Path(folder)), Estate(tables // LAYERS - 1)))


async def _measured(settings: Settings, estate: Estate) -> list[tuple[str, str]]:
    await migrate(settings.store_url)
    store = open_store(settings.store_url)
    try:
        await _fill(store, estate)
        classes = Classification(store, store, await open_log(store, settings))
        took = await _settled(classes)
        fields = estate.table_count * COLUMNS
        rows = [(f"classes: first look at {estate.table_count:,} datasets, {fields:,} fields", _figure(took))]
        small = estate.name(_SMALL_LAYER * estate.width)
        large = estate.name(LAYERS * estate.width + 1)
        for target, name, field in ((1_000, small, WHOLE), (100_000, large, "c0")):
            for class_name, what in ((CONFIDENTIAL, "classified"), (PII, "raised")):
                await _decide(store, Act.SET, name, field, class_name)
                took = await _settled(classes)
                told = f"target {TARGETS[target]:.0f} s for {target:,}"
                rows.append((f"classes: {what}, {await _count(store):,} levels then", _figure(took, told)))
            await _decide(store, Act.SET, name, field, CONFIDENTIAL)
            await _settled(classes)
            await _decide(store, Act.APPROVE, name, field, "", by="other")
            took = await _settled(classes)
            rows.append((f"classes: lowered and approved, {await _count(store):,} levels then", _figure(took)))
        return rows
    finally:
        await store.dispose()


def _figure(took: tuple[float, float], told: str = "") -> str:
    seconds, cpu = took
    load = f"load {os.getloadavg()[0]:.1f}"
    return f"{seconds:.1f} s, {cpu:.1f} s of CPU ({', '.join(filter(None, (told, load)))})"


async def _settled(classes: Classification) -> tuple[float, float]:
    """Give the seconds that it took, and those of CPU."""
    began, used = time.perf_counter(), time.process_time()
    while await classes.step():
        pass
    return time.perf_counter() - began, time.process_time() - used


async def _decide(store: Store, act: Act, name: DatasetName, field: str, class_name: str, by: str = "one") -> None:
    at = time.time_ns() // 1000
    told = (act.value, class_name, by, at, b"{}")
    row = ClassStatementRow(node_key(name.id), field, f"decision {at}", name.namespace, name.name, *told)
    async with writing(store) as connection:
        await save_class_changes(connection, ClassChanges([row], [name], []))


async def _count(store: Store) -> int:
    async with reading(store) as connection:
        return await count_levels(connection)


async def _fill(store: Store, estate: Estate) -> None:
    held = await claim(store, Held("bench", {}))
    built = estate.built()
    for first in range(built.start, built.stop, ROUND):
        changes = Changes()
        for table in range(first, min(first + ROUND, built.stop)):
            _add(estate, table, changes)
        held = await claim(store, held)
        await Ledger(store).commit(changes, held, ALONE)


def _add(estate: Estate, table: int, changes: Changes) -> None:
    job, output = estate.job(table), estate.name(table)
    key = EvidenceKey("producer", "sql", job, output).key
    fingerprint, body = pack(_edges(estate, table))
    versions = orjson.dumps([[BEGAN, [fingerprint], "sha256:0", BEGAN, OPEN_END]])
    names = (job.namespace, job.name, output.namespace, output.name)
    keys = (node_key(job.id), node_key(output.id))
    changes.evidence.append(EvidenceRow(key, "source", "producer", "sql", *keys, *names, versions, False))
    changes.contents.append(ContentRow(fingerprint, body))
    sources = (estate.name(source) for source in estate.table_sources(table))
    changes.readings += [ReadingRow(node_key(source.id), key) for source in sources]


def _edges(estate: Estate, table: int) -> Iterator[Edge]:
    output = estate.name(table)
    yield mark(output, "", KNOWN)
    for source in estate.table_sources(table):
        of = estate.name(source)
        yield Edge(EdgeKind.DATASET, "", of.namespace, of.name, "", output.namespace, output.name, "")
    for column in range(table * COLUMNS, (table + 1) * COLUMNS):
        for source in estate.column_sources(column):
            yield estate.column_edge(source, column)
