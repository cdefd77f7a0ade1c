from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import psycopg
import pytest

from nexus_core.connectors import open_connector
from nexus_core.connectors.objects import DatasetKind, SourceDataset
from nexus_core.errors import SourceError, SourceUnavailableError
from nexus_core.harvest import harvest
from nexus_core.model.naming import canonical
from tests.redshift_proxy import Redshift, redshift_proxy
from tests.services import PostgreSQL
from tests.services import postgresql as running_postgresql
from tests.sources import Sources, redshift

pytestmark = pytest.mark.service
_NUMBERS = count()


@pytest.fixture
def proxy(postgresql: PostgreSQL) -> Iterator[Redshift]:
    with redshift_proxy(postgresql.port) as running:
        yield running


@pytest.fixture
def database(postgresql: PostgreSQL) -> Iterator[psycopg.Connection[Any]]:
    """A database with Redshift's catalogue and nothing else."""
    name = f"redshift_{next(_NUMBERS)}"
    redshift.fill(postgresql, name, "catalogue.sql")
    try:
        with psycopg.connect(postgresql.url(name), autocommit=True) as connection:
            yield connection
    finally:
        with psycopg.connect(postgresql.url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _read(proxy: Redshift, database: Any, **options: Any) -> list[SourceDataset]:
    return list(open_connector(proxy.url(database.info.dbname), **options).datasets())


def test_odd_names_and_shapes(proxy: Redshift, database: Any) -> None:
    for name in ("a.b", "ünï 漢", "x" * 63, "select", "Mixed", "mixed", "50%s", "%%"):
        database.execute(f'CREATE TABLE "{name}" ("q.""r" int, "Ünï" text)'.replace("%", "%%"), [])
    database.execute(f"CREATE TABLE wide ({', '.join(f'c{n} int' for n in range(1600))})")
    database.execute("CREATE TABLE nothing ()")
    database.execute("CREATE TABLE commented (a int); COMMENT ON TABLE commented IS ''")
    opened = open_connector(proxy.url(database.info.dbname))
    found = list(opened.datasets())
    assert not opened.report.partial
    assert [canonical(each.name) for each in found] == [each.name for each in found]
    by_name = {each.name.name.partition(".public.")[2]: each for each in found}
    assert len(by_name["wide"].fields) == 1600
    assert by_name["nothing"].fields == ()
    assert {"50%s", "%%", "select", "mixed"} <= set(by_name)


def test_a_weak_account_reads_structure_and_is_told_what_it_lacks(
    postgresql: PostgreSQL, source_urls: Sources, proxy: Redshift
) -> None:
    source_urls["redshift"]
    with psycopg.connect(postgresql.url("dev"), autocommit=True) as admin:
        admin.execute("CREATE ROLE weak LOGIN")
        try:
            opened = open_connector(proxy.url("dev", "weak"))
            report = harvest(opened, lambda _: None)
            assert [each.missing for each in opened.test().missing] == ["SYSLOG ACCESS UNRESTRICTED", "sys:monitor"]
        finally:
            admin.execute("DROP ROLE weak")
    assert "statistics: permission denied" in report.denied.samples[0]
    assert not report.partial
    assert report.counts["TABLE"] == 2


def test_what_cannot_be_read_is_reported_and_the_rest_read(proxy: Redshift, database: Any) -> None:
    database.execute("CREATE TABLE a (x int); CREATE TABLE c (x int); CREATE VIEW b AS SELECT 1 AS one")
    database.execute(
        "SET allow_system_table_mods = on;"
        "CREATE FUNCTION pg_rs.broken() RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'cache lookup failed'; END$$;"
        "CREATE OR REPLACE FUNCTION pg_catalog.pg_get_viewdef(oid) RETURNS text LANGUAGE sql AS 'SELECT pg_rs.broken()'"
    )
    opened = open_connector(proxy.url(database.info.dbname))
    assert [each.name.name.rpartition(".")[2] for each in opened.datasets()] == ["a", "c"]
    assert opened.report.failed.samples == [f"{database.info.dbname}.public.b: cache lookup failed"]
    assert opened.report.partial


def test_shares_of_other_clusters_are_read_with_all_databases() -> None:
    # On a server of its own: the session's holds the databases of other tests, hundreds of them.
    with running_postgresql() as server, redshift.filled(lambda _name: server) as url:
        opened = open_connector(url.replace("/dev?", "/?"))
        shared = [each for each in opened.datasets() if each.name.name.startswith("weather_db.")]
    assert [(each.name.name, each.kind) for each in shared] == [
        ("weather_db.public.stations", DatasetKind.FOREIGN_TABLE)
    ]
    assert shared[0].foreign is not None
    assert shared[0].foreign.options["producer_namespace"] == "b4c0ffee-0000"


def test_old_clusters_are_read_by_their_stl_tables(proxy: Redshift, database: Any) -> None:
    long = "INSERT INTO t SELECT " + "a + " * 100 + "1 FROM s"
    database.execute(
        "SET allow_system_table_mods = on; DROP VIEW sys_query_history, sys_query_text;"
        "CREATE TABLE pg_rs.stl (userid int, query int, label text, database char(32),"
        " starttime timestamp, aborted int);"
        "CREATE TABLE pg_rs.stl_text (query int, sequence int, text char(200));"
        "CREATE VIEW pg_catalog.stl_query AS SELECT * FROM pg_rs.stl;"
        "CREATE VIEW pg_catalog.stl_querytext AS SELECT * FROM pg_rs.stl_text;"
    )
    database.execute(
        "INSERT INTO pg_rs.stl SELECT 10, n, '', current_database(), now(), n - 1 FROM generate_series(1, 2) n"
    )
    for place in range(0, len(long), 200):
        row = (place // 200, long[place : place + 200])
        database.execute("INSERT INTO pg_rs.stl_text VALUES (1, %s, %s)", row)
    (job,) = open_connector(proxy.url(database.info.dbname)).jobs(None)
    assert job.text is not None
    assert job.text.sql == long


def test_a_second_harvest_counts_the_whole_day(proxy: Redshift, database: Any) -> None:
    ran = "INSERT INTO pg_rs.query VALUES (10, %s, '', current_database(), 'SELECT', 'success', %s)"
    text = "INSERT INTO pg_rs.query_text VALUES (%s, 0, %s)"
    for number, value in enumerate("ab"):
        database.execute(ran, (number, "now"))
        database.execute(text, (number, f"SELECT x FROM t WHERE y = '{value}'"))
    first = open_connector(proxy.url(database.info.dbname))
    assert [use.count for job in first.jobs(None) if job.execution for use in job.execution.uses] == [2]
    again = open_connector(proxy.url(database.info.dbname))
    assert list(again.jobs(first.watermark)) == []
    database.execute(ran, (9, "now"))
    database.execute(text, (9, "SELECT x FROM t WHERE y = 'c'"))
    later = open_connector(proxy.url(database.info.dbname))
    assert [use.count for job in later.jobs(first.watermark) if job.execution for use in job.execution.uses] == [3]


def test_cut_off_in_the_middle_fails_and_retires_nothing(proxy: Redshift, database: Any) -> None:
    database.execute("CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.x (x int); CREATE TABLE b.x (x int)")
    found = open_connector(proxy.url(database.info.dbname)).datasets()
    next(found)
    proxy.cut()
    with pytest.raises(SourceUnavailableError):
        list(found)


def test_a_statement_that_takes_too_long_is_reported(proxy: Redshift, database: Any) -> None:
    database.execute("CREATE TABLE a (x int)")
    database.execute(
        "SET allow_system_table_mods = on;"
        "CREATE OR REPLACE VIEW pg_catalog.svv_datashare_objects AS"
        " SELECT share_type, share_name, object_type, object_name || pg_sleep(20) AS object_name"
        " FROM (VALUES ('OUTBOUND', 's', 'table', 't')) v (share_type, share_name, object_type, object_name)"
    )
    opened = open_connector(proxy.url(database.info.dbname), statement_timeout_s=1)
    assert len(list(opened.datasets())) == 1
    assert opened.report.failed.samples == ["shares: it took too long"]


def test_refused_accounts_are_told_so(proxy: Redshift, database: Any) -> None:
    opened = open_connector(proxy.url(database.info.dbname), user="nobody_there", password="s3cret-canary")
    with pytest.raises(SourceError) as raised:
        list(opened.datasets())
    assert not raised.value.transient
    assert "nobody_there" in str(raised.value)
    assert "s3cret-canary" not in f"{raised.value} {opened!r} {opened.test()}"


def test_only_reads(proxy: Redshift, database: Any) -> None:
    database.execute("CREATE TABLE a (x int DEFAULT 1)")
    database.execute(
        "CREATE TABLE trap (x int);"
        "CREATE FUNCTION pg_rs.trap() RETURNS text LANGUAGE plpgsql"
        " AS $$BEGIN INSERT INTO public.trap VALUES (1); RETURN 'x'; END$$;"
        "SET allow_system_table_mods = on; DROP VIEW svv_mv_info;"
        "CREATE VIEW pg_catalog.svv_mv_info AS"
        " SELECT current_database()::text AS database_name, 'public' AS schema_name, pg_rs.trap() AS name,"
        " false AS is_stale, false AS autorefresh"
    )
    opened = open_connector(proxy.url(database.info.dbname))
    list(opened.datasets())
    assert "read-only transaction" in opened.report.failed.samples[0]


def test_memory_stays_flat(proxy: Redshift, database: Any) -> None:
    database.execute(
        "DO $$BEGIN FOR n IN 1..1500 LOOP EXECUTE format('CREATE TABLE t%s (a int, b int)', n); END LOOP; END$$"
    )
    found = open_connector(proxy.url(database.info.dbname)).datasets()
    list(islice(found, 250))
    tracemalloc.start()
    try:
        list(islice(found, 200))
        early = tracemalloc.get_traced_memory()[0]
        assert sum(1 for _ in found) > 1000
        assert tracemalloc.get_traced_memory()[0] - early < 500_000
    finally:
        tracemalloc.stop()
