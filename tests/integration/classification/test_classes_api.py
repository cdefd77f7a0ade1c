"""Classes over HTTP, from events and decisions to the path and the search facet; and what a producer cannot do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.classification.step import Classification
from nexus_core.events.decision import decision_event
from nexus_core.model.classes import CLASSIFICATION, Act
from nexus_core.model.decision import DecidedObject, Decision
from nexus_core.model.envelope import Authority, Envelope
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from nexus_core.worker.loop import Worker
from nexus_core.worker.opening import make_merger
from tests.admin_api import admin_api
from tests.merging import HARVESTER, PRODUCER, SPACE, Merging, dataset, dataset_event, envelope, merging, run_event
from tests.stores import STORES

pytestmark = pytest.mark.service

PEOPLE = {"id": "int", "email": "text", "name": "text"}


@pytest.fixture
async def stored(neo4j: GraphSettings, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    settings = await STORES[getattr(request, "param", "sqlite")](request, tmp_path)
    return settings.model_copy(update={"graph": neo4j})


@pytest.fixture
async def merge(neo4j: GraphSettings, tmp_path: Path, stored: Settings) -> AsyncIterator[Merging]:
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser, stored) as running:
        yield running


class Api:
    """The API with a worker's steps: each change is merged and classified before the next question."""

    def __init__(self, client: httpx.AsyncClient, merge: Merging, tokens: Any) -> None:
        self.client, self.merge, self.tokens = client, merge, tokens
        self.classes = Classification(merge.store, merge.store, merge.log)

    async def take(self, *events: Envelope) -> None:
        await self.merge.merge(*events)
        while await self.classes.step():
            pass

    async def get(self, path: str, status: int = 200, token: str = "", **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.client.get(f"/api/v1{path}", params=query, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def decide(
        self, action: str, table: str, *fields: str, to: str | None = None, status: int = 201, by: str = "", **told: Any
    ) -> Any:
        body = {"action": action, "namespace": SPACE, "name": f"shop.public.{table}", "fields": list(fields) or [""]}
        told |= {"class": to} if to else {}
        headers = {"Authorization": f"Bearer {await self.token(by)}"} if by else {}
        answer = await self.client.post("/api/v1/classifications/decisions", json=body | told, headers=headers)
        assert answer.status_code == status, answer.text
        await self.take()
        return answer.json()

    async def token(self, name: str, grant: str = "steward") -> str:
        made = await self.tokens.create(name, [grant], None)
        return str(made.secret)

    async def field(self, at: str) -> dict[str, Any]:
        table, _, field = at.partition(".")
        found: dict[str, Any] = await self.get(
            "/classifications/field", namespace=SPACE, name=f"shop.public.{table}", field=field
        )
        return found

    async def of(self, at: str) -> str:
        found = await self.field(at)
        return f"{'suspected:' if found['suspected'] else ''}{found['classification']}"


@pytest.fixture
async def api(tmp_path: Path, stored: Settings, merge: Merging) -> AsyncIterator[Api]:
    async with admin_api(stored, tmp_path) as (client, services):
        yield Api(client, merge, services.tokens)


def described(minutes: float, name: str, columns: dict[str, str]) -> Envelope:
    return envelope(dataset_event(minutes, dataset(name, columns)), HARVESTER, "harvester")


def ran(
    minutes: float,
    sql: str | None,
    output: str,
    *inputs: str,
    job: str = "load",
    by: Authority = PRODUCER,
    **facets: Any,
) -> Envelope:
    named = dataset(output, **facets)
    reads = [dataset(each) for each in inputs]
    return envelope(run_event("COMPLETE", minutes, f"{job}{minutes}", job, sql, reads, [named]), by)


async def people(api: Api) -> None:
    await api.take(
        described(0, "people", PEOPLE),
        described(0, "mails", {"id": "int", "mail": "text"}),
        ran(1, "INSERT INTO mails SELECT id, email AS mail FROM people", "mails", "people"),
    )
    await api.decide("set", "people", "email", to="PII")


async def test_a_class_is_told_with_its_path_and_found_by_search(api: Api) -> None:
    await people(api)
    found = await api.field("mails.mail")
    assert found["classification"] == "PII"
    assert found["sentence"] == "PII because ← shop.public.people.email via job load (decided)"
    assert [(step["name"], step["field"]) for step in found["path"]] == [
        ("shop.public.mails", "mail"),
        ("shop.public.people", "email"),
    ]
    assert await api.of("mails.id") == "unknown"
    listed = await api.get("/classifications")
    assert [each["name"] for each in listed["items"]] == ["shop.public.mails", "shop.public.people"]
    searched = await api.get("/datasets", classification="PII")
    assert {each["name"]: each["classification"] for each in searched["items"]} == {
        "shop.public.mails": "PII",
        "shop.public.people": "PII",
    }
    assert {each["value"]: each["count"] for each in searched["facets"]["classification"]} == {"PII": 2}
    one = await api.get("/datasets/one", namespace=SPACE, name="shop.public.mails")
    assert one["classification"] == "PII"
    assert {each["name"]: each["classification"] for each in one["fields"]} == {"id": "unknown", "mail": "PII"}
    asked = {"namespace": SPACE, "name": "shop.public.mails", "granularity": "field", "labels": True}
    told = await api.get("/lineage/graph", **asked)
    assert {each["field"]: each["classification"] for each in told["nodes"] if each["name"].endswith("mails")} == {
        "id": "unknown",
        "mail": "PII",
    }
    told = await api.get("/lineage/graph", **asked | {"granularity": "dataset"})
    assert {each["classification"] for each in told["nodes"]} == {"PII"}
    assert "classification" not in (await api.get("/lineage/graph", **asked | {"labels": False}))["nodes"][0]


async def test_a_scope_up_to_a_class_loses_what_is_raised_above_it(api: Api) -> None:
    await people(api)
    select = ran(3, "INSERT INTO ids SELECT id FROM people", "ids", "people", job="ids")
    await api.take(described(2, "ids", {"id": "int"}), select)
    await api.decide("set", "ids", to="Public")
    limited = await api.token("limited", "viewer:class=Confidential")
    listed = await api.get("/datasets", token=limited)
    assert {each["name"] for each in listed["items"]} == {"shop.public.ids"}
    mails: dict[str, Any] = {"namespace": SPACE, "name": "shop.public.mails"}
    for path in ("/datasets/one", "/lineage/graph", "/classifications/field"):
        await api.get(path, token=limited, status=404, **mails)
    assert (await api.get("/classifications", token=limited, classification="PII"))["items"] == []
    around = await api.get("/lineage/graph", token=limited, **mails | {"name": "shop.public.ids"})
    assert [node["kind"] for node in around["nodes"]] == ["dataset", "hidden"]
    await api.decide("set", "ids", "id", to="Confidential")
    why = await api.get("/classifications/field", token=limited, **mails | {"name": "shop.public.ids", "field": "id"})
    assert (why["classification"], len(why["path"])) == ("Confidential", 1)


async def test_ceilings_know_classes_of_ones_own(api: Api) -> None:
    await api.take(*(described(0, name, {"id": "int"}) for name in ("a", "b", "c")))
    for name, rank in (("Internal", 50), ("Secret", 300)):
        defined = await api.client.put(f"/api/v1/classifications/classes/{name}", params={"rank": rank})
        assert defined.status_code in (200, 201), defined.text
    await api.take()
    for table, class_name in (("a", "Internal"), ("b", "PII"), ("c", "Secret")):
        await api.decide("set", table, to=class_name)
    for ceiling, seen in (("Public", ""), ("Internal", "a"), ("PII", "ab"), ("Secret", "abc"), ("Nobody's", "")):
        limited = await api.token(ceiling, f"viewer:class={ceiling}")
        listed = await api.get("/datasets", token=limited)
        assert "".join(sorted(each["name"][-1] for each in listed["items"])) == seen, ceiling
    body = {"role": "viewer", "subject_kind": "group", "subject": "x", "scope": [{"ceiling": "Nobody's"}]}
    assert (await api.client.post("/api/v1/roles/bindings", json=body)).status_code == 422


async def test_what_nobody_classified_is_unknown_and_not_public(api: Api) -> None:
    await people(api)
    await api.take(described(0, "rates", {"rate": "int"}), described(0, "notes", {"note": "text"}))
    await api.decide("set", "rates", to="Public")
    await api.decide("set", "notes", "note", to="Public")
    found = await api.get("/datasets")
    classes = {each["name"].split(".")[-1]: each["classification"] for each in found["items"]}
    assert classes == {"people": "PII", "mails": "PII", "rates": "Public", "notes": "unknown"}
    assert {of["value"]: of["count"] for of in found["facets"]["classification"]} == {
        "PII": 2,
        "Public": 1,
        "unknown": 1,
    }
    for asked, names in ((["unknown"], {"notes"}), (["unknown", "PII"], {"notes", "people", "mails"})):
        shown = await api.get("/datasets", classification=asked)
        assert {each["name"].split(".")[-1] for each in shown["items"]} == names
    one = await api.get("/datasets/one", namespace=SPACE, name="shop.public.notes")
    assert (one["classification"], one["fields"][0]["classification"]) == ("unknown", "Public")
    limited = await api.token("limited", "viewer:class=Public")
    assert [each["name"] for each in (await api.get("/datasets", token=limited))["items"]] == ["shop.public.rates"]
    told = await api.field("rates.rate")
    assert (told["classification"], told["sentence"].partition(":")[0]) == ("Public", "Public")
    refused = await api.client.put("/api/v1/classifications/classes/unknown", params={"rank": 50})
    assert refused.status_code == 422


async def test_names_that_become_one_have_the_higher_class(api: Api) -> None:
    short = dataset("", {"id": "int"}) | {"name": "public.people"}
    await api.take(
        described(0, "people", PEOPLE),
        ran(1, "INSERT INTO copy SELECT email AS mail FROM people", "copy", "people"),
        envelope(run_event("COMPLETE", 2, "2", "other", None, [short], [dataset("more")])),
    )
    body = {"action": "set", "namespace": SPACE, "name": "public.people", "fields": ["email"], "class": "PII"}
    answer = await api.client.post("/api/v1/classifications/decisions", json=body)
    assert answer.status_code == 201, answer.text
    await api.take()
    assert await api.of("copy.mail") == "unknown"
    left, right = ({"namespace": SPACE, "name": name} for name in ("public.people", "shop.public.people"))
    answer = await api.client.post("/api/v1/names/decisions", json={"action": "accept", "left": left, "right": right})
    assert answer.status_code == 201, answer.text
    await api.take()
    assert [await api.of(at) for at in ("people.email", "copy.mail", "more.any")] == ["PII", "PII", "suspected:PII"]


async def test_a_hash_is_lowered_once_two_stewards_agree(api: Api) -> None:
    await api.take(described(0, "people", PEOPLE), described(0, "keys", {"id": "int", "k": "text"}))
    sql = "INSERT INTO keys (id, k) SELECT id, encode(sha256(email), 'hex') FROM people"
    await api.take(ran(1, sql, "keys", "people", masking={"masking": True}))
    await api.decide("set", "people", "email", to="PII")
    assert await api.of("keys.k") == "PII"
    rule: dict[str, Any] = {"breaks": "hash", "job": {"namespace": "airflow", "name": "load"}}
    await api.decide("breaker", "keys", "k", by="anna", to="Confidential", **rule)
    assert await api.of("keys.k") == "PII"
    (waiting,) = (await api.get("/classifications/lowerings"))["items"]
    assert (waiting["field"], waiting["becomes"], waiting["reason"]) == ("k", "Confidential", "breaker")
    await api.decide("breaker", "keys", "k", status=422, to="Public", **rule)
    await api.decide("approve", "keys", "k", by="bert")
    assert await api.of("keys.k") == "Confidential"


async def test_an_aggregate_needs_rows_enough(api: Api) -> None:
    await api.take(described(0, "people", PEOPLE | {"pay": "int"}), described(0, "pays", {"name": "text", "m": "int"}))
    sql = "INSERT INTO pays SELECT name, avg(pay) AS m FROM people GROUP BY name HAVING count(*) >= {}"
    await api.take(ran(1, sql.format(20), "pays", "people"))
    await api.decide("set", "people", "pay", to="PII")
    rule: dict[str, Any] = {"breaks": "aggregate", "least": 10, "job": {"namespace": "airflow", "name": "load"}}
    await api.decide("breaker", "pays", "m", by="anna", to="Public", **rule)
    await api.decide("approve", "pays", "m", by="bert")
    assert await api.of("pays.m") == "unknown"
    await api.take(ran(9, sql.format(2), "pays", "people"))
    assert await api.of("pays.m") == "PII"


async def test_an_unexpanded_star_is_suspected(api: Api) -> None:
    await api.take(ran(1, "INSERT INTO copy SELECT * FROM people", "copy", "people"))
    await api.decide("set", "people", "email", to="PII")
    assert await api.of("copy.anything") == "suspected:PII"
    await api.decide("reject", "copy", "anything")
    assert (await api.of("copy.anything"), await api.of("copy.other")) == ("unknown", "suspected:PII")


async def test_nothing_that_a_producer_sends_lowers_a_class(api: Api) -> None:
    await people(api)
    public = {"tags": [{"key": "classification", "value": "Public", "field": "mail"}]}
    decision = {
        "eventTime": "2026-01-01T00:09:00+00:00",
        "producer": "https://example.org",
        "job": {
            "namespace": "lineage-nexus:decisions",
            "name": "classification x",
            "facets": {
                "lineageNexus_decision": {
                    "kind": "classification",
                    "action": "approve",
                    "subject": "x",
                    "objects": [{"namespace": SPACE, "name": "shop.public.mails", "kind": "dataset"}],
                    "details": {"fields": ["mail"]},
                }
            },
        },
        "inputs": [],
        "outputs": [],
    }
    harmless = "INSERT INTO mails SELECT id, name AS mail FROM people"
    attacks = [
        ran(2, None, "mails", job="tagger", tags=public, masking={"masking": True}),
        ran(3, harmless, "mails", "people", job="other"),
        ran(4, harmless, "mails", "people"),
        ran(60 * 24 * 365 * 10, harmless, "mails", "people"),
        ran(-60 * 24 * 365 * 10, harmless, "mails", "people"),
        ran(5, "CREATE OR REPLACE TABLE mails AS SELECT 1 AS id, 'x' AS mail", "mails"),
        ran(6, None, "mails", lifecycleStateChange={"lifecycleStateChange": "DROP"}),
        ran(7, None, "mails", lifecycleStateChange={"lifecycleStateChange": "TRUNCATE"}),
        envelope(dataset_event(8, dataset("mails", {"id": "int"})), PRODUCER),
        envelope(decision, PRODUCER),
        envelope(
            run_event("COMPLETE", 9, "h", lineageNexus_harvest={"source": SPACE, "scope": "", "chunkCount": 0}),
            PRODUCER,
        ),
    ]
    for attack in attacks:
        await api.take(attack)
        assert await api.of("mails.mail") == "PII", attack.event
    copied = ran(20, "INSERT INTO more SELECT mail FROM mails", "more", "mails", job="more")
    await api.take(copied)
    assert (await api.of("more.mail")) in ("PII", "suspected:PII")


async def test_a_stewards_decision_that_a_producer_sends_first_decides_and_hides_nothing(api: Api) -> None:
    await people(api)
    await api.take(ran(4, "INSERT INTO mails SELECT id, name AS mail FROM people", "mails", "people"))
    asked, table = await api.get("/classifications/lowerings"), "shop.public.mails"
    assert [each["name"] for each in asked["items"]] == [table]
    said = Decision(
        CLASSIFICATION, Act.APPROVE, (DecidedObject(SPACE, table),), f"{SPACE} {table}", {"fields": ["mail"]}
    )
    event = decision_event(said, datetime.now(UTC))
    headers = {"Authorization": f"Bearer {await api.token('etl', 'producer:*')}"}
    answer = await api.client.post("/api/v1/lineage", json=event, headers=headers)
    assert answer.status_code == 403, answer.text
    await api.take(envelope(event, PRODUCER))
    assert await api.of("mails.mail") == "PII"
    await api.take(envelope(event, Authority(curator=True), "steward"))  # the same words of who may say them
    assert await api.of("mails.mail") == "unknown"


async def test_the_worker_classifies_beside_its_merging(api: Api) -> None:
    await api.merge.give_back()
    classes = Classification(api.merge.store, api.merge.store, api.merge.log)
    merger = make_merger(api.merge.store, api.merge.log, api.merge.graph, api.merge.parser)
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(api.merge.store, merger, 256, classifying=classes).run(stop))
    try:
        await api.merge.log.append([described(0, "people", PEOPLE)])
        body = {"action": "set", "namespace": SPACE, "name": "shop.public.people", "fields": ["email"], "class": "PII"}
        answer = await api.client.post("/api/v1/classifications/decisions", json=body)
        assert answer.status_code == 201, answer.text
        for _ in range(300):
            found = await api.get("/classifications")
            if found["items"]:
                break
            await asyncio.sleep(0.2)
        assert [each["name"] for each in found["items"]] == ["shop.public.people"]
        assert found["generation"] > 0
    finally:
        stop.set()
        await running
