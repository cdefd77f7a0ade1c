"""Our own checks on real databases: what is wrong is found, and nothing but counts leaves the source."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from nexus_core.checks import ChecksReport, read_checks, run_checks
from nexus_core.connectors import open_connector
from nexus_core.errors import ConfigurationError
from nexus_core.events.check import check
from nexus_core.events.quality import read_quality
from tests.merging import envelope
from tests.mysql_server import MySQL
from tests.redshift_proxy import redshift_proxy
from tests.services import PostgreSQL
from tests.sources import redshift

pytestmark = pytest.mark.service

ROWS = """
INSERT INTO orders VALUES
  (1, 'new', 10, CURRENT_TIMESTAMP), (2, 'paid', NULL, CURRENT_TIMESTAMP), (2, 'lost%', 5, CURRENT_TIMESTAMP)
"""
TABLE = "CREATE TABLE orders (id int, status varchar(20), amount int, placed_at timestamp NULL)"
GETDATE = "CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp LANGUAGE sql AS 'SELECT localtimestamp'"
GOOD: list[dict[str, Any]] = [
    {"check": "freshness", "field": "placed_at", "within": "36h"},
    {"check": "volume", "least": 3, "most": 3},
    {"check": "nulls", "field": "amount", "share": 0.34},
    {"check": "uniqueness", "fields": ["id", "status"]},
    {"check": "accepted_values", "field": "status", "values": ["new", "paid", "lost%"]},
    {"check": "accepted_values", "field": "status", "values": ["new"], "where": "status LIKE 'n%'", "name": "some"},
    {"check": "custom_sql", "name": "few", "sql": "SELECT 1 FROM {orders} WHERE amount < 7 -- %", "most": 1},
    {"check": "schema_change", "fields": {"ID": None, "status": None}, "others": True},
]
BAD: list[dict[str, Any]] = [
    {"check": "freshness", "field": "placed_at", "within": "1s", "where": "id = 99"},
    {"check": "volume", "most": 2},
    {"check": "nulls", "field": "amount"},
    {"check": "uniqueness", "fields": ["id"]},
    {"check": "accepted_values", "field": "status", "values": ["new", "paid"], "severity": "warn"},
    {"check": "custom_sql", "name": "few", "sql": "SELECT 1 FROM {orders} WHERE amount < 7;"},
    {"check": "schema_change", "fields": {"id": "text", "gone": None}},
]
MEASURED = [-1, 3, 1, 1, 1, 1, 5]


@pytest.fixture(scope="module")
def shop(postgresql: PostgreSQL) -> Any:
    with psycopg.connect(postgresql.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE checked_shop")
        connection.execute("CREATE ROLE checker LOGIN")
    with psycopg.connect(postgresql.url("checked_shop"), autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute(ROWS)
        connection.execute("GRANT SELECT ON orders TO checker")
    return open_connector("postgresql://", host=postgresql.host, port=postgresql.port, user="checker")


def run(connector: Any, table: str, place: str, checks: list[dict[str, Any]]) -> tuple[ChecksReport, dict[str, Any]]:
    asked = [{**each, "sql": each["sql"].format(orders=place)} if "sql" in each else each for each in checks]
    events: list[dict[str, Any]] = []
    report = run_checks(connector, read_checks({"datasets": {table: asked}}), events.extend)
    (event,) = events
    return report, event


def judge(connector: Any, table: str, place: str) -> None:
    report, _ = run(connector, table, place, GOOD)
    assert (report.failed, report.broken) == ([], [])
    report, event = run(connector, table, place, BAD)
    assert [(each.check.check, each.problem) for each in report.broken] == []
    assert [each.found.measured for each in report.ran if each.found] == MEASURED
    told = read_quality(envelope(event))
    assert [(each.assertion, each.passed) for each in told.findings] == [(each["check"], False) for each in BAD]
    assert [each.severity for each in told.findings].count("warn") == 1
    assert [each.value for each in told.figures if each.metric == "row_count"] == [3]
    assert "lost" not in str(event)
    assert check(event).warnings == ()


def test_postgresql(shop: Any) -> None:
    judge(shop, "checked_shop.public.orders", "public.orders")


@pytest.mark.parametrize("server", ["mysql", "mariadb"])
def test_mysql_and_mariadb(server: str, request: pytest.FixtureRequest) -> None:
    running: MySQL = request.getfixturevalue(server)
    running.run("CREATE DATABASE checked_shop")
    try:
        running.run(TABLE, ROWS, database="checked_shop")
        judge(open_connector(running.url()), "checked_shop.orders", "checked_shop.orders")
    finally:
        running.run("DROP DATABASE checked_shop")


def test_redshifts_driver_on_a_postgresql(postgresql: PostgreSQL) -> None:
    redshift.fill(postgresql, "checked_cluster", "catalogue.sql")
    with psycopg.connect(postgresql.url("checked_cluster"), autocommit=True) as connection:
        connection.execute(GETDATE)
        connection.execute(TABLE)
        connection.execute(ROWS)
    with redshift_proxy(postgresql.port) as proxy:
        judge(open_connector(proxy.url("checked_cluster")), "checked_cluster.public.orders", "public.orders")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1) AS x; DELETE FROM public.orders; SELECT 2 FROM (SELECT 1",
        "WITH gone AS (DELETE FROM public.orders RETURNING 1) SELECT * FROM gone",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT nothing FROM public.nowhere",
    ],
)
def test_a_query_that_writes_or_fails_tells_nothing(shop: Any, sql: str) -> None:
    checks = [{"check": "custom_sql", "name": "attack", "sql": sql}, {"check": "volume", "least": 3}]
    report, event = run(shop, "checked_shop.public.orders", "", [{**each} for each in checks])
    assert [each.check.check for each in report.broken] == ["custom_sql"]
    assert report.failed == []
    (told,) = read_quality(envelope(event)).findings
    assert (told.assertion, told.measured) == ("volume", 3)


def test_what_the_account_may_not_read_is_broken_not_failed(shop: Any) -> None:
    checks = {"datasets": {"checked_shop.pg_catalog.pg_authid": [{"check": "volume", "least": 1}]}}
    report = run_checks(shop, read_checks(checks), lambda _events: None)
    assert "permission denied" in report.broken[0].problem


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"datasets": {}}, "datasets"),
        ({"datasets": {"a.b.c": [{"check": "freshness", "field": "x", "within": "soon"}]}}, "a number with s, m, h"),
        ({"datasets": {"a.b.c": [{"check": "volume"}]}}, "give least, most or both"),
        ({"datasets": {"a.b.c": [{"check": "magic"}]}}, "datasets.a.b.c.0"),
        ({"datasets": {"a.b.c": [{"check": "nulls", "field": "x", "share": 2}]}}, "share"),
    ],
)
def test_a_wrong_declaration_names_the_key(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said.replace(".", r"\.")):
        read_checks(given)
