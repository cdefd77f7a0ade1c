"""Airflow as the compose file has it: scheduler and API server are killed, our API is away, and no event is lost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from nexus_core.eventlog.opening import open_log
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.settings import Settings
from nexus_core.store.database import open_store
from tests import services
from tests.deploy.composed import composed
from tests.deploy.containers import AIRFLOW, Container, Running, run, running
from tests.deploy.masked import prepared
from tests.stores import sqlite_settings

pytestmark = [pytest.mark.soak, pytest.mark.service, pytest.mark.airflow, pytest.mark.timeout(3000)]

ROOT = Path(__file__).parents[2]
RUNS = ("one", "two", "three")
TASKS = ("first", "second", "harvest")
TABLES = tuple(f"airflow.store.{name}" for name in ("customers", "orders"))
DAG = """
import time
from airflow.sdk import dag, task
from nexus_operators.harvest import PostgreSQLHarvestOperator

@dag(dag_id="drill", schedule=None, default_args={"retries": 5, "retry_delay": 1})
def drill():
    before = None
    for name in ("first", "second"):
        @task(task_id=name)
        def work(before):
            time.sleep(10)
        before = work(before)
    options = {"query_log": False}
    before >> PostgreSQLHarvestOperator(task_id="harvest", conn_id="shop", schemas=["store"], options=options)

drill()
"""
IMPATIENT = {  # Airflow's own waits for a scheduler that is gone are minutes, its workers 32
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "60",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__CORE__PARALLELISM": "2",
}
SECONDS = 900.0
Said = tuple[str, str, str]
"""Kind, job or dataset, and run of an event."""


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def said(event: Mapping[str, dict[str, str]]) -> Said:
    named = event.get("job") or event["dataset"]
    return str(event.get("eventType", "")), named["name"], event.get("run", {}).get("runId", "")


async def logged(settings: Settings) -> set[Said]:
    """All that the log has: no worker runs."""
    store = open_store(settings.store_url)
    try:
        log = await open_log(store, settings)
        return {said(envelope.event) for envelope in await log.pending(ALL_PARTITIONS, 10_000)}
    finally:
        await store.dispose()


@dataclass(frozen=True)
class Composed:
    """The compose file's Airflow, on this machine."""

    folder: Path
    described: Mapping[str, Mapping[str, object]]
    places: Mapping[str, str]
    port: int
    source: str

    def container(self, name: str) -> Container:
        """One by its command and environment in the file; hosts, folders and ports are this machine's."""
        own = IMPATIENT | {
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "AIRFLOW_CONN_SHOP": self.source,
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(services.free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(services.free_port()),
        }
        return replace(self.described_as(name), entry=AIRFLOW).placed(self.places, **own)

    def described_as(self, name: str) -> Container:
        arguments, environment = self.described[name]["command"], self.described[name]["environment"]
        assert isinstance(arguments, list)
        assert isinstance(environment, dict)
        return Container(name, tuple(arguments), environment)

    def forwarder(self, api: Container, token: str) -> Container:
        places = {**self.places, "http://api:8000": f"http://127.0.0.1:{api.port}"}
        return self.described_as("forward").placed(places, FORWARD_TOKEN=token)


@pytest.fixture
def airflow(postgresql: services.PostgreSQL, tmp_path: Path) -> Composed:
    with psycopg.connect(postgresql.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE airflow")
    with psycopg.connect(postgresql.url("airflow")) as connection:
        connection.execute("CREATE SCHEMA store CREATE TABLE customers (id int) CREATE TABLE orders (id int)")
    secrets, port = prepared(ROOT, tmp_path / "docker"), services.free_port()
    database = postgresql.url("airflow").replace("postgresql://", "postgresql+psycopg2://")
    described = composed(
        {"AIRFLOW_DATABASE": database, "AIRFLOW_SECRET": "secret" * 8, "AIRFLOW_TOKEN": "none"}
    ).services
    places = {
        "airflow-api:8080": f"127.0.0.1:{port}",
        "localhost:8080": f"127.0.0.1:{port}",
        "/var/spool/nexus": str(tmp_path),
        "/run/secrets/airflow-private": str(secrets / "airflow-private.pem"),
    }
    (tmp_path / "airflow" / "dags").mkdir(parents=True)
    (tmp_path / "airflow" / "dags" / "drill.py").write_text(DAG)
    source = {"conn_type": "postgres", "host": postgresql.host, "port": postgresql.port, "login": "postgres"}
    return Composed(tmp_path, described, places, port, json.dumps(source | {"schema": "airflow"}))


@dataclass(frozen=True)
class Asking:
    """Airflow's own API, as its admin."""

    url: str
    home: Path

    def get(self, path: str) -> dict[str, object]:
        return self._answered("GET", path)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, object]:
        return self._answered("POST", path, body)

    def _answered(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
        """Give an answer, or nothing where none comes yet."""
        try:
            answer = httpx.request(method, f"{self.url}{path}", json=body, headers=self._headers(), timeout=60)
        except (httpx.TransportError, OSError, ValueError, LookupError):
            return {}
        return dict(answer.json()) if answer.is_success else {}

    def _headers(self) -> dict[str, str]:
        passwords = self.home / "simple_auth_manager_passwords.json.generated"
        form = {"username": "admin", "password": json.loads(passwords.read_text())["admin"]}
        token = httpx.post(f"{self.url}/auth/token", json=form, timeout=60).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}


def healthy(asking: Asking) -> bool:
    """Whether Airflow says of each of its parts that it lives."""
    told = asking.get("/api/v2/monitor/health")
    parts = [told.get(name) for name in ("metadatabase", "scheduler", "triggerer", "dag_processor")]
    return all(isinstance(part, dict) and part["status"] == "healthy" for part in parts)


def states(asking: Asking) -> dict[tuple[str, str], object]:
    """The state of each task by its run."""
    found = asking.get("/api/v2/dags/drill/dagRuns/~/taskInstances").get("task_instances")
    return {(each["dag_run_id"], each["task_id"]): each["state"] for each in found} if isinstance(found, list) else {}


def lost(container: Running) -> None:
    """Kill a container: all of its processes, with the tasks that they run."""
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(container.process.pid)
        for process in (first, *first.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # a task may have just ended
                process.kill()


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    return await sqlite_settings(tmp_path / "data")


@pytest.fixture
def api(settings: Settings) -> Container:
    """Our API, which nobody has started yet."""
    port = services.free_port()
    environment = {
        "NEXUS_DATA_DIR": str(settings.data_dir),
        "NEXUS_API__PORT": str(port),
        "NEXUS_GRAPH__URI": f"bolt://127.0.0.1:{services.free_port()}",
        "NEXUS_GRAPH__PASSWORD": "none",
    }
    return Container("api", ("api",), environment, port, ("/health/live",))


@pytest.fixture
def started(airflow: Composed, tmp_path: Path) -> Iterator[dict[str, Running]]:
    """All four, after the migration, each alive by Airflow's own account."""
    run(airflow.container("airflow-migrate"))
    names = ("airflow-api", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")
    with running(tmp_path, *(airflow.container(name) for name in names)) as made:
        yield made
        for each in made.values():  # which takes them up to minutes otherwise
            lost(each)


def test_no_event_is_lost_with_airflow_and_our_api_away(
    airflow: Composed, started: dict[str, Running], api: Container, settings: Settings, tmp_path: Path
) -> None:
    asking, new = Asking(f"http://127.0.0.1:{airflow.port}", tmp_path / "airflow"), tmp_path / "spool" / "new"
    arguments = ("token", "create", "airflow", "--authority", "producer:*", "--authority", "harvest:*")
    token = run(replace(api, arguments=arguments)).strip()
    until(lambda: healthy(asking))
    with ExitStack() as stack:
        stack.enter_context(running(tmp_path, airflow.forwarder(api, token)))
        for name in RUNS:
            until(lambda name=name: begun(asking, name))
        until(lambda: "running" in [state for (_, task), state in states(asking).items() if task == "second"])
        stack.enter_context(airflow_dies(airflow, started, tmp_path))
        until(lambda: states(asking) == {(each, task): "success" for each in RUNS for task in TASKS})
        spooled = {said(json.loads(path.read_bytes())) for path in new.glob("*.json")}
        stack.enter_context(running(tmp_path, api))  # only now
        until(lambda: not list(new.iterdir()))
    found = asyncio.run(logged(settings))
    print(f"{len(spooled)} events waited in the spool, {len(found)} are in the log")
    assert spooled <= found
    ended = [name for kind, name, _ in found if kind == "COMPLETE"]
    assert all(ended.count(f"drill.{task}") >= len(RUNS) for task in TASKS)  # more, where Airflow ran one twice
    assert {name for kind, name, _ in found if not kind} == set(TABLES)
    assert list((tmp_path / "spool" / "rejected").iterdir()) == []


def begun(asking: Asking, name: str) -> bool:
    """Ask for a run, and whether there is one: the answer to what is asked first may be lost."""
    asking.post("/api/v2/dags/drill/dagRuns", {"dag_run_id": name, "logical_date": None})
    return bool(asking.get(f"/api/v2/dags/drill/dagRuns/{name}"))


def airflow_dies(airflow: Composed, started: dict[str, Running], folder: Path) -> ExitStack:
    """Kill scheduler, tasks and API server, and start others in their place."""
    names = ("airflow-scheduler", "airflow-api")
    for name in names:
        lost(started[name])
    again = [replace(airflow.container(name), name=f"{name}-again") for name in names]
    with ExitStack() as stack:
        for each in stack.enter_context(running(folder, *again)).values():
            stack.callback(lost, each)
        return stack.pop_all()
