"""From an event's facets to checks, trend, incidents and what a failure reaches."""

from __future__ import annotations

import random
from typing import Any

import pytest

from nexus_core.model.envelope import Envelope
from nexus_core.worker.steward import Steward
from tests.integration.quality.conftest import Running
from tests.merging import HARVESTER, SPACE, column_facet, dataset, dataset_event, envelope, run_event

pytestmark = pytest.mark.service

QUALITY = "/api/v1/quality"


def checked(table: str, run: str, minutes: float, *assertions: dict[str, Any], rows: int | None = None) -> Envelope:
    facets: dict[str, Any] = {"dataQualityAssertions": {"assertions": list(assertions)}}
    if rows is not None:
        facets["dataQualityMetrics"] = {"rowCount": rows, "columnMetrics": {"id": {"nullCount": 1}}}
    tested = {**dataset(table), "inputFacets": facets}
    return envelope(run_event("COMPLETE", minutes, run, job=f"test {table}", inputs=[tested]))


def named(table: str) -> dict[str, str]:
    return {"namespace": SPACE, "name": f"shop.public.{table}"}


NOT_NULL = {"assertion": "not_null", "column": "id"}


def test_the_latest_run_counts_in_whatever_order_events_come(running: Running) -> None:
    running.run(_order(running))


async def _order(running: Running) -> None:
    events = [
        checked("orders", f"run{number}", number * 1440, {**NOT_NULL, "success": number != 2}, rows=10 + number)
        for number in range(3)
    ]
    random.Random(3).shuffle(events)
    for event in (*events, events[0]):
        await running.merge.merge(event)
    await running.merge.round(events)
    found = (await running.admin.get(f"{QUALITY}/dataset", params={**named("orders"), "days": 400})).json()
    (check,) = found["checks"]
    assert (check["assertion"], check["field"], check["passed"]) == ("not_null", "id", False)
    assert [(day["passed"], day["failed"]) for day in found["days"]] == [(1, 0), (1, 0), (0, 1)]
    rows = [each["value"] for each in found["figures"] if each["metric"] == "row_count"]
    assert rows == [12, 11, 10]
    trend = (await running.admin.get(f"{QUALITY}/checks/{check['id']}", params={"days": 400})).json()
    assert [each["passed"] for each in trend["results"]] == [False, True, True]
    assert await _of_quality(running, "failing") == 1
    assert await _of_quality(running, "passing", "unchecked") == 0


async def _of_quality(running: Running, *values: str) -> int:
    """How many datasets called orders search finds by what their checks found; the facet counts the same."""
    query: dict[str, Any] = {"q": "orders", "quality": list(values)}
    page = (await running.admin.get("/api/v1/datasets", params=query)).json()
    assert page["total"] == sum(each["count"] for each in page["facets"]["quality"])
    return int(page["total"])


def test_a_failure_opens_one_incident_which_people_handle(running: Running) -> None:
    running.run(_incident(running))


async def _incident(running: Running) -> None:
    admin, steward = (
        running.admin,
        Steward(running.app.state.services.main, running.merge.store, running.merge.graph, {}),
    )
    bad, good = {**NOT_NULL, "success": False}, {**NOT_NULL, "success": True}
    warned = {"assertion": "unique", "column": "id", "success": False, "severity": "warn"}
    await running.merge.merge(checked("bills", "b1", 1, bad, warned))
    while await steward.step():
        pass
    (opened,) = await _incidents(running, "bills")
    assert (opened["state"], opened["opened_by"], opened["field"]) == ("open", None, "id")
    path = f"{QUALITY}/incidents/{opened['id']}"
    assert (await admin.post(path, json={"action": "assign"})).status_code == 422
    assigned = await admin.post(path, json={"action": "assign", "assignee": "ann", "note": "look at the loader"})
    assert (assigned.json()["state"], assigned.json()["assignee"]) == ("assigned", "ann")
    assert (await admin.post(path, json={"action": "resolve", "note": "known"})).json()["state"] == "resolved"
    await steward.step()
    assert await _incidents(running, "bills") == []  # the failure that it was opened for is dealt with
    await running.merge.merge(checked("bills", "b2", 2, bad))
    await steward.step()
    (again,) = await _incidents(running, "bills")
    await running.merge.merge(checked("bills", "b3", 3, good))
    await steward.step()
    assert await _incidents(running, "bills") == []
    (recovered,) = [each for each in await _incidents(running, "bills", "resolved") if each["id"] == again["id"]]
    assert recovered["resolved_by"] is None
    reopened = await admin.post(f"{QUALITY}/incidents/{again['id']}", json={"action": "reopen"})
    assert reopened.json()["state"] == "open"
    audit = await _audited(running)
    assert {"incident.open", "incident.change"} <= audit


async def _audited(running: Running) -> set[str]:
    async with await running.client("auditor") as auditor:
        items = (await auditor.get("/api/v1/audit", params={"limit": 200})).json()["items"]
    return {each["action"] for each in items if each["outcome"] == "done"}


async def _incidents(running: Running, table: str, state: str = "unresolved") -> list[dict[str, Any]]:
    found = (await running.admin.get(f"{QUALITY}/incidents", params={"state": state, **named(table)})).json()["items"]
    assert {each["name"] for each in found} <= {f"shop.public.{table}"}
    return list(found)


def test_a_failure_reaches_what_comes_from_it(running: Running) -> None:
    running.run(_blast(running))


async def _blast(running: Running) -> None:
    facet = column_facet({"total": [("sales", "amount")], "day": [("sales", "day")]})
    written = {**dataset("daily"), "facets": {"columnLineage": facet}}
    owned = dataset("daily", {"total": "int", "day": "date"}, ownership={"owners": [{"name": "team:finance"}]})
    await running.merge.merge(
        envelope(dataset_event(0, dataset("sales", {"amount": "int", "day": "date"})), HARVESTER),
        envelope(dataset_event(0, owned), HARVESTER),
        envelope(run_event("COMPLETE", 1, "l1", job="load", inputs=[dataset("sales")], outputs=[written])),
    )
    found = (await running.admin.get(f"{QUALITY}/blast", params={**named("sales"), "field": "amount"})).json()
    (reached,) = found["items"]
    assert (reached["name"], reached["fields"]) == ("shop.public.daily", ["total"])
    assert (reached["owners"], found["hidden"]) == (["team:finance"], False)
    whole = (await running.admin.get(f"{QUALITY}/blast", params=named("sales"))).json()
    assert [each["name"] for each in whole["items"]] == ["shop.public.daily"]
    async with await running.client("viewer:dataset=*sales") as viewer:
        partly = (await viewer.get(f"{QUALITY}/blast", params=named("sales"))).json()
        assert (partly["items"], partly["hidden"]) == ([], True)


def test_what_is_hidden_is_not_there(running: Running) -> None:
    running.run(_scopes(running))


async def _scopes(running: Running) -> None:
    bad = {**NOT_NULL, "success": False}
    await running.merge.merge(checked("secret", "s1", 1, bad), checked("open", "o1", 2, bad))
    await Steward(running.app.state.services.main, running.merge.store, running.merge.graph, {}).step()
    (check,) = (await running.admin.get(f"{QUALITY}/dataset", params=named("secret"))).json()["checks"]
    (incident,) = await _incidents(running, "secret")
    async with await running.client("viewer:dataset=*open") as viewer:
        listed = (await viewer.get(QUALITY, params={"state": "failing"})).json()["items"]
        assert {each["name"] for each in listed} == {"shop.public.open"}
        (seen,) = (await viewer.get(f"{QUALITY}/incidents")).json()["items"]
        assert (await viewer.get(f"{QUALITY}/dataset", params=named("secret"))).status_code == 404
        assert (await viewer.get(f"{QUALITY}/checks/{check['id']}")).status_code == 404
        assert (await viewer.post(f"{QUALITY}/incidents/{seen['id']}", json={"action": "resolve"})).status_code == 403
    async with await running.client("steward:dataset=*open") as steward:
        body = {"action": "resolve", "note": "x"}
        assert (await steward.post(f"{QUALITY}/incidents/{incident['id']}", json=body)).status_code == 404
        assert (await steward.post(f"{QUALITY}/incidents/{seen['id']}", json=body)).status_code == 200
        new = {"title": "Wrong currency"}
        assert (await steward.post(f"{QUALITY}/incidents", json={**named("secret"), **new})).status_code == 404
        assert (await steward.post(f"{QUALITY}/incidents", json={**named("open"), **new})).status_code == 201


def test_pages_show_each_check_once(running: Running) -> None:
    running.run(_pages(running))


async def _pages(running: Running) -> None:
    assertions = [{"assertion": f"a{number}", "success": True} for number in range(7)]
    await running.merge.merge(checked("paged", "p1", 9, *assertions))
    seen: list[str] = []
    cursor: str | None = None
    async with await running.client("viewer:dataset=*paged") as viewer:
        while True:
            page = (await viewer.get(QUALITY, params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
            seen += [each["assertion"] for each in page["items"]]
            if (cursor := page["next"]) is None:
                break
    assert sorted(seen) == [f"a{number}" for number in range(7)]
