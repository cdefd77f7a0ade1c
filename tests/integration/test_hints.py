"""Hints of personal data: from a real source's columns and sampled values to proposals over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import psycopg
import pytest

from nexus_core.classification.step import Classification
from nexus_core.connectors import open_connector
from nexus_core.harvest import HarvestState, harvest
from nexus_core.model.facets import HINTS, MANIFEST, STATISTICS
from tests.integration.test_usage import api, merge, stored  # noqa: F401 fixtures
from tests.merging import HARVESTER, PRODUCER, SPACE, Merging, dataset, dataset_event, envelope
from tests.services import PostgreSQL

pytestmark = pytest.mark.service

Events = list[dict[str, Any]]
CANARY = "anna.canary@example.org"


@pytest.fixture
def url(postgresql: PostgreSQL) -> Iterator[str]:
    with psycopg.connect(postgresql.url(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE hints")
        admin.execute("CREATE ROLE looker LOGIN")
        with psycopg.connect(postgresql.url("hints"), autocommit=True) as owner:
            owner.execute("CREATE TABLE people (id int, phone text, phone_verified boolean, c1 text, note text)")
            owner.execute('CREATE TABLE "odd ""one" ("e%s" text, "name of it" text); CREATE TABLE none ()')
            owner.execute(
                "INSERT INTO people SELECT n, NULL, true, 'anna.canary@example.org', 'x' || n "
                "FROM generate_series(1, 100) n"
            )
        yield postgresql.url("hints")
        admin.execute("DROP DATABASE hints WITH (FORCE)")
        admin.execute("DROP ROLE looker")


def _harvested(url: str, state: HarvestState | None = None, **options: Any) -> tuple[Any, Events]:
    events: Events = []
    connector = open_connector(url, query_log=False, **options)
    return harvest(connector, events.extend, state=state, hints=True), events


def _hints(events: Events) -> dict[str, dict[str, str]]:
    told = [event["dataset"] for event in events if "dataset" in event]
    return {
        each["name"].rpartition(".")[2]: {
            field: said["data"] for field, said in each["facets"][HINTS]["fields"].items()
        }
        for each in told
    }


def test_names_alone_need_no_right_to_read(url: str) -> None:
    report, events = _harvested(url.replace("postgres@", "looker@"))
    assert _hints(events)["people"] == {"phone": "phone"}
    assert report.skipped.count == 0


def test_values_are_looked_at_and_never_sent(url: str) -> None:
    _, events = _harvested(url, sample_rows=20)
    assert _hints(events)["people"] == {"phone": "phone", "c1": "email"}
    assert CANARY.encode() not in orjson.dumps(events)
    said = next(event["dataset"] for event in events if event.get("dataset", {}).get("name") == "hints.public.people")
    assert said["facets"][HINTS]["fields"]["c1"]["reason"] == "100% of 20 sampled values have its form"


def test_values_that_may_not_be_read_are_told(url: str) -> None:
    report, events = _harvested(url.replace("postgres@", "looker@"), sample_rows=20)
    assert _hints(events)["people"] == {"phone": "phone"}
    assert any("permission denied" in sample for sample in report.skipped.samples)
    assert not report.partial


def test_hints_change_no_fingerprint(url: str) -> None:
    _, events = _harvested(url)
    chunk = next(event for event in events if event.get("eventType") == "RUNNING")["run"]["facets"][MANIFEST]
    state = HarvestState(None, {each["name"]: each["fingerprint"] for each in chunk["objects"]})
    report, again = _harvested(url, state, sample_rows=50)
    assert report.unchanged_count == len(chunk["objects"])
    assert _hints(again) == {}


def _told(minutes: float, table: str, fields: Any, authority: Any = HARVESTER) -> Any:
    described = dataset(table, {"a": "text", "b": "text"}, **{HINTS: {"version": 1, "fields": fields}})
    return envelope(dataset_event(minutes, described), authority)


def _hint(data: str, score: float) -> dict[str, Any]:
    return {"data": data, "score": score, "reason": "its name says so"}


async def _listed(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/api/v1/classifications/proposals", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("stored", ["sqlite", "postgresql"], indirect=True)
async def test_proposals_are_listed_and_classify_nothing(merge: Merging, api: httpx.AsyncClient) -> None:  # noqa: F811
    await merge.merge(
        _told(0, "t", {"a": _hint("email", 0.9), "b": _hint("phone", 0.6)}),
        _told(0, "u", {"a": _hint("birth", 0.7), "odd": {"data": "nonsense", "score": 2}, "b": "text"}),
        _told(0, "v", {"a": _hint("email", 0.99)}, PRODUCER),
    )
    first = await _listed(api, limit=2)
    rest = await _listed(api, limit=2, cursor=first["next"])
    shown = [(each["name"], each["field"], each["data"], each["score"]) for each in first["items"] + rest["items"]]
    assert shown == [
        ("shop.public.t", "a", "email", 90),
        ("shop.public.u", "a", "birth", 70),
        ("shop.public.t", "b", "phone", 60),
    ]
    assert rest["next"] is None
    one = await _listed(api, namespace=SPACE, name="shop.public.t", score=80)
    assert [each["field"] for each in one["items"]] == ["a"]
    detail = await api.get("/api/v1/datasets/one", params={"namespace": SPACE, "name": "shop.public.t"})
    assert detail.json()["classification"] == "unknown"
    await merge.merge(_told(5, "t", {}))
    assert [each["name"] for each in (await _listed(api))["items"]] == ["shop.public.u"]


@pytest.mark.parametrize("stored", ["sqlite"], indirect=True)
async def test_a_profile_is_shown_by_field_its_values_of_public_ones(merge: Merging, api: httpx.AsyncClient) -> None:  # noqa: F811
    ours = {"a": {"null_share": 0.25, "distinct_count": 7, "least": "1", "most": "9"}, "b": "text"}
    theirs = {"rowCount": 8, "columnMetrics": {"a": {"nullCount": 8}, "b": {"nullCount": 2, "min": 1.5, "max": 3}}}
    described = dataset("t", {"a": "int", "b": "int"}, **{STATISTICS: {"fields": ours}, "dataQualityMetrics": theirs})
    await merge.merge(envelope(dataset_event(0, described), HARVESTER))
    table = {"namespace": SPACE, "name": "shop.public.t"}
    asked = {**table, "action": "set", "fields": ["a"], "class": "Public"}
    assert (await api.post("/api/v1/classifications/decisions", json=asked)).status_code == 201
    await merge.merge()
    while await Classification(merge.store, merge.store, merge.log).step():
        pass
    detail = await api.get("/api/v1/datasets/one", params=table)
    said = [
        {name: field[name] for name in ("name", "null_share", "distinct_count", "least", "most")}
        for field in detail.json()["fields"]
    ]
    assert said == [
        {"name": "a", "null_share": 0.25, "distinct_count": 7, "least": "1", "most": "9"},
        {"name": "b", "null_share": 0.25, "distinct_count": None, "least": None, "most": None},
    ]


async def test_cursors_of_others_are_refused(api: httpx.AsyncClient) -> None:  # noqa: F811
    for query in ({"cursor": "x"}, {"cursor": "1000:a:b"}, {"namespace": SPACE}):
        assert (await api.get("/api/v1/classifications/proposals", params=query)).status_code == 422
