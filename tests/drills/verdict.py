"""What must hold after every drill: nothing lost, nothing pending, only poison dead, the graph of a clean run."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from nexus_core.eventlog.opening import open_log
from nexus_core.graph.connection import open_graph
from nexus_core.graph.hash import canonical_rows, graph_hash
from nexus_core.model.envelope import Envelope
from nexus_core.settings import GraphSettings, Settings
from nexus_core.store.database import open_store
from nexus_core.store.migration import migrate
from tests.drills.estate import KEY, Estate
from tests.drills.load import Promises
from tests.drills.processes import STOPPED, Neo4j, Nexus

Described = tuple[str, list[bytes]]

_ELSEWHERE = ("NEXUS_STORE__", "NEXUS_EVENTLOG__", "NEXUS_SECRETS__KEYS_URL")
_SHOWN = 6


def judge(estate: Estate, promises: Promises) -> None:
    """Compare an estate, with everything merged, to a clean run of the same envelopes; ends it, empties its graph."""
    envelopes = kept(estate, promises)
    stormy = described(estate.neo4j)
    ended(estate)
    with clean_run(estate, estate.neo4j) as clean:
        clean.merge(envelopes)
        assert_alike(stormy, described(clean.neo4j))


def kept(estate: Estate, promises: Promises) -> list[Envelope]:
    """Give all that was acknowledged, in the order of its acceptance: none is missing, and only poison is dead."""
    assert not promises.broken, promises.broken[:5]
    envelopes, dead = asyncio.run(_logged(estate.settings, promises))
    assert promises.acknowledged == {envelope.id for envelope in envelopes}
    assert dead == promises.poison
    return envelopes


def ended(estate: Estate) -> None:
    """End its processes: each does as an operator asks."""
    for process in (estate.api, *estate.workers):
        assert process.stop() in STOPPED, process.output.read_text()[-2000:]


def described(neo4j: Neo4j) -> Described:
    """Give the hash of a graph in both times, and what it stands for."""
    return asyncio.run(_described(neo4j.connection))


def assert_alike(stormy: Described, clean: Described) -> None:
    assert stormy == clean, _difference(stormy[1], clean[1])


@dataclass
class Clean:
    """One worker that nothing happens to, with a store and a Neo4j of its own."""

    settings: Settings
    neo4j: Neo4j
    worker: Nexus
    _merged: set[str] = field(default_factory=set)

    def merge(self, envelopes: Sequence[Envelope]) -> None:
        """Let it merge those that are new to it, in this order."""
        asyncio.run(_merge(self.settings, self.worker, [each for each in envelopes if each.id not in self._merged]))
        self._merged |= {each.id for each in envelopes}


@contextmanager
def clean_run(estate: Estate, neo4j: Neo4j) -> Iterator[Clean]:
    """Start a clean run beside an estate, or after it on its own Neo4j: into a new store and an emptied graph."""
    data = estate.data.with_name("clean")
    settings = Settings.load(data_dir=data, graph=neo4j.connection, secrets={"key": KEY})
    alone = {key: value for key, value in estate.environment.items() if not key.startswith(_ELSEWHERE)}
    alone |= {"NEXUS_DATA_DIR": str(data), "NEXUS_GRAPH__URI": settings.graph.uri or ""}
    alone |= {"NEXUS_GRAPH__PASSWORD": settings.graph.password.get_secret_value() if settings.graph.password else ""}
    asyncio.run(_prepare(settings))
    worker = Nexus(("worker",), alone, data.with_name("clean.log"))
    worker.start()
    try:
        yield Clean(settings, neo4j, worker)
    finally:
        worker.stop()
        shutil.rmtree(data)


async def _logged(settings: Settings, promises: Promises) -> tuple[list[Envelope], set[str]]:
    """Give the envelopes of acknowledged events and the ids of dead ones."""
    store = open_store(settings.store_url)
    try:
        log = await open_log(store, settings)
        envelopes = await log.read(sorted(promises.acknowledged))
        dead = {envelope.id for envelope, _ in await log.dead_letters(1000)}
        await log.aclose()
    finally:
        await store.dispose()
    return sorted(envelopes, key=lambda each: (each.accepted_at, each.id)), dead


async def _described(graph: GraphSettings) -> Described:
    """Give the hash of both times, and what it stands for."""
    async with open_graph(graph) as driver:
        hashed = await graph_hash(driver, bitemporal=True)
        return hashed, sorted([row async for row in canonical_rows(driver, bitemporal=True)])


async def _prepare(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True)
    await migrate(settings.store_url)
    async with open_graph(settings.graph) as driver:
        await driver.execute_query("MATCH (n) DETACH DELETE n")


async def _merge(settings: Settings, worker: Nexus, envelopes: Sequence[Envelope]) -> None:
    store = open_store(settings.store_url)
    try:
        log = await open_log(store, settings)
        for start in range(0, len(envelopes), 500):
            await log.append(envelopes[start : start + 500])
        async with asyncio.timeout(900):
            while await log.lag():
                assert worker.process is not None
                assert worker.process.poll() is None, worker.output.read_text()[-2000:]
                await asyncio.sleep(0.2)
    finally:
        await store.dispose()


def _difference(stormy: Iterable[bytes], clean: Iterable[bytes]) -> str:
    mine, theirs = set(stormy), set(clean)
    only = [f"only after the storm: {row.decode()}" for row in sorted(mine - theirs)[:_SHOWN]]
    only += [f"only in the clean run: {row.decode()}" for row in sorted(theirs - mine)[:_SHOWN]]
    return "\n".join([f"{len(mine - theirs)} and {len(theirs - mine)} rows differ", *only])
