from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from nexus_core.connectors._snowflake_catalogue import SHOW_MAX_ROWS, Database, Meeting, Refused
from nexus_core.connectors._snowflake_names import Account, stored, without_query, without_secrets
from nexus_core.connectors._snowflake_objects import located
from nexus_core.connectors._snowflake_session import SnowflakeSettings
from nexus_core.connectors.report import Report

ACCOUNT = Account.of("acme-shop", None)
_TABLE = {
    "TABLE_TYPE": "BASE TABLE",
    "TABLE_OWNER": "LOADER",
    "ROW_COUNT": 1,
    "BYTES": 1,
    "COMMENT": None,
    "CLUSTERING_KEY": None,
    "RETENTION_TIME": 1,
    "IS_TRANSIENT": "NO",
    "VIEW_DEFINITION": None,
    "IS_SECURE": None,
}
_COLUMN = {
    "DATA_TYPE": "TEXT",
    "CHARACTER_MAXIMUM_LENGTH": None,
    "NUMERIC_PRECISION": None,
    "NUMERIC_SCALE": None,
    "IS_NULLABLE": "YES",
    "COLUMN_DEFAULT": None,
    "IDENTITY": "NO",
    "COMMENT": None,
}


class Account10Schemas:
    """Answers for a database of ten schemas with `count` tables and tasks each."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.asked: list[str] = []

    def __call__(self, query: str, **given: Any) -> Iterator[dict[str, Any]]:
        schemas = [f"S{number}" for number in range(10)]
        self.asked.append(f"{given.get('what', query)} {given.get('where', '')}")
        if query == "schemas":
            yield from ({"SCHEMA_NAME": schema} for schema in schemas)
        elif query == "tables":
            yield from (_TABLE | {"TABLE_NAME": name} for name in self._names())
        elif query == "columns":
            names = ((name, f"C{column}") for name in self._names() for column in range(5))
            yield from (_COLUMN | {"TABLE_NAME": name, "COLUMN_NAME": column} for name, column in names)
        elif given.get("what") == "TASKS":
            wanted = [
                schema for schema in schemas if not given["where"].startswith("SCHEMA") or schema in given["where"]
            ]
            found = ((schema, name) for schema in wanted for name in self._names())
            yield from (
                {"schema_name": schema, "name": name, "definition": "CALL P()"}
                for (schema, name), _ in zip(found, range(SHOW_MAX_ROWS), strict=False)
            )

    def _names(self) -> Iterator[str]:
        return (f"T{number:06}" for number in range(self._count))


def _database(ask: Account10Schemas, report: Report | None = None) -> Database:
    return Database(ask, ACCOUNT, "SHOP", (), report or Report(), SnowflakeSettings())


def test_memory_stays_flat_however_many_tables() -> None:
    few, many = _peak(10), _peak(200)
    assert many - few < 200_000


def _peak(count: int) -> int:
    """The most bytes held while ten schemas of `count` tables are read; names are cached within bounds, so before."""
    for schema, table in ((schema, table) for schema in range(10) for table in range(count)):
        ACCOUNT.dataset("SHOP", f"S{schema}", f"T{table:06}")
    tracemalloc.start()
    try:
        assert sum(len(dataset.fields) for dataset in _database(Account10Schemas(count)).datasets()) == 50 * count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_asks_by_schema_what_a_database_has_too_much_of() -> None:
    ask, report = Account10Schemas(1_500), Report()
    tasks = [job for job in _database(ask, report).jobs() if job.kind == "TASK"]
    assert len(tasks) == 15_000
    assert sum(each.startswith("TASKS SCHEMA") for each in ask.asked) == 10
    assert not report.partial


def test_says_that_a_schema_has_more_than_can_be_listed() -> None:
    report = Report()
    next(job for job in _database(Account10Schemas(SHOW_MAX_ROWS), report).jobs() if job.kind == "TASK")
    assert report.partial
    assert "more than 10000 tasks" in report.failed.samples[0]


def test_rows_meet_by_key_and_lesser_ones_are_passed_over() -> None:
    meeting = Meeting([{"n": 1}, {"n": 3}, {"n": 3}], "n")
    assert [len(meeting.at(key)) for key in (0, 1, 2, 3, 3, 4)] == [0, 1, 0, 2, 2, 0]


def test_what_is_refused_costs_no_more_than_itself() -> None:
    def refusing(query: str, **given: Any) -> Iterator[dict[str, Any]]:
        if query == "show":
            raise Refused("no")
        return Account10Schemas(1)(query, **given)

    report = Report()
    assert len(list(Database(refusing, ACCOUNT, "SHOP", (), report, SnowflakeSettings()).datasets())) == 10
    assert report.partial


@pytest.mark.parametrize(
    ("host", "account", "namespace", "answers"),
    [
        ("acme-shop", None, "snowflake://acme-shop", "acme-shop.snowflakecomputing.com"),
        ("acme-shop.snowflakecomputing.com", None, "snowflake://acme-shop", "acme-shop.snowflakecomputing.com"),
        ("", "xy12345.eu-west-1", "snowflake://xy12345.eu-west-1.aws", "xy12345.eu-west-1.snowflakecomputing.com"),
        ("proxy.acme.example", "acme-shop", "snowflake://acme-shop", "proxy.acme.example"),
    ],
)
def test_accounts(host: str, account: str | None, namespace: str, answers: str) -> None:
    found = Account.of(host, account)
    assert (found.namespace, found.host) == (namespace, answers)


def test_identifiers_as_stored() -> None:
    assert (stored("shop"), stored('"shop"'), stored('"a""b"')) == ("SHOP", "shop", 'a"b')


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("COPY INTO t FROM @s CREDENTIALS=(AWS_KEY_ID='a)' X='b') ON_ERROR=SKIP", "COPY INTO t FROM @s  ON_ERROR=SKIP"),
        ("x AZURE_SAS_TOKEN = 'se''cret' y", "x AZURE_SAS_TOKEN = '…' y"),
        ("SELECT 'password' FROM t", "SELECT 'password' FROM t"),
    ],
)
def test_texts_without_credentials(sql: str, shown: str) -> None:
    assert without_secrets(sql) == shown


@pytest.mark.parametrize(
    ("location", "namespace", "name"),
    [
        ("@LANDING/a/", "snowflake://acme-shop", "@SHOP.CORE.LANDING/a/"),
        ("@RAW.LANDING", "snowflake://acme-shop", "@SHOP.RAW.LANDING"),
        ('@"my.db"."s".STG/x', "snowflake://acme-shop", '@"my.db"."s".STG/x'),
        ("s3://bucket/in/?sig=1", "s3://bucket", "in"),
        ("gcs://bucket/", "gs://bucket", "/"),
        ("azure://acme.blob.core.windows.net/box/in", "azure://acme.blob.core.windows.net", "box/in"),
    ],
)
def test_locations(location: str, namespace: str, name: str) -> None:
    found = located(ACCOUNT, ("SHOP", "CORE"), location)
    assert (found.namespace, found.name) == (namespace, name)


def test_signatures_are_left_out() -> None:
    assert without_query("https://x/y?sig=1") == "https://x/y"
