"""One deployment under drill: real processes, networks that can be cut between them, a clock that can go wrong."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.governance.tokens import open_tokens
from nexus_core.graph.connection import open_graph
from nexus_core.settings import EventLogSettings, GraphSettings, Settings
from nexus_core.store.database import open_store
from nexus_core.store.migration import migrate
from tests import services
from tests.drills.clock import Clock
from tests.drills.load import PARSE_MEMORY_MB
from tests.drills.network import Proxy
from tests.drills.processes import Neo4j, Nexus, PostgreSQL
from tests.eventlogs import kafka_settings
from tests.kafka_broker import Kafka
from tests.stores import keys_in

_HTTP = httpx.Client(timeout=10, verify=False)  # reading certificates takes longer than a question

KEY = base64.b64encode(b"drill" * 6 + b"!!").decode()


@dataclass
class Estate:
    """What a drill takes hold of. Clients reach the API by `url`, through a network of its own."""

    data: Path
    api: Nexus
    workers: list[Nexus]
    neo4j: Neo4j
    graph_network: Proxy
    api_network: Proxy
    api_clock: Clock
    environment: dict[str, str]
    store: PostgreSQL | None
    store_network: Proxy | None
    kafka: Kafka | None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.api_network.port}"

    @property
    def direct_url(self) -> str:
        """The API without the network that a drill cuts."""
        return f"http://127.0.0.1:{self.environment['NEXUS_API__PORT']}"

    @property
    def admin(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {(self.data / 'admin-token').read_text().strip()}"}

    @property
    def settings(self) -> Settings:
        """Settings of a process that reaches store and graph directly."""
        store = {"url": self.store.url(self.store.port)} if self.store else {}
        graph = self.neo4j.connection
        log = kafka_settings(self.kafka, self._topic) if self.kafka else EventLogSettings()
        return Settings.load(data_dir=self.data, store=store, graph=graph, secrets=self._secrets, eventlog=log)

    @property
    def _secrets(self) -> dict[str, str]:
        return {"key": KEY, "keys_url": keys_in(self.data)}

    @property
    def _topic(self) -> str:
        return self.environment["NEXUS_EVENTLOG__TOPIC"]

    def serve_by(self, port: int, api: Nexus) -> None:
        """Ask another API from now on for what is asked without the network."""
        self.api, self.environment["NEXUS_API__PORT"] = api, str(port)

    def wait_until_ready(self, seconds: float = 400) -> None:
        wait_for(lambda: status(f"{self.direct_url}/health/ready") == httpx.codes.OK, seconds, self.told)

    def wait_until_merged(self, seconds: float = 180) -> None:
        """Wait until nothing that was accepted is pending."""

        def merged() -> bool:
            try:
                figures = _HTTP.get(f"{self.direct_url}/metrics").text
                return "nexus_eventlog_lag_events 0.0" in figures and "nexus_worker_tasks 0.0" in figures
            except httpx.TransportError:
                return False

        wait_for(merged, seconds, self.told)

    def told(self) -> str:
        """What the processes said last, for a failure."""
        logs = [self.api.output, *(worker.output for worker in self.workers)]
        return "\n".join(f"--- {log.name}\n" + "\n".join(log.read_text().splitlines()[-15:]) for log in logs)


def status(url: str) -> int:
    """The status of an answer, 0 where none comes."""
    try:
        return _HTTP.get(url).status_code
    except httpx.TransportError:
        return 0


def wait_for(condition: object, seconds: float, told: object) -> None:
    assert callable(condition)
    assert callable(told)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s\n{told()}"
        time.sleep(0.2)


@contextmanager
def estate(
    folder: Path,
    neo4j: Neo4j,
    postgresql: services.PostgreSQL | None = None,
    kafka: Kafka | None = None,
    workers: int = 2,
    code: Path | None = None,
) -> Iterator[Estate]:
    """Start everything on an empty store and graph, ready; stop what still runs in the end.

    With `code` all of it, the migration too, is of the version in that folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data, clock = folder / "data", Clock(folder)
    with ExitStack() as stack:
        graph_network = stack.enter_context(Proxy(neo4j.port).running())
        store = PostgreSQL(postgresql) if postgresql else None
        store_network = stack.enter_context(Proxy(store.port).running()) if store else None
        port = services.free_port()
        api_network = stack.enter_context(Proxy(port).running())
        password = neo4j.connection.password
        environment = {
            **os.environ,
            "NEXUS_DATA_DIR": str(data),
            "NEXUS_API__PORT": str(port),
            "NEXUS_GRAPH__URI": f"bolt://127.0.0.1:{graph_network.port}",
            "NEXUS_GRAPH__PASSWORD": password.get_secret_value() if password else "",
            "NEXUS_SECRETS__KEY": KEY,
            "NEXUS_SECRETS__KEYS_URL": keys_in(data),
            "NEXUS_WORKER__PARSE_MEMORY_MB": str(PARSE_MEMORY_MB),
            "NEXUS_WORKER__PARSE_PROCESSES": "1",
            "NEXUS_WORKER__BATCH_EVENTS": "32",
            **({"NEXUS_STORE__URL": store.url(store_network.port)} if store and store_network else {}),
            **(_in_kafka(kafka, f"drill-{port}") if kafka else {}),
        }
        made = Estate(
            data,
            Nexus(("api",), {**environment, **clock.environment}, folder / "api.log", code),
            [Nexus(("worker",), environment, folder / f"worker{number}.log", code) for number in range(workers)],
            neo4j,
            graph_network,
            api_network,
            clock,
            environment,
            store,
            store_network,
            kafka,
        )
        asyncio.run(_empty(made.settings.graph))
        if code is None:
            asyncio.run(prepare_store(made.settings))
        else:
            _prepare_by(code, data, environment)
        try:
            for process in (made.api, *made.workers):
                process.start()
            made.wait_until_ready()
            yield made
        finally:
            with ExitStack() as ending:  # each, whatever becomes of the others
                for process in (made.api, *made.workers):
                    ending.callback(process.stop)


def _in_kafka(kafka: Kafka, topic: str) -> dict[str, str]:
    told = {**kafka_settings(kafka, topic).model_dump(exclude={"options"}), "timeout_s": 5.0}
    return {f"NEXUS_EVENTLOG__{name}".upper(): str(value) for name, value in told.items()}


async def prepare_store(settings: Settings) -> None:
    """Make the store with its admin token."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await migrate(settings.store_url)
    store = open_store(settings.store_url)
    try:
        await ensure_admin_token(open_tokens(store), settings.data_dir / "admin-token")
    finally:
        await store.dispose()


def _prepare_by(code: Path, data: Path, environment: dict[str, str]) -> None:
    """The same by the commands of other code."""
    data.mkdir(parents=True, exist_ok=True)
    output = data.with_name("store.log")
    Nexus(("migrate",), environment, output, code).run()
    token = Nexus(("token", "create", "drill", "--authority", "admin"), environment, output, code).run()
    (data / "admin-token").write_text(token)


async def _empty(graph: GraphSettings) -> None:
    async with open_graph(graph) as driver:
        await driver.execute_query("MATCH (n) DETACH DELETE n")
