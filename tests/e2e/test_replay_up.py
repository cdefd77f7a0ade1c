"""`nexus replay` beside `nexus up`: a second embedded Neo4j, the switch, and back."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from tests import services
from tests.e2e.test_kill import event, wait_until_merged

# The same on stores and logs of all kinds, without processes: tests/integration/merge/test_replay*.py.
pytestmark = [pytest.mark.service, pytest.mark.soak, pytest.mark.timeout(1200)]


def sent(nexus: services.Nexus, client: int, count: int) -> None:
    made = [event(client, index) for index in range(count)]
    answer = httpx.post(f"{nexus.url}/api/v1/lineage/batch", json=made, headers=nexus.admin, timeout=60)
    assert {result["status"] for result in answer.json()["results"]} == {201}
    wait_until_merged(nexus, 300)


def test_replay_switches_what_nexus_up_reads_and_back(tmp_path: Path) -> None:
    with services.nexus(tmp_path / "nexus") as nexus:
        sent(nexus, 1, 20)
        before = services.nexus_command("graph", "hash", "--bitemporal", data=nexus.data)
        told = services.nexus_command("replay", "--switch", data=nexus.data, timeout_s=400)
        assert "is read now" in told
        assert services.nexus_command("graph", "hash", "--bitemporal", data=nexus.data) == before
        sent(nexus, 2, 5)
        after = services.nexus_command("graph", "hash", "--bitemporal", data=nexus.data)
        assert after != before
        assert "is read now" in services.nexus_command("replay", "--back", data=nexus.data, timeout_s=400)
        assert services.nexus_command("graph", "hash", "--bitemporal", data=nexus.data) == after
        asked = {"namespace": "postgres://kill.example:5432", "name": "shop.core.t2_1"}
        deadline = time.monotonic() + 10
        while True:
            answer = httpx.get(f"{nexus.url}/api/v1/lineage/graph", params=asked, headers=nexus.admin, timeout=30)
            if answer.status_code == httpx.codes.OK or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        assert len(answer.json()["nodes"]) > 1
