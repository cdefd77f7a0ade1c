"""How long a new tag takes to be enforced: from the worker's merge of it to the end of the sessions that see too much.

A PostgreSQL with views over views, its lineage in the ledger as the worker leaves it; classification, reconciler and
proxy run as in their processes, but in one.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg

from benchmarks.estate import BEGAN
from nexus_core import telemetry
from nexus_core.classification.step import Classification
from nexus_core.eventlog.opening import open_log
from nexus_core.governance.proxy_passwords import ProxyPasswords
from nexus_core.governance.users import open_users
from nexus_core.masking.reconciler import run_reconciler
from nexus_core.model.classes import PII, WHOLE, Act
from nexus_core.model.edge import OPEN_END, Edge, EdgeKind, EvidenceKey, node_key, pack
from nexus_core.model.mark import KNOWN, mark
from nexus_core.model.names import DatasetName, JobName
from nexus_core.proxy.serving import run_proxy
from nexus_core.store.class_facts import ClassChanges, ClassStatementRow, save_class_changes
from nexus_core.store.database import Store, writing
from nexus_core.store.ledger import Ledger
from nexus_core.store.ledger_lease import Held, claim
from nexus_core.store.ledger_rows import Changes, ContentRow, EvidenceRow, ReadingRow
from nexus_core.store.ledger_subjects import ALONE
from tests import services
from tests.masking import Sample, sample
from tests.masking_governed import SHOP, Governed, governed

TABLES, VIEWS, COLUMNS = 2, 100, 10
"""Each table has views in rows of ten that read each other: 1,000 fields follow a table's ten."""

TARGET_S = 5.0
_IDLE_S = 0.2  # as the worker pauses where there is nothing to classify
_POLICIES: dict[str, Any] = {
    "version": 1,
    "policies": [
        {"name": "all", "match": {}, "mask": {"kind": "refuse"}, "clear_for": ["analyst"]},
        {"name": "pii", "match": {"classes": ["PII"]}, "mask": {"kind": "null"}},
    ],
}


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    with services.postgresql() as server, tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        telemetry.configure("error")
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET log_statement = 'none'")
            admin.execute("SELECT pg_reload_conf()")
        with sample(server) as shop:
            _make(shop)
            yield from asyncio.run(_measured(shop, Path(folder)))


async def _measured(shop: Sample, folder: Path) -> list[tuple[str, str]]:
    async with governed(shop, folder) as governance:
        await _fill(governance)
        await governance.policies(_POLICIES)
        await governance.person("ana", "analyst")
        user = await open_users(governance.main).one("ana")
        made = await ProxyPasswords(governance.main).make(user, timedelta(hours=1))
        port, stop = services.free_port(), asyncio.Event()
        proxy = governance.settings.proxy.model_copy(update={"port": port})
        settings = governance.settings.model_copy(update={"proxy": proxy})
        classes = Classification(governance.main, governance.main, await open_log(governance.main, settings))
        working = [run_reconciler(settings, stop), run_proxy(settings, stop), _classify(classes)]
        tasks = [asyncio.create_task(each) for each in working]
        url = f"postgresql://ana:{made.password}@127.0.0.1:{port}/{SHOP}?sslmode=require"
        try:
            return [await _tagged(governance, url, table) for table in range(TABLES)]
        finally:
            stop.set()
            tasks[-1].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _classify(classes: Classification) -> None:
    while True:
        if not await classes.step():
            await asyncio.sleep(_IDLE_S)


async def _tagged(governance: Governed, url: str, table: int) -> tuple[str, str]:
    query = f"SELECT c0 FROM v{table}_{VIEWS - 1}"
    await _until(url, query, "clear")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as session:
        began, cpu = time.monotonic(), time.process_time()
        await _decide(governance.main, governance.name(f"public.t{table}"))
        await _read_on(session, query)
    ended, spent = time.monotonic() - began, time.process_time() - cpu
    await _until(url, query, None)
    served = time.monotonic() - began
    told = f"load {os.getloadavg()[0]:.1f}, target {TARGET_S:.0f} s until sessions end"
    what = f"proxy: a tag that {VIEWS * COLUMNS:,} fields follow, of {TABLES * VIEWS * COLUMNS:,} that are served"
    return (
        what,
        f"sessions ended after {ended:.1f} s, {spent:.1f} of them CPU, served anew after {served:.1f} s ({told})",
    )


async def _read_on(session: psycopg.AsyncConnection[Any], query: str) -> None:
    """Read until the session is ended."""
    with suppress(psycopg.OperationalError):
        while True:
            await session.execute(query)
            await asyncio.sleep(0.02)


async def _until(url: str, query: str, value: str | None) -> None:
    """Log in until a value is what is read."""
    async with asyncio.timeout(600):
        while True:
            with suppress(psycopg.Error):
                async with await psycopg.AsyncConnection.connect(url, autocommit=True) as session:
                    found = await (await session.execute(query)).fetchone()
                    if found == (value,):
                        return
            await asyncio.sleep(0.1)


async def _decide(store: Store, name: DatasetName) -> None:
    at = time.time_ns() // 1000
    told = (Act.SET.value, PII, "steward", at, b"{}")
    row = ClassStatementRow(node_key(name.id), WHOLE, f"decision {at}", name.namespace, name.name, *told)
    async with writing(store) as connection:
        await save_class_changes(connection, ClassChanges([row], [name], []))


# --- the source and its lineage


def _below(table: int, view: int) -> str:
    return f"v{table}_{view - 10}" if view >= 10 else f"t{table}"


def _make(shop: Sample) -> None:
    names = ", ".join(f"c{each}" for each in range(COLUMNS))
    for table in range(TABLES):
        columns = ", ".join(f"c{each} text DEFAULT 'clear'" for each in range(COLUMNS))
        shop.run(f"CREATE TABLE t{table} ({columns}); INSERT INTO t{table} DEFAULT VALUES")
        views = (f"CREATE VIEW v{table}_{each} AS SELECT {names} FROM {_below(table, each)}" for each in range(VIEWS))
        shop.run("; ".join(views))


async def _fill(governance: Governed) -> None:
    changes = Changes()
    for table in range(TABLES):
        for view in range(VIEWS):
            source, output = (governance.name(f"public.{each}") for each in (_below(table, view), f"v{table}_{view}"))
            _add(changes, source, output)
    held = await claim(governance.main, Held("bench", {}))
    await Ledger(governance.main).commit(changes, held, ALONE)


def _add(changes: Changes, source: DatasetName, output: DatasetName) -> None:
    job = JobName(output.namespace, output.name)
    key = EvidenceKey("producer", "sql", job, output).key
    fingerprint, body = pack(_edges(source, output))
    versions = orjson.dumps([[BEGAN, [fingerprint], "sha256:0", BEGAN, OPEN_END]])
    names = (job.namespace, job.name, output.namespace, output.name)
    keys = (node_key(job.id), node_key(output.id))
    changes.evidence.append(EvidenceRow(key, "source", "producer", "sql", *keys, *names, versions, False))
    changes.contents.append(ContentRow(fingerprint, body))
    changes.readings.append(ReadingRow(node_key(source.id), key))


def _edges(source: DatasetName, output: DatasetName) -> Iterator[Edge]:
    to = (output.namespace, output.name)
    yield mark(output, "", KNOWN)
    yield Edge(EdgeKind.DATASET, "", source.namespace, source.name, "", *to, "")
    for column in (f"c{each}" for each in range(COLUMNS)):
        yield Edge(EdgeKind.DIRECT, "IDENTITY", source.namespace, source.name, column, *to, column)
