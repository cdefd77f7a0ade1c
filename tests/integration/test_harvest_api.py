"""A source tested and harvested over HTTP, from a real PostgreSQL into the log."""

import asyncio

import httpx
import psycopg
import pytest

from nexus_core.api.app import create_app
from nexus_core.connectors.registry import open_connector
from nexus_core.errors import CancelledHarvestError
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.harvest.run import harvest
from nexus_core.model.facets import HARVEST
from nexus_core.settings import GraphSettings, Settings
from nexus_core.store.migration import migrate

pytestmark = pytest.mark.service

SECRET = "correct-horse-4711"


@pytest.fixture(scope="module")
def source(postgresql):
    with psycopg.connect(postgresql.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE harvest_api")
    with psycopg.connect(postgresql.url("harvest_api"), autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (id int PRIMARY KEY, amount numeric)")
        connection.execute("CREATE VIEW totals AS SELECT sum(amount) AS total FROM orders")
    return f"postgresql://postgres:{SECRET}@127.0.0.1:{postgresql.port}/harvest_api"


@pytest.fixture
async def app(tmp_path):
    settings = Settings(data_dir=tmp_path, graph=GraphSettings(uri="bolt://127.0.0.1:1"))
    await migrate(settings.store_url)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def client_of(app, grant):
    made = await app.state.services.tokens.create(grant, [grant])
    headers = {"Authorization": f"Bearer {made.secret}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000", headers=headers)


@pytest.fixture
async def admin(app):
    async with await client_of(app, "admin") as client:
        yield client


async def test_connectors_are_listed(admin):
    listed = (await admin.get("/api/v1/connectors")).json()
    assert "postgresql" in [each["kind"] for each in listed]


async def test_a_connection_is_tried(admin, source):
    answer = await admin.post("/api/v1/sources/test", json={"url": source})
    assert answer.status_code == 200
    told = answer.json()
    assert told["ok"]
    assert told["whole"]
    assert told["counts"] == {"TABLE": 1, "VIEW": 1} | {key: n for key, n in told["counts"].items() if key == "QUERY"}
    assert told["names"]["TABLE"] == ["harvest_api.public.orders"]
    assert SECRET not in answer.text


async def test_a_harvest_reaches_the_log(app, admin, source, tmp_path):
    started = await admin.post("/api/v1/harvests", json={"url": source})
    assert started.status_code == 202
    status = started.json()
    async with asyncio.timeout(60):
        while status["state"] == "running":
            await asyncio.sleep(0.1)
            status = (await admin.get(f"/api/v1/harvests/{status['id']}")).json()
    assert (status["state"], status["problem"]) == ("completed", None)
    events = [envelope.event for envelope in await app.state.services.log.pending(ALL_PARTITIONS, 1000)]
    assert events[-1]["eventType"] == "COMPLETE"
    assert HARVEST in events[-1]["run"]["facets"]
    assert {"harvest_api.public.orders", "harvest_api.public.totals"} <= {
        event["dataset"]["name"] for event in events if "dataset" in event
    }
    assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.glob("nexus.db*"))
    assert (await admin.get("/api/v1/sources")).json()[0]["last_state"] == "completed"


async def test_a_cancelled_harvest_keeps_what_it_read_and_ends_as_failed(app, admin, source):
    events = []
    connector = open_connector(source, allow_hosts=("127.0.0.0/8",))
    with pytest.raises(CancelledHarvestError):
        harvest(connector, events.extend, stopped=lambda: True)
    assert [event["eventType"] for event in events if "eventType" in event] == ["START", "FAIL"]
    started = (await admin.post("/api/v1/harvests", json={"url": source})).json()
    async with await client_of(app, "harvest:postgres://elsewhere:5432") as other:
        assert (await other.post(f"/api/v1/harvests/{started['id']}/cancel")).status_code == 404
        assert (await other.get("/api/v1/harvests")).json() == []
    assert (await admin.post(f"/api/v1/harvests/{started['id']}/cancel")).status_code == 202
    async with asyncio.timeout(60):
        listed = (await admin.get("/api/v1/harvests")).json()
        while listed[0]["state"] == "running":
            await asyncio.sleep(0.1)
            listed = (await admin.get("/api/v1/harvests")).json()
    assert [each["id"] for each in listed] == [started["id"]]
    assert listed[0]["state"] in ("cancelled", "completed")  # it may have ended before it was asked to


async def test_a_harvester_stays_with_its_source(app, source):
    async with await client_of(app, "harvest:postgres://elsewhere:5432") as other:
        assert (await other.post("/api/v1/harvests", json={"url": source})).status_code == 403
        assert (await other.get("/api/v1/harvests/state")).json() == []


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("nonsense", 422),
        ("oracle://h/db", 422),
        ("postgresql://u:hidden-4711@169.254.169.254/db", 403),
        ("postgresql://u:hidden-4711@h:port/db", 422),
    ],
)
async def test_what_cannot_be_harvested_is_explained(admin, url, status):
    answer = await admin.post("/api/v1/sources/test", json={"url": url})
    assert answer.status_code == status
    assert "hidden" not in answer.text
