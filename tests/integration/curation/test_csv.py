"""Curated metadata out to a spreadsheet and back: dry run, errors by row, and nothing that runs as a formula."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx

from tests.integration.curation.conftest import Client
from tests.merging import SPACE

ORDERS = {"namespace": SPACE, "name": "shop.public.orders"}


async def export(api: httpx.AsyncClient, **asked: Any) -> list[dict[str, str]]:
    answer = await api.get("/api/v1/curated/csv", params=asked)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def send(api: httpx.AsyncClient, rows: list[dict[str, str]], status: int = 200, **asked: Any) -> Any:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    answer = await api.post(
        "/api/v1/curated/csv", params=asked, content=out.getvalue().encode(), headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_an_export_is_imported_back_with_what_was_changed_in_it(client: Client) -> None:
    steward = await client("stef", "curator")
    rows = await export(steward, q="orders", fields=True)
    assert [(row["field"], row["description"], row["tags"]) for row in rows] == [
        ("", "harvested", "raw"),
        ("id", "", ""),
        ("note", "", ""),
    ]
    assert (await send(steward, rows))["results"] == []
    rows[0] |= {"tags": "gold:1; odd\\;one", "owners": "ann", "certification": "certified"}
    rows[2]["description"] = "what the shop noted"
    told = await send(steward, rows)
    assert (told["dry_run"], told["edit_count"], len(told["results"])) == (True, 0, 4)
    assert (await export(steward, q="orders"))[0]["tags"] == "raw"
    made = await send(steward, rows, dry_run="false")
    assert made["edit_count"] == 4
    again = await export(steward, q="orders", fields=True)
    assert (again[0]["tags"], again[0]["owners"], again[2]["description"]) == (
        "gold:1; odd\\;one",
        "ann",
        "what the shop noted",
    )
    stale = await send(steward, rows, 422, dry_run="false")
    assert {(each["row"], each["column"]) for each in stale["problems"]} == {(2, "etag"), (4, "etag")}


async def test_one_wrong_row_stops_all_unless_asked_and_each_error_names_its_row(client: Client) -> None:
    steward = await client("stef", "curator")
    good = {**ORDERS, "field": "", "tags": "fine", "domain": "", "description": "harvested"}
    rows = [
        good,
        {**good, "name": "shop.public.nothing"},
        {**good, "field": "id", "domain": "sales", "tags": "", "description": ""},
        {**good, "field": "note", "tags": "classification:Public", "description": ""},
        {**good, "name": "shop.public.totals", "domain": "nowhere", "tags": "", "description": ""},
        good,
    ]
    told = await send(steward, rows, 422, dry_run="false")
    assert [(each["row"], each["column"]) for each in told["problems"]] == [
        (3, None),
        (4, "domain"),
        (5, "tags"),
        (6, "domain"),
        (7, "name"),
    ]
    assert (told["edit_count"], (await export(steward, q="orders"))[0]["tags"]) == (0, "raw")
    made = await send(steward, rows, dry_run="false", partial="true")
    assert (made["edit_count"], (await export(steward, q="orders"))[0]["tags"]) == (1, "fine")


async def test_no_cell_of_an_export_is_a_formula(client: Client) -> None:
    steward = await client("stef", "curator")
    edit = {**ORDERS, "facet": "description", "value": {"text": '=HYPERLINK("http://evil")'}}
    answer = await steward.post("/api/v1/curated/edits", json={"edits": [edit]})
    assert answer.status_code == 200, answer.text
    rows = await export(steward, q="orders")
    assert rows[0]["description"] == '\'=HYPERLINK("http://evil")'
    assert (await send(steward, rows))["results"] == []


async def test_who_curates_nothing_imports_nothing_and_who_sees_nothing_exports_nothing(client: Client) -> None:
    viewer, other = await client("vera", "viewer"), await client("hid", "viewer:mysql://*")
    rows = [{**ORDERS, "tags": "mine"}]
    assert (await send(viewer, rows, 422, dry_run="false"))["edit_count"] == 0
    hidden = await send(other, rows, 422, dry_run="false")
    missing = await send(other, [{**ORDERS, "name": "shop.public.nothing", "tags": "mine"}], 422, dry_run="false")
    assert hidden["problems"][0]["problem"].replace("orders", "nothing") == missing["problems"][0]["problem"]
    assert await export(other) == []


async def test_jobs_go_out_and_come_back(client: Client) -> None:
    steward, narrow = await client("stef", "curator"), await client("nora", "curator:postgres://*/*")
    (job,) = [row for row in await export(steward, q="LOAD air", jobs=True) if row["kind"] == "job"]
    assert (job["namespace"], job["name"], job["description"], job["domain"]) == ("airflow", "load", "", "")
    assert [row["kind"] for row in await export(steward, q="orders", jobs=True)] == ["dataset"]
    assert "job" not in {row["kind"] for row in await export(narrow, jobs=True)}
    row = job | {"description": "loads totals", "owners": "ann", "tags": "nightly", "certification": "certified"}
    assert len((await send(steward, [row]))["results"]) == 4
    assert (await send(steward, [row], dry_run="false"))["edit_count"] == 4
    (again,) = await export(steward, q="load", jobs=True)
    assert {**again, "etag": ""} == {**row, "etag": ""}
    assert (await send(steward, [again]))["results"] == []
    wrong = [row, again | {"domain": "sales"}, again | {"kind": "view"}, again | {"field": "x"}]
    problems = [(await send(steward, [each]))["problems"][0]["column"] for each in wrong]
    assert problems == ["etag", "domain", "kind", None]
    hidden = await send(narrow, [again])
    assert [each["column"] for each in hidden["problems"]] == [None]
