"""Services of the session, and options that every test folder shares."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import expect
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from nexus_core.graph.connection import Graph, open_graph
from nexus_core.settings import GraphSettings
from tests import keycloak_server, mongodb_server, mysql_server, postgresql_newest, services, tds_server
from tests.bigquery_service import BigQuery
from tests.bigquery_service import bigquery as emulated_bigquery
from tests.kafka_broker import Kafka
from tests.keycloak_server import Keycloak
from tests.mongodb_server import MongoDB
from tests.mysql_server import MySQL
from tests.snowflake_service import Snowflake
from tests.snowflake_service import snowflake as emulated_snowflake
from tests.sources import Sources
from tests.tds_server import SqlServer

# A busy machine is no failure: examples count, not how long they took.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")
expect.set_options(timeout=30_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write golden files anew; read the diff.")


_TOGETHER = {
    "keycloak": ("tests/e2e/test_saml", "tests/e2e/test_sso"),
    "known ports": ("tests/airflow/test_install_doc", "tests/deploy/test_containers", "tests/e2e/test_demo"),
    "browser": ("tests/e2e/test_ui",),
    "sources": ("tests/contract/test_connector", "tests/golden/test_harvest"),
    "kafka": ("tests/contract/test_eventlog", "tests/e2e/test_kafka", "tests/integration/test_eventlog_kafka",
              "tests/integration/test_kafka"),
}  # fmt: skip
"""Beginnings of files whose tests start a costly service, or listen where users know it: one after another."""


class _ByService(LoadScopeScheduling):
    """Deals out files to the processes of pytest-xdist, those that belong together to one of them."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((name for name, files in _TOGETHER.items() if file.startswith(files)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Have tests dealt out by our own rule."""
    return _ByService(config, log)


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[services.PostgreSQL]:
    with services.postgresql() as running:
        yield running


@pytest.fixture(scope="session")
def newest_postgresql() -> Iterator[services.PostgreSQL]:
    with postgresql_newest.newest_postgresql() as running:
        yield running


@pytest.fixture(scope="session")
def mysql() -> Iterator[MySQL]:
    with mysql_server.mysql(services.free_port()) as running:
        yield running


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MySQL]:
    with mysql_server.mariadb(services.free_port()) as running:
        yield running


@pytest.fixture(scope="session")
def sqlserver() -> Iterator[SqlServer]:
    with tds_server.sqlserver() as running:
        yield running


@pytest.fixture(scope="session")
def neo4j() -> Iterator[GraphSettings]:
    """One real Neo4j for the session: settings with its URI, user and password."""
    with services.neo4j() as connection:
        yield connection


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """One real Kafka for the session; tests that kill it start their own."""
    with services.kafka() as running:
        yield running


@pytest.fixture(scope="session")
def keycloak() -> Iterator[Keycloak]:
    """One real Keycloak for the session."""
    with keycloak_server.keycloak(services.free_port) as running:
        yield running


@pytest.fixture(scope="session")
def mongodb() -> Iterator[MongoDB]:
    """One MongoDB for the session: an emulator, with an overlay for what it lacks."""
    with mongodb_server.mongodb(services.free_port) as running:
        yield running


@pytest.fixture(scope="session")
def bigquery() -> Iterator[BigQuery]:
    """One emulated BigQuery for the session."""
    with emulated_bigquery() as running:
        yield running


@pytest.fixture(scope="session")
def snowflake() -> Iterator[Snowflake]:
    """One emulated Snowflake for the session."""
    with emulated_snowflake() as running:
        yield running


@pytest.fixture(scope="session")
def second_neo4j() -> Iterator[GraphSettings]:
    """Another real Neo4j, for a second projection."""
    with services.neo4j(**services.BRIEF_JAVA) as connection:
        yield connection


@pytest.fixture
async def clean_graph(neo4j: GraphSettings) -> AsyncIterator[Graph]:
    """A driver of the session's Neo4j without nodes; constraints and indexes stay."""
    async with open_graph(neo4j) as graph:
        async with graph.session() as session:  # such a query makes its own transactions
            await session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS")
        yield graph


@pytest.fixture(scope="session")
def running_nexus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[services.Nexus]:
    """One `nexus up` for the session; tests that need it untouched start their own."""
    with services.nexus(tmp_path_factory.mktemp("nexus")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser that Playwright drives."""
    return services.program("chromium", "apt install chromium")


@pytest.fixture(scope="session")
def source_urls(request: pytest.FixtureRequest) -> Iterator[Sources]:
    """Filled sources by kind of connector, started when asked for."""
    with ExitStack() as stack:
        yield Sources(request.getfixturevalue, stack)
