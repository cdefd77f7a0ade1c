"""A rolling restart under load costs no acknowledged event, and hardly a request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import services
from tests.drills.estate import estate
from tests.drills.load import load
from tests.drills.processes import Neo4j
from tests.drills.rolling import fleet
from tests.drills.verdict import judge

pytestmark = [pytest.mark.soak, pytest.mark.service, pytest.mark.timeout(1800)]

CLIENTS = 2
CONNECTIONS = CLIENTS + 1  # a reader
PATIENCE = 60.0  # seconds: a busy machine is no failure, and a connection that ends is told at once


def test_a_rolling_restart_loses_nothing_and_serves_throughout(
    tmp_path: Path, mortal_neo4j: Neo4j, mortal_postgresql: services.PostgreSQL
) -> None:
    with estate(tmp_path, mortal_neo4j, mortal_postgresql) as drilled, fleet(drilled) as running:
        with load(drilled.url, drilled.admin, seed=1, pace=(0.5, 1.5), clients=CLIENTS, patience=PATIENCE) as sent:
            running.update()
        drilled.wait_until_merged(600)
        promises = sent.promises
        print(promises.requests, promises.failures, promises.refusals, running.ready_seconds)
        assert promises.refusals == 0
        # A request that meets the end of its idle connection gets no answer: one for each API that a client spoke to.
        assert promises.failures <= CONNECTIONS * running.replaced
        assert len(promises.acknowledged) > 20
        judge(drilled, promises)
