"""Reports through the real application: records of activities, one person's rows by lineage, and who may make them."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from tests.integration.test_usage import api, merge, stored  # noqa: F401 fixtures
from tests.merging import SPACE, Merging, column_facet, dataset, dataset_event, envelope, run_event

pytestmark = pytest.mark.service

ACTIVITIES, REPORTS = "/api/v1/processing-activities", "/api/v1/reports"
CUSTOMERS, MART, TOTALS = "shop.public.customers", "shop.public.mart", "shop.public.totals"
NEWSLETTER = {
    "name": "Newsletter",
    "purpose": "Sends offers",
    "legal_basis": "consent",
    "datasets": [{"namespace": SPACE, "name": CUSTOMERS}],
    "identifiers": [{"namespace": SPACE, "name": CUSTOMERS, "field": "email", "kind": "email"}],
}


@pytest.fixture
async def estate(merge: Merging) -> None:  # noqa: F811
    mart = dataset("mart", {"mail": "text"}, columnLineage=column_facet({"mail": [("customers", "email")]}))
    mart["facets"]["columnLineage"]["fields"]["mail"]["inputFields"][0]["transformations"] = [
        {"type": "DIRECT", "subtype": "IDENTITY"}
    ]
    await merge.merge(
        envelope(dataset_event(0, dataset("customers", {"id": "int", "email": "text"}))),
        envelope(run_event("COMPLETE", 1, "run-1", "copy", inputs=[dataset("customers")], outputs=[mart])),
        envelope(run_event("COMPLETE", 2, "run-2", "sum", inputs=[dataset("mart")], outputs=[dataset("totals")])),
    )


async def _put(api: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:  # noqa: F811
    return await api.put(f"{ACTIVITIES}/newsletter", json=body, headers=headers)


async def test_an_edit_names_what_it_is_of(api: httpx.AsyncClient) -> None:  # noqa: F811
    made = await _put(api, NEWSLETTER)
    assert (made.status_code, made.headers["etag"]) == (200, '"1"')
    assert (await _put(api, NEWSLETTER)).status_code == 412
    changed = await _put(api, NEWSLETTER | {"controller": "Example Ltd"}, **{"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (await _put(api, NEWSLETTER, **{"If-Match": '"1"'})).status_code == 412
    assert (await _put(api, NEWSLETTER | {"purpse": "x"}, **{"If-Match": '"2"'})).json()["path"] == "$.body.purpse"
    gone = await api.delete(f"{ACTIVITIES}/newsletter", headers={"If-Match": '"2"'})
    assert gone.status_code == 204
    assert (await api.get(f"{ACTIVITIES}/newsletter")).status_code == 404
    history = (await api.get(f"{ACTIVITIES}/newsletter/history")).json()
    assert [each["activity"] and each["activity"].get("controller") for each in history] == [None, "Example Ltd", None]
    assert (await _put(api, NEWSLETTER)).json()["version"] == 4


async def test_one_persons_rows_by_lineage(estate: None, api: httpx.AsyncClient) -> None:  # noqa: F811
    missing = await api.get(f"{REPORTS}/subject", params={"identifier": "email"})
    assert missing.status_code == 404
    await _put(api, NEWSLETTER)
    answer = await api.get(f"{REPORTS}/subject", params={"identifier": "email", "format": "csv"})
    assert answer.status_code == 200, answer.text
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    deleted = 'DELETE FROM "shop"."public"."mart" WHERE "mail" = :identifier'
    assert next(row for row in rows if row[:3] == [MART, "mail", "copy by lineage"])[4] == deleted
    assert [TOTALS, "unknown", "by lineage of the dataset only", "unknown", "unknown"] in rows
    assert (await api.get(f"{REPORTS}/subject")).status_code == 422


async def test_each_form_and_what_is_recorded(estate: None, api: httpx.AsyncClient) -> None:  # noqa: F811
    await _put(api, NEWSLETTER)
    for kind in ("article-30", "exposure"):
        for form, begins in (("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbf"), ("json", b"{")):
            answer = await api.get(f"{REPORTS}/{kind}", params={"format": form})
            assert answer.content.startswith(begins)
            assert f'filename="{kind}-' in answer.headers["content-disposition"]
    audit = (await api.get("/api/v1/audit", params={"action": "report.make"})).json()["items"]
    assert len(audit) == 12
    assert audit[0]["target"] == {"report": "exposure", "format": "json"}


async def test_viewers_make_no_report(api: httpx.AsyncClient) -> None:  # noqa: F811
    token = (await api.post("/api/v1/tokens", json={"name": "viewer", "authority": ["viewer"]})).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await api.get(f"{REPORTS}/article-30", headers=headers)).status_code == 403
    assert (await api.get(ACTIVITIES, headers=headers)).status_code == 403
