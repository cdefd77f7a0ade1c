"""The worker's life: bad input, and death at any moment."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from neo4j import AsyncGraphDatabase

from nexus_core.errors import UnavailableError
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.graph.write import project
from nexus_core.model.retention import ALL_KEPT
from nexus_core.settings import GraphSettings
from nexus_core.sql import ParsePool
from nexus_core.worker import loop
from nexus_core.worker import project as worker_project
from tests import services
from tests.merging import Merging, dataset, envelope, merging, run_event

pytestmark = pytest.mark.service


def copy_event(number: int, sql: str | None = None) -> dict:
    sql = sql or f"insert into public.d{number} (a) select a from public.s"
    return run_event("COMPLETE", number, f"r{number}", f"job{number}", sql, [dataset("s")], [dataset(f"d{number}")])


async def test_sql_of_5_mb_gives_what_the_event_itself_says(merge: Merging) -> None:
    await merge.merge(envelope(copy_event(1, "select 1; " * 500_000)), envelope(copy_event(2)))
    found = {edge: properties for edge, properties in await merge.details() if edge[3] == "DATASET"}
    assert {edge[1:3] for edge in found} == {("s", "d1"), ("s", "d2")}
    assert found["FEEDS", "s", "d1", "DATASET", ""]["inferred"]
    assert (await merge.log.backlog()).dead_count == 0


async def test_a_parse_that_never_ends_costs_only_its_event(neo4j: GraphSettings, tmp_path: Path) -> None:
    async with ParsePool(seconds=0.0001, memory_mb=1024) as hasty, merging(neo4j, tmp_path, hasty) as merge:
        plain = run_event("COMPLETE", 2, "r2", "plain", None, [dataset("s")], [dataset("d2")])
        await merge.merge(envelope(copy_event(1)), envelope(plain))
        assert {edge[1:3] for edge in await merge.edges() if edge[3] == "DATASET"} == {("s", "d2")}
        [(dead, reason)] = await merge.log.dead_letters(10)
        assert dead.id == envelope(copy_event(1)).id
        assert "parse" in reason


async def test_an_event_that_breaks_the_worker_goes_to_the_dead_letters(merge: Merging) -> None:
    broken = replace(envelope(copy_event(1)), event={"run": {}, "job": {"name": 7}, "eventType": "COMPLETE"})
    good = envelope(copy_event(2))
    assert await merge.worker._take([broken, good], merge.held) == [good.id]


async def test_a_neo4j_that_does_not_keep_up_is_told_less_at_once(merge: Merging) -> None:
    merger = merge.worker.merger
    await merger.take([envelope(copy_event(number)) for number in range(30)], merge.held)
    nobody = f"bolt://127.0.0.1:{services.free_port()}"
    async with AsyncGraphDatabase.driver(nobody, max_transaction_retry_time=0) as merger.graph:
        for _ in range(10):
            with pytest.raises(UnavailableError):
                await merger.tell(merge.held)
    assert merger.telling_most == 10
    merger.graph = merge.graph
    await merger.tell(merge.held)
    assert merger.telling_most > 10
    assert {target for _, source, target, *_ in await merge.edges() if source == "s"} >= {f"d{n}" for n in range(30)}


_READERS_OF_S = "MATCH (:Dataset {name: 'shop.public.s'})-[:FEEDS]->(d:Dataset) RETURN d.name AS name"


class Marks:
    """A log that keeps, of each mark, its events and which outputs the graph had."""

    def __init__(self, merge: Merging) -> None:
        self.merge, self.marked = merge, []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.merge.log, name)

    async def mark_merged(self, event_ids: Sequence[str]) -> None:
        records, _, _ = await self.merge.graph.execute_query(_READERS_OF_S)  # of one moment: it is written meanwhile
        self.marked.append((set(event_ids), {record["name"].removeprefix("shop.public.") for record in records}))
        await self.merge.log.mark_merged(event_ids)


async def test_a_backlog_is_one_round_that_marks_only_what_the_graph_holds(
    merge: Merging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_ROUND_SECONDS", 600.0)  # however slow the machine is
    events = [envelope(copy_event(number)) for number in range(12)]
    merge.worker.batch_events = 2
    merge.worker.merger.log = marks = Marks(merge)
    await merge.log.append(events)
    assert await merge.worker.round(await merge.log.pending(ALL_PARTITIONS, 2), merge.held) == 12
    assert await merge.log.lag() == 0
    assert len(marks.marked) > 2
    outputs = {one.id: f"d{number}" for number, one in enumerate(events)}
    for marked, held in marks.marked:
        assert {outputs[event_id] for event_id in marked} <= held
    assert sorted(event_id for marked, _ in marks.marked for event_id in marked) == sorted(outputs)


async def test_what_is_entered_while_the_graph_is_told_is_told_next(
    merge: Merging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a telling would go on as long as rounds come, and no round could go on beside it."""
    merger = merge.worker.merger
    merger.horizon = ALL_KEPT

    async def project_late(*given: Any, **options: Any) -> None:
        monkeypatch.setattr(worker_project, "project", project)
        await merger.take([envelope(copy_event(2))], merge.held)
        await project(*given, **options)

    monkeypatch.setattr(worker_project, "project", project_late)
    for told in ({"d1"}, {"d1", "d2"}):
        await merger.take([envelope(copy_event(1))], merge.held)
        await merger.tell(merge.held)
        assert {edge[2] for edge in await merge.edges() if edge[3] == "DATASET"} == told


async def test_a_neo4j_that_goes_away_in_a_round_loses_nothing_of_it(merge: Merging) -> None:
    events = [envelope(copy_event(number)) for number in range(12)]
    merger = merge.worker.merger
    merge.worker.batch_events = 2
    await merge.log.append(events)
    nobody = f"bolt://127.0.0.1:{services.free_port()}"
    async with AsyncGraphDatabase.driver(nobody, max_transaction_retry_time=0) as merger.graph:
        with pytest.raises(UnavailableError):
            await merge.worker.round(await merge.log.pending(ALL_PARTITIONS, 2), merge.held)
    assert await merge.log.lag() == 12
    await merge.start_again()
    await merge.merge()
    assert await merge.log.lag() == 0
    assert {target for _, source, target, *_ in await merge.edges() if source == "s"} >= {f"d{n}" for n in range(12)}


async def test_kill_9_at_random_points_loses_nothing(neo4j: GraphSettings, tmp_path: Path) -> None:
    assert neo4j.password is not None
    environment = {
        **os.environ,
        "NEXUS_DATA_DIR": str(tmp_path),
        "NEXUS_GRAPH__URI": neo4j.uri or "",
        "NEXUS_GRAPH__PASSWORD": neo4j.password.get_secret_value(),
        "NEXUS_WORKER__BATCH_EVENTS": "5",
    }
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser) as merge:
        await merge.log.append([envelope(copy_event(number)) for number in range(150)])
        for _ in range(3):
            worker = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "nexus_core", "worker", env=environment, stderr=asyncio.subprocess.DEVNULL
            )
            await _some_merged(merge)
            await asyncio.sleep(random.uniform(0, 0.3))
            worker.kill()
            await worker.wait()
        await merge.start_again()
        await merge.merge()
        written = {edge[2] for edge in await merge.edges() if edge[3] == "DATASET"}
        assert written == {f"d{number}" for number in range(150)}


async def _some_merged(merge: Merging) -> None:
    """Wait until the worker has begun: it starts slowly, and waits for the lease of the one before."""
    before = await merge.log.lag()
    async with asyncio.timeout(60):
        while before and await merge.log.lag() == before:  # noqa: ASYNC110 another process tells nothing
            await asyncio.sleep(0.05)
