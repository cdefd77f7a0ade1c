"""An upgrade under load: the store is migrated while the version before works on it, then each process is replaced.

The version before is the newest in the history of git that has less migrations (`tests/drills/former.py`).
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests import services
from tests.drills.estate import Estate, estate
from tests.drills.former import former_code
from tests.drills.load import load
from tests.drills.processes import Nexus, neo4j
from tests.drills.rolling import fleet
from tests.drills.verdict import judge

pytestmark = [pytest.mark.soak, pytest.mark.service, pytest.mark.timeout(1800)]

CLIENTS = 4
CONNECTIONS = CLIENTS + 1  # a reader
PATIENCE = 60.0  # seconds: a busy machine is no failure, and a connection that ends is told at once
BETWEEN_SECONDS = 5.0


def test_an_upgrade_loses_nothing_and_serves_throughout(tmp_path: Path, postgresql: services.PostgreSQL) -> None:
    code = former_code(tmp_path / "former")
    with (
        neo4j(tmp_path) as graph,
        estate(tmp_path / "estate", graph, postgresql, code=code) as drilled,
        fleet(drilled) as running,
    ):
        with load(drilled.url, drilled.admin, seed=1, pace=(0.2, 0.8), clients=CLIENTS, patience=PATIENCE) as sent:
            time.sleep(BETWEEN_SECONDS)
            migrate(drilled)
            time.sleep(BETWEEN_SECONDS)  # the version before, on the new tables
            running.update()
            time.sleep(BETWEEN_SECONDS)
        drilled.wait_until_merged(600)
        promises = sent.promises
        print(promises.requests, promises.failures, promises.refusals, len(promises.acknowledged))
        assert promises.refusals == 0
        assert promises.failures <= CONNECTIONS * running.replaced
        judge(drilled, promises)


def migrate(drilled: Estate) -> None:
    """Migrate by today's code, as the chart's job does before an upgrade."""
    Nexus(("migrate",), drilled.environment, drilled.data.with_name("migrate.log")).run()
