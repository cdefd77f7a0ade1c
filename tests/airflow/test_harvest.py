"""A harvest DAG run by Airflow: PostgreSQL in, events in the spool, shipped by the forwarder."""

import gzip
import json
import shutil
from pathlib import Path

import psycopg
import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.service, pytest.mark.filterwarnings("ignore")]

TABLES = """
create schema store;
create table store.customers (id int primary key, email text not null);
create table store.orders (id int primary key, customer_id int references store.customers, amount numeric);
create view store.spending as
  select c.email, sum(o.amount) as total from store.customers c join store.orders o on o.customer_id = c.id group by 1;
"""
YAML = """
sources:
  store: {kind: postgresql, connection: store, schemas: [store], retries: 0, options: {query_log: false}}
"""


@pytest.fixture(scope="module")
def store(postgresql):
    with psycopg.connect(postgresql.url(), autocommit=True) as connection:
        connection.execute("create database airflow_store")
    with psycopg.connect(postgresql.url("airflow_store"), autocommit=True) as connection:
        connection.execute(TABLES)
    place = {"conn_type": "postgres", "host": postgresql.host, "port": postgresql.port, "login": "postgres"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_STORE", json.dumps(place | {"schema": "airflow_store"}))
        yield postgresql


@pytest.fixture(scope="module")
def spool(airflow_home):
    from nexus_core.spool.folder import SpoolFolder

    return SpoolFolder(airflow_home / "spool")


@pytest.fixture(scope="module")
def finished(airflow_home, store, spool):
    """The finished DAG run and the events that it left in the spool."""
    from nexus_operators.factory import harvest_dags

    file = airflow_home / "dags" / "nexus_harvest.py"
    shutil.copy(Path("dags") / "nexus_harvest.py", file)
    file.with_suffix(".yaml").write_text(YAML)
    run = harvest_dags(str(file))["nexus_harvest_store"].test()
    return run, [json.loads(spool.read(name)) for name in spool.pending()]


def test_the_run_succeeds_and_spools_what_it_read(finished):
    run, events = finished
    assert run.state == "success"
    datasets = {event["dataset"]["name"]: event["dataset"] for event in events if "dataset" in event}
    assert set(datasets) == {f"airflow_store.store.{name}" for name in ("customers", "orders", "spending")}
    fields = datasets["airflow_store.store.customers"]["facets"]["schema"]["fields"]
    assert [field["name"] for field in fields] == ["id", "email"]
    views = [event for event in events if "job" in event and event["job"]["name"].endswith("spending")]
    assert "select" in views[0]["job"]["facets"]["sql"]["query"].lower()


def test_the_harvest_is_one_run_with_its_manifest(finished):
    _, events = finished
    ours = [event for event in events if event.get("job", {}).get("name", "").startswith("harvest:")]
    assert [event["eventType"] for event in ours] == ["START", "RUNNING", "COMPLETE"]
    assert len({event["run"]["runId"] for event in ours}) == 1
    assert len(ours[1]["run"]["facets"]["lineageNexus_manifest"]["objects"]) == 3


def test_airflows_own_event_of_the_task_names_what_was_read(finished):
    _, events = finished
    (complete,) = [
        event
        for event in events
        if event.get("job", {}).get("name") == "nexus_harvest_store.harvest" and event["eventType"] == "COMPLETE"
    ]
    assert {found["name"] for found in complete["inputs"]} >= {"airflow_store.store.orders"}
    source = complete["inputs"][0]["namespace"]
    assert complete["job"]["facets"]["lineageNexus_harvest"]["source"] == source


def test_the_task_tells_its_report_and_where_to_look(finished):
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    run, _ = finished
    with create_session() as session:
        kept = session.execute(select(XComModel.key, XComModel.value).where(XComModel.run_id == run.run_id))
        said = {key: value for key, value in kept}  # noqa: C416 rows are no pairs
    assert said["return_value"]["partial"] is False
    assert said["_link_LineageNexusLink"].startswith(
        "http://airflow.test/plugin/nexus/nexus/catalogue?q=postgres%3A%2F%2F"
    )


def test_the_forwarder_ships_it_after_an_outage(finished, spool, receiver):
    from nexus_core.spool.http import forwarder_to

    receiver.status = 503
    waiting = spool.pending()
    with forwarder_to(spool, receiver.url, None) as forwarder:
        assert forwarder.forward().later_count >= len(waiting)
        assert set(waiting) <= set(spool.pending())
        receiver.status, receiver.answer = 200, accept_all
        assert forwarder.forward().accepted_count >= len(waiting)
    # The DAG's own COMPLETE comes from another process of Airflow, perhaps after the fixture looked, or even only now.
    assert set(waiting).isdisjoint(spool.pending())
    sent = json.loads(gzip.decompress(receiver.requests[-1]["body"]))
    assert sent[: len(finished[1])] == finished[1]


def accept_all(request):
    count = len(json.loads(gzip.decompress(request["body"])))
    return {"results": [{"index": index, "status": 201, "id": "sha256:x"} for index in range(count)]}


@pytest.fixture
def http_connection(airflow_home, receiver, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_NEXUS_HTTP", json.dumps({
        "conn_type": "lineage_nexus", "host": receiver.url, "password": "the-token",
    }))  # fmt: skip
    return "nexus_http"


def test_without_a_spool_the_connection_takes_events_and_says_what_it_refuses(http_connection, receiver):
    from nexus_core.errors import RefusedEventsError, UnavailableError
    from nexus_operators.hook import LineageNexusHook

    receiver.answer = lambda request: {
        "results": [{"index": 0, "status": 201}, {"index": 1, "status": 422, "problem": {"detail": "no name"}}]
    }
    with LineageNexusHook(http_connection, patience_s=0.1).get_conn() as client:
        with pytest.raises(RefusedEventsError) as refused:
            client.emit([{"n": 1}, {"n": 2}])
        assert refused.value.reasons == {1: "no name"}
        assert receiver.requests[0]["headers"]["Authorization"] == "Bearer the-token"
        receiver.status = 503
        with pytest.raises(UnavailableError):
            client.emit([{"n": 1}])


def test_the_connection_can_be_tested(http_connection, receiver):
    from nexus_operators.hook import LineageNexusHook

    hook = LineageNexusHook(http_connection)
    receiver.answer = lambda request: {"results": [{"index": 0, "status": 400, "problem": {"detail": "$: empty"}}]}
    assert hook.test_connection()[0]
    receiver.status, receiver.answer = 401, lambda request: {"status": 401, "detail": "no valid token"}
    works, said = hook.test_connection()
    assert not works
    assert "no valid token" in said


def test_a_failure_that_cannot_pass_is_not_retried(airflow_home, store, monkeypatch):
    from airflow.sdk.exceptions import AirflowFailException

    from nexus_core.errors import NexusError
    from nexus_operators.harvest import PostgreSQLHarvestOperator

    place = {"conn_type": "postgres", "host": "127.0.0.1", "login": "postgres"}
    monkeypatch.setenv("AIRFLOW_CONN_GONE", json.dumps(place | {"port": 9}))
    monkeypatch.setenv("AIRFLOW_CONN_WRONG", json.dumps(place | {"port": store.port, "schema": "no_such_database"}))
    with pytest.raises(NexusError) as passing:
        PostgreSQLHarvestOperator(task_id="gone", conn_id="gone").execute({})
    assert passing.value.transient
    with pytest.raises(AirflowFailException, match="no_such_database"):
        PostgreSQLHarvestOperator(task_id="wrong", conn_id="wrong").execute({})


def test_an_ephemeral_spool_ships_before_it_returns(tmp_path, receiver, monkeypatch):
    from nexus_core.errors import RefusedEventsError
    from nexus_core.spool.transport import SpoolConfig, SpoolTransport

    monkeypatch.setenv("MY_TOKEN", "t")
    given = {"path": str(tmp_path / "s"), "ephemeral": True, "url": receiver.url, "token": "env:MY_TOKEN"}
    transport = SpoolTransport(SpoolConfig.from_dict(given))
    receiver.answer = accept_all
    transport.send([b'{"n": 1}', b'{"n": 2}'])
    assert receiver.requests[0]["headers"]["Authorization"] == "Bearer t"
    receiver.answer = lambda request: {
        "results": [{"index": 0, "status": 403, "problem": {"detail": "not yours"}}, {"index": 1, "status": 201}]
    }
    with pytest.raises(RefusedEventsError, match="not yours") as refused:
        transport.send([b'{"n": 1}', b'{"n": 2}'])
    assert list(refused.value.reasons) == [0]
