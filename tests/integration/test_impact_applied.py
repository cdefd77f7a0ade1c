"""Verdicts beside a real PostgreSQL and a real MariaDB, on which each change is really made (docs/impact.md)."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from nexus_core.impact.simulating import simulate
from nexus_core.model.impact import Change, Estate, Verdict
from nexus_core.model.trial import TrialRequest, World
from nexus_core.sql.binding.binder import tried
from tests import changed_servers
from tests.changed_estate import Generated, as_estate, changes, generated, parts
from tests.changed_queries import _ITEMS, _ITEMS_OF_POSTGRES
from tests.changed_servers import Server
from tests.changed_transfers import changes_under_transfers, with_transfers
from tests.changed_triggers import changes_under_triggers, with_triggers
from tests.mysql_server import MySQL
from tests.reading_directly import Direct
from tests.services import PostgreSQL

_SEED = 4


def _judged(known: Estate, change: Change) -> dict[str, Verdict]:
    """What we say of each text; nothing may be unknown but what depends on the rows, or a file's."""
    found = (asyncio.run(simulate(part, [change], Direct())) for part in parts(known))
    outcomes = {each.id: each for of in found for each in of}
    unknown = [each.reason.code for each in outcomes.values() if each.verdict is Verdict.UNKNOWN]
    assert set(unknown) <= {"conversion_possible", "null_possible", "file_columns"}
    untouched = {each.sql: Verdict.SAFE for each in known.statements}
    return untouched | {each.sql: outcomes[each.id].verdict for each in known.statements if each.id in outcomes}


def _compare(server: Server, estate: Generated, made: Iterable[Change]) -> None:
    works = frozenset(each.sql for each in estate.made) - server.failures(estate, [])
    known, found, before = as_estate(estate, works, server.schemas), 0, server.results
    for change in made:
        said = _judged(known, change)
        failed = {sql for sql in server.failures(estate, [change]) & works if said[sql] is not Verdict.UNKNOWN}
        assert {sql for sql in works if said[sql] is Verdict.BREAKS} == failed, _told(change, failed)
        safe = [sql for sql in before if said.get(sql) is Verdict.SAFE]
        assert {sql: server.results[sql] for sql in safe} == {sql: before[sql] for sql in safe}, change
        found += len(failed)
    assert found  # else nothing was compared


def _told(change: Change, failed: Sequence[str] | set[str]) -> str:
    errors = {sql: changed_servers.ERRORS[sql] for sql in failed}
    return f"{change}: really fails {errors}"


def test_what_we_say_breaks_is_what_fails_on_postgresql(postgresql: PostgreSQL) -> None:
    with changed_servers.on_postgresql(postgresql.url()) as server:
        estate = generated(_SEED, "postgres")
        _compare(server, estate, changes(_SEED, estate, 12))
        _compare(server, with_triggers("postgres"), changes_under_triggers("postgres"))


def test_tables_emptied_and_files_on_postgresql(postgresql: PostgreSQL) -> None:
    with changed_servers.on_postgresql(postgresql.url()) as server, _readable() as folder:
        _compare(server, with_transfers("postgres", folder), changes_under_transfers())


def test_tables_emptied_and_files_on_mariadb(mariadb: MySQL) -> None:
    with changed_servers.on_mysql(mariadb) as server, _readable() as folder:
        _compare(server, with_transfers("mysql", folder), changes_under_transfers())


@contextmanager
def _readable() -> Iterator[Path]:
    """Give a folder that a server may read which runs as another user."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_functions_and_operators_take_what_they_take_on_postgresql(postgresql: PostgreSQL) -> None:
    texts = [text for of in (_ITEMS, _ITEMS_OF_POSTGRES) for items in of.values() for text, _ in items]
    with psycopg.connect(postgresql.url(), autocommit=True) as connection:
        for kind in _KINDS:
            connection.execute(f"CREATE TEMPORARY TABLE t (c {kind})".encode())
            for text in (*texts, *_CALLS):
                sql = f"SELECT {text.format('t.c')} AS x FROM t"
                (trial,) = tried(TrialRequest(sql, "postgres", (World({"t": {"c": kind}}),)))
                assert bool(trial.refused) is not _takes(connection, sql), (kind, sql)
            connection.execute("DROP TABLE t")


_KINDS = (
    "integer",
    "bigint",
    "numeric(10,2)",
    "double precision",
    "text",
    "varchar(20)",
    "boolean",
    "date",
    "timestamp",
)
_CALLS = (
    *("{0} ^ 2", "power(2, {0})", "mod({0}, 2)", "round({0})", "trunc({0})", "ln({0})", "exp({0})", "log({0})"),
    *("sqrt({0})", "sign({0})", "degrees({0})", "random() * {0}", "sum({0})", "avg({0})", "bool_and({0})"),
    *("age({0}, {0})", "date_part('year', {0})", "make_date({0}, 1, 1)", "to_timestamp({0})", "justify_hours({0})"),
    *("lpad({0}, 3)", "repeat({0}, 2)", "md5({0})", "ascii({0})", "chr({0})", "translate({0}, 'a', 'b')"),
    *("regexp_replace({0}, 'a', 'b')", "starts_with({0}, 'a')", "to_number({0}, '999')", "to_date({0}, 'YYYY')"),
    *("greatest({0}, 1)", "string_agg({0}, ',')", "strpos({0}, 'a')", "substr({0}, 1)", "concat({0}, 'a')"),
)


def _takes(connection: psycopg.Connection[Any], sql: str) -> bool:
    try:
        connection.execute(f"PREPARE asked AS {sql}".encode())
        connection.execute("DEALLOCATE asked")
    except psycopg.Error:
        return False
    return True


def test_what_we_say_breaks_is_what_fails_on_mariadb(mariadb: MySQL) -> None:
    with changed_servers.on_mysql(mariadb) as server:
        estate = generated(_SEED, "mysql")
        _compare(server, estate, changes(_SEED, estate, 6))
        _compare(server, with_triggers("mysql"), changes_under_triggers("mysql"))
