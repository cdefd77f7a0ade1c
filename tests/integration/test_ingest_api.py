"""Ingestion through the real application and a real store; Neo4j is down throughout."""

import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from nexus_core.api.app import create_app
from nexus_core.settings import ApiSettings, GraphSettings
from tests.stores import STORES

REAL = sorted((Path(__file__).parents[1] / "golden/airflow_events").glob("*.json"))
PATH = "/api/v1/lineage"
BODY_MAX = 2**20


def event(number=0, **changed):
    return {
        "eventType": "COMPLETE",
        "eventTime": datetime.now(UTC).isoformat(),
        "producer": "https://example.org",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"0190f8a0-0000-7000-8000-{number:012d}"},
        "job": {"namespace": "airflow", "name": "j"},
        "outputs": [{"namespace": "postgres://h:5432", "name": "shop.public.t"}],
        **changed,
    }


@pytest.fixture(params=STORES)
async def app(request, tmp_path):
    empty = await STORES[request.param](request, tmp_path)
    limits = ApiSettings(event_max_bytes=BODY_MAX, pending_max_events=3000)
    settings = empty.model_copy(update={"graph": GraphSettings(uri="bolt://127.0.0.1:1"), "api": limits})
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def client_of(app, *grants):
    made = await app.state.services.tokens.create("-".join(grants), grants)
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", headers={"Authorization": f"Bearer {made.secret}"}
    )


@pytest.fixture
async def admin(app):
    async with await client_of(app, "admin") as client:
        yield client


def is_problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    assert answer.json()["title"]
    return answer.json()


async def test_an_event_is_new_once(admin):
    body = event()
    first = await admin.post(PATH, json=body)
    again = await admin.post(PATH, json=dict(reversed(body.items())))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["id"].startswith("sha256:")


async def test_all_real_events_are_accepted(admin):
    for path in REAL:
        assert (await admin.post(PATH, content=path.read_bytes())).status_code == 201, path.name


async def test_a_batch_answers_for_each_event(app, admin):
    async with await client_of(app, "producer:airflow") as producer:
        items = [event(1), {"eventType": 7}, event(2, job={"namespace": "dbt", "name": "j"}), event(1) | {"a": 1}]
        results = (await producer.post(f"{PATH}/batch", json=items)).json()["results"]
    assert [(result["index"], result["status"]) for result in results] == [(0, 201), (1, 422), (2, 403), (3, 201)]
    assert results[1]["problem"]["path"] == "$.run"


async def test_ndjson_goes_on_after_a_bad_line(admin):
    lines = "\n".join([json.dumps(event(1)), "{", "", json.dumps(event(2))])
    answer = await admin.post(f"{PATH}/batch", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert [result["status"] for result in answer.json()["results"]] == [201, 422, 201]


async def test_gzip_is_unpacked_and_a_bomb_is_not(admin):
    encoded = {"Content-Encoding": "gzip"}
    packed = gzip.compress(json.dumps(event()).encode())
    assert (await admin.post(PATH, content=packed, headers=encoded)).status_code == 201
    assert is_problem(await admin.post(PATH, content=packed[:-9], headers=encoded))["status"] == 422
    assert is_problem(await admin.post(PATH, content=b"plain", headers=encoded))["status"] == 422
    bomb = gzip.compress(b"[" + b" " * (50 * 2**20) + b"]")
    assert is_problem(await admin.post(PATH, content=bomb, headers=encoded))["status"] == 413
    assert is_problem(await admin.post(PATH, content=b"", headers={"Content-Encoding": "br"}))["status"] == 422


async def test_limits_are_413(admin):
    assert is_problem(await admin.post(PATH, content=b" " * (BODY_MAX + 1)))["status"] == 413

    async def endless():
        for _ in range(100):
            yield b" " * 2**17

    assert is_problem(await admin.post(PATH, content=endless()))["status"] == 413
    assert is_problem(await admin.post(f"{PATH}/batch", json=[{}] * 1001))["status"] == 413
    assert is_problem(await admin.post(PATH, content=b"[" * 5000))["status"] == 413


async def test_authority_decides(app):
    async with await client_of(app, "producer:airflow:postgres://h:5432/shop.*") as producer:
        assert (await producer.post(PATH, json=event())).status_code == 201
        other = event(outputs=[{"namespace": "postgres://h:5432", "name": "crm.public.t"}])
        assert is_problem(await producer.post(PATH, json=other))["status"] == 403
        manifest = {"_producer": "p", "_schemaURL": "s", "chunk": 0, "objects": []}
        forged = event(9, run={"runId": "r", "facets": {"lineageNexus_manifest": manifest}})
        assert "has no effect" in " ".join((await producer.post(PATH, json=forged)).json()["warnings"])
    async with await client_of(app, "viewer") as viewer:
        assert is_problem(await viewer.post(PATH, json=event()))["status"] == 403


async def test_old_events_wait_for_a_steward(app, admin):
    old = event(eventTime=(datetime.now(UTC) - timedelta(days=8)).isoformat())
    async with await client_of(app, "producer:*") as producer:
        answer = await producer.post(PATH, json=old)
    assert answer.status_code == 201
    assert "waits for a steward" in answer.json()["warnings"][0]
    assert await app.state.services.log.lag() == 0
    letters = (await admin.get("/api/v1/dead-letters")).json()
    assert [letter["id"] for letter in letters] == [answer.json()["id"]]
    assert (await admin.post(PATH, json=old)).json()["id"] != answer.json()["id"]
    assert await app.state.services.log.lag() == 1


async def test_a_full_backlog_is_503(app, admin):
    for start in range(0, 3000, 1000):
        batch = [event(start + number) for number in range(1000)]
        assert (await admin.post(f"{PATH}/batch", json=batch)).status_code == 200
    app.state.services.intake._lag_at = float("-inf")
    answer = await admin.post(PATH, json=event(9999))
    assert is_problem(answer)["status"] == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
async def test_a_broken_log_is_503_and_recovers(app, admin, tmp_path):
    assert (await admin.post(PATH, json=event(1))).status_code == 201
    await app.state.services.store.dispose()
    hidden = [path.rename(path.with_name("hidden-" + path.name)) for path in tmp_path.glob("nexus.db*")]
    (tmp_path / "nexus.db").mkdir()
    answer = await admin.post(PATH, json=event(2))
    assert is_problem(answer)["status"] == 503
    assert "retry-after" in answer.headers
    (tmp_path / "nexus.db").rmdir()
    for path in hidden:
        path.rename(path.with_name(path.name.removeprefix("hidden-")))
    assert (await admin.post(PATH, json=event(2))).status_code == 201


async def test_a_foreign_host_is_refused(admin):
    assert is_problem(await admin.post(PATH, json=event(), headers={"Host": "evil.example"}))["status"] == 422


async def test_health_tells_what_fails_and_metrics_tell_the_lag(admin):
    await admin.post(PATH, json=event())
    assert (await admin.get("/health/live")).status_code == 200
    ready = await admin.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"]["store"] == "ok"
    assert "Neo4j" in ready.json()["checks"]["graph"]
    assert "nexus_eventlog_lag_events 1.0" in (await admin.get("/metrics")).text


async def test_no_corruption_of_a_real_event_is_a_server_error(admin):
    source = random.Random(4711)
    for _ in range(300):
        body = bytearray(source.choice(REAL).read_bytes())
        for _ in range(source.randint(1, 8)):
            at = source.randrange(len(body))
            body[at : at + source.randint(0, 4)] = source.choice(
                [b"", b"\x00", b"\xff", b'"', b"[", b"}", b"1e999", b"null"]
            )
        answer = await admin.post(PATH, content=bytes(body))
        assert answer.status_code < 500
        if answer.status_code >= 400:
            is_problem(answer)
