"""An output that later runs of its job do not write is shown as stale, closed by a decision, and opened again."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.merge.test_retirements_api import steward
from tests.merging import SPACE, Merging, column_facet, dataset, envelope, run_event

__all__ = ["steward"]

pytestmark = pytest.mark.service

OLD = {"namespace": SPACE, "name": "shop.public.old"}


def loads(minutes: float, *targets: str, sql: str | None = None) -> Any:
    """A run of a job that writes tables; without `sql` nothing tells what its source is."""
    outputs = [dataset(target, columnLineage=column_facet({"a": [("s", "a")]})) for target in targets]
    return envelope(run_event("COMPLETE", minutes, f"r{minutes}", "load", sql, [dataset("s")], outputs))


async def edges(merge: Merging) -> set[str]:
    return {edge[2] for edge in await merge.edges() if edge[0] == "FEEDS" and edge[3] == "DIRECT"}


async def found(steward: httpx.AsyncClient, **asked: int) -> list[dict[str, Any]]:
    answer = await steward.get("retirements/stale", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def test_a_stale_output_is_shown_closed_and_opened(merge: Merging, steward: httpx.AsyncClient) -> None:
    await merge.merge(loads(1, "old", "new"), *(loads(minutes, "new") for minutes in (2, 3, 4)))
    assert await found(steward) == []
    assert await found(steward, runs=4) == []
    (job,) = await found(steward, runs=3)
    assert job["job"] == {"namespace": "airflow", "name": "load"}
    (stale,) = job["outputs"]
    assert (stale["name"], stale["run_count"]) == ("shop.public.old", 3)
    await merge.merge(*(loads(minutes, "new") for minutes in range(5, 13)))
    health = (await steward.get("lineage/health")).json()
    assert (health["stale_count"], health["stale"][0]["name"]) == (1, "shop.public.old")
    detail = (await steward.get("datasets/one", params=OLD)).json()
    assert [one["stale_since"] for one in detail["jobs"] if one["role"] == "writes"] == ["2026-01-01T00:01:00+00:00"]
    before = await merge.hash()
    assert await edges(merge) == {"old.a", "new.a"}
    closing = {"job": job["job"], "outputs": [OLD], "at": "2026-01-01T00:30:00Z"}
    closed = (await steward.post("retirements/outputs", json=closing)).json()
    await merge.merge()
    assert await edges(merge) == {"new.a"}
    assert await found(steward, runs=3) == []
    told = (await steward.get(f"retirements/{closed['id']}")).json()
    assert told["job"] == job["job"]
    assert [(one["name"], one["kind"], one["state"]) for one in told["objects"]] == [
        ("shop.public.old", "output", "ended")
    ]
    undone = await steward.post(f"retirements/{closed['id']}/undo", json={})
    assert undone.status_code == 201, undone.text
    await merge.merge()
    assert await edges(merge) == {"old.a", "new.a"}
    assert await merge.hash() == before
    again = (await steward.post("retirements/outputs", json=closing | {"at": "2026-01-01T00:40:00Z"})).json()
    await merge.merge()
    assert again["id"] != closed["id"]
    assert await edges(merge) == {"new.a"}
    await merge.merge(loads(50, "old"))
    assert await edges(merge) == {"old.a", "new.a"}


async def test_what_a_known_source_wrote_is_not_stale(merge: Merging, steward: httpx.AsyncClient) -> None:
    sql = "insert into public.old (a) select a from public.s"
    await merge.merge(loads(1, "old", sql=sql), *(loads(minutes, sql=sql) for minutes in (2, 3, 4)))
    assert await found(steward, runs=1, days=1) == []
