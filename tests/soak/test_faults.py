"""The fault matrix: under load, each kind of fault at random points, on each kind of store and log.

`make soak` runs it; `pytest tests/soak/test_faults.py -k 'postgresql and network and 3'` runs one store, kind and seed.
The processes of a log outlive the storms, as a clean run beside them does; each storm has jobs and tables of its own.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import services
from tests.drills.disk import small_disk
from tests.drills.estate import Estate, estate, wait_for
from tests.drills.full_disk import refuses_and_recovers
from tests.drills.load import Promises, load
from tests.drills.processes import Neo4j, neo4j
from tests.drills.storm import Fault, clock_faults, network_faults, process_faults, storm
from tests.drills.verdict import Clean, assert_alike, clean_run, described, ended, kept

pytestmark = [pytest.mark.soak, pytest.mark.service, pytest.mark.timeout(1800)]

KINDS: dict[str, Callable[[Estate], list[Fault]]] = {
    "processes": lambda drilled: process_faults(drilled) * 3,
    "network": network_faults,
    "clocks": lambda drilled: clock_faults(drilled) * 3,
    "all": lambda drilled: [*process_faults(drilled), *network_faults(drilled), *clock_faults(drilled)],
}
PACE = (0.4, 2.0)  # some hundred events a storm: the clean run takes them all, too
PAUSES = (0.2, 0.8)
LEAST_EVENTS = 100
PATIENCE = 30.0  # seconds: a busy machine's answer is worth waiting for, and what a fault cuts is told by a reset
LOGS = ("sqlite", "postgresql", "kafka")


@dataclass
class Drilled:
    """An estate, all that it promised in its life, and the clean run of it."""

    estate: Estate
    clean: Clean
    promises: Promises = field(default_factory=Promises)


@dataclass
class Lasting:
    """The estate of a log, kept from one storm to the next; one that fails a drill is not, so that the next is fair."""

    log: str
    folders: pytest.TempPathFactory
    graph: Neo4j
    clean_graph: Neo4j
    _drilled: Drilled | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def drilled(self) -> Iterator[Drilled]:
        """Give it, started if need be."""
        self._drilled = self._drilled or self._started()
        try:
            yield self._drilled
        except BaseException:
            self.end()
            raise

    def _started(self) -> Drilled:
        enter, folder = self._stack.enter_context, self.folders.mktemp(self.log)
        store = None if self.log == "sqlite" else enter(services.postgresql())
        kafka = enter(services.kafka()) if self.log == "kafka" else None  # its index is in PostgreSQL
        made = enter(estate(folder, self.graph, store, kafka))
        return Drilled(made, enter(clean_run(made, self.clean_graph)))

    def end(self) -> None:
        """End its processes, each of which must end in good order."""
        with self._stack.pop_all():
            drilled, self._drilled = self._drilled, None
            if drilled is not None:
                ended(drilled.estate)


@pytest.fixture(scope="module")
def mortal_neo4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4j]:
    with neo4j(tmp_path_factory.mktemp("mortal")) as running:
        yield running


@pytest.fixture(scope="module")
def clean_neo4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4j]:
    with neo4j(tmp_path_factory.mktemp("clean")) as running:
        yield running


@pytest.fixture(scope="module", params=LOGS)
def lasting(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    mortal_neo4j: Neo4j,
    clean_neo4j: Neo4j,
) -> Iterator[Lasting]:
    made = Lasting(request.param, tmp_path_factory, mortal_neo4j, clean_neo4j)
    try:
        yield made
    finally:
        made.end()


def test_a_full_disk_under_postgresql(tmp_path: Path, mortal_neo4j: Neo4j) -> None:
    with tempfile.TemporaryDirectory(prefix="nexus-drill-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as a user of its own
        with (
            small_disk(Path(folder) / "disk", 160) as disk,
            services.postgresql(disk) as own,
            estate(tmp_path / "estate", mortal_neo4j, own) as drilled,
        ):
            refuses_and_recovers(drilled, disk)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_acknowledged_is_lost(lasting: Lasting, kind: str, seed: int) -> None:
    with lasting.drilled() as drilled:
        made, promises, began = drilled.estate, drilled.promises, time.monotonic()
        faults, before = KINDS[kind](made), len(promises.acknowledged)
        options = {"patience": PATIENCE, "shop": f"{kind}{seed}", "promises": promises}
        with load(made.url, made.admin, seed, PACE, **options) as sent:
            print("\n".join(storm(faults, seed, sent, PAUSES)))
            wait_for(lambda: len(promises.acknowledged) - before > LEAST_EVENTS, 600, made.told)
        count, stormed = len(promises.acknowledged) - before, time.monotonic()
        made.wait_until_merged(600)
        made.wait_until_ready()
        merged = time.monotonic()
        drilled.clean.merge(kept(made, promises))
        assert_alike(described(made.neo4j), described(drilled.clean.neo4j))
        print(f"{len(faults)} faults and {count} events in {stormed - began:.0f} s", end=", ")
        print(f"merged {merged - stormed:.0f} s later, compared in {time.monotonic() - merged:.0f} s")
