"""What the API says while something is away, and that it frees what nobody waits for."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.drills.estate import Estate, estate, wait_for
from tests.drills.load import NAMESPACE, poison
from tests.drills.network import Cut
from tests.drills.processes import Neo4j

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

READERS = 12


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, mortal_neo4j: Neo4j) -> Iterator[Estate]:
    with estate(tmp_path_factory.mktemp("outages"), mortal_neo4j, workers=1) as made:
        yield made


@pytest.mark.parametrize("how", [Cut.REFUSED, Cut.LOST])
def test_readiness_tells_that_neo4j_is_away_and_that_it_is_back(running: Estate, how: Cut) -> None:
    running.graph_network.cut = how
    began = time.monotonic()
    answer = httpx.get(f"{running.url}/health/ready", timeout=30)
    took = time.monotonic() - began
    sent = httpx.post(f"{running.url}/api/v1/lineage", json=an_event(how), headers=running.admin, timeout=30)
    running.graph_network.cut = Cut.NONE
    assert answer.status_code == 503
    assert answer.json()["checks"]["graph"].startswith("Neo4j does not answer")
    assert answer.json()["checks"]["store"] == "ok"
    assert took < 10
    assert sent.status_code == 201
    running.wait_until_ready(30)
    running.wait_until_merged(60)


def an_event(name: object) -> dict[str, object]:
    return {**poison(0), "job": {"namespace": "drill", "name": str(name)}}


def test_readers_who_leave_free_their_connections_to_neo4j(running: Estate) -> None:
    asked = {"namespace": NAMESPACE, "name": "shop.core.boom0", "depth": 50}
    running.graph_network.cut = Cut.LOST
    for _ in range(READERS):
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{running.url}/api/v1/lineage/graph", params=asked, headers=running.admin, timeout=0.3)
    wait_for(lambda: running.graph_network.count < READERS, 10, lambda: running.graph_network.count)
    running.graph_network.cut = Cut.NONE
    found = httpx.get(f"{running.url}/api/v1/lineage/graph", params=asked, headers=running.admin, timeout=30)
    assert found.status_code == 200
