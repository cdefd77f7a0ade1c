"""What stewards do with dead letters, through the API and the command line, on a real log; and the figures of work."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from nexus_core.api.app import create_app
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.settings import GraphSettings
from nexus_core.store.ledger_lease import Held, claim, renew
from tests.services import nexus_command
from tests.stores import sqlite_settings

DEAD = "/api/v1/dead-letters"
SECRET = "ann@example.org"


def event(days_ago=0, **changed):
    return {
        "eventType": "COMPLETE",
        "eventTime": (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(),
        "producer": "https://example.org",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "0190f8a0-0000-7000-8000-000000000001"},
        "job": {
            "namespace": "airflow",
            "name": "j",
            "facets": {
                "sql": {
                    "_producer": "https://example.org",
                    "_schemaURL": "https://openlineage.io/spec/facets/1-0-1/SQLJobFacet.json#/$defs/SQLJobFacet",
                    "query": f"insert into t select '{SECRET}' from s",
                }
            },
        },
        "outputs": [{"namespace": "postgres://h:5432", "name": "shop.public.t"}],
        **changed,
    }


@pytest.fixture
async def app(tmp_path):
    settings = (await sqlite_settings(tmp_path)).model_copy(update={"graph": GraphSettings(uri="bolt://127.0.0.1:1")})
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def client_of(app, *grants):
    made = await app.state.services.tokens.create("-".join(grants), grants)
    headers = {"Authorization": f"Bearer {made.secret}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000", headers=headers)


@pytest.fixture
async def admin(app):
    async with await client_of(app, "admin") as client:
        yield client


@pytest.fixture
async def log(app):
    return app.state.services.log


@pytest.fixture
async def producer(app):
    async with await client_of(app, "producer:airflow:*") as client:
        yield client


async def dead(log, client, sent):
    answer = await client.post("/api/v1/lineage", json=sent)
    assert answer.status_code == 201, answer.text
    event_id = answer.json()["id"]
    await log.mark_dead(event_id, "it cannot be merged")
    return event_id


async def test_a_dead_event_is_tried_again(log, admin):
    event_id = await dead(log, admin, event())
    assert (await admin.post(f"{DEAD}/{event_id}/retry")).status_code == 204
    assert [one.id for one in await log.pending(ALL_PARTITIONS, 10)] == [event_id]
    assert (await admin.post(f"{DEAD}/{event_id}/retry")).status_code == 404
    assert (await admin.post(f"{DEAD}/sha256:no/retry")).status_code == 404


async def test_a_quarantined_event_is_released(log, admin, producer):
    event_id = (await producer.post("/api/v1/lineage", json=event(days_ago=30))).json()["id"]
    assert await log.pending(ALL_PARTITIONS, 10) == []
    assert (await admin.post(f"{DEAD}/{event_id}/retry")).status_code == 204
    assert [one.id for one in await log.pending(ALL_PARTITIONS, 10)] == [event_id]


async def test_an_edited_event_takes_the_place_and_keeps_what_was_hidden(log, admin):
    event_id = await dead(log, admin, event())
    [shown] = (await admin.get(DEAD)).json()
    assert SECRET not in json.dumps(shown)
    edited = {**shown["event"], "outputs": [{"namespace": "postgres://h:5432", "name": "shop.public.better"}]}
    answer = await admin.post(f"{DEAD}/{event_id}/edit", json=edited)
    assert answer.status_code == 201
    [successor] = await log.pending(ALL_PARTITIONS, 10)
    assert successor.id == answer.json()["id"] != event_id
    assert successor.event["outputs"][0]["name"] == "shop.public.better"
    assert SECRET in successor.event["job"]["facets"]["sql"]["query"]
    assert (
        successor.event["run"]["facets"]["lineageNexus_supersedes"].items()
        >= {"event": event_id, "by": "admin"}.items()
    )
    assert (await admin.get(DEAD)).json() == []
    assert (await admin.post(f"{DEAD}/{event_id}/edit", json=edited)).status_code == 404


async def test_an_edit_can_do_no_more_than_the_sender(log, admin, producer):
    event_id = await dead(log, producer, event())
    elsewhere = event(job={"namespace": "other", "name": "j"})
    assert (await admin.post(f"{DEAD}/{event_id}/edit", json=elsewhere)).status_code == 403
    assert (await admin.post(f"{DEAD}/{event_id}/edit", json={"eventType": "COMPLETE"})).status_code == 422
    static = {key: value for key, value in event().items() if key not in ("run", "eventType")}
    assert (await admin.post(f"{DEAD}/{event_id}/edit", json=static)).status_code == 422
    assert (await producer.post(f"{DEAD}/{event_id}/retry")).status_code == 403


async def test_a_discarded_event_can_be_restored(log, admin, producer):
    event_id = await dead(log, admin, event())
    why = {"reason": "a test of ours"}
    assert (await admin.post(f"{DEAD}/{event_id}/discard", json={"reason": ""})).status_code == 422
    assert (await producer.post(f"{DEAD}/{event_id}/discard", json=why)).status_code == 403
    assert (await producer.get(f"{DEAD}/discarded")).status_code == 403
    assert (await admin.post(f"{DEAD}/{event_id}/discard", json=why)).status_code == 204
    assert (await admin.get(DEAD)).json() == []
    [shown] = (await admin.get(f"{DEAD}/discarded")).json()
    assert (shown["id"], shown["reason"]) == (event_id, "it cannot be merged")
    assert shown["discarded_because"] == "a test of ours"
    assert SECRET not in json.dumps(shown)
    assert (await admin.post(f"{DEAD}/{event_id}/discard", json=why)).status_code == 404
    assert (await admin.post(f"{DEAD}/{event_id}/restore")).status_code == 204
    assert [letter["id"] for letter in (await admin.get(DEAD)).json()] == [event_id]
    assert (await admin.post(f"{DEAD}/{event_id}/restore")).status_code == 404
    done = (await admin.get("/api/v1/audit", params={"target": f"event={event_id}"})).json()["items"]
    assert {"dead-letter.discard", "dead-letter.restore"} <= {record["action"] for record in done}


async def test_the_command_line_lists_shows_replays_and_edits(log, admin, tmp_path):
    first, second = await dead(log, admin, event()), await dead(log, admin, event(producer="https://other.example"))
    assert "2 events wait" in nexus_command("dead-letters", data=tmp_path)
    shown = nexus_command("dead-letters", "show", first, data=tmp_path)
    assert SECRET not in shown
    (tmp_path / "edited.json").write_text(json.dumps({**json.loads(shown), "producer": "https://edited.example"}))
    nexus_command("dead-letters", "edit", first, str(tmp_path / "edited.json"), data=tmp_path)
    nexus_command("dead-letters", "discard", second, "--reason", "a test of ours", data=tmp_path)
    assert "discarded: a test of ours" in nexus_command("dead-letters", "--discarded", data=tmp_path)
    nexus_command("dead-letters", "restore", second, data=tmp_path)
    nexus_command("dead-letters", "replay", second, data=tmp_path)
    pending = await log.pending(ALL_PARTITIONS, 10)
    assert sorted(one.event["producer"] for one in pending) == ["https://edited.example", "https://other.example"]
    assert all(SECRET in one.event["job"]["facets"]["sql"]["query"] for one in pending)
    assert "No event waits" in nexus_command("dead-letters", data=tmp_path)


async def test_metrics_tell_what_waits_and_who_works(app, log, admin):
    await admin.post("/api/v1/lineage", json=event(days_ago=1))
    await dead(log, admin, event(producer="https://other.example"))
    held = await claim(app.state.services.store, Held("host:1", {}))
    await renew(app.state.services.store, held, 42)
    text = (await admin.get("/metrics")).text
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert told["nexus_eventlog_lag_events",] == 1
    assert sum(value for name, value in told.items() if name[0] == "nexus_eventlog_partition_lag_events") == 1
    assert told["nexus_eventlog_oldest_pending_seconds",] >= 0
    assert told["nexus_eventlog_dead_letters", "dead"] == 1
    assert told["nexus_eventlog_dead_letters", "quarantined"] == 0
    assert told["nexus_worker_partitions", "host:1"] == 64
    assert told["nexus_worker_merged_events_total", "host:1"] == 42
    assert told["nexus_worker_tasks",] == 0
