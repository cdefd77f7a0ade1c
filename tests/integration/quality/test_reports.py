"""Reports for stewards, lineage as a file, and what happened in what somebody follows."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from nexus_core.worker.steward import Steward
from tests.integration.quality.conftest import Running
from tests.merging import HARVESTER, SPACE, column_facet, dataset, dataset_event, envelope, run_event

pytestmark = pytest.mark.service

REPORTS, FOLLOWED = "/api/v1/reports", "/api/v1/subscriptions"
ODD = 'rp_<a>&"=1'


def named(table: str) -> dict[str, str]:
    return {"namespace": SPACE, "name": f"shop.public.{table}"}


async def fill(running: Running) -> None:
    written = {**dataset("rp_b"), "facets": {"columnLineage": column_facet({"total": [("rp_a", "id")]})}}
    owned = {"ownership": {"owners": [{"name": "team:x"}]}, "documentation": {"description": "=1+1"}}
    failing = {"assertion": "not_null", "column": "id", "success": False}
    tested = {**dataset("rp_a"), "inputFacets": {"dataQualityAssertions": {"assertions": [failing]}}}
    await running.merge.merge(
        envelope(dataset_event(0, dataset("rp_a", {"id": "int"}, **owned)), HARVESTER),
        envelope(dataset_event(0, dataset("rp_b", {"total": "int"})), HARVESTER),
        envelope(dataset_event(0, dataset("rp_hidden", {"x": "int"})), HARVESTER),
        envelope(run_event("COMPLETE", 1, "rp1", job="rp_load", inputs=[dataset("rp_a")], outputs=[written])),
        envelope(run_event("COMPLETE", 2, "rp2", job="rp_more", inputs=[dataset("rp_hidden")], outputs=[dataset(ODD)])),
        envelope(run_event("COMPLETE", 3, "rp3", job="rp_odd", inputs=[dataset(ODD)], outputs=[dataset("rp_b")])),
        envelope(run_event("COMPLETE", 4, "rp4", job="rp_test", inputs=[tested])),
    )


def rows_of(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_reports(running: Running) -> None:
    running.run(_reports(running))


async def _reports(running: Running) -> None:
    await fill(running)
    catalogue = rows_of(await running.admin.get(f"{REPORTS}/catalogue", params={"format": "csv"}))
    (found,) = [row for row in catalogue if "shop.public.rp_a" in row]
    assert (found[4], found[-1]) == ("team:x", "'=1+1")
    quality = rows_of(await running.admin.get(f"{REPORTS}/quality", params={"format": "csv"}))
    assert [row[2:4] + row[5:7] for row in quality if "shop.public.rp_a" in row] == [
        ["id", "not_null", "error", "failed"]
    ]
    for kind in ("catalogue", "quality", "adherence"):
        for form in ("pdf", "json"):
            assert (await running.admin.get(f"{REPORTS}/{kind}", params={"format": form})).status_code == 200
    async with await running.client("steward:dataset=*rp_b") as steward:
        seen = rows_of(await steward.get(f"{REPORTS}/catalogue", params={"format": "csv"}))
        assert "rp_a" not in str(seen)
        assert "rp_b" in str(seen)
        assert "rp_a" not in str(rows_of(await steward.get(f"{REPORTS}/quality", params={"format": "csv"})))


def test_lineage_as_a_file(running: Running) -> None:
    running.run(_lineage(running))


async def _lineage(running: Running) -> None:
    await fill(running)
    path, asked = f"{REPORTS}/lineage", named("rp_b")
    answer = await running.admin.get(path, params=asked)
    image = ElementTree.fromstring(answer.content)
    texts = [each.text for each in image.iter("{http://www.w3.org/2000/svg}text")]
    assert {"shop.public.rp_a", "shop.public.rp_b", f"shop.public.{ODD}"} <= set(texts)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    edges = rows_of(await running.admin.get(path, params={**asked, "format": "csv", "direction": "upstream"}))
    assert [f"dataset:{SPACE}:shop.public.{each}" for each in ("rp_a", "rp_b")] in [row[:2] for row in edges]
    for form, begins in (("pdf", b"%PDF"), ("json", b'{"nodes"')):
        made = await running.admin.get(path, params={**asked, "field": "total", "format": form})
        assert made.content.startswith(begins)
    async with await running.client("viewer:dataset=*rp_b") as viewer:
        partly = (await viewer.get(path, params=asked)).text
        assert "hidden" in partly
        assert "rp_a" not in partly
        assert (await viewer.get(path, params=named("rp_a"))).status_code == 404
    async with await running.client("auditor") as auditor:
        told = (await auditor.get("/api/v1/audit", params={"action": "report.make"})).json()["items"]
        assert {"report": "lineage", "format": "svg"} in [each["target"] for each in told]


def test_what_happened_in_what_is_followed(running: Running) -> None:
    running.run(_followed(running))


async def _followed(running: Running) -> None:
    await fill(running)
    now = datetime.now(UTC)
    steward = Steward(running.app.state.services.main, running.merge.store, running.merge.graph, {})
    async with await running.client("viewer:dataset=*rp_[ab]") as ann, await running.client("viewer") as bob:
        made = await ann.post(FOLLOWED, json={**named("rp_b"), "upstream": True})
        assert made.status_code == 201, made.text
        assert (await ann.post(FOLLOWED, json=named("rp_hidden"))).status_code == 404
        since = {"since": (now - timedelta(seconds=1)).isoformat()}
        assert (await ann.get(f"{FOLLOWED}/changes", params=since)).json() == []
        wider = dataset_event(0, dataset("rp_a", {"id": "int", "more": "int"}))
        wider["eventTime"] = now.isoformat()
        await running.merge.merge(envelope(wider, HARVESTER))
        while await steward.step():
            pass
        told = (await ann.get(f"{FOLLOWED}/changes", params=since)).json()
        assert {(each["asset"]["name"], each["subscribed"]["name"], each["what"]) for each in told} == {
            ("shop.public.rp_a", "shop.public.rp_b", "schema or lineage changed"),
            ("shop.public.rp_a", "shop.public.rp_b", "incident: not_null"),
        }
        assert (await bob.get(f"{FOLLOWED}/changes", params=since)).json() == []
        again = (await ann.post(FOLLOWED, json=named("rp_b"))).json()
        assert (again["id"], again["upstream"]) == (made.json()["id"], False)
        assert (await ann.get(f"{FOLLOWED}/changes", params=since)).json() == []
        assert (await bob.delete(f"{FOLLOWED}/{again['id']}")).status_code == 404
        assert [each["name"] for each in (await ann.get(FOLLOWED)).json()] == ["shop.public.rp_b"]
        assert (await ann.delete(f"{FOLLOWED}/{again['id']}")).status_code == 204
        assert (await ann.get(FOLLOWED)).json() == []
