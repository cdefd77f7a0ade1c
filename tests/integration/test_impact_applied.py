"""Verdicts beside a real PostgreSQL and a real MariaDB, on which each change is really made (docs/impact.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nexus_core.impact.simulating import simulate
from nexus_core.model.impact import Change, Estate, Verdict
from tests import changed_servers
from tests.changed_estate import as_estate, changes, generated
from tests.changed_servers import Server
from tests.mysql_server import MySQL
from tests.reading_directly import Direct
from tests.services import PostgreSQL

_SEED = 4


def _breaking(known: Estate, change: Change) -> set[str]:
    """The texts of which we say that a change breaks them; nothing may be unknown."""
    outcomes = {each.id: each for each in asyncio.run(simulate(known, [change], Direct()))}
    assert not [each for each in outcomes.values() if each.verdict is Verdict.UNKNOWN]
    broken = {id_ for id_, each in outcomes.items() if each.verdict is Verdict.BREAKS}
    return {statement.sql for statement in known.statements if statement.id in broken}


def _compare(server: Server, dialect: str, count: int) -> None:
    estate = generated(_SEED, dialect)
    works = frozenset(each.sql for each in (*estate.views, *estate.statements)) - server.failures(estate, [])
    known, found = as_estate(estate, works, server.schemas), 0
    for change in changes(_SEED, estate, count):
        failed = server.failures(estate, [change]) & works
        assert _breaking(known, change) == failed, _told(change, failed)
        found += len(failed)
    assert found  # else nothing was compared


def _told(change: Change, failed: Sequence[str] | set[str]) -> str:
    errors = {sql: changed_servers.ERRORS[sql] for sql in failed}
    return f"{change}: really fails {errors}"


def test_what_we_say_breaks_is_what_fails_on_postgresql(postgresql: PostgreSQL) -> None:
    with changed_servers.on_postgresql(postgresql.url()) as server:
        _compare(server, "postgres", 12)


def test_what_we_say_breaks_is_what_fails_on_mariadb(mariadb: MySQL) -> None:
    with changed_servers.on_mysql(mariadb) as server:
        _compare(server, "mysql", 6)
