"""BigQuery's connector, with Google's client, against an emulator whose front refuses, stalls and hangs up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nexus_core.connectors import open_connector
from nexus_core.connectors.objects import DatasetKind, SourceDataset, SourceJob, Tag
from nexus_core.errors import SourceError, SourceUnavailableError
from nexus_core.harvest import HarvestReport, harvest
from nexus_core.model.naming import canonical
from tests.bigquery_service import BigQuery, Refusal
from tests.sources import Sources

pytestmark = pytest.mark.service

Events = list[dict[str, Any]]


@pytest.fixture
def project(bigquery: BigQuery, source_urls: Sources) -> Iterator[BigQuery]:
    """The filled project; what a test has it refuse is forgotten in the end."""
    source_urls["bigquery"]
    bigquery.requests.clear()
    yield bigquery
    bigquery.refusals.clear()


def _harvest(url: str, **options: Any) -> tuple[HarvestReport, Events]:
    events: Events = []
    return harvest(open_connector(url, **options), events.extend), events


def _ran(url: str, since: str | None = None) -> list[SourceJob]:
    return [job for job in open_connector(url).jobs(since) if job.execution]


def _midnight() -> datetime:
    """The beginning of yesterday, which recorded jobs count from."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)


def test_sends_nothing_but_get(project: BigQuery) -> None:
    _harvest(project.url("demo", schemas="core"))
    assert {request.split()[0] for request in project.requests} == {"GET"}


def test_says_which_grant_is_missing_and_reads_the_rest(project: BigQuery) -> None:
    project.refusals.append(Refusal("/jobs", 403, "accessDenied", "Access Denied: bigquery.jobs.listAll"))
    url = project.url("demo", schemas="core")
    advice = open_connector(url).test().missing
    assert [each.missing for each in advice] == ["bigquery.jobs.listAll on demo"]
    assert "roles/bigquery.resourceViewer" in advice[0].statement
    report, _ = _harvest(url)
    assert report.denied.samples == ["demo jobs: Access Denied: bigquery.jobs.listAll"]
    assert report.counts["TABLE:PARTITIONED"] == 3
    assert not report.partial


def test_a_denied_table_does_not_stop_the_others(project: BigQuery) -> None:
    project.refusals.append(Refusal("/tables/customers", 403, "accessDenied", "Access Denied: Table customers"))
    report, _ = _harvest(project.url("demo", schemas="core"), query_log=False)
    assert report.denied.samples == ["demo.core.customers: Access Denied: Table customers"]
    assert report.partial
    assert report.counts["TABLE"] == 2


def test_row_access_policies_are_named_where_asked_for(project: BigQuery) -> None:
    named = [{"rowAccessPolicyReference": {"policyId": name}, "filterPredicate": "x = 'secret'"} for name in ("a", "b")]
    url = project.url("demo", schemas="core")
    table = next(each for each in open_connector(url).datasets() if each.kind is DatasetKind.TABLE)
    place = "/bigquery/v2/projects/demo/datasets/core/tables/" + table.name.name.rpartition(".")[2]
    project.resources[f"{place}/rowAccessPolicies"] = {"rowAccessPolicies": named}
    try:
        found = {each.name: each.tags for each in open_connector(url, row_policies=True).datasets()}
        assert set(found[table.name]) - set(table.tags) == {
            Tag("row access policy", "a"),
            Tag("row access policy", "b"),
        }
        project.refusals.append(Refusal("/rowAccessPolicies", 403, "accessDenied", "Access Denied: no list"))
        report, events = _harvest(url, row_policies=True)
    finally:
        del project.resources[f"{place}/rowAccessPolicies"]
    assert "its row access policies: Access Denied" in report.denied.samples[0]
    assert not report.partial
    assert "secret" not in json.dumps(events)


def test_a_table_dropped_meanwhile_is_passed_over(project: BigQuery) -> None:
    project.refusals.append(Refusal("/tables/customers", 404, "notFound", "Not found: Table customers"))
    report, _ = _harvest(project.url("demo", schemas="core"), query_log=False)
    assert report.skipped.samples == ["demo.core.customers: it was dropped while the harvest ran"]
    assert not report.partial


def test_jobs_are_told_once_and_days_counted_as_a_whole(project: BigQuery) -> None:
    url = project.url("demo", schemas="core")
    assert _ran(url, (_midnight() + timedelta(hours=12)).isoformat()) == []
    told = _ran(url, (_midnight() + timedelta(hours=2)).isoformat())
    insert = next(job for job in told if job.text and job.text.sql.startswith("INSERT INTO revenue (country, total)"))
    assert insert.execution is not None
    assert [use.count for use in insert.execution.uses] == [2]
    assert insert.execution.query_id == "demo:EU.q1"


def test_steps_of_a_script_are_told_by_the_script(project: BigQuery) -> None:
    texts = [job.text.sql for job in _ran(project.url("demo", schemas="core")) if job.text]
    assert "BEGIN INSERT INTO revenue (country) SELECT country FROM customers; END" in texts
    assert "INSERT INTO revenue (country) SELECT country FROM customers" not in texts


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (Refusal("/tables/", 401, "authError", "Request had invalid credentials"), SourceError, "credentials"),
        (Refusal("/tables/", 400, "invalid", "Invalid project"), SourceError, "Invalid project"),
        (Refusal("/tables/", 403, "quotaExceeded", "Quota exceeded"), SourceUnavailableError, "Quota"),
        (Refusal("/tables/", 429, "rateLimitExceeded", "Too many"), SourceUnavailableError, "Too many"),
        (Refusal("/tables/", 503, "backendError", "Busy"), SourceUnavailableError, "Busy"),
        (Refusal("/tables/"), SourceUnavailableError, "reachable"),
        (Refusal("/tables/", seconds=2), SourceUnavailableError, "reachable"),
    ],
)
def test_failures_say_what_to_do(project: BigQuery, refusal: Refusal, kind: type[SourceError], words: str) -> None:
    project.refusals.append(refusal)
    events: Events = []
    with pytest.raises(SourceError) as raised:
        harvest(open_connector(project.url("demo"), request_timeout_s=1, retry_s=1), events.extend)
    assert type(raised.value) is kind
    assert words in str(raised.value)
    assert [event["eventType"] for event in events if "run" in event] == ["START", "FAIL"]


def test_tries_again_while_the_service_is_busy(project: BigQuery) -> None:
    project.refusals.append(Refusal("/datasets[?]", 503, "backendError", "Busy"))
    connector = open_connector(project.url("demo", schemas="core"), retry_s=30)
    found = connector.datasets()
    project.calm_after(1)
    assert next(found).name.name == "demo.core.archive"


@pytest.mark.parametrize("key", ["{}", "s3cret-canary", '{"private_key": "s3cret-canary"}'])
def test_keys_that_cannot_be_used_are_not_shown(tmp_path: Path, key: str) -> None:
    file = tmp_path / "key.json"
    file.write_text(key)
    for option in ({"password": key}, {"password": {"private_key": key}}, {"credentials_file": file}):
        connector = open_connector("bigquery://bigquery.googleapis.com/demo", **option)  # is not asked
        problem = connector.test().problem
        assert problem
        assert "credentials cannot be used" in problem
        assert "s3cret-canary" not in f"{problem} {connector!r}"


def test_hostile_names_and_widths(project: BigQuery) -> None:
    names = ["a b", "select", "ünï", "x-1", "L" * 1_024, "Select", "empty", "t_20260101", "t_99999999"]
    plain = [{"name": "order", "type": "STRING"}, {"name": "Order Id", "type": "INTEGER"}]
    wide = [{"name": f"c{number}", "type": "STRING"} for number in range(5_000)]
    deep: dict[str, Any] = {"name": "leaf", "type": "STRING"}
    for level in range(14):
        deep = {"name": f"level{level}", "type": "RECORD", "mode": "REPEATED", "fields": [deep]}
    schemas = dict.fromkeys(names, plain) | {"empty": [], "wide": wide, "deep": [deep]}
    tables = [
        {
            "tableReference": {"projectId": "demo", "datasetId": "hostile", "tableId": name},
            "schema": {"fields": fields},
            "description": "",
        }
        for name, fields in schemas.items()
    ]
    place = {"datasetReference": {"projectId": "demo", "datasetId": "hostile"}}
    gone = {
        "tableReference": {"projectId": "demo", "datasetId": "hostile", "tableId": "over_nothing"},
        "schema": {"fields": plain},
        "type": "VIEW",
        "view": {"query": "SELECT * FROM hostile.dropped", "useLegacySql": False},
    }
    project.fill("demo", {"datasets": [place], "tables": [*tables, gone]})

    found = {each.name.name: each for each in open_connector(project.url("demo", schemas="hostile")).datasets()}
    assert len(found) == len(schemas) + 1
    assert all(canonical(each.name) == each.name for each in found.values())
    assert len(found["demo.hostile.wide"].fields) == 5_000
    assert _depth(found["demo.hostile.deep"]) == 15
    assert found["demo.hostile.empty"].fields == ()
    assert found["demo.hostile.t_20260101"].kind is DatasetKind.TABLE  # one alone is no shard
    assert found["demo.hostile.a b"].description is None


def _depth(dataset: SourceDataset) -> int:
    fields, depth = dataset.fields, 0
    while fields:
        fields, depth = fields[0].fields, depth + 1
    return depth
