"""A second projection of the log: equal, resumable, switched to and back without a pause for readers."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from nexus_core.api.app import create_app
from nexus_core.errors import ConfigurationError, LostLeaseError
from nexus_core.eventlog.opening import open_log
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.graph.connection import open_graph
from nexus_core.graph.emptying import count_nodes
from nexus_core.graph.hash import graph_hash
from nexus_core.model.envelope import Envelope
from nexus_core.projection.making import prepare_ledger, projection_to_build, remove_projection, take_graph
from nexus_core.projection.opening import open_projection
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import DERIVATION_VERSION, ParsePool
from nexus_core.store.projections import Projection, State, active_projection, pause, projections, switch
from nexus_core.store.taken import count_taken, lacking, left_out
from nexus_core.worker.opening import run_worker
from nexus_core.worker.replay import Replay
from tests.merging import HARVESTER, SPACE, Merging, dataset, dataset_event, envelope, merging, run_event

pytestmark = pytest.mark.service


def events(count: int) -> list[Envelope]:
    """Loads of a few tables whose statements and schemas change, so that late ones derive others again."""
    made = [envelope(dataset_event(0, dataset("s", {"a": "int", "b": "int"})), HARVESTER, "harvester")]
    for number in range(count):
        column = "a" if number % 3 else "b"
        sql = f"insert into public.d{number % 7} ({column}) select {column} from public.s where a > {number % 2}"
        job = f"job{number % 7}"
        target = dataset(f"d{number % 7}")
        made.append(envelope(run_event("COMPLETE", number, f"r{number}", job, sql, [dataset("s")], [target])))
    made.append(envelope(dataset_event(count / 2, dataset("s", {"b": "int"})), HARVESTER, "harvester"))
    return made


@dataclass
class Replaying:
    """A merged store, and a replay into the second Neo4j."""

    merge: Merging
    settings: Settings

    async def build(self, place: tuple[str, str, str]) -> Projection:
        row = await projection_to_build(self.settings, self.merge.store, place, None, DERIVATION_VERSION)
        await prepare_ledger(self.settings, row)
        await take_graph(self.settings, self.merge.store, row)
        return row

    @asynccontextmanager
    async def replay(self, target: Projection) -> AsyncIterator[Replay]:
        main = self.merge.store
        active = open_projection(self.settings, main, await active_projection(main))
        opened = open_projection(self.settings, main, target)
        try:
            yield Replay.of(main, self.merge.log, self.merge.parser, active, opened)
        finally:
            await active.close()
            await opened.close()


@pytest.fixture
async def place(second_neo4j: GraphSettings, tmp_path: Path) -> tuple[str, str, str]:
    """Where the second Neo4j is, emptied."""
    assert second_neo4j.password is not None
    (tmp_path / "password").write_text(second_neo4j.password.get_secret_value())
    async with open_graph(second_neo4j) as graph:
        await graph.execute_query("MATCH (n) DETACH DELETE n")
    return second_neo4j.uri or "", "neo4j", f"file:{tmp_path / 'password'}"


@pytest.fixture
async def replaying(neo4j: GraphSettings, tmp_path: Path) -> AsyncIterator[Replaying]:
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path / "main", parser) as merge:
        yield Replaying(merge, Settings(data_dir=tmp_path / "main", graph=neo4j))


@pytest.fixture
def unwarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch at once: nobody waits for the first answers."""
    monkeypatch.setattr("nexus_core.worker.replay._WARM_UP_SECONDS", 1.0)


def quiet(_done: int, _all: int) -> None:
    return


async def test_a_replay_gives_the_same_graph_whatever_the_order_of_arrival(
    replaying: Replaying, place: tuple[str, str, str]
) -> None:
    shuffled = events(60)
    random.Random(1).shuffle(shuffled)
    await replaying.merge.merge(*shuffled)
    await replaying.merge.give_back()
    async with replaying.replay(await replaying.build(place)) as replay:
        await replay.catch_up(quiet)
        found = await replay.compare()
        assert found.is_equal
        assert found.active == await graph_hash(replaying.merge.graph, bitemporal=True)
        assert await count_taken(replay.target.store) == len(shuffled)
    assert [row.state for row in await projections(replaying.merge.store)] == [State.ACTIVE, State.READY]


async def test_readers_meet_no_error_while_it_switches_and_back(
    replaying: Replaying, place: tuple[str, str, str], tmp_path: Path
) -> None:
    made = events(40)
    merge = replaying.merge
    await merge.merge(*made[:30])
    await merge.give_back()
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(replaying.settings, stop))
    async with _reading(replaying.settings, tmp_path) as read:
        target = await replaying.build(place)
        async with replaying.replay(target) as replay:
            await replay.catch_up(quiet)
            await merge.log.append(made[30:35])
            assert (await replay.switch(accept_difference=False)).is_equal
        assert (await active_projection(merge.store)).id == target.id
        await merge.log.append(made[35:])  # only the new one gets these
        await _until_merged(merge)
        [former] = [row for row in await projections(merge.store) if row.state is State.KEPT]
        async with replaying.replay(former) as replay:
            assert await lacking(replay.target.store, replay.active.store, None, 100)
            await replay.catch_up(quiet)
            assert (await replay.switch(accept_difference=False)).is_equal
        assert (await active_projection(merge.store)).id == former.id
        await asyncio.sleep(0.5)
    stop.set()
    await working
    assert read.count > 10
    assert read.failures == []


@pytest.mark.usefixtures("unwarmed")
async def test_a_worker_that_slept_through_a_switch_marks_nothing(
    replaying: Replaying, place: tuple[str, str, str]
) -> None:
    made, merge = events(6), replaying.merge
    await merge.merge(*made[:4])
    await merge.give_back()
    before = await active_projection(merge.store)
    sleeper = await open_log(merge.store, replaying.settings, before.epoch)
    async with replaying.replay(await replaying.build(place)) as replay:
        await replay.catch_up(quiet)
        await replay.switch(accept_difference=False)
    await merge.log.append(made[4:])
    with pytest.raises(LostLeaseError):
        await sleeper.mark_merged([made[4].id])
    assert await merge.log.lag() == len(made) - 4


async def test_a_switch_needs_the_pause_that_its_comparison_rested_on(replaying: Replaying) -> None:
    main = replaying.merge.store
    row = await active_projection(main)
    with pytest.raises(LostLeaseError):
        await switch(main, row, row.id, "me", 0)
    await pause(main, row.id, "another")
    with pytest.raises(LostLeaseError):
        await switch(main, row, row.id, "me", 0)


@pytest.mark.usefixtures("unwarmed")
async def test_what_a_replay_cannot_merge_is_left_out_and_told(
    replaying: Replaying, place: tuple[str, str, str]
) -> None:
    made, merge = events(6), replaying.merge
    await merge.merge(*made)
    await merge.give_back()
    target = await replaying.build(place)
    async with ParsePool(seconds=0.0001, memory_mb=1024) as hasty, replaying.replay(target) as replay:
        await replace(replay, parser=hasty).catch_up(quiet)
        assert {reason for _, reason in await left_out(replay.target.store, 10)}
        assert not (await replay.switch(accept_difference=False)).is_equal
    assert (await active_projection(merge.store)).id == 1


async def test_a_discarded_projection_leaves_nothing(replaying: Replaying, place: tuple[str, str, str]) -> None:
    merge = replaying.merge
    await merge.merge(*events(6))
    await merge.give_back()
    await replaying.build(place)
    [_, target] = await projections(merge.store)
    async with replaying.replay(target) as replay:
        await replay.catch_up(quiet)
    await remove_projection(replaying.settings, merge.store, target, empties_graph=True)
    assert [row.id for row in await projections(merge.store)] == [1]
    assert not list((tmp := replaying.settings.data_dir).glob("nexus_2*")), tmp
    again = await replaying.build(place)
    async with replaying.replay(again) as replay:
        assert await graph_hash(replay.target.graph) != await merge.hash()


@pytest.mark.timeout(600)
async def test_kill_9_of_a_replay_costs_nothing(
    replaying: Replaying, neo4j: GraphSettings, place: tuple[str, str, str]
) -> None:
    made, merge = events(50), replaying.merge
    await merge.merge(*made)
    await merge.give_back()
    assert neo4j.password is not None
    environment = {
        **os.environ,
        "NEXUS_DATA_DIR": str(replaying.settings.data_dir),
        "NEXUS_GRAPH__URI": neo4j.uri or "",
        "NEXUS_GRAPH__PASSWORD": neo4j.password.get_secret_value(),
    }
    argv = [sys.executable, "-m", "nexus_core", "replay", "--switch", "--into", place[0], "--password", place[2]]
    for _ in range(2):
        if (await active_projection(merge.store)).id != 1:
            break
        replay = await asyncio.create_subprocess_exec(*argv, env=environment, stdout=asyncio.subprocess.PIPE)
        assert replay.stdout is not None
        async for line in replay.stdout:
            if b"Replaying" in line:
                break
        else:
            pytest.fail("It ended before it replayed")
        await asyncio.sleep(random.uniform(0.2, 4))
        if replay.returncode is None:
            replay.kill()
        await replay.wait()
    if (await active_projection(merge.store)).id == 1:
        last = await asyncio.create_subprocess_exec(*argv, env=environment)
        assert await last.wait() == 0
    row = await active_projection(merge.store)
    assert row.id != 1
    async with replaying.replay(row) as replay_:
        assert await count_taken(replay_.target.store) == len(made)
        assert await graph_hash(replay_.target.graph, bitemporal=True) == await graph_hash(merge.graph, bitemporal=True)


async def test_a_graph_that_holds_something_is_refused_and_stays(
    replaying: Replaying, place: tuple[str, str, str], second_neo4j: GraphSettings
) -> None:
    async with open_graph(second_neo4j) as theirs:
        await theirs.execute_query("CREATE (:Theirs)")
        with pytest.raises(ConfigurationError, match="not empty"):
            await replaying.build(place)
        assert [row.id for row in await projections(replaying.merge.store)] == [1]
        new = await projection_to_build(replaying.settings, replaying.merge.store, place, None, DERIVATION_VERSION)
        await remove_projection(replaying.settings, replaying.merge.store, new, empties_graph=True)
        assert await count_nodes(theirs) == 1


@dataclass
class Reads:
    """How often a reader asked, and what it was answered if not 200."""

    count: int
    failures: list[str]


@asynccontextmanager
async def _reading(settings: Settings, folder: Path) -> AsyncIterator[Reads]:
    """Ask the API for a graph and a page of the catalogue in a loop."""
    app, found = create_app(settings), Reads(0, [])
    async with app.router.lifespan_context(app):
        await ensure_admin_token(app.state.services.tokens, folder / "admin-token")
        headers = {"Authorization": f"Bearer {(folder / 'admin-token').read_text().strip()}"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost:8000", headers=headers
        ) as http:
            reading = asyncio.create_task(_read(http, found))
            try:
                yield found
            finally:
                reading.cancel()
                await asyncio.wait([reading])


async def _read(http: httpx.AsyncClient, found: Reads) -> None:
    asked = {"namespace": SPACE, "name": "shop.public.s", "granularity": "field"}
    while True:
        for answer in (
            await http.get("/api/v1/lineage/graph", params=asked),
            await http.get("/api/v1/datasets", params={"q": "d1"}),
        ):
            found.count += 1
            body = answer.json()
            is_whole = answer.status_code == httpx.codes.OK and (body.get("items") or len(body.get("nodes", ())) > 1)
            if not is_whole:
                found.failures.append(f"{answer.status_code} {answer.text[:500]}")
        await asyncio.sleep(0.02)


async def _until_merged(merge: Merging) -> None:
    async with asyncio.timeout(60):
        while await merge.log.lag():  # noqa: ASYNC110 another task tells nothing
            await asyncio.sleep(0.1)
