"""Originals that are erased: gone from every file and every copy, while what came of them stays."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nexus_core.cli import app
from nexus_core.cli.erasing import Wanted, run_erase
from nexus_core.errors import InvalidInputError
from nexus_core.eventlog.erasing import check_month
from nexus_core.eventlog.opening import open_log
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from nexus_core.store.database import open_store
from tests.merging import Merging, dataset, dataset_event, envelope, merging, run_event
from tests.stores import STORES

pytestmark = pytest.mark.service

CANARY = "anna.canary@example.org"
SQL = f"INSERT INTO shop.public.b SELECT x FROM shop.public.a WHERE mail = '{CANARY}' -- for {CANARY}"
HELD = envelope(run_event("COMPLETE", 1, "r1", "copy", SQL, [dataset("a")], [dataset("b")]))
OTHER_SQL = "INSERT INTO shop.public.c SELECT x FROM shop.public.a WHERE mail = 'ben@example.org'"
OTHER = envelope(run_event("COMPLETE", 2, "r2", "other", OTHER_SQL, [dataset("a")], [dataset("c")]))
_FOUND = f"CASE WHEN mail = '{CANARY}' THEN upper(x) ELSE '{CANARY}' END"
_HELD_ELSEWHERE = {
    "expressions": f"INSERT INTO shop.public.b SELECT {_FOUND} FROM shop.public.a HAVING max(x) > '{CANARY}'",
    "a column without a name": f"CREATE TABLE shop.public.d AS SELECT '{CANARY}', x FROM shop.public.a",
    "what is not understood": f"INSERT INTO shop.public.e SELEC ((x FROM WHERE '{CANARY}'",
    "several statements": f"DELETE FROM shop.public.b WHERE x = $${CANARY}$$; INSERT INTO b VALUES ('{CANARY}')",
}
_CHECK = {"name": "c", "sql": f"mail <> '{CANARY}'"}
_ASSERTION = {"assertion": "expression_is_true", "success": False, "content": f"mail <> '{CANARY}'", "actual": CANARY}
MORE = [
    *(
        envelope(run_event("COMPLETE", 3 + number, f"m{number}", f"job {number}", sql, [dataset("a")], [dataset("b")]))
        for number, sql in enumerate(_HELD_ELSEWHERE.values())
    ),
    envelope(run_event("FAIL", 9, "f", "copy", errorMessage={"message": f"no {CANARY}", "programmingLanguage": "SQL"})),
    envelope(
        dataset_event(
            10,
            dataset(
                "k",
                {"mail": "text"},
                lineageNexus_constraints={"checks": [_CHECK]},
                lineageNexus_columns={"fields": [{"name": "mail", "default": f"'{CANARY}'"}]},
                dataQualityAssertions={"assertions": [_ASSERTION]},
            ),
        )
    ),
]
TABLE = envelope(dataset_event(0, dataset("a", {"x": "int", "mail": "text"})))


@pytest.fixture
async def settings(neo4j: GraphSettings, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    made = await STORES[getattr(request, "param", "sqlite")](request, tmp_path / "data")
    return made.model_copy(update={"graph": neo4j})


@pytest.fixture
async def parser() -> AsyncIterator[ParsePool]:
    async with ParsePool(seconds=30, memory_mb=1024) as parser:
        yield parser


@pytest.fixture
async def merge(neo4j: GraphSettings, tmp_path: Path, settings: Settings, parser: ParsePool) -> AsyncIterator[Merging]:
    async with merging(neo4j, tmp_path / "data", parser, settings) as running:
        await running.merge(TABLE, HELD, OTHER)
        yield running


async def _sql_of(settings: Settings, event_id: str) -> str:
    store = open_store(settings.store_url)
    async with aclosing(await open_log(store, settings)) as log:
        (found,) = await log.read([event_id])
    await store.dispose()
    sql: str = found.event["job"]["facets"]["sql"]["query"]
    return sql


async def _erase(settings: Settings, *, apply: bool = True, **given: Any) -> None:
    told: dict[str, Any] = {"events": frozenset(), "text": None, "month": None, "account": None, "reason": "asked to"}
    await run_erase(settings, Wanted(**told | given), apply=apply)


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
async def test_what_is_erased_cannot_be_opened_and_all_else_can(
    merge: Merging, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await _sql_of(settings, HELD.id) == SQL
    before = await merge.hash()
    await _erase(settings, text=CANARY.upper(), apply=False)
    assert await _sql_of(settings, HELD.id) == SQL
    await _erase(settings, text=CANARY.upper())
    assert CANARY not in await _sql_of(settings, HELD.id)
    assert len(await _sql_of(settings, HELD.id)) == len(SQL)
    assert await _sql_of(settings, OTHER.id) == OTHER_SQL
    assert await merge.hash() == before
    assert CANARY not in capsys.readouterr().out
    await _erase(settings, text=CANARY)
    assert "No event whose originals can be opened." in capsys.readouterr().out


async def test_no_copy_of_the_log_opens_it(merge: Merging, settings: Settings, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    backup.mkdir()
    for name in ("nexus.db", "nexus.db-wal", "nexus.db-shm"):
        if (settings.data_dir / name).exists():
            shutil.copy(settings.data_dir / name, backup / name)
    destroyed = _key_in(settings.data_dir)
    await merge.merge(*MORE)
    await _erase(settings, text=CANARY)
    for name in ("secrets-key", "event-keys.db"):
        shutil.copy(settings.data_dir / name, backup / name)
    restored = Settings.load(data_dir=backup)
    assert CANARY not in await _sql_of(restored, HELD.id)
    assert await _sql_of(restored, OTHER.id) == OTHER_SQL
    for path in _files(settings.data_dir):
        content = path.read_bytes()
        assert CANARY.encode() not in content, path.name
        assert destroyed not in content, path.name
    assert CANARY not in await _graph_of(merge)


async def _graph_of(merge: Merging) -> str:
    """All that Neo4j has, as text."""
    async with merge.graph.session() as session:
        found = await session.run("MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN properties(n), properties(r)")
        return str(await found.values())


async def test_a_replay_after_erasure_gives_the_same_graph(
    merge: Merging, settings: Settings, neo4j: GraphSettings, parser: ParsePool, tmp_path: Path
) -> None:
    before = await merge.hash()
    await _erase(settings, events=frozenset({HELD.id}))
    store = open_store(settings.store_url)
    async with aclosing(await open_log(store, settings)) as log:
        logged = [each for _, each in await log.scan(0, 100)]
    await store.dispose()
    assert CANARY not in str(logged)
    async with merging(neo4j, tmp_path / "again", parser) as again:
        await again.merge(*logged)
        assert await again.hash() == before


async def test_the_log_and_the_audit_log_tell_of_it(merge: Merging, settings: Settings) -> None:
    await _erase(settings, events=frozenset({HELD.id}))
    store = open_store(settings.store_url)
    async with aclosing(await open_log(store, settings)) as log:
        record = [each for _, each in await log.scan(0, 100)][-1]
    await store.dispose()
    facet = record.event["job"]["facets"]["lineageNexus_decision"]
    assert (facet["kind"], facet["details"]) == ("erasure", {"events": [HELD.id], "reason": "asked to"})


async def test_a_past_month_goes_as_a_whole(merge: Merging, settings: Settings) -> None:
    await _erase(settings, month="2026-01", account="producer")
    assert "canary" not in await _sql_of(settings, HELD.id)
    assert "ben@" not in await _sql_of(settings, OTHER.id)


@pytest.mark.parametrize("month", ["2026-11", "2027-01", "2026-13", "november", "2026-1"])
def test_months_that_are_not_past_or_none(month: str) -> None:
    with pytest.raises(InvalidInputError):
        check_month(month, datetime(2026, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    "given", [["--event", "x", "--containing"], [], ["--month", "2026-01"], ["--event", "x", "--month", "2026-01"]]
)
def test_one_way_to_say_what(given: list[str]) -> None:
    assert CliRunner().invoke(app, ["erase", "--reason", "x", *given]).exit_code == 2


def _key_in(folder: Path) -> bytes:
    with closing(sqlite3.connect(folder / "event-keys.db")) as keys:
        ((sealed,),) = keys.execute("SELECT nodes FROM event_key")
    assert sealed in (folder / "event-keys.db").read_bytes()
    return bytes(sealed)
