"""Figures over time, what nobody reads, and search that shows first what is read most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nexus_core.classification.step import Classification
from nexus_core.model.access import Reach, Scope
from nexus_core.model.facets import ORIGIN, SQL_CONTEXT, USAGE
from nexus_core.model.moments import moment
from nexus_core.store.metric_samples import Sample, read_samples, save_samples
from nexus_core.trends.metrics import Metric
from nexus_core.trends.reading import read_series
from nexus_core.worker.steward import Steward
from tests.integration.quality.conftest import Running
from tests.merging import HARVESTER, SPACE, column_facet, dataset, dataset_event, envelope, run_event

pytestmark = pytest.mark.service

OTHER = "mysql://other:3306"


def described(table: str, days_ago: int = 200, **facets: Any) -> Any:
    event = dataset_event(0, dataset(table, {"id": "int"}, **facets))
    event["eventTime"] = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    return envelope(event, HARVESTER)


def read(table: str, count: int, days_ago: int = 0) -> Any:
    when = datetime.now(UTC) - timedelta(days=days_ago)
    event = run_event(
        "COMPLETE", 0, f"{table} {days_ago}", job=f"query.{table}.{days_ago}", sql=f"SELECT id FROM {table}"
    )
    event["eventTime"] = when.isoformat()
    event["job"]["namespace"] = SPACE
    event["job"]["facets"] |= {
        ORIGIN: {"origin": "reading"},
        SQL_CONTEXT: {"dialect": "postgres", "default_database": "shop", "default_schema": "public"},
    }
    event["run"]["facets"][USAGE] = {"uses": [{"user": "ada", "count": count}]}
    return envelope(event, HARVESTER)


def test_figures_use_and_order(running: Running) -> None:
    running.run(_all(running))


async def _all(running: Running) -> None:
    fed = {**dataset("tr_b"), "facets": {"columnLineage": column_facet({"id": [("tr_a", "id")]})}}
    owned = {"ownership": {"owners": [{"name": "team:x"}]}}
    elsewhere = dataset_event(0, {"namespace": OTHER, "name": "x.y", "facets": {}})
    await running.merge.merge(
        described("tr_a", **owned),
        described("tr_b"),
        described("tr_c"),
        described("tr_new", days_ago=1),
        envelope(elsewhere, HARVESTER),
        read("tr_c", 40),
        read("tr_b", 3, days_ago=2),
        read("tr_a", 3, days_ago=80),
        envelope(run_event("COMPLETE", 1, "t1", job="fill", inputs=[dataset("tr_a")], outputs=[fed])),
    )
    steward = Steward(running.app.state.services.main, running.merge.store, running.merge.graph, {})
    while await steward.step():
        pass
    await _figures(running)
    await _unused(running)
    recent = (await running.admin.get("/api/v1/datasets/recent", params={"limit": 3})).json()
    assert {each["name"].rpartition(".")[2] for each in recent} >= {"tr_new"}
    assert [each["changed_at"] for each in recent] == sorted((each["changed_at"] for each in recent), reverse=True)
    async with await running.client("viewer:dataset=*tr_a") as viewer:
        shown = (await viewer.get("/api/v1/datasets/recent")).json()
        assert [each["name"].rpartition(".")[2] for each in shown] == ["tr_a"]
    answer = await running.admin.get("/api/v1/datasets", params={"q": "tr"})
    assert answer.status_code == 200, answer.text
    found = answer.json()["items"]
    assert [each["name"].rpartition(".")[2] for each in found] == ["tr_c", "tr_b", "tr_a", "tr_new"]
    paged: list[str] = []
    cursor = None
    while len(paged) < 4:
        query = {"q": "tr", "limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await running.admin.get("/api/v1/datasets", params=query)).json()
        paged += [each["name"] for each in page["items"]]
        cursor = page["next"]
    assert (paged, cursor) == ([each["name"] for each in found], None)


def test_adherence_follows_the_policies_in_force(running: Running) -> None:
    running.run(_protected(running))


async def _protected(running: Running) -> None:
    merge = running.merge
    await merge.merge(described("tr_person"))
    asked = {"namespace": SPACE, "name": "shop.public.tr_person", "action": "set", "fields": ["id"], "class": "PII"}
    assert (await running.admin.post("/api/v1/classifications/decisions", json=asked)).status_code == 201
    await merge.merge()
    while await Classification(merge.store, merge.store, merge.log).step():
        pass
    steward = Steward(running.app.state.services.main, merge.store, merge.graph, {})
    while await steward.step():
        pass
    await _put_into_force(running, {"fields": ["nothing"]})
    assert await _adherence(running, steward) == (1, 0)
    await _put_into_force(running, {"classes": ["PII"]})
    assert await _adherence(running, steward) == (1, 1)


async def _put_into_force(running: Running, match: Any) -> None:
    policy = {"name": "personal", "match": match, "mask": {"kind": "null"}}
    body = {"document": {"version": 1, "policies": [policy]}, "comment": ""}
    made = (await running.admin.post("/api/v1/policies", json=body)).json()
    async with await running.client("steward") as other:
        path = f"/api/v1/policies/versions/{made['version']}/decision"
        assert (await other.post(path, json={"action": "approve"})).is_success


async def _adherence(running: Running, steward: Steward) -> tuple[float, ...]:
    """Let the steward do what is due, and read how many fields are sensitive, and how many of them protected."""
    while await steward.step():
        pass
    path, asked = "/api/v1/metrics/series", ("fields_sensitive", "fields_protected")
    answer = (await running.admin.get(path, params={"metric": asked, "namespace": SPACE})).json()
    last = {each["metric"]: each["points"][-1]["value"] for each in answer["series"]}
    return tuple(last[each] for each in asked)


async def _figures(running: Running) -> None:
    path = "/api/v1/metrics/series"
    answer = (await running.admin.get(path)).json()
    last = {each["metric"]: each["points"][-1]["value"] for each in answer["series"]}
    assert (last["assets"], last["assets_owned"], last["assets_used"], answer["complete"]) == (5, 1, 2, True)
    assert (last["assets_with_lineage"], last["fields_with_lineage"]) == (2, 2)
    one = (await running.admin.get(path, params={"metric": "assets", "namespace": OTHER})).json()["series"]
    assert [point["value"] for each in one for point in each["points"]] == [1]
    async with await running.client("viewer:namespace=mysql://*") as viewer:
        answer = (await viewer.get(path, params={"metric": "assets"})).json()
        assert (answer["series"][0]["points"][-1]["value"], answer["complete"]) == (1, False)
    async with await running.client("viewer:dataset=*tr_a") as viewer:
        assert (await viewer.get(path)).json() == {"series": [], "complete": False}


async def _unused(running: Running) -> None:
    path = "/api/v1/datasets/unused"
    named = {"tr_a", "tr_b", "tr_c", "tr_new"}

    async def names(client: Any, **query: Any) -> list[str]:
        items = (await client.get(path, params=query)).json()["items"]
        return [name for each in items if (name := each["name"].rpartition(".")[2]) in named]

    assert await names(running.admin, days=30) == ["tr_a"]
    assert await names(running.admin, days=90) == []
    assert await names(running.admin, days=1) == ["tr_a", "tr_b"]
    first = (await running.admin.get(path, params={"days": 1, "limit": 1})).json()
    rest = (await running.admin.get(path, params={"days": 1, "limit": 1, "cursor": first["next"]})).json()
    assert [each["name"].rpartition(".")[2] for each in (*first["items"], *rest["items"])] == ["tr_a", "tr_b"]
    async with await running.client("viewer:dataset=*tr_b") as viewer:
        assert await names(viewer, days=1) == ["tr_b"]


def test_old_days_keep_their_last_sample(running: Running) -> None:
    running.run(_thinned(running))


async def _thinned(running: Running) -> None:
    main = running.app.state.services.main
    day, now = moment(19_000 * 86_400_000_000), datetime.now(UTC)
    for hour in (1, 5, 23):
        await save_samples(main, [Sample(day + timedelta(hours=hour), Metric.CHECKS, "old", hour)])
    await save_samples(main, [Sample(now, Metric.CHECKS, "old", 1)])
    kept = [
        each.value for each in await read_samples(main, [Metric.CHECKS], day, daily=False) if each.namespace == "old"
    ]
    assert kept == [23, 1]
    await save_samples(main, [Sample(now, Metric.HARVEST_AGE, of, age) for of, age in (("a", 5), ("b", 9), ("c", 99))])
    scope = Scope((Reach(namespaces=("a", "b")), Reach(datasets=("c/*",))))
    found = await read_series(main, scope, [Metric.HARVEST_AGE], None, 1)
    assert [value for _, value in found.points[Metric.HARVEST_AGE]] == [9]
