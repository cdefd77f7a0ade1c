from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from nexus_core.cli import app
from nexus_core.connectors import open_connector
from nexus_core.connectors.objects import SourceJob, Use
from nexus_core.errors import PasswordNeededError, RefusedEventsError, SourceError
from nexus_core.harvest import HarvestReport, HarvestState, harvest
from nexus_core.model import facets
from nexus_core.model.naming import canonical
from nexus_core.model.statement import SqlRequest
from nexus_core.sql import references
from nexus_core.worker.names import Names
from tests.services import PostgreSQL
from tests.sources import Sources

pytestmark = pytest.mark.service

Events = list[dict[str, Any]]
_NUMBERS = itertools.count()


@pytest.fixture
def weak(postgresql: PostgreSQL) -> Iterator[str]:
    """A role that may do nothing but connect."""
    with _connected(postgresql) as admin:
        admin.execute("DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN")
        yield "weak"
        admin.execute("DROP OWNED BY weak; DROP ROLE weak")


@contextmanager
def _connected(server: PostgreSQL, database: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(server.url(database), autocommit=True, application_name="etl") as connection:
        yield connection


@pytest.fixture
def database(postgresql: PostgreSQL) -> Iterator[str]:
    name = f"harvest_{next(_NUMBERS)}"
    with _connected(postgresql) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield name
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _harvest(url: str, state: HarvestState | None = None, **options: Any) -> tuple[HarvestReport, Events]:
    events: Events = []
    return harvest(open_connector(url, **options), events.extend, state=state), events


def _state(report: HarvestReport, events: Events) -> HarvestState:
    chunks = [event["run"]["facets"].get(facets.MANIFEST) for event in events if "run" in event]
    objects = [each for chunk in chunks if chunk for each in chunk["objects"]]
    return HarvestState(report.watermark, {each["name"]: each["fingerprint"] for each in objects})


def test_structure_needs_no_right_but_connect(postgresql: PostgreSQL, source_urls: Sources, weak: str) -> None:
    as_admin, _ = _harvest(source_urls["postgresql"], query_log=False)
    as_weak, _ = _harvest(postgresql.url("shop", weak), query_log=False)
    assert as_weak.counts == as_admin.counts
    assert not as_weak.partial


def test_says_which_grants_are_missing_and_that_they_mend_it(
    postgresql: PostgreSQL, source_urls: Sources, weak: str
) -> None:
    url = postgresql.url("shop", weak)
    assert [each.statement for each in open_connector(url).test().missing] == ["GRANT pg_read_all_stats TO weak"]
    assert "pg_read_all_stats" in _harvest(url)[0].denied.samples[0]

    with _connected(postgresql) as admin:
        admin.execute("GRANT pg_read_all_stats TO weak")
    assert open_connector(url).test().missing == ()
    assert _harvest(url)[0].denied.count == 0


def test_names_that_hold_dots_and_quotes_mean_one_table(postgresql: PostgreSQL, database: str) -> None:
    with _connected(postgresql, database) as admin:
        admin.execute('CREATE SCHEMA "a.b"; CREATE TABLE "a.b"."c ""d""" (x int, "e.f" int); CREATE SCHEMA a')
        admin.execute('CREATE TABLE a."b.c" (x int); CREATE VIEW a.v AS SELECT x, "e.f" AS y FROM "a.b"."c ""d"""')
        admin.execute('CREATE FUNCTION "a.b".f() RETURNS int RETURN 1')
    connector = open_connector(postgresql.url(database), query_log=False)
    found = {dataset.name.name: dataset for dataset in connector.datasets()}
    table = f'{database}."a.b"."c ""d"""'
    assert found.keys() == {table, f'{database}.a."b.c"', f"{database}.a.v"}
    assert all(canonical(dataset.name) == dataset.name for dataset in found.values())
    view = found[f"{database}.a.v"]
    assert [name.name for name in view.reads] == [table]
    assert view.definition
    told = references(SqlRequest(view.definition.sql, "postgres", default_database=database)).tables
    assert table in [each.name for name in told if (each := Names([view.name], view.reads).table(name))]
    scope = open_connector(postgresql.url(database), schemas=("a.b",)).scope
    assert [name for name in found if fnmatchcase(name, scope)] == [table]


def test_log_grants_mend_the_log(postgresql: PostgreSQL, weak: str, database: str) -> None:
    url = postgresql.url(database, weak)
    with _connected(postgresql, database) as admin:
        admin.execute("CREATE TABLE a (x int)")
        admin.execute("INSERT INTO a VALUES (1)")
        report, _ = _harvest(url)
        assert report.denied.count == 1
        assert not report.partial

        for advice in open_connector(url).test().missing:
            admin.execute(advice.statement.encode())
        report, _ = _harvest(url)
    assert report.denied.count == 0
    assert report.counts["QUERY"] == 1


def test_a_statement_in_no_known_encoding_costs_the_query_log_only(postgresql: PostgreSQL, database: str) -> None:
    with _connected(postgresql, database) as admin:
        admin.execute("CREATE EXTENSION pg_stat_statements; CREATE TABLE seen (x int)")
        admin.execute("CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0")
        with _connected(postgresql, "bytes") as other:
            other.execute("SET client_encoding = 'SQL_ASCII'")
            other.execute(b"SELECT 1 AS caf\xe9")
        state = HarvestState(watermark='{"calls":{}}')
        report, _ = _harvest(postgresql.url(database), state)
        admin.execute("SELECT pg_stat_statements_reset(0, oid) FROM pg_database WHERE datname = 'bytes'")
        admin.execute("DROP DATABASE bytes")
    assert report.counts == {"TABLE": 1}
    assert "pg_stat_statements_reset()" in report.denied.samples[0]
    assert (report.partial, report.watermark) == (False, state.watermark)


def test_a_denied_database_does_not_stop_the_others(postgresql: PostgreSQL, database: str, weak: str) -> None:
    with _connected(postgresql, database) as admin:
        admin.execute("CREATE TABLE hidden (x int)")
        admin.execute(f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC")
    url = f"postgresql://{weak}@{postgresql.host}:{postgresql.port}"
    report, events = _harvest(url, query_log=False)
    assert report.scope == "*"
    assert report.denied.samples[0].startswith(f"{database}: ")
    assert report.partial
    assert events[-1]["run"]["facets"][facets.HARVEST]["partial"] is True
    assert any(f"CONNECT on {database}" == each.missing for each in open_connector(url).test().missing)


def test_denied_routines_do_not_stop_tables(postgresql: PostgreSQL, database: str, weak: str) -> None:
    with _connected(postgresql, database) as admin:
        admin.execute("CREATE TABLE seen (x int); CREATE FUNCTION f() RETURNS int RETURN 1")
        admin.execute("REVOKE SELECT ON pg_catalog.pg_proc FROM PUBLIC")
    report, _ = _harvest(postgresql.url(database, weak), query_log=False)
    assert report.counts == {"TABLE": 1}
    assert report.denied.count == 2  # of routines, and of triggers, which run them
    assert report.partial


def test_an_object_under_lock_fails_alone(postgresql: PostgreSQL, database: str) -> None:
    with _connected(postgresql, database) as admin:
        admin.execute("CREATE TABLE a (x int); CREATE VIEW b AS SELECT x FROM a; CREATE TABLE c (x int)")
        with admin.transaction():
            admin.execute("LOCK TABLE b IN ACCESS EXCLUSIVE MODE")
            report, _ = _harvest(postgresql.url(database), query_log=False, lock_timeout_s=1)
    assert report.counts == {"TABLE": 2}
    assert "lock timeout" in report.failed.samples[0]
    assert report.partial


def test_sends_only_what_changed(postgresql: PostgreSQL, database: str) -> None:
    url = postgresql.url(database)
    with _connected(postgresql, database) as admin:
        admin.execute("CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE VIEW v AS SELECT x FROM a")
        report, events = _harvest(url)
        admin.execute("COMMENT ON COLUMN b.x IS 'new'; DROP VIEW v")
        report, again = _harvest(url, _state(report, events))
    assert [event["dataset"]["name"] for event in again if "dataset" in event] == [f"{database}.public.b"]
    assert report.unchanged_count == 1
    assert set(_state(report, again).fingerprints) == {f"{database}.public.a", f"{database}.public.b"}


def test_a_refused_event_is_reported_and_sent_again(postgresql: PostgreSQL, database: str) -> None:
    with _connected(postgresql, database) as admin:
        admin.execute("CREATE TABLE a (x int); CREATE TABLE b (x int)")
    events: Events = []

    def emit(batch: Any) -> None:
        events.extend(batch)
        bad = [place for place, event in enumerate(batch) if event.get("dataset", {}).get("name", "").endswith(".a")]
        if bad:
            raise RefusedEventsError(dict.fromkeys(bad, "too long"))

    report = harvest(open_connector(postgresql.url(database), query_log=False), emit)
    assert report.failed.samples == [f"{database}.public.a: refused: too long"]
    fingerprints = _state(report, events).fingerprints
    assert fingerprints[f"{database}.public.a"] is None
    assert fingerprints[f"{database}.public.b"]


def test_scope_covers_named_schemas_only(source_urls: Sources) -> None:
    report, events = _harvest(source_urls["postgresql"], schemas=("raw", "core"), query_log=False)
    assert report.scope == "shop.core.*,shop.raw.*"
    assert {name.split(".")[1] for name in _state(report, events).fingerprints} == {"core", "raw"}


def test_many_objects_come_in_chunks_of_the_manifest(postgresql: PostgreSQL, database: str) -> None:
    with _connected(postgresql, database) as admin:
        admin.execute(
            "DO $$ BEGIN FOR n IN 1..5003 LOOP EXECUTE format('CREATE VIEW v%s AS SELECT %s AS x', n, n);"
            " IF n % 500 = 0 THEN COMMIT; END IF; END LOOP; END $$"
        )
    report, events = _harvest(postgresql.url(database), query_log=False)
    chunks = [event for event in events if event.get("eventType") == "RUNNING"]
    assert [len(event["run"]["facets"][facets.MANIFEST]["objects"]) for event in chunks] == [5000, 3]
    assert events[-1]["run"]["facets"][facets.HARVEST]["chunk_count"] == 2
    assert report.counts == {"VIEW": 5003}


def test_log_gives_statements_once_from_the_watermark(postgresql: PostgreSQL, database: str) -> None:
    url = postgresql.url(database)
    with _connected(postgresql, database) as etl:
        etl.execute("CREATE TABLE a (x int, y text)")
        etl.execute("INSERT INTO a SELECT 1, 'one'")
        etl.execute("INSERT INTO a SELECT 2, 'two'")
        etl.execute("SELECT * FROM a")
        with pytest.raises(psycopg.errors.UndefinedTable):
            etl.execute("INSERT INTO missing SELECT 1")
        etl.execute("SELECT 1")
        first = _statements(url, None)
        assert [job.text.sql for job in first[0]] == ["INSERT INTO a SELECT 1, 'one'", "SELECT * FROM a"]
        assert [job.execution.uses for job in first[0]] == [(Use("postgres", 2),), (Use("postgres", 1),)]
        assert first[0][0].text.default_database == database
        etl.execute("UPDATE a SET y = 'new' WHERE x = %s", (1,), prepare=True)
        etl.execute("SELECT 2")
        second = _statements(url, first[1])
        assert [job.text.sql for job in second[0]] == ["UPDATE a SET y = 'new' WHERE x = $1"]
    assert _statements(url, second[1])[0] == []


def test_csvlog_and_local_folder_say_the_same(postgresql: PostgreSQL, database: str, tmp_path: Path) -> None:
    with _connected(postgresql, database) as etl:
        etl.execute("CREATE TABLE a (x int, y text)")
        etl.execute("INSERT INTO a\nSELECT 1, 'a \"quoted\"\ntext'")
        etl.execute("SELECT 1")
        by_server = _statements(postgresql.url(database), None)[0]
        by_folder = _statements(postgresql.url(database), None, log_path=postgresql.data / "log")[0]
        etl.execute("ALTER SYSTEM SET log_destination = 'csvlog'")
        etl.execute("SELECT pg_reload_conf()")
        try:
            by_csv = _statements(postgresql.url(database), None)[0]
        finally:
            etl.execute("ALTER SYSTEM RESET log_destination")
            etl.execute("SELECT pg_reload_conf()")
    assert len(by_server) == 1
    assert by_server == by_folder == by_csv


def test_statements_are_counted_from_the_watermark(postgresql: PostgreSQL, database: str) -> None:
    url = postgresql.url(database)
    with _connected(postgresql, database) as etl:
        etl.execute("CREATE EXTENSION pg_stat_statements; CREATE TABLE a (x int)")
        etl.execute("INSERT INTO a SELECT 1")
        jobs, watermark = _statements(url, None)
        assert [job.text.sql for job in jobs] == ["INSERT INTO a SELECT $1"]
        assert _statements(url, watermark)[0] == []
        etl.execute("INSERT INTO a SELECT 2")
        etl.execute("INSERT INTO a SELECT 3")
        etl.execute("SELECT count(*) FROM a WHERE x > 2")
        etl.execute("SELECT relname FROM pg_class")
        jobs, _ = _statements(url, watermark)
        assert {job.text.sql: job.execution.uses for job in jobs} == {
            "INSERT INTO a SELECT $1": (Use("postgres", 2),),
            "SELECT count(*) FROM a WHERE x > $1": (Use("postgres", 1),),
        }
        assert [job.text.sql for job in _statements(url, watermark, usage=False)[0]] == ["INSERT INTO a SELECT $1"]


def _statements(url: str, since: str | None, **options: Any) -> tuple[list[SourceJob], str | None]:
    connector = open_connector(url, **options)
    found = [job for job in connector.jobs(since) if job.execution]
    return found, connector.watermark


def test_closes_its_connection_when_dropped_half_way(postgresql: PostgreSQL, source_urls: Sources) -> None:
    datasets = open_connector(source_urls["postgresql"]).datasets()
    next(datasets)
    datasets.close()  # type: ignore[attr-defined]
    with _connected(postgresql) as admin:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lineage-nexus'"
        assert admin.execute(query).fetchone() == (0,)


def test_a_server_that_goes_away_midway_is_transient(postgresql: PostgreSQL, source_urls: Sources) -> None:
    events: Events = []

    def emit(batch: Any) -> None:
        events.extend(batch)

    connector = open_connector(source_urls["postgresql"])
    datasets = connector.datasets()
    next(datasets)
    with _connected(postgresql) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lineage-nexus'")
    with pytest.raises(SourceError) as raised:
        list(datasets)
    assert raised.value.transient


def test_asks_for_a_password_that_is_missing(postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    hba = postgresql.data / "pg_hba.conf"
    before = hba.read_text(encoding="utf-8")
    with _connected(postgresql) as admin:
        admin.execute("DROP ROLE IF EXISTS guarded; CREATE ROLE guarded LOGIN PASSWORD 's3cret-right'")
        hba.write_text(f"host all guarded all scram-sha-256\n{before}", encoding="utf-8")
        admin.execute("SELECT pg_reload_conf()")
        url = postgresql.url("postgres", "guarded")
        try:
            with pytest.raises(PasswordNeededError):
                list(open_connector(url, query_log=False).datasets())
            with pytest.raises(SourceError) as raised:
                list(open_connector(url, password="s3cret-wrong").datasets())
            assert not raised.value.transient
            assert "s3cret" not in str(raised.value)
            assert list(open_connector(url, password="s3cret-right").datasets()) == []
        finally:
            hba.write_text(before, encoding="utf-8")
            admin.execute("SELECT pg_reload_conf()")
            admin.execute("DROP ROLE guarded")


def _command(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    nexus = Path(sys.executable).with_name("nexus")
    return subprocess.run([nexus, "harvest", url, *options], capture_output=True, text=True, timeout=60)


def test_events_can_be_printed(source_urls: Sources) -> None:
    done = _command(source_urls["postgresql"], "--schema", "raw", "--print")
    lines = done.stdout.splitlines()
    assert '"eventType":"START"' in lines[0]
    assert '"eventType":"COMPLETE"' in lines[-1]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_dry_run_tells_what_would_be_read_and_what_is_missing(
    postgresql: PostgreSQL, source_urls: Sources, weak: str
) -> None:
    assert source_urls["postgresql"]
    done = _command(postgresql.url("shop", weak), "--schema", "core", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"would read:\n.* table +shop\.core\.", done.stdout, re.DOTALL)
    assert "    GRANT pg_read_all_stats TO weak\n" in done.stdout
    assert done.stdout.endswith("Nothing was sent.\n")


def test_a_dry_run_of_nothing_fails(postgresql: PostgreSQL) -> None:
    done = _command(postgresql.url("nowhere"), "--dry-run")
    assert done.returncode == 1
    assert "does not exist" in done.stderr


def test_kinds(source_urls: Sources) -> None:
    kinds = {dataset.kind for dataset in open_connector(source_urls["postgresql"]).datasets()}
    assert {kind.name for kind in kinds} == {
        "TABLE",
        "PARTITIONED_TABLE",
        "FOREIGN_TABLE",
        "VIEW",
        "MATERIALIZED_VIEW",
    }


def test_a_source_lends_its_schema_to_lineage_of_sql(postgresql: PostgreSQL, database: str) -> None:
    with _connected(postgresql, database) as connection:
        connection.execute("CREATE TABLE a (id int, x text); CREATE TABLE b (id int, y text)")
    command = ["lineage", "sql", "--schema", postgresql.url(database), "--default-schema", "public"]
    result = CliRunner().invoke(app, command, input="select x, y from a join b using (id)")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[:3] == [
        "(result)",
        f"├── x ← {database}.public.a.x  identity, line 1",
        f"├── y ← {database}.public.b.y  identity, line 1",
    ]
