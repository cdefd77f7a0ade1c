"""Compaction takes what lies behind the horizon out of ledger and graph, and changes nothing that is kept."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nexus_core.events.decision import decision_event
from nexus_core.graph.hash import canonical_rows, graph_hash
from nexus_core.model.decision import DecidedObject, Decision
from nexus_core.model.envelope import Authority, Envelope
from nexus_core.model.retention import FORGET, RETENTION, Horizon
from nexus_core.settings import GraphSettings
from nexus_core.sql import ParsePool
from nexus_core.store.retention import read_horizon
from nexus_core.worker.compaction import Compaction
from tests.harvested import closed, decided, harvest, lifecycle
from tests.merging import (
    EPOCH,
    HARVESTER,
    SPACE,
    Merging,
    at,
    column_facet,
    dataset,
    dataset_event,
    envelope,
    merging,
    micros,
    run_event,
)
from tests.stores import STORES

pytestmark = pytest.mark.service

TABLES = ("s", "t", "u", "v")
DAY = 24 * 60
HORIZON, KNOWN = 100, 140  # minutes
SEEDS = range(*map(int, os.environ.get("NEXUS_TEST_SEEDS", "0,2").split(",")))


def forgetting(minutes: float, valid_from: float = HORIZON, known_from: float = KNOWN) -> Envelope:
    decision = Decision(RETENTION, FORGET, details={"valid_from": at(valid_from), "known_from": at(known_from)})
    return envelope(decision_event(decision, EPOCH + timedelta(minutes=minutes)), Authority(curator=True), "steward")


def happenings(rnd: random.Random, count: int, first: int, last: int, *, joins: bool) -> list[Envelope]:
    """Runs, schemas, drops, harvests and decisions of some minutes, about the same few tables; `joins`: names too."""
    events: list[Envelope] = []
    for number in range(count):
        minutes, table = rnd.randint(first, last), rnd.choice(TABLES)
        match rnd.randrange(12):
            case 0:
                columns = dict.fromkeys(rnd.sample("abc", rnd.randint(1, 3)), rnd.choice(("int", "text")))
                events.append(envelope(dataset_event(minutes, dataset(table, columns)), HARVESTER, "harvester"))
            case 1:
                told = rnd.choice(("DROP", "CREATE"))
                events.append(lifecycle(minutes, table, told, HARVESTER))
            case 2:
                events += harvest(minutes, *rnd.sample(TABLES, rnd.randint(1, 4)), scope="shop.*", chunk=2)
            case 3:
                retired = decided(minutes, "retire", table)
                events.append(retired)
                if rnd.random() < 0.4:
                    events.append(decided(minutes + rnd.randint(0, 20), "undo", table, event=retired.id))
            case 5:
                told = closed(minutes, job := f"job{rnd.randrange(3)}", table)
                events.append(told)
                if rnd.random() < 0.3:
                    events.append(closed(minutes + rnd.randint(0, 20), job, table, undoes=told.id))
            case 4 if joins:
                events.append(joined(minutes, rnd.choice(("accept", "accept", "undo")), *rnd.sample(TABLES, 2)))
            case _:
                events += run(rnd, minutes, f"{first} {number}")
    return [replace(one, accepted_at=one.accepted_at + timedelta(minutes=rnd.choice((0, 0, 20)))) for one in events]


def joined(minutes: float, action: str, *tables: str) -> Envelope:
    """A decision that two tables are one."""
    objects = tuple(DecidedObject(SPACE, f"shop.public.{table}") for table in tables)
    decision = Decision("alias", action, objects)
    return envelope(decision_event(decision, EPOCH + timedelta(minutes=minutes)), Authority(alias=True), "steward")


def run(rnd: random.Random, minutes: int, name: str) -> list[Envelope]:
    source, target = rnd.sample(TABLES, 2)
    job = f"job{rnd.randrange(3)}"
    column = rnd.choice("ab")
    sql = rnd.choice(
        (
            None,
            f"insert into public.{target} (a) select {column} from public.{source}",
            f"insert into public.{target} select * from public.{source}",
        )
    )
    facets = {"columnLineage": column_facet({"a": [(source, column)]})} if rnd.random() < 0.5 else {}
    kinds = ("START", "COMPLETE") if rnd.random() < 0.5 else ("COMPLETE",)
    more = {"inputs": [dataset(source)], "outputs": [dataset(target, **facets)]}
    return [envelope(run_event(kind, minutes + n, name, job, sql, **more)) for n, kind in enumerate(kinds)]


async def compact(merge: Merging, horizon: Horizon, most: int = 1_000) -> Compaction:
    """Compact as a process of its own does, which may be killed after some steps; then begin with empty caches."""
    await merge.start_again()
    made = Compaction(merge.worker.merger, horizon)
    for _ in range(most):
        if not await made.step(merge.held):
            break
    await merge.start_again()
    return made


async def rows(merge: Merging, *, bitemporal: bool = False) -> list[str]:
    """Give the hash, and before it what it stands for, so that a failure shows where they differ."""
    told = [row.decode() async for row in canonical_rows(merge.graph, bitemporal=bitemporal)]
    return [*sorted(told), await graph_hash(merge.graph, bitemporal=bitemporal)]


def different(found: Sequence[str], expected: Sequence[str]) -> list[str]:
    return [f"- {row}" for row in set(expected) - set(found)] + [f"+ {row}" for row in set(found) - set(expected)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("kind", "seed"), [*(("sqlite", seed) for seed in SEEDS), ("postgresql", 0)])
async def test_a_compacted_store_goes_on_as_one_that_keeps_everything(
    neo4j: GraphSettings, tmp_path: Path, request: pytest.FixtureRequest, kind: str, seed: int
) -> None:
    rnd = random.Random(seed)
    early = happenings(rnd, 40, 0, 160, joins=True)
    decision = forgetting(DAY + 300)
    late = happenings(rnd, 15, HORIZON, DAY + 400, joins=False)
    everything = rnd.sample([*early, decision, *late], len(early) + 1 + len(late))
    async with ParsePool(seconds=30, memory_mb=1024) as parser:
        async with merging(neo4j, tmp_path / "whole", parser) as whole:
            await whole.merge(*everything)
            expected = await rows(whole)
        settings = await STORES[kind](request, tmp_path / "thin")
        async with merging(neo4j, tmp_path / "thin", parser, settings) as thin:
            await thin.merge(*rnd.sample(early, len(early)), decision)
            before = await rows(thin, bitemporal=True)
            horizon = await read_horizon(thin.store)
            assert horizon == Horizon(micros(HORIZON), micros(KNOWN))
            killed = await compact(thin, horizon, rnd.randint(1, 6))
            made = await compact(thin, horizon)
            assert different(await rows(thin, bitemporal=True), before) == []
            assert killed.dropped["observations"] + made.dropped["observations"] > 0
            assert await behind(thin, horizon) == 0
            again = await compact(thin, horizon)
            assert {name for name, count in again.dropped.items() if count} <= {"moments of change"}
            await thin.merge(*late)
            assert different(await rows(thin), expected) == []


async def behind(merge: Merging, horizon: Horizon) -> int:
    """Count relationships that lie wholly behind the horizon."""
    query = "MATCH ()-[r:FED|FEEDS|ONCE|READS|WRITES]->() WHERE all(to IN r.tos WHERE to <= $at) RETURN count(r) AS n"
    found, _, _ = await merge.graph.execute_query(query, at=horizon.valid_from)
    return int(found[0]["n"])
