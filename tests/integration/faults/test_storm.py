"""The short form of the fault drills; `tests/soak` has the full matrix."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drills.estate import estate
from tests.drills.load import load
from tests.drills.network import Cut
from tests.drills.processes import Neo4j
from tests.drills.storm import clock_steps, cut, process_faults, storm
from tests.drills.verdict import judge

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]


def test_nothing_acknowledged_is_lost_when_processes_die_and_networks_break(
    tmp_path: Path, mortal_neo4j: Neo4j
) -> None:
    with estate(tmp_path, mortal_neo4j) as drilled:
        faults = [
            *process_faults(drilled),
            cut("Neo4j", drilled.graph_network, Cut.DEAF, (0.5, 1.5)),
            cut("the API", drilled.api_network, Cut.DEAF, (0.5, 1.5)),
            clock_steps(drilled, -3600),
        ]
        with load(drilled.url, drilled.admin, seed=1, pace=(0.2, 0.8), clients=4) as running:
            happened = storm(faults, 1, running, pauses=(0.3, 0.8))
        drilled.wait_until_merged(600)
        print("\n".join(happened), running.promises.duplicates, len(running.promises.acknowledged))
        assert len(running.promises.acknowledged) > 100
        assert running.promises.poison
        assert running.promises.duplicates
        judge(drilled, running.promises)
