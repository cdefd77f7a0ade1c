"""Verdicts beside a real PostgreSQL and a real MariaDB, on which each change is really made (docs/impact.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from nexus_core.impact.simulating import simulate
from nexus_core.model.impact import Change, Estate, Verdict
from tests import changed_servers
from tests.changed_estate import Generated, as_estate, changes, generated
from tests.changed_servers import Server
from tests.changed_triggers import changes_under_triggers, with_triggers
from tests.mysql_server import MySQL
from tests.reading_directly import Direct
from tests.services import PostgreSQL

_SEED = 4


def _judged(known: Estate, change: Change) -> dict[str, Verdict]:
    """What we say of each text; nothing may be unknown but what depends on the rows."""
    outcomes = {each.id: each for each in asyncio.run(simulate(known, [change], Direct()))}
    unknown = [each.reason.code for each in outcomes.values() if each.verdict is Verdict.UNKNOWN]
    assert set(unknown) <= {"conversion_possible"}
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


def test_what_we_say_breaks_is_what_fails_on_mariadb(mariadb: MySQL) -> None:
    with changed_servers.on_mysql(mariadb) as server:
        estate = generated(_SEED, "mysql")
        _compare(server, estate, changes(_SEED, estate, 6))
        _compare(server, with_triggers("mysql"), changes_under_triggers("mysql"))
