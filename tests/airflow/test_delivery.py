"""Tasks that deliver reports and changes: asked of an API, handed to hooks, over real HTTP."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings("ignore")]

ASSET = {"namespace": "postgres://db:5432", "name": "shop.public.orders"}
CHANGES = [{"at": "2026-01-01T00:00:00Z", "asset": ASSET, "subscribed": ASSET, "what": "incident: not_null"}]


@pytest.fixture
def connections(airflow_home, receiver, monkeypatch):
    """The API and both hooks on one receiver; gives what hooks got."""
    receiver.answer = lambda request: CHANGES if "subscriptions" in request["path"] else {"report": "quality"}
    for name, given in {
        "nexus": {"conn_type": "lineage_nexus", "host": receiver.url, "password": "token"},
        "hook": {"conn_type": "http", "host": f"{receiver.url}/hook", "password": "secret"},
        "slack": {"conn_type": "http", "password": f"{receiver.url}/slack"},
    }.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(given))
    return lambda path: [json.loads(each["body"]) for each in receiver.requests if each["path"] == path]


def test_a_report_is_announced_without_its_content(connections):
    from nexus_operators.delivery import DeliverReportOperator

    task = DeliverReportOperator(
        task_id="quality",
        report="quality",
        form="json",
        link="https://nexus.example.com/reports",
        webhook_conn_id="hook",
        slack_conn_id="slack",
        nexus_conn_id="nexus",
    )
    told = task.execute({})
    (message,) = connections("/hook")
    assert message == told
    assert message["sha256"] == hashlib.sha256(b'{"report": "quality"}').hexdigest()
    (text,) = connections("/slack")
    assert text["text"].startswith("Report quality of ")
    assert text["text"].endswith("\nhttps://nexus.example.com/reports")


def test_a_report_is_written_whole_or_not_at_all(connections, receiver, tmp_path):
    from airflow.sdk.exceptions import AirflowFailException

    from nexus_operators.report import ReportOperator

    file = tmp_path / "monthly" / "article-30.json"
    task = ReportOperator(task_id="article_30", report="article-30", path=str(file), nexus_conn_id="nexus")
    assert task.execute({}) == str(file)
    assert json.loads(file.read_bytes()) == {"report": "quality"}
    assert receiver.requests[0]["path"].startswith("/api/v1/reports/article-30")
    receiver.status = 403
    other = ReportOperator(task_id="other", report="article-30", path=f"{file}.json", nexus_conn_id="nexus")
    with pytest.raises(AirflowFailException):
        other.execute({})
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_changes_are_delivered_and_nothing_where_nothing_changed(connections, receiver):
    from nexus_operators.delivery import DeliverChangesOperator

    task = DeliverChangesOperator(
        task_id="changes", slack_conn_id="slack", webhook_conn_id="hook", nexus_conn_id="nexus"
    )
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert task.execute({"data_interval_start": start}) == 1
    assert "shop.public.orders: incident: not_null" in connections("/slack")[0]["text"]
    assert connections("/hook")[0]["changes"] == CHANGES
    assert "since=2026-01-01" in receiver.requests[0]["path"]
    receiver.answer = lambda request: []
    assert task.execute({}) == 0
    assert len(connections("/slack")) == 1


def test_a_delivery_that_goes_nowhere_is_refused_where_the_dag_is_parsed(airflow_home):
    from nexus_core.errors import ConfigurationError
    from nexus_operators.delivery import DeliverReportOperator

    for given in ({}, {"smtp_conn_id": "smtp"}):
        with pytest.raises(ConfigurationError):
            DeliverReportOperator(task_id="quality", report="quality", **given)
