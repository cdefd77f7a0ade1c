"""Snowflake's connector, with the real driver, against an emulator whose front refuses, stalls and hangs up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from nexus_core.connectors import open_connector
from nexus_core.connectors.objects import SourceDataset, SourceJob
from nexus_core.errors import PasswordNeededError, SourceError, SourceUnavailableError
from nexus_core.harvest import HarvestReport, harvest
from nexus_core.model import facets
from nexus_core.model.naming import canonical
from tests.snowflake_service import Refusal, Snowflake
from tests.sources import Sources

pytestmark = pytest.mark.service

Events = list[dict[str, Any]]
_DENIED = ("002003", "SQL compilation error: Object 'X' does not exist or not authorized.")
_YESTERDAY = "DATEADD(hour, {hour}, DATEADD(day, -1, CURRENT_DATE()))::TIMESTAMP_TZ"


@pytest.fixture
def account(snowflake: Snowflake, source_urls: Sources) -> Iterator[Snowflake]:
    """The filled account; what a test has it refuse is forgotten in the end."""
    source_urls["snowflake"]
    snowflake.statements.clear()
    snowflake.logins.clear()
    yield snowflake
    snowflake.refusals.clear()


def _harvest(url: str, **options: Any) -> tuple[HarvestReport, Events]:
    events: Events = []
    return harvest(open_connector(url, **options), events.extend), events


def _jobs(url: str, since: str | None = None, **options: Any) -> list[SourceJob]:
    return list(open_connector(url, **options).jobs(since))


def test_sends_nothing_that_writes(account: Snowflake) -> None:
    _harvest(account.url("SHOP"))
    said = {"\n".join(line for line in sql.split("\n") if line[:2] != "--").split()[0] for sql in account.statements}
    assert said == {"SELECT", "SHOW", "WITH"}


def test_says_which_grants_are_missing_and_reads_the_rest(account: Snowflake) -> None:
    whole, _ = _harvest(account.url("SHOP"))
    account.refusals.append(Refusal("ACCOUNT_USAGE", *_DENIED, state="42S02"))

    grants = {each.statement for each in open_connector(account.url("SHOP")).test().missing}
    assert 'GRANT DATABASE ROLE SNOWFLAKE.OBJECT_VIEWER TO ROLE "duckdb"' in grants
    report, _ = _harvest(account.url("SHOP"))
    assert report.denied.samples[0] == "SHOP tags: SQL compilation error: Object 'X' does not exist or not authorized"
    assert {**whole.counts, "QUERY": 0, "TASK": 2} == {**report.counts, "QUERY": 0}
    assert not report.partial  # tags and statements are missing, but no object


def test_objects_that_may_be_missing_make_a_harvest_partial(account: Snowflake) -> None:
    account.refusals.append(Refusal("SHOW TASKS", "003001", "SQL access control error: Insufficient privileges"))
    report, events = _harvest(account.url("SHOP"), query_log=False)
    assert report.denied.samples == ["SHOP tasks: SQL access control error: Insufficient privileges"]
    assert report.counts["PIPE"] == 1
    assert events[-1]["run"]["facets"][facets.HARVEST]["partial"] is True


def test_editions_without_access_history_tell_lineage_by_their_statements(account: Snowflake) -> None:
    account.refusals.append(Refusal("ACCESS_HISTORY", *_DENIED, state="42S02"))
    insert = next(job for job in _jobs(account.url("SHOP")) if job.kind == "QUERY" and "INSERT" in job.text.sql)
    assert insert.text.sql.startswith("INSERT INTO REVENUE")
    assert (insert.inputs, insert.outputs) == ((), ())


def test_a_denied_database_does_not_stop_the_others(account: Snowflake) -> None:
    account.run("CREATE DATABASE IF NOT EXISTS CLOSED")
    account.refusals.append(Refusal('"CLOSED"', *_DENIED, state="42S02"))
    report, _ = _harvest(account.url(), query_log=False)
    assert report.scope == "*"
    assert report.denied.samples[0].startswith("CLOSED: ")
    assert report.partial
    assert report.counts["PIPE"] == 1


def test_statements_are_told_once_and_days_counted_as_a_whole(account: Snowflake) -> None:
    connector = open_connector(account.url("SHOP"))
    assert sum(job.kind == "QUERY" for job in connector.jobs(None)) == 2
    until = connector.watermark
    assert [job for job in _jobs(account.url("SHOP"), until) if job.execution] == []

    early, late = (_YESTERDAY.format(hour=hour) for hour in (5, 6))
    insert = "INSERT INTO REVENUE SELECT COUNTRY, 0 FROM CUSTOMERS WHERE ID > 9"
    values = f"'q9', '{insert}', 'SHOP', 'CORE', 'INSERT', 'LOADER', 'SUCCESS', '', {early}, {late}, 'h1'"
    account.run(f"INSERT INTO SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY VALUES ({values})")
    since = until[:10] + "T00:00:00+00:00" if until else None
    try:
        told = [job for job in _jobs(account.url("SHOP"), _hours_before(since, 20)) if job.kind == "QUERY"]
    finally:
        account.run("DELETE FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY WHERE QUERY_ID = 'q9'")
    uses = [job.execution.uses for job in told if job.execution and "INSERT" in job.text.sql]
    assert [(use.user, use.count) for use in uses[0]] == [("LOADER", 3)]


def _hours_before(time: str | None, hours: int) -> str:
    from datetime import datetime, timedelta

    return (datetime.fromisoformat(str(time)) - timedelta(hours=hours)).isoformat()


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (Refusal("LOGIN", "390100", "Incorrect username or password was specified."), SourceError, "Incorrect"),
        (Refusal("LOGIN", "390189", "Role 'X' specified is not granted to this user."), SourceError, "Role 'X'"),
        (Refusal("LOGIN", "390144", "JWT token is invalid."), SourceError, "JWT"),
        (Refusal("LOGIN", "261000", "broken", status=500), SourceUnavailableError, "reachable"),
        (Refusal("LOGIN"), SourceUnavailableError, "reachable"),
        (Refusal("LOGIN", seconds=3), SourceUnavailableError, "timed out"),
        (Refusal("TABLE_TYPE", "000606", "No active warehouse selected.", state="57P03"), SourceError, "`warehouse`"),
        (
            Refusal("TABLE_TYPE", "000630", "Statement reached its timeout", state="57014"),
            SourceUnavailableError,
            "tim",
        ),
        (Refusal("TABLE_TYPE", seconds=3), SourceUnavailableError, "reachable"),
        (Refusal("TABLE_TYPE", "261000", "broken", status=500), SourceUnavailableError, "reachable"),
    ],
)
def test_failures_say_what_to_do(account: Snowflake, refusal: Refusal, kind: type[SourceError], words: str) -> None:
    account.refusals.append(refusal)
    events: Events = []
    with pytest.raises(SourceError) as raised:
        harvest(open_connector(account.url("SHOP"), connect_timeout_s=1, statement_timeout_s=2), events.extend)
    assert type(raised.value) is kind
    assert words in str(raised.value)
    assert [event["eventType"] for event in events if "run" in event] == ["START", "FAIL"]


def test_asks_for_a_password_that_nobody_gave(account: Snowflake) -> None:
    account.refusals.append(Refusal("LOGIN", "390100", "Incorrect username or password was specified."))
    with pytest.raises(PasswordNeededError):
        next(open_connector(account.url("SHOP").replace(":none@", "@")).datasets())


def test_signs_in_by_key_pair(account: Snowflake, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    sealed = serialization.BestAvailableEncryption(b"s3cret-canary")
    file = tmp_path / "key.p8"
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed))
    connector = open_connector(account.url("SHOP"), private_key_file=file, password="s3cret-canary")
    assert connector.test().ok
    assert account.logins[0]["AUTHENTICATOR"] == "SNOWFLAKE_JWT"
    assert "s3cret-canary" not in f"{account.logins} {connector!r}"


def test_hostile_names_and_widths(account: Snowflake) -> None:
    long = "L" * 128
    columns = ", ".join(f"C{number} NUMBER(5,0)" for number in range(1_000))
    account.run(
        "CREATE DATABASE IF NOT EXISTS HOSTILE;\n"
        'CREATE SCHEMA IF NOT EXISTS HOSTILE."sch ema";\n'
        + ";\n".join(
            f'CREATE TABLE IF NOT EXISTS HOSTILE."sch ema".{name} ("order" NUMBER(1,0), "é ""x"".y" VARCHAR)'
            for name in ('"select"', '"a.b"', '"ünï"', '"Sel""ect"', f'"{long}"', '"select "', "PLAIN")
        )
        + f';\nCREATE TABLE IF NOT EXISTS HOSTILE."sch ema".WIDE ({columns})'
    )
    found = list(open_connector(account.url("hostile")).datasets())
    names = {dataset.name for dataset in found}
    assert len(names) == len(found) == 8
    assert all(canonical(name) == name for name in names)
    assert {len(dataset.fields) for dataset in found} == {2, 1_000}
    assert [field.name for field in _named(found, 'HOSTILE."sch ema"."a.b"').fields] == ["order", 'é "x".y']


def _named(found: list[SourceDataset], name: str) -> SourceDataset:
    return next(dataset for dataset in found if dataset.name.name == name)
