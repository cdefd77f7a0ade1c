"""A task that checks a PostgreSQL: results in the spool, and a failed task where data is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.service, pytest.mark.filterwarnings("ignore")]

NAME = "airflow_checked.public.orders"


@pytest.fixture
def connection(postgresql, monkeypatch):
    with psycopg.connect(postgresql.url(), autocommit=True) as connection:
        connection.execute("create database airflow_checked")
    with psycopg.connect(postgresql.url("airflow_checked"), autocommit=True) as connection:
        connection.execute("create table orders as select 1 as id")
    place = {"conn_type": "postgres", "host": postgresql.host, "port": postgresql.port, "login": "postgres"}
    monkeypatch.setenv("AIRFLOW_CONN_CHECKED", json.dumps(place))
    yield "checked"
    with psycopg.connect(postgresql.url(), autocommit=True) as connection:
        connection.execute("drop database airflow_checked with (force)")


def test_results_are_sent_and_a_failure_fails_the_task(airflow_home, connection):
    from airflow.sdk.exceptions import AirflowFailException

    from nexus_core.spool.folder import SpoolFolder
    from nexus_operators.quality import QualityCheckOperator

    checks = {"datasets": {NAME: [{"check": "volume", "least": 1}, {"check": "volume", "least": 2, "name": "more"}]}}
    spool = SpoolFolder(airflow_home / "spool")
    before = set(spool.pending())
    task = QualityCheckOperator(
        task_id="check", kind="postgresql", conn_id=connection, checks=checks, fail_on_error=False
    )
    report = task.execute({})
    assert (report["passed"], [each["check"] for each in report["failed"]], report["broken"]) == (1, ["more"], [])
    (event,) = [json.loads(spool.read(name)) for name in spool.pending() if name not in before]
    (tested,) = event["inputs"]
    assert (tested["name"], event["job"]["name"]) == (NAME, f"checks:{NAME}")
    told = tested["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert [(each["name"], each["success"]) for each in told] == [("volume", True), ("more", False)]
    task.fail_on_error = True
    with pytest.raises(AirflowFailException, match="more"):
        task.execute({})


def test_a_dag_run_stops_where_data_is_wrong(airflow_home, connection):
    import runpy

    file = airflow_home / "dags" / "nexus_quality.py"
    text = (Path("dags") / "nexus_quality.py").read_text().replace('"warehouse"', f'"{connection}"')
    file.write_text(text.replace("\n):\n", "\n) as checked:\n"))
    checks = file.with_suffix(".yaml")
    checks.write_text(json.dumps({"datasets": {NAME: [{"check": "volume", "least": 1}]}}))
    dag = runpy.run_path(str(file))["checked"]
    assert dag.test().state == "success"
    checks.write_text(json.dumps({"datasets": {NAME: [{"check": "volume", "least": 2}]}}))
    assert dag.test().state == "failed"


def test_a_kind_that_cannot_be_asked_is_refused_where_the_dag_is_parsed(airflow_home):
    from nexus_core.errors import ConfigurationError
    from nexus_operators.quality import QualityCheckOperator

    with pytest.raises(ConfigurationError, match="postgresql, mysql, redshift"):
        QualityCheckOperator(task_id="check", kind="kafka", conn_id="x", checks="x.yaml")
