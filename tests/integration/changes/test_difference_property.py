"""A difference takes the graph of one moment to the graph of another, as far as was known at a third."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from nexus_core.model.envelope import Envelope
from tests.integration.changes.conftest import Estate
from tests.integration.changes.test_diff import copies
from tests.merging import EPOCH, HARVESTER, SPACE, at, dataset, dataset_event, envelope

pytestmark = pytest.mark.service
TABLES = ("a", "b", "c", "d")
Edges = set[tuple[str, str, str, str | None]]


def estate_of(rnd: random.Random) -> list[Envelope]:
    """Runs of a few jobs among four tables, some told late, with drops and returns in between."""
    events = []
    for number in range(rnd.randint(4, 14)):
        minutes = rnd.randint(1, 20)
        if rnd.random() < 0.2:
            to = rnd.choice(("DROP", "CREATE"))
            told = dataset(rnd.choice(TABLES), lifecycleStateChange={"lifecycleStateChange": to})
            events.append(envelope(dataset_event(minutes, told), HARVESTER))
        else:
            source, target = rnd.sample(TABLES, 2)
            accepted = minutes + rnd.choice((1, 1, 30))
            events.append(copies(source, minutes, f"r{number}", f"job{rnd.randint(0, 2)}", target, accepted))
    return events


async def graph_of(estate: Estate, granularity: str, as_of: str, known_at: str) -> Edges:
    """All edges that the graph holds, asked for from each table."""
    found: Edges = set()
    for table in TABLES:
        asked = {
            "namespace": SPACE,
            "name": f"shop.public.{table}",
            "granularity": granularity,
            "direction": "upstream",
        }
        status, answer = await estate.get("graph", **asked, as_of=as_of, known_at=known_at)
        if status == 200:
            found |= {_edge(edge) for edge in answer["edges"] if granularity == "dataset" or ":a" in edge["source"]}
    return found


def _edge(edge: dict[str, Any]) -> tuple[str, str, str, str | None]:
    return edge["source"], edge["target"], edge["kind"], edge.get("subtype")


@pytest.mark.parametrize("seed", range(3))
async def test_graph_and_difference_give_the_later_graph(estate: Estate, seed: int) -> None:
    rnd = random.Random(seed)
    await estate.merge.merge(*estate_of(rnd))
    for _ in range(3):
        first, last = (at(minutes + 0.5) for minutes in sorted(rnd.sample(range(22), 2)))
        known_at = (EPOCH + timedelta(minutes=rnd.choice((15, 40, 100)))).isoformat()
        rows = await estate.diff(first, last, known_at=known_at)
        for granularity, kinds in (("dataset", {"DATASET"}), ("field", {"DIRECT"})):
            now = await graph_of(estate, granularity, first, known_at)
            now = {edge for edge in now if edge[2] in kinds}
            for side, change in (("before", now.discard), ("after", now.add)):
                for row in rows:
                    if row[side] and row[side].get("kind") in kinds:
                        change(_edge(row[side]))
            wanted = await graph_of(estate, granularity, last, known_at)
            assert now == {edge for edge in wanted if edge[2] in kinds}, (granularity, first, last, known_at)
        assert all(datetime.fromisoformat(row["at"]) > datetime.fromisoformat(first) for row in rows)
