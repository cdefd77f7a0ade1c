"""Several workers on one PostgreSQL and one Neo4j: the graph is as one worker makes it, whoever is paused or killed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from nexus_core.eventlog.opening import open_log
from nexus_core.events.decision import decision_event
from nexus_core.model.decision import DecidedObject, Decision
from nexus_core.model.edge import node_key
from nexus_core.model.envelope import Authority, Envelope
from nexus_core.model.names import DatasetName
from nexus_core.model.partition import partition_of_key
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from nexus_core.store.database import open_store
from nexus_core.store.ledger import Ledger
from nexus_core.store.ledger_lease import Held, members
from nexus_core.worker.loop import Worker
from nexus_core.worker.merge import Merger
from nexus_core.worker.opening import make_merger
from tests.harvested import closed, decided, harvest, lifecycle
from tests.merging import (
    EPOCH,
    HARVESTER,
    SPACE,
    Merging,
    column_facet,
    dataset,
    dataset_event,
    envelope,
    merging,
    run_event,
)
from tests.services import PostgreSQL
from tests.stores import postgresql_settings

pytestmark = pytest.mark.service

TABLES = [f"t{number}" for number in range(6)]
COLUMNS = ("a", "b", "c")


def happenings(rnd: random.Random, count: int, *, ends: bool = False) -> list[Envelope]:
    """Events of many jobs that read and write the same few datasets, whose schemas change.

    With `ends` these end and return too, as facets, harvests and stewards say, and names become one and part again.
    """
    events = []
    for number in range(count):
        source, other, target = rnd.sample(TABLES, 3)
        minutes, job, run = rnd.randrange(500), f"job{number % 23}", f"r{number}"
        match rnd.randrange(8) if ends else rnd.randrange(6):
            case 0:
                columns = dict.fromkeys(rnd.sample(COLUMNS, rnd.randint(1, 3)), "int")
                events.append(envelope(dataset_event(minutes, dataset(source, columns)), HARVESTER, "harvester"))
            case 1:
                facet = column_facet({"a": [(source, "a"), (other, "b")]})
                outputs = [dataset(target, columnLineage=facet)]
                inputs = [dataset(source, {"a": "int"}), dataset(other)]
                events.append(envelope(run_event("COMPLETE", minutes, run, job, None, inputs, outputs)))
            case 2:
                described = {"inputs": [dataset(source, {"a": "int", "b": "int"})], "outputs": [dataset(target)]}
                sql = f"insert into public.{target} select * from public.{source}"
                events.append(envelope(run_event("START", minutes, run, job, sql, **described)))
                events.append(envelope(run_event("COMPLETE", minutes + 1, run, job, sql, **described)))
            case 3:
                facet = column_facet({"b": [(source, "a")]})
                events.append(envelope(dataset_event(minutes, dataset(target, columnLineage=facet))))
            case 6:
                events += ending(rnd, minutes, source, job)
            case 7:
                events.append(named(minutes, rnd.choice(("accept", "accept", "reject", "undo")), source, other))
                columns = dict.fromkeys(rnd.sample(COLUMNS, 2), "int")
                first = dataset_event(minutes, dataset(rnd.choice((source, other)), columns))
                events.append(envelope(first, HARVESTER, "harvester"))  # the first of a name races its alias
            case _:
                sql = (
                    f"insert into public.{target} (a) select x.a from public.{source} x join public.{other} y using (b)"
                )
                inputs, outputs = [dataset(source), dataset(other)], [dataset(target)]
                events.append(envelope(run_event("COMPLETE", minutes, run, job, sql, inputs, outputs)))
    return events


def ending(rnd: random.Random, minutes: int, table: str, job: str) -> list[Envelope]:
    match rnd.randrange(4):
        case 0:
            return [lifecycle(minutes, table, rnd.choice(("DROP", "CREATE")), HARVESTER)]
        case 1:
            return harvest(minutes, *rnd.sample(TABLES, 4))
        case 2:
            told = decided(minutes, "retire", table)
            return [told, *([decided(minutes + 5, "undo", table, event=told.id)] if rnd.random() < 0.5 else [])]
        case _:
            return [closed(minutes, job, table)]


def named(minutes: int, action: str, *tables: str) -> Envelope:
    objects = tuple(DecidedObject(SPACE, f"shop.public.{table}") for table in tables)
    decision = decision_event(Decision("alias", action, objects), EPOCH + timedelta(minutes=minutes))
    return envelope(decision, Authority(alias=True), "steward")


@asynccontextmanager
async def empty(
    neo4j: GraphSettings, server: PostgreSQL, folder: Path, parser: ParsePool
) -> AsyncIterator[tuple[Merging, Settings]]:
    settings = await postgresql_settings(server, folder)
    async with merging(neo4j, folder, parser, settings) as merge:
        yield merge, settings


async def done(merge: Merging) -> None:
    """Wait until everything is merged, every task done and the graph told of everything."""
    ledger = Ledger(merge.store)
    async with asyncio.timeout(600):
        while True:
            if not await merge.log.lag() and not await ledger.count_tasks():  # in this order: events leave tasks
                return
            await asyncio.sleep(0.3)


async def described(merge: Merging) -> list[str]:
    rows = sorted(f"{edge} {sorted(properties.items())}" for edge, properties in await merge.details())
    return [*rows, *map(str, sorted(await merge.nodes())), await merge.hash()]


async def together(
    merge: Merging, settings: Settings, parser: ParsePool, events: Sequence[Envelope], count: int
) -> None:
    """Merge events by several workers of one process, each with a store, a log and caches of its own."""
    stop = asyncio.Event()
    stores = [open_store(settings.store_url) for _ in range(count)]
    workers = [
        Worker(store, make_merger(store, await open_log(store, settings), merge.graph, parser), 7) for store in stores
    ]
    running = [asyncio.create_task(worker.run(stop)) for worker in workers]
    async with asyncio.timeout(60):
        while sum(member.partition_count > 0 for member in await members(merge.store)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    for start in range(0, len(events), 20):
        await merge.log.append(events[start : start + 20])
        await asyncio.sleep(0.05)
    await done(merge)
    stop.set()
    await asyncio.gather(*running)
    for store in stores:
        await store.dispose()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 8))])
async def test_four_workers_make_the_graph_that_one_makes(
    neo4j: GraphSettings, postgresql: PostgreSQL, tmp_path: Path, seed: int
) -> None:
    rnd = random.Random(seed)
    events = happenings(rnd, 60, ends=True)
    async with ParsePool(seconds=30, memory_mb=1024) as parser:
        async with empty(neo4j, postgresql, tmp_path / "one", parser) as (one, _):
            await one.merge(*events)
            expected = await described(one)
        async with empty(neo4j, postgresql, tmp_path / "four", parser) as (four, settings):
            await four.give_back()
            await together(four, settings, parser, rnd.sample(events, len(events)), 4)
            found = await described(four)
            assert (await four.log.backlog()).dead_count == 0
    assert sorted(set(found) ^ set(expected)) == []


@pytest.mark.timeout(300)
async def test_a_slow_teller_brings_no_name_back_that_parted_meanwhile(
    neo4j: GraphSettings, postgresql: PostgreSQL, tmp_path: Path
) -> None:
    """One partition tells of `t1`, for which `t0` stands; that ends while its transaction waits for Neo4j."""
    told, standing = "t1", "t0"
    accepted, parted = named(1, "accept", told, standing), named(3, "undo", told, standing)
    described = envelope(dataset_event(2, dataset(told, {"a": "int"})))
    async with (
        ParsePool(seconds=30, memory_mb=1024) as parser,
        empty(neo4j, postgresql, tmp_path / "two", parser) as (merge, _),
    ):
        slow, quick = parted_in_two(merge, partition_of_table(told))
        assert partition_of_table(standing) in quick.held.partitions
        ledger = slow.merger.ledger
        await quick.take(accepted)
        await quick.merger.finish(quick.held)
        assert await ledger.count_tasks() == 1  # the name that a dataset of the other worker has lost
        await slow.merger.finish(slow.held)
        assert await ledger.count_tasks() == 0
        await slow.take(described)
        async with merge.graph.session() as session, await session.begin_transaction() as other:
            held = list(slow.held.partitions)
            await other.run("MATCH (l:Lease) WHERE l.partition IN $held SET l.seen = true", held=held)
            telling = asyncio.create_task(slow.merger.tell(slow.held))
            await blocked(merge)
            await quick.take(parted)
            await quick.merger.finish(quick.held)
            await other.rollback()
        await telling
        await slow.merger.finish(slow.held)
        await quick.merger.finish(quick.held)
        assert await ledger.count_tasks() == 0
        assert await merge.nodes() == {("Dataset", told), ("Field", f"{told}.a")}


@dataclass
class Half:
    """A merger with some of the leases."""

    merger: Merger
    held: Held

    async def take(self, event: Envelope) -> None:
        await self.merger.take([event], self.held)


def parted_in_two(merge: Merging, one: int) -> tuple[Half, Half]:
    """Share the leases between two mergers, one partition to the first, the others to the second."""
    parts = merge.held.without(set(merge.held.partitions) - {one}), merge.held.without({one})
    mergers = [make_merger(merge.store, merge.log, merge.graph, merge.parser) for _ in parts]
    return Half(mergers[0], parts[0]), Half(mergers[1], parts[1])


def partition_of_table(table: str) -> int:
    return partition_of_key(node_key(DatasetName(SPACE, f"shop.public.{table}").id))


async def blocked(merge: Merging) -> None:
    """Wait until a transaction in Neo4j waits for another."""
    async with asyncio.timeout(60):
        while True:
            found = await merge.graph.execute_query("SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked'")
            if found.records:
                return
            await asyncio.sleep(0.05)


def environment(neo4j: GraphSettings, settings: Settings) -> dict[str, str]:
    assert neo4j.password is not None
    assert settings.secrets.key is not None
    return {
        **os.environ,
        "NEXUS_DATA_DIR": str(settings.data_dir),
        "NEXUS_STORE__URL": settings.store.url or "",
        "NEXUS_SECRETS__KEY": settings.secrets.key.get_secret_value(),
        "NEXUS_SECRETS__KEYS_URL": settings.secrets.keys_url or "",
        "NEXUS_GRAPH__URI": neo4j.uri or "",
        "NEXUS_GRAPH__PASSWORD": neo4j.password.get_secret_value(),
        "NEXUS_WORKER__BATCH_EVENTS": "5",
        "NEXUS_WORKER__PARSE_PROCESSES": "1",
    }


async def sharing(merge: Merging, count: int) -> None:
    """Wait until so many workers hold partitions."""
    async with asyncio.timeout(120):
        while sum(member.partition_count > 0 for member in await members(merge.store)) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@pytest.mark.soak  # test_storm does as much at random points, in the short form of the drills
@pytest.mark.timeout(900)
async def test_a_paused_worker_changes_nothing_and_a_killed_one_is_replaced(
    neo4j: GraphSettings, postgresql: PostgreSQL, tmp_path: Path
) -> None:
    events = happenings(random.Random(3), 60, ends=True)
    async with ParsePool(seconds=30, memory_mb=1024) as parser:
        async with empty(neo4j, postgresql, tmp_path / "one", parser) as (one, _):
            await one.merge(*events)
            expected = await described(one)
        async with empty(neo4j, postgresql, tmp_path / "two", parser) as (two, settings):
            await two.give_back()
            async with children(neo4j, settings, tmp_path, 2) as (first, second):
                await sharing(two, 2)
                await two.log.append(events[:30])
                await some_merged(two)
                first.send_signal(signal.SIGSTOP)  # in the middle of whatever it does
                await sharing(two, 1)
                await two.log.append(events[30:50])
                await done(two)
                before = await described(two)
                first.send_signal(signal.SIGCONT)  # it believes that its leases hold
                await sharing(two, 2)
                await done(two)
                assert await described(two) == before
                await two.log.append(events[50:])
                second.kill()
                await done(two)
                found = await described(two)
    assert sorted(set(found) ^ set(expected)) == []


@asynccontextmanager
async def children(
    neo4j: GraphSettings, settings: Settings, folder: Path, count: int
) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """Workers as processes, killed in the end."""
    started: list[asyncio.subprocess.Process] = []
    try:
        for number in range(count):
            with (folder / f"worker{number}.log").open("wb") as output:
                command = [sys.executable, "-m", "nexus_core", "worker"]
                started.append(
                    await asyncio.create_subprocess_exec(
                        *command, env=environment(neo4j, settings), stdout=output, stderr=output
                    )
                )
        yield started
    finally:
        for child in started:
            if child.returncode is None:
                child.kill()
                await child.wait()


async def some_merged(merge: Merging) -> None:
    before = await merge.log.lag()
    async with asyncio.timeout(60):
        while await merge.log.lag() == before:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
