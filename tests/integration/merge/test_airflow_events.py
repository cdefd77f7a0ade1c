"""Real events of an Airflow 3.3.2 run give the graph that their SQL means, in whatever order they arrive."""

from __future__ import annotations

import random
from pathlib import Path

import orjson
import pytest

from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.model.envelope import Authority, Envelope
from nexus_core.settings import GraphSettings
from nexus_core.sql import ParsePool
from tests.merging import Merging, envelope, merging

pytestmark = pytest.mark.service

EVENTS = Path(__file__).parents[2] / "data" / "airflow_events"
ADMIN = Authority(jobs=("*",), outputs=("*",), harvest=("*",), admin=True)

# By hand, from the SQL of nexus_lineage.totals (INSERT … SELECT, then UPDATE … FROM), of the CTAS in
# nexus_lineage.pyhook, and of the view sales.v_big.
DIRECT = {
    ("customers.id", "customer_totals.customer_id", "IDENTITY"),
    ("customers.name", "customer_totals.name", "TRANSFORMATION"),  # INSERT copies, UPDATE changes: told once
    ("orders.amount", "customer_totals.total", "AGGREGATION"),
    ("customers.id", "tmp_copy.id", "IDENTITY"),
    ("customers.email", "tmp_copy.email", "IDENTITY"),
    ("orders.id", "v_big.id", "IDENTITY"),
    ("customers.email", "v_big.email", "IDENTITY"),
    ("orders.amount", "v_big.amount", "IDENTITY"),
}
DATASETS = {
    ("customers", "customer_totals"),
    ("orders", "customer_totals"),
    ("customers", "tmp_copy"),
    ("customers", "v_big"),
    ("orders", "v_big"),
}
ROWS = {
    ("customers.id", "customer_totals", "JOIN"),
    ("orders.customer_id", "customer_totals", "JOIN"),
    ("customers.id", "customer_totals", "GROUP_BY"),
    ("customers.name", "customer_totals", "GROUP_BY"),
    ("customers.id", "v_big", "JOIN"),
    ("orders.customer_id", "v_big", "JOIN"),
}


def events() -> list[Envelope]:
    return [envelope(orjson.loads(path.read_bytes()), ADMIN) for path in sorted(EVENTS.glob("*.json"))]


def short(name: str) -> str:
    return name.removeprefix("shop.sales.")


async def test_arrival_reverse_and_shuffled_order_give_the_graph_of_the_sql(merge: Merging) -> None:
    arrival = events()
    assert len(arrival) == 67
    await merge.merge(*arrival)
    edges = {(kind, short(source), short(target), *more) for kind, source, target, *more in await merge.edges()}
    feeds = {edge[1:] for edge in edges if edge[0] == "FEEDS"}
    assert {(source, target, subtype) for source, target, kind, subtype in feeds if kind == "DIRECT"} == DIRECT
    assert {(source, target) for source, target, kind, _ in feeds if kind == "DATASET"} == DATASETS
    assert {(source, target, subtype) for source, target, kind, subtype in feeds if kind == "INDIRECT"} >= ROWS
    assert not {edge for edge in edges if edge[0] == "FED"}
    assert ("READS", "tmp_copy", "nexus_lineage.pyhook", "", "") in edges
    nodes = await merge.nodes()
    assert {short(name) for label, name in nodes if label == "Field" and "customer_totals" in name} == {
        "customer_totals.customer_id",
        "customer_totals.name",
        "customer_totals.total",
    }
    assert not {name for label, name in nodes if label == "Job" and ".query." in name}


async def test_every_order_gives_the_same_hash(neo4j: GraphSettings, tmp_path: Path) -> None:
    orders = {"arrival": events(), "reverse": events()[::-1], "shuffled": random.Random(1).sample(events(), 67)}
    hashes = set()
    async with ParsePool(seconds=30, memory_mb=1024) as parser:
        for name, order in orders.items():
            async with merging(neo4j, tmp_path / name, parser) as merge:
                await merge.log.append(order)
                while pending := await merge.log.pending(ALL_PARTITIONS, 7):
                    await merge.round(pending)
                hashes.add(await merge.hash())
    assert len(hashes) == 1
