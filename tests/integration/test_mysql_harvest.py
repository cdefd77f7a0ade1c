"""MySQL and MariaDB beyond the contract: hostile names, rights, logs, broken objects, and what differs between them."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from nexus_core.connectors import open_connector
from nexus_core.connectors.objects import DatasetKind, SourceDataset, SourceJob
from nexus_core.errors import PasswordNeededError, SourceError, SourceUnavailableError
from nexus_core.harvest import harvest
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from tests import mysql_server
from tests.mysql_server import MySQL
from tests.services import free_port
from tests.sources import GOLDEN

pytestmark = pytest.mark.service

_NUMBERS = itertools.count()
_LONG = "n" * 64  # the longest name of both servers
HOSTILE = f"""
CREATE TABLE `select` (`from` int, `a.b` int, `a"b` int, `a'b` int, `a``b` int, `Größe ≥` int);
CREATE TABLE `dotted.table` (x int);
CREATE TABLE `"quoted"` (x int) COMMENT '';
CREATE TABLE `{_LONG}` (`{_LONG}` int);
CREATE TABLE Orders (x int);
CREATE TABLE orders (y int);
CREATE TABLE gone (x int);
CREATE VIEW broken AS SELECT x FROM gone;
CREATE VIEW `übersicht` AS SELECT `a.b` AS `c.d`, x FROM `select`, `dotted.table`;
DROP TABLE gone;
CREATE TRIGGER `fires.here` BEFORE INSERT ON orders FOR EACH ROW
    BEGIN SET NEW.y = 1; INSERT INTO Orders VALUES (NEW.y); END;
SET SESSION sql_mode = 'ANSI_QUOTES';
CREATE PROCEDURE "copy it"() INSERT INTO "Orders" SELECT "y" FROM "orders" WHERE 'a "b"' = 'x';
CREATE PROCEDURE twice() SELECT 1;
CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC RETURN 2 * x;
CREATE TABLE wide ({", ".join(f"c{n} int" for n in range(1000))});
"""


@pytest.fixture(params=["mysql", "mariadb"])
def server(request: pytest.FixtureRequest) -> MySQL:
    found: MySQL = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def database(server: MySQL) -> Iterator[str]:
    name = f"harvest_{next(_NUMBERS)}"
    server.run(f"CREATE DATABASE {name}")
    yield name
    server.run(f"DROP DATABASE {name}")


@pytest.fixture
def weak(server: MySQL) -> Iterator[str]:
    server.run("CREATE USER weak")
    yield "weak"
    server.run("DROP USER weak")


def _datasets(url: str, **options: Any) -> dict[str, SourceDataset]:
    return {dataset.name.name: dataset for dataset in open_connector(url, **options).datasets()}


def _jobs(url: str, since: str | None = None, **options: Any) -> tuple[list[SourceJob], str | None]:
    connector = open_connector(url, **options)
    return list(connector.jobs(since)), connector.watermark


def _statements(url: str, since: str | None = None) -> tuple[dict[str, SourceJob], str | None]:
    jobs, watermark = _jobs(url, since)
    return {job.text.sql: job for job in jobs if job.execution and job.text}, watermark


def test_hostile_names_are_read_and_canonical(server: MySQL, database: str) -> None:
    server.run(HOSTILE, database=database)
    connector = open_connector(server.url(database), query_log=False)
    found = {dataset.name.name: dataset for dataset in connector.datasets()}
    jobs = {job.name.name: job for job in connector.jobs(None)}

    assert all(canonical(dataset.name) == dataset.name for dataset in found.values())
    expected = ["select", '"dotted.table"', '"""quoted"""', _LONG, "Orders", "orders", "broken", "übersicht", "wide"]
    assert set(found) == {f"{database}.{name}" for name in expected}
    assert [each.name for each in found[f"{database}.select"].fields] == [
        "from",
        "a.b",
        'a"b',
        "a'b",
        "a`b",
        "Größe ≥",
    ]
    assert len(found[f"{database}.wide"].fields) == 1000
    assert len(found[f"{database}.orders"].constraints.triggers) == 1
    assert found[f"{database}.Orders"].constraints.triggers == ()
    assert set(jobs) == {f'{database}."{name}"' if "." in name else f"{database}.{name}" for name in _JOBS} | {
        f'{database}.trigger."fires.here"'
    }
    copied = jobs[f"{database}.copy it()"].text
    assert copied
    assert copied.sql.endswith("INSERT INTO `Orders` SELECT `y` FROM `orders` WHERE 'a \"b\"' = 'x'")
    assert connector.report.failed.count == 0


_JOBS = ("copy it()", "twice()", "twice(int)")


def test_views_of_another_database_and_foreign_tables(mysql: MySQL, source_urls: Any) -> None:
    assert source_urls["mysql"]
    found = _datasets(mysql.url("shop"))  # 8.0.15 lists what a view reads to its definer only
    assert found["shop.v_contacts"].reads == (DatasetName(f"mysql://127.0.0.1:{mysql.port}", "crm.contact"),)
    foreign = found["shop.contacts"].foreign
    assert foreign
    assert foreign.origin == DatasetName("mysql://127.0.0.1:9", "crm.contact")
    assert "s3cret" not in repr(found)
    assert found["shop.customers"].description == "People who bought something"


def test_mariadb_tells_the_same_and_its_checks(mariadb: MySQL, source_urls: Any) -> None:
    schema = (GOLDEN / "mysql" / "schema.sql").read_text()
    start = schema.index("CREATE TABLE contacts")
    mariadb.run(schema[:start] + schema[schema.index("CREATE TABLE daily (") :])
    try:
        ours, theirs = _datasets(mariadb.url("shop")), _datasets(source_urls["mysql"])
        assert set(theirs) - set(ours) == {"shop.contacts", "shop.top_customers"}
        for name, dataset in ours.items():
            assert [each.name for each in dataset.fields] == [each.name for each in theirs[name].fields]
            assert dataset.kind == theirs[name].kind
            assert dataset.constraints.indexes == theirs[name].constraints.indexes
            assert dataset.partitioning == theirs[name].partitioning or dataset.partitioning
        customers = {each.name: each for each in ours["shop.customers"].fields}
        assert customers["last_name"].default == "'un''known'"
        assert customers["first_name"].default is None
        assert "CHECK (`Birth Day` <" in ours["shop.customers"].constraints.checks[0].sql
        jobs = [job.name.name for job in _jobs(mariadb.url("shop"), query_log=False)[0]]
        assert "shop.load_orders(date, int)" in jobs
        assert {"shop.trigger.note_order", "shop.event.nightly"} <= set(jobs)
    finally:
        mariadb.run("DROP DATABASE shop; DROP DATABASE crm")


def test_versioned_tables_and_sequences_of_mariadb(mariadb: MySQL) -> None:
    mariadb.run("CREATE DATABASE own; CREATE SEQUENCE own.s; CREATE TABLE own.t (x int) WITH SYSTEM VERSIONING")
    try:
        connector = open_connector(mariadb.url("own"))
        (table,) = connector.datasets()
        assert table.kind is DatasetKind.TABLE
        assert ("versions", "kept by the server") in table.properties
        assert connector.report.skipped.samples == ["own.s: a sequence"]
    finally:
        mariadb.run("DROP DATABASE own")


def test_missing_rights_are_named_and_mend_it(server: MySQL, database: str, weak: str) -> None:
    server.run("CREATE TABLE a (x int); CREATE VIEW v AS SELECT x FROM a", database=database)
    server.run("CREATE PROCEDURE p() INSERT INTO a SELECT 1", database=database)
    server.run(f"GRANT REFERENCES, EXECUTE ON {database}.* TO weak")
    url = server.url(database, weak)

    connector = open_connector(url)
    assert {dataset.name.name for dataset in connector.datasets()} == {f"{database}.a", f"{database}.v"}
    list(connector.jobs(None))
    assert any(sample.startswith(f"{database}.v: its definition: ") for sample in connector.report.denied.samples)
    assert any(sample.startswith(f"{database}.p: its body: ") for sample in connector.report.denied.samples)
    missing = connector.test().missing
    assert {each.costs.partition(" ")[0] for each in missing} >= {"definitions", "triggers", "events", "bodies"}

    server.run(*(part for each in missing for part in each.statement.split("; ")))
    mended = open_connector(url)
    assert mended.test().missing == ()
    assert _datasets(url)[f"{database}.v"].definition
    list(mended.jobs(None))
    assert mended.report.denied.count == 0


def test_an_account_that_sees_nothing_writes_nothing(server: MySQL, database: str, weak: str) -> None:
    assert _datasets(server.url("", weak)) == {}
    connector = open_connector(server.url(database))
    with connector._session() as session, pytest.raises(Exception, match="READ ONLY"):  # type: ignore[attr-defined]
        session.run(f"CREATE TABLE {database}.made (x int)")


def test_general_log_tells_users_times_and_dynamic_sql(server: MySQL, database: str, weak: str) -> None:
    server.run("CREATE TABLE a (x int, t text); CREATE TABLE b (x int, t text)", database=database)
    server.run(f"GRANT SELECT, INSERT ON {database}.* TO weak", "SET GLOBAL general_log = 1")
    try:
        _, before = _statements(server.url(database))
        with server.connected("weak", database) as etl:
            etl.execute("INSERT INTO a SELECT 1, 'it\\'s; one' FROM b")
            etl.execute("INSERT INTO a SELECT 2, 'two' FROM b  -- again")
            etl.execute("SELECT x FROM a")
            etl.execute("SELECT 1")
            etl.execute("SELECT table_name FROM information_schema.tables")
            etl.execute("PREPARE made FROM 'INSERT INTO b SELECT x, t FROM a'; EXECUTE made")
        found, after = _statements(server.url(database), before)
        assert set(found) == {
            "INSERT INTO a SELECT 1, 'it\\'s; one' FROM b",
            "SELECT x FROM a",
            "INSERT INTO b SELECT x, t FROM a",
        }
        told = found["INSERT INTO a SELECT 1, 'it\\'s; one' FROM b"]
        assert told.execution
        assert [(use.user, use.count) for use in told.execution.uses] == [("weak", 2)]
        assert told.text
        assert told.text.default_schema == database
        assert _statements(server.url(database), after)[0] == {}
    finally:
        server.run("SET GLOBAL general_log = DEFAULT" if server.scheme == "mysql" else "SELECT 1")


def test_slow_log_is_read_where_there_is_no_other(mariadb: MySQL) -> None:
    mariadb.run("CREATE DATABASE slow; CREATE TABLE slow.a (x int)")
    mariadb.run("SET GLOBAL general_log = 0, slow_query_log = 1, long_query_time = 0")
    try:
        mariadb.run("INSERT INTO a SELECT 1", "SELECT x FROM a", database="slow")
        connector = open_connector(mariadb.url("slow"))
        assert "statements from the slow log" in connector.test().works
        found, watermark = _statements(mariadb.url("slow"))
        assert {"INSERT INTO a SELECT 1", "SELECT x FROM a"} <= set(found)
        assert _statements(mariadb.url("slow"), watermark)[0] == {}
        mariadb.run("SET GLOBAL slow_query_log = 0")
        assert "slow_query_log = 1" in connector.test().missing[0].statement
        assert connector.report.denied.count == 0
    finally:
        mariadb.run("SET GLOBAL general_log = 1, slow_query_log = 0, long_query_time = DEFAULT; DROP DATABASE slow")


def test_counts_go_on_from_the_watermark(mysql: MySQL) -> None:
    mysql.run("CREATE DATABASE counted; CREATE TABLE counted.a (x int)")
    try:
        mysql.run("INSERT INTO a SELECT 1", database="counted")
        first, watermark = _statements(mysql.url("counted"))
        mysql.run("INSERT INTO a SELECT 2", "INSERT INTO a SELECT 3", database="counted")
        again, last = _statements(mysql.url("counted"), watermark)
        assert [use.count for job in (*first.values(), *again.values()) for use in job.execution.uses] == [1, 2]  # type: ignore[union-attr]
        assert _statements(mysql.url("counted"), last)[0] == {}
    finally:
        mysql.run("DROP DATABASE counted")


def test_what_is_dropped_during_a_harvest_is_left_out(server: MySQL, database: str) -> None:
    server.run("".join(f"CREATE TABLE t{n:03} (x int);" for n in range(230)), database=database)
    datasets = open_connector(server.url(database)).datasets()
    first = next(datasets)
    server.run("DROP TABLE t229; ALTER TABLE t228 ADD COLUMN y int", database=database)
    rest = list(datasets)
    assert first.name.name.endswith(".t000")
    assert len(rest) == 228
    assert [each.name for each in rest[-1].fields] == ["x", "y"]


def test_a_session_that_is_killed_midway_is_transient(server: MySQL, database: str) -> None:
    server.run("".join(f"CREATE VIEW v{n:03} AS SELECT 1 AS x;" for n in range(230)), database=database)
    datasets = open_connector(server.url(database)).datasets()
    next(datasets)
    with server.connected() as admin:
        admin.execute("SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND user = 'root'")
        admin.execute(f"KILL {admin.fetchall()[0][0]}")
    with pytest.raises(SourceUnavailableError):
        list(datasets)


def test_a_session_left_in_the_middle_of_a_log_is_closed(server: MySQL, database: str) -> None:
    connector = open_connector(server.url(database))
    with connector._session() as session:  # type: ignore[attr-defined]
        rows = session.rows("general_log", {"since": "2020-01-01"})
        next(rows, None)
        rows.close()
    with server.connected() as admin:
        admin.execute(
            "SELECT count(*) FROM information_schema.processlist WHERE id <> connection_id() AND user = 'root'"
        )
        assert admin.fetchone() == (0,)


def test_refusals_are_terminal_and_say_what_to_do(server: MySQL, database: str) -> None:
    server.run("CREATE USER guarded IDENTIFIED BY 's3cret-right'")
    try:
        url = server.url(database, "guarded")
        with pytest.raises(PasswordNeededError):
            list(open_connector(url).datasets())
        with pytest.raises(SourceError) as raised:
            list(open_connector(url, password="s3cret-wrong").datasets())
        assert not raised.value.transient
        assert "s3cret" not in str(raised.value)
        assert list(open_connector(url, password="s3cret-right").datasets()) == []
        with pytest.raises(SourceError):
            list(open_connector(url, password="s3cret-right", ssl_mode="verify_ca").datasets())
    finally:
        server.run("DROP USER guarded")


def test_a_statement_that_takes_too_long_is_transient(server: MySQL) -> None:
    connector = open_connector(server.url(), statement_timeout_s=1)
    slow = ", ".join(f"information_schema.collations {name}" for name in "abcd")
    with (
        pytest.raises(SourceUnavailableError, match="statement_timeout_s"),
        connector._session() as session,  # type: ignore[attr-defined]
    ):
        session.run(f"SELECT count(*) FROM {slow}")


def test_a_silent_server_ends_in_time(tmp_path: Any) -> None:
    with mysql_server.mariadb(free_port()) as server:
        server.run("CREATE DATABASE d; CREATE TABLE d.a (x int)")
        events: list[dict[str, Any]] = []
        pid = int((server.home / "pid").read_text())
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(SourceUnavailableError):
            harvest(open_connector(server.url("d"), connect_timeout_s=1), events.extend)
        assert [event["eventType"] for event in events] == ["START", "FAIL"]
