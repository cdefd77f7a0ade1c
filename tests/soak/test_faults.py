"""The fault matrix: under load, each kind of fault at random points, on each kind of store and log.

`make soak` runs it; `pytest tests/soak/test_faults.py -k 'postgresql and network and 3'` runs one store, kind and seed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import services
from tests.drills.disk import small_disk
from tests.drills.estate import Estate, estate, wait_for
from tests.drills.full_disk import refuses_and_recovers
from tests.drills.load import load
from tests.drills.processes import Neo4j, neo4j
from tests.drills.storm import Fault, clock_faults, network_faults, process_faults, storm
from tests.drills.verdict import judge

pytestmark = [pytest.mark.soak, pytest.mark.service, pytest.mark.timeout(1800)]

KINDS: dict[str, Callable[[Estate], list[Fault]]] = {
    "processes": lambda drilled: process_faults(drilled) * 3,
    "network": network_faults,
    "clocks": lambda drilled: clock_faults(drilled) * 3,
    "all": lambda drilled: [*process_faults(drilled), *network_faults(drilled), *clock_faults(drilled)],
}
PACE = (0.4, 2.0)  # some thousand events a storm: there is a clean run of them all, too
LOGS = ("sqlite", "postgresql", "kafka")


@pytest.fixture(scope="module")
def mortal_neo4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4j]:
    with neo4j(tmp_path_factory.mktemp("mortal")) as running:
        yield running


@contextmanager
def estate_on(log: str, folder: Path, graph: Neo4j) -> Iterator[Estate]:
    """Keep events in the store, or in Kafka with its index in PostgreSQL."""
    with ExitStack() as stack:
        store = None if log == "sqlite" else stack.enter_context(services.postgresql())
        kafka = stack.enter_context(services.kafka()) if log == "kafka" else None
        yield stack.enter_context(estate(folder, graph, store, kafka))


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
@pytest.mark.parametrize("log", LOGS)
def test_nothing_acknowledged_is_lost(log: str, kind: str, seed: int, tmp_path: Path, mortal_neo4j: Neo4j) -> None:
    with estate_on(log, tmp_path, mortal_neo4j) as drilled:
        with load(drilled.url, drilled.admin, seed, PACE) as running:
            print("\n".join(storm(KINDS[kind](drilled), seed)))
            wait_for(lambda: len(running.promises.acknowledged) > 100, 600, drilled.told)
        drilled.wait_until_merged(600)
        drilled.wait_until_ready()
        judge(drilled, running.promises)
