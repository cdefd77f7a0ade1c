"""Events for tests of the worker, and a worker whose every step a test can take, or break off, by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from nexus_core.eventlog.log import EventLog
from nexus_core.eventlog.opening import open_log
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.graph.connection import Graph, open_graph
from nexus_core.graph.hash import canonical_rows, graph_hash
from nexus_core.graph.schema import prepare_graph
from nexus_core.graph.write import take_lease
from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.settings import GraphSettings, Settings
from nexus_core.store.database import Store, open_store
from nexus_core.store.ledger_lease import Lease, acquire, release
from nexus_core.worker.loop import Worker
from nexus_core.worker.opening import make_merger
from nexus_core.worker.statements import Parser
from tests.stores import sqlite_settings

PRODUCER = Authority(jobs=("*",), outputs=("*",))
HARVESTER = Authority(harvest=("*",))
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SPACE = "postgres://db:5432"


def at(minutes: float) -> str:
    return (EPOCH + timedelta(minutes=minutes)).isoformat()


def envelope(event: dict[str, Any], authority: Authority = PRODUCER, principal: str = "producer") -> Envelope:
    """What ingestion makes of an event; accepted a minute after its own time, whatever the order of arrival."""
    kind = EventKind.RUN if "run" in event else EventKind.JOB if "job" in event else EventKind.DATASET
    valid_at = datetime.fromisoformat(event["eventTime"])
    body = orjson.dumps([principal, event], option=orjson.OPT_SORT_KEYS)
    event_id = f"sha256:{sha256(body).hexdigest()}"
    return Envelope(event_id, principal, authority, valid_at + timedelta(minutes=1), valid_at, kind, event)


def dataset(name: str, columns: dict[str, str] | None = None, **facets: Any) -> dict[str, Any]:
    if columns is not None:
        facets["schema"] = {"fields": [{"name": column, "type": type_} for column, type_ in columns.items()]}
    return {"namespace": SPACE, "name": f"shop.public.{name}", "facets": facets}


def column_facet(fields: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
    """Output field → sources `(table, column)`."""
    return {
        "fields": {
            field: {
                "inputFields": [
                    {"namespace": SPACE, "name": f"shop.public.{table}", "field": column} for table, column in sources
                ]
            }
            for field, sources in fields.items()
        }
    }


def run_event(
    kind: str,
    minutes: float,
    run: str,
    job: str = "job",
    sql: str | None = None,
    inputs: Sequence[dict[str, Any]] = (),
    outputs: Sequence[dict[str, Any]] = (),
    parent: str | None = None,
    **run_facets: Any,
) -> dict[str, Any]:
    facets = dict(run_facets)
    if parent is not None:
        facets["parent"] = {"run": {"runId": parent}, "job": {"namespace": "airflow", "name": "dag"}}
    return {
        "eventType": kind,
        "eventTime": at(minutes),
        "producer": "https://example.org/test",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run, "facets": facets},
        "job": {"namespace": "airflow", "name": job, "facets": {"sql": {"query": sql}} if sql else {}},
        "inputs": list(inputs),
        "outputs": list(outputs),
    }


def dataset_event(minutes: float, described: dict[str, Any]) -> dict[str, Any]:
    return {"eventTime": at(minutes), "producer": "https://example.org/test", "dataset": described}


@dataclass
class Merging:
    """A store and a log of their own with the session's Neo4j, and a worker on them."""

    store: Store
    log: EventLog
    graph: Graph
    parser: Parser
    worker: Worker
    lease: Lease

    async def start_again(self) -> None:
        """Forget everything that a process keeps, as after a crash, and take the lease over."""
        self.worker = Worker(self.store, make_merger(self.store, self.log, self.graph, self.parser), 256)
        while (lease := await acquire(self.store, "merge", self.lease.owner)) is None:  # noqa: ASYNC110 another process tells nothing
            await asyncio.sleep(0.5)  # a worker that was killed holds it until it ends
        self.lease = lease
        await take_lease(self.graph, lease.name, lease.epoch)
        await self.worker.merger.finish(lease)

    async def give_back(self) -> None:
        """Give the lease back, so that another worker need not wait until it ends."""
        await release(self.store, self.lease)

    async def merge(self, *events: Envelope) -> None:
        """Accept events and merge all that is pending."""
        if events:
            await self.log.append(events)
        while pending := await self.log.pending(ALL_PARTITIONS, 256):
            await self.round(pending)

    async def round(self, pending: Sequence[Envelope]) -> None:
        await self.worker._round(pending, self.lease)

    async def hash(self) -> str:
        return await graph_hash(self.graph)

    async def edges(self) -> set[tuple[str, ...]]:
        """Relationships as `(type, source, target, kind, subtype)`; fields are `table.field`, without the namespace."""
        return {edge for edge, _ in await self.details() if edge[0] != "ONCE"}

    async def details(self) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
        """Relationships but HAS_FIELD, with their properties, recorded times and what was believed once included."""
        rows = [orjson.loads(row) async for row in canonical_rows(self.graph, bitemporal=True)]
        named = {row["properties"]["key"]: _node(row) for row in rows if "label" in row}
        return [
            (
                (
                    row["type"],
                    named[row["source"]],
                    named[row["target"]],
                    row["properties"].get("kind", ""),
                    row["properties"].get("subtype", ""),
                ),
                row["properties"],
            )
            for row in rows
            if row.get("type", "HAS_FIELD") != "HAS_FIELD"
        ]

    async def nodes(self) -> set[tuple[str, str]]:
        rows = [orjson.loads(row) async for row in canonical_rows(self.graph)]
        return {(row["label"], _node(row)) for row in rows if "label" in row}


def _node(row: dict[str, Any]) -> str:
    properties = row["properties"]
    name = str(properties["name"]).removeprefix("shop.public.")
    return f"{name}.{properties['field']}" if "field" in properties else name


@asynccontextmanager
async def merging(
    graph: GraphSettings, folder: Path, parser: Parser, settings: Settings | None = None
) -> AsyncIterator[Merging]:
    """Give an empty graph with an empty store (SQLite unless settings name one) and a worker that holds the lease."""
    settings = settings or await sqlite_settings(folder)
    store = open_store(settings.store_url)
    log = await open_log(store, settings)
    async with open_graph(graph) as driver:
        await driver.execute_query("MATCH (n) DETACH DELETE n")
        await prepare_graph(driver)
        first = Merging(store, log, driver, parser, Worker(store, make_merger(store, log, driver, parser), 256), _NONE)
        await first.start_again()
        try:
            yield first
        finally:
            await store.dispose()


_NONE = Lease("merge", "test", 0)


def micros(minutes: float) -> int:
    return int((EPOCH + timedelta(minutes=minutes)).timestamp()) * 1_000_000
