"""One field from MySQL through Kafka and Snowflake to a Tableau sheet, harvested by DAGs and shown as one path.

MySQL and Kafka are real, Kafka Connect's configurations are served by its REST interface alone, Snowflake is emulated,
Tableau a stub of its APIs: each harvest is told apart by docs/sources.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from nexus_core.client import NexusClient
from nexus_core.client.answers import Graph
from tests import kafka_connect
from tests.kafka_registry import register, registry
from tests.services import Nexus, free_port, kafka
from tests.snowflake_service import snowflake
from tests.tableau_server import tableau

pytestmark = [pytest.mark.airflow, pytest.mark.service, pytest.mark.filterwarnings("ignore")]

FILES = Path(__file__).parents[1] / "data" / "cross_source"
TOPIC = "cdc.sales.customers"
SHEET = "Contacts by country:Email"
SOURCES = ("sales", "stream", "warehouse", "dashboards")


@pytest.fixture(scope="module")
def estate(mysql: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The four sources, as Airflow connections and as what the YAML says of them."""
    from confluent_kafka.admin import AdminClient, NewTopic

    home = tmp_path_factory.mktemp("kafka")
    with ExitStack() as stack:
        mysql.run(FILES / "mysql.sql")
        broker = stack.enter_context(kafka())
        admin = AdminClient(broker.signed_in("admin"))  # what it answers ends with it
        admin.create_topics([NewTopic(TOPIC, 1, 1)])[TOPIC].result(30)
        schemas = stack.enter_context(registry(free_port(), free_port(), home))
        register(schemas, f"{TOPIC}-value", (FILES / "topic.avsc").read_text())
        configs = (FILES / "connect.json").read_text().replace("MYSQL_PORT", str(mysql.port))
        connect = stack.enter_context(kafka_connect.rest_only(json.loads(configs)))
        warehouse = stack.enter_context(snowflake())
        warehouse.run((FILES / "snowflake.sql").read_text())
        site = stack.enter_context(tableau())
        content = json.loads((FILES / "tableau.json").read_text())
        site.rest, site.graphql = content["rest"], content["graphql"]
        yield {
            "connections": {
                "sales": {
                    "conn_type": "mysql", "host": "127.0.0.1", "port": mysql.port, "login": "root", "schema": "sales",
                },
                "stream": {"conn_type": "kafka", "extra": {"bootstrap.servers": broker.bootstrap}},
                "warehouse": {
                    "conn_type": "snowflake", "login": "nexus", "password": "none", "host": "127.0.0.1",
                    "port": warehouse.port, "extra": {"account": "acme-shop", "database": "SALES"},
                },
                "dashboards": {
                    "conn_type": "tableau", "host": "127.0.0.1", "port": site.port, "login": "nexus",
                    "password": site.secret, "extra": {"site_id": "finance"},
                },
            },
            "options": {
                "stream": {"registry_url": schemas, "connect_url": connect},
                "warehouse": {"protocol": "http", "port": warehouse.port},
                "dashboards": {"https": False},
            },
        }  # fmt: skip


@pytest.fixture(scope="module")
def harvested(airflow_home: Path, estate: dict[str, Any], running_nexus: Nexus) -> str:
    """Run the DAGs of all four, and ship what they spooled; gives MySQL's namespace."""
    from nexus_core.spool.folder import SpoolFolder
    from nexus_core.spool.http import forwarder_to
    from nexus_operators.factory import harvest_dags

    kinds = dict(zip(SOURCES, ("mysql", "kafka", "snowflake", "tableau"), strict=True))
    file = airflow_home / "dags" / "cross_source.py"
    shutil.copy(Path("dags") / "nexus_harvest.py", file)
    yaml = {
        name: {"kind": kinds[name], "connection": name, "retries": 0, "options": estate["options"].get(name, {})}
        for name in SOURCES
    }
    file.with_suffix(".yaml").write_text(json.dumps({"sources": yaml}))
    with pytest.MonkeyPatch.context() as patch:
        for name, connection in estate["connections"].items():
            patch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))
        dags = harvest_dags(str(file))
        for name in SOURCES:
            assert dags[f"nexus_harvest_{name}"].test().state == "success", name
    spool = SpoolFolder(airflow_home / "spool")
    with forwarder_to(spool, running_nexus.url, f"file:{running_nexus.data / 'admin-token'}") as forwarder:
        while spool.pending():
            assert forwarder.forward().accepted_count
    wait_merged(running_nexus)
    return f"mysql://127.0.0.1:{estate['connections']['sales']['port']}"


def wait_merged(nexus: Nexus) -> None:
    deadline = time.monotonic() + 120
    while "nexus_eventlog_lag_events 0.0" not in httpx.get(f"{nexus.url}/metrics").text:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_field_is_followed_from_mysql_to_a_tableau_sheet(harvested: str, running_nexus: Nexus) -> None:
    token = SecretStr((running_nexus.data / "admin-token").read_text().strip())
    asked = {"field": "email", "granularity": "field", "direction": "downstream", "depth": 10}
    with NexusClient(running_nexus.url, token) as client:
        answer = client.graph(harvested, "sales.customers", **asked)
    places = [(node.namespace.partition(":")[0], node.name, node.field) for node in answer.nodes]
    assert set(places) >= {
        ("mysql", "sales.customers", "email"),
        ("kafka", TOPIC, "email"),
        ("snowflake", "SALES.RAW.CUSTOMERS", "EMAIL"),
        ("snowflake", "SALES.STAGING.CUSTOMERS", "EMAIL"),
        ("snowflake", "SALES.MART.CONTACTS", "EMAIL"),
    }
    assert SHEET in one_path(answer)


def one_path(answer: Graph) -> str:
    """What direct edges lead to from MySQL's field, as text."""
    edges = {(edge.source, edge.target) for edge in answer.edges if edge.kind == "DIRECT"}
    reached = {node.id for node in answer.nodes if node.id.startswith("datasetField:mysql")}
    while more := {target for source, target in edges if source in reached} - reached:
        reached |= more
    return "\n".join(sorted(reached))
