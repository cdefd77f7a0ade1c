"""The SQL Server connector over the wire, on a catalogue of ours: refusals, hostile names, logs."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nexus_core.connectors import open_connector
from nexus_core.connectors.objects import DatasetKind, SourceDataset, SourceJob
from nexus_core.errors import SourceError, SourceUnavailableError
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from tests.sources import Sources
from tests.tds_server import SqlServer, sqlserver

pytestmark = pytest.mark.service

_NUMBERS = itertools.count()
_LONG = "N" * 128


def _made(server: SqlServer, *contents: str) -> str:
    name = f"db{next(_NUMBERS)}"
    server.add(name, *contents)
    return server.url(name)


def _objects(*named: tuple[int, str, str]) -> str:
    rows = ", ".join(f"({number}, '{name}', '{kind}')" for number, name, kind in named)
    return f"INSERT INTO sys.objects (object_id, name, type) VALUES {rows};"


def _datasets(url: str) -> dict[str, SourceDataset]:
    return {dataset.name.name.partition(".dbo.")[2]: dataset for dataset in open_connector(url).datasets()}


def _statements(url: str, since: str | None = None) -> tuple[list[SourceJob], str | None]:
    connector = open_connector(url, agent=False)
    return [job for job in connector.jobs(since) if job.execution], connector.watermark


def test_hostile_names_are_read_and_canonical(sqlserver: SqlServer) -> None:
    names = ["a.b", 'say "x"', "it''s", "[x]", "Größe 📏", "SELECT", "100%", _LONG]
    url = _made(
        sqlserver,
        _objects(*((number, name, "U") for number, name in enumerate(names, start=1))),
        "INSERT INTO sys.columns (object_id, column_id, name, user_type_id) "
        "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1024) "
        "SELECT 8, n, 'c.' || n, 56 FROM c;",
    )
    found = _datasets(url)
    assert all(canonical(dataset.name) == dataset.name for dataset in found.values())
    assert set(found) == {
        '"a.b"', '"say ""x"""', "it's", '"[x]"', "größe 📏", "select", "100%", _LONG.lower(),
    }  # fmt: skip
    assert len(found[_LONG.lower()].fields) == 1024
    assert found["select"].fields == ()


def test_synonyms_of_each_other_of_nothing_and_of_elsewhere(sqlserver: SqlServer) -> None:
    bases = "(1, '[dbo].[b]'), (2, '[dbo].[a]'), (3, '[gone]'), (4, '[other].[x].[t]'), (5, '[NOWHERE].[d].[s].[t]')"
    url = _made(
        sqlserver,
        _objects((1, "a", "SN"), (2, "b", "SN"), (3, "c", "SN"), (4, "d", "SN"), (5, "e", "SN")),
        f"INSERT INTO sys.synonyms VALUES {bases};",
    )
    found = _datasets(url)
    space = found["a"].name.namespace
    assert {dataset.kind for dataset in found.values()} == {DatasetKind.SYNONYM}
    assert [found[name].reads[0].name.partition(".")[2] for name in "abc"] == ["dbo.b", "dbo.a", "dbo.gone"]
    assert found["d"].reads == (DatasetName(space, "other.x.t"),)
    assert found["e"].reads == ()


def test_only_named_schemas_are_read(source_urls: Sources) -> None:
    connector = open_connector(source_urls["sqlserver"], schemas=("raw",), query_log=False, agent=False)
    assert {dataset.name.name for dataset in connector.datasets()} == {"shop.raw.orders", "shop.raw.clicks"}
    assert list(connector.jobs(None)) == []
    assert connector.scope == "shop.raw.*"


def test_commands_of_other_steps_are_not_sent(source_urls: Sources) -> None:
    connector = open_connector(source_urls["sqlserver"])
    jobs = list(connector.jobs(None))
    assert "s3cret" not in repr(jobs)
    assert [job.name.name for job in jobs if job.execution and job.execution.failed] == ["agent.nightly.top"]


def test_all_databases_but_those_closed_to_the_login(sqlserver: SqlServer) -> None:
    sqlserver.logins["visitor"] = ""
    _made(sqlserver, _objects((1, "open", "U")))
    closed = _made(sqlserver, _objects((1, "closed", "U"))).rpartition("/")[2]
    sqlserver.refused["visitor"] = {closed, "msdb"}
    master = sqlserver.databases["master"]
    master.execute("DELETE FROM sys.databases")
    master.executemany("INSERT INTO sys.databases (name) VALUES (?)", [(name,) for name in sqlserver.databases])

    connector = open_connector(sqlserver.url("", "visitor"), query_log=False)
    names = [dataset.name.name for dataset in connector.datasets()]
    list(connector.jobs(None))
    assert any(name.endswith(".dbo.open") for name in names)
    assert not any(name.endswith(".dbo.closed") for name in names)
    assert f"{closed}: the login has no user there" in connector.report.denied.samples
    assert connector.report.partial
    advice = [each.statement for each in connector.test().missing]
    assert f"USE [{closed}]; CREATE USER [visitor] FOR LOGIN [visitor]" in advice
    master.execute("DELETE FROM sys.databases")


def test_cached_plans_are_counted_where_the_query_store_is_off(sqlserver: SqlServer) -> None:
    text = "CREATE PROCEDURE p AS INSERT INTO b SELECT x FROM a"
    url = _made(
        sqlserver,
        f"INSERT INTO sys.dm_exec_sql_text VALUES (1, 5, 0, 'INSERT INTO b SELECT x FROM a'), (2, 5, 9, '{text}');",
        "INSERT INTO sys.dm_exec_query_stats (sql_handle, query_hash, last_execution_time, execution_count) "
        "VALUES (1, '0x1', strftime('%Y-%m-%dT%H:%M:%S', 'now'), 3);",
        "INSERT INTO sys.dm_exec_query_stats VALUES (2, '0x2', 44, -1, strftime('%Y-%m-%dT%H:%M:%S', 'now'), 1);",
    )
    (first, inner), watermark = _statements(url)
    assert first.execution
    assert [use.count for use in first.execution.uses] == [3]
    assert inner.text
    assert inner.text.sql == "INSERT INTO b SELECT x FROM a"
    assert _statements(url, watermark)[0] == []
    assert [each.missing for each in open_connector(url).test().missing] == ["the Query Store"]


def test_refusals_say_what_to_do(sqlserver: SqlServer) -> None:
    sqlserver.logins["guarded"] = "s3cret-right"
    url = _made(sqlserver)
    user = url.replace("sa@", "guarded@")
    for wrong in (user, sqlserver.url("absent")):  # the driver tells the server's reason once in a process
        with pytest.raises(SourceError, match="password") as raised:
            list(open_connector(wrong).datasets())
        assert not raised.value.transient
    with pytest.raises(SourceError) as raised:
        list(open_connector(user, password="s3cret-wrong").datasets())
    assert not raised.value.transient
    assert "s3cret" not in f"{raised.value} {raised.value.__cause__}"
    assert list(open_connector(user, password="s3cret-right").datasets()) == []


def test_a_denied_view_of_the_catalogue_is_reported(sqlserver: SqlServer) -> None:
    url = _made(sqlserver, _objects((1, "a", "U"), (2, "b", "U")))
    sqlserver.logins["weak"], sqlserver.refused["weak"] = "", {"sys.sensitivity_classifications"}
    connector = open_connector(url.replace("sa@", "weak@"))
    assert list(connector.datasets()) == []
    assert connector.report.denied.count == 2
    assert connector.report.partial


def test_an_interrupt_ends_a_statement_that_runs() -> None:
    with sqlserver() as server:
        command = [
            Path(sys.executable).with_name("nexus"),
            "harvest",
            _made(server, _objects((1, "t", "U"))),
            "--print",
        ]
        with server.lock:  # so that the first statement waits
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
            )
            deadline = time.monotonic() + 60
            while not server.sockets:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=10)
    assert process.returncode not in (0, None)
    assert b"Traceback" not in told


def test_a_server_that_goes_away_is_transient() -> None:
    with sqlserver() as server:
        url = _made(server, _objects(*((number, f"t{number:03}", "U") for number in range(1, 300))))
        datasets: Any = open_connector(url).datasets()
        next(datasets)
        server.cut()
        with pytest.raises(SourceUnavailableError):
            list(datasets)
