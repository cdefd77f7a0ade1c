from __future__ import annotations

import threading
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any

import pymongo
import pytest

from nexus_core.connectors import open_connector
from nexus_core.errors import PasswordNeededError, SourceError, SourceUnavailableError
from nexus_core.harvest import harvest
from tests.mongodb_server import MongoDB, overlay

pytestmark = pytest.mark.service
_NUMBERS = count()


@pytest.fixture
def server(mongodb: MongoDB) -> Iterator[MongoDB]:
    """An overlay of the test's own."""
    with overlay(mongodb.upstream) as running:
        yield running


@pytest.fixture
def database(server: MongoDB) -> Iterator[Any]:
    name = f"harvest_{next(_NUMBERS)}"
    with pymongo.MongoClient[dict[str, Any]](server.url()) as client:
        yield client[name]
        client.drop_database(name)


def _names(server: MongoDB, database: Any, **options: Any) -> list[str]:
    return [
        each.name.name.partition(".")[2] for each in open_connector(server.url(database.name), **options).datasets()
    ]


def _jobs(server: MongoDB, database: Any, since: str | None = None) -> tuple[list[Any], str | None]:
    opened = open_connector(server.url(database.name))
    return list(opened.jobs(since)), opened.watermark


def test_odd_names_and_shapes(server: MongoDB, database: Any) -> None:
    odd = ['a"b', "a.b.c", "ünï 漢", "x" * 120, "SELECT", "Mixed", "mixed", "``"]
    for name in odd:
        database[name].insert_one({"a.b": 1, "": 2, "ü": {"$x": 1}, 'q"': [[[{"deep": 1}]]]})
    database["wide"].insert_one({f"f{n}": n for n in range(5000)})
    database.command({"create": "empty"})
    opened = open_connector(server.url(database.name))
    found = {each.name.name.partition(".")[2]: each for each in opened.datasets()}
    assert sorted(found) == sorted([*odd, "wide", "empty"])
    assert len(found["wide"].fields) == 5000
    assert found["empty"].fields == ()
    assert not opened.report.partial


def test_views_over_what_is_gone_and_over_views(server: MongoDB, database: Any) -> None:
    database.command({"create": "over_nothing", "viewOn": "gone", "pipeline": [{"$set": {"a": "$b"}}]})
    database.command({"create": "over_view", "viewOn": "over_nothing", "pipeline": []})
    views = {each.name.name.partition(".")[2]: each for each in open_connector(server.url(database.name)).datasets()}
    assert [name.name.partition(".")[2] for name in views["over_view"].reads] == ["over_nothing"]
    assert [link.source_field for link in views["over_nothing"].links] == ["b"]


def test_what_is_denied_is_reported_and_the_rest_read(server: MongoDB, database: Any) -> None:
    for name in ("a", "b", "c"):
        database[name].insert_one({"x": 1})
    server.denied.add(f"{database.name}.b")
    opened = open_connector(server.url(database.name))
    report = harvest(opened, lambda _: None)
    assert report.denied.samples == [f"{database.name}.b: not authorized on {database.name} to execute command"]
    assert report.partial
    assert report.counts == {"COLLECTION": 2}


def test_a_denied_database_is_reported_and_advised(server: MongoDB, database: Any) -> None:
    database["a"].insert_one({"x": 1})
    server.denied.add(database.name)
    opened = open_connector(server.url(), user="nexus", schemas=(database.name,))
    assert list(opened.datasets()) == []
    assert opened.report.denied.count == 1
    first, second = opened.test().missing
    assert 'grantRolesToUser("nexus", [{role: "readAnyDatabase", db: "admin"}])' in first.statement
    assert 'role: "clusterMonitor"' in second.statement


def test_says_that_a_profile_is_missing(server: MongoDB, database: Any) -> None:
    database["a"].insert_one({"x": 1})
    (missing,) = open_connector(server.url(database.name)).test().missing
    assert missing.statement == f'db.getSiblingDB("{database.name}").setProfilingLevel(1, {{slowms: 100}})'


def test_refused_credentials_say_so(server: MongoDB) -> None:
    opened = open_connector(server.url("shop"), user="nexus", password="s3cret-canary")
    with pytest.raises(SourceError) as raised:
        list(opened.datasets())
    assert not raised.value.transient
    assert "Authentication failed" in str(raised.value)
    assert "s3cret-canary" not in f"{raised.value} {opened!r} {opened.test()}"


def test_a_server_that_asks_for_a_password(server: MongoDB, database: Any) -> None:
    database["a"].insert_one({"x": 1})
    server.failing[f"{database.name}."] = 13
    server.reason = "command listCollections requires authentication"
    assert "asks for a password" in (open_connector(server.url(database.name)).test().problem or "")
    with pytest.raises(PasswordNeededError):
        list(open_connector(server.url(database.name)).datasets())


@pytest.mark.parametrize(("code", "says"), [(91, "reachable"), (11600, "reachable")])
def test_a_server_in_trouble_is_transient(server: MongoDB, database: Any, code: int, says: str) -> None:
    database["a"].insert_one({"x": 1})
    server.failing[f"{database.name}.a"] = code
    with pytest.raises(SourceUnavailableError, match=says):
        list(open_connector(server.url(database.name)).datasets())


@pytest.mark.parametrize("code", [50, 292])
def test_an_object_that_fails_is_reported(server: MongoDB, database: Any, code: int) -> None:
    database["a"].insert_one({"x": 1})
    database["b"].insert_one({"x": 1})
    server.failing[f"{database.name}.a"] = code
    opened = open_connector(server.url(database.name))
    assert [each.name.name for each in opened.datasets()] == [f"{database.name}.b"]
    assert (opened.report.failed.count, opened.report.partial) == (1, True)


def test_down_in_the_middle_fails_and_retires_nothing(server: MongoDB, database: Any) -> None:
    for number in range(5):
        database[f"c{number}"].insert_one({"x": 1})
    asked = count()

    def die(command: str) -> None:
        if command == "listIndexes" and next(asked) >= 3:
            raise OSError("gone")

    server.before = die
    events: list[dict[str, Any]] = []
    with pytest.raises(SourceUnavailableError):
        harvest(open_connector(server.url(database.name)), events.extend)
    assert [each["eventType"] for each in events if "eventType" in each] == ["START", "FAIL"]


def test_a_server_that_hangs_ends_in_time(server: MongoDB, database: Any) -> None:
    database["a"].insert_one({"x": 1})
    let_go = threading.Event()

    def hang(command: str) -> None:
        if command == "aggregate":
            let_go.wait(20)

    server.before = hang
    opened = open_connector(server.url(database.name), statement_timeout_s=1)
    start = time.monotonic()
    try:
        with pytest.raises(SourceUnavailableError):
            list(opened.datasets())
    finally:
        let_go.set()
    assert time.monotonic() - start < 15


def test_a_dropped_generator_closes_its_connections(server: MongoDB, database: Any) -> None:
    for name in ("a", "b"):
        database[name].insert_one({"x": 1})
    before = threading.active_count()
    found = open_connector(server.url(database.name)).datasets()
    next(found)
    found.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() <= before


def test_only_reads(server: MongoDB, database: Any) -> None:
    database["a"].insert_one({"x": 1})
    server.record(database.name, command={"find": "a"}, user="u", appName="x")
    server.seen.clear()
    harvest(open_connector(server.url(database.name)), lambda _: None)
    reads = {"hello", "ismaster", "listCollections", "listIndexes", "aggregate", "find", "killCursors", "endSessions"}
    assert set(server.seen) <= reads


def test_memory_stays_flat_over_100_000_collections(server: MongoDB) -> None:
    server.generated["many"] = 100_000
    found = open_connector(server.url("many")).datasets()
    next(found)
    tracemalloc.start()
    try:
        list(islice(found, 50))
        early = tracemalloc.get_traced_memory()[0]
        assert len(list(islice(found, 250))) == 250
        assert tracemalloc.get_traced_memory()[0] - early < 1_000_000
    finally:
        tracemalloc.stop()
        found.close()  # type: ignore[attr-defined]


def test_uses_are_those_of_the_whole_day(server: MongoDB, database: Any) -> None:
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    query = {"find": "a", "filter": {"k": 1}}
    server.record(database.name, ts=noon, command=query, user="ada@admin", op="query")
    server.record(database.name, ts=noon, command={"count": "a"}, user="ada@admin")
    (_, first), watermark = _jobs(server, database)
    assert [(use.user, use.count) for use in first.execution.uses] == [("ada@admin", 1)]

    server.record(database.name, ts=noon + timedelta(hours=1), command=query, user="bob@admin", op="query")
    server.record(database.name, ts=noon + timedelta(hours=2), command=query, user="ada@admin", op="query")
    (again,), watermark = _jobs(server, database, watermark)
    assert [(use.user, use.count) for use in again.execution.uses] == [("ada@admin", 2), ("bob@admin", 1)]
    assert _jobs(server, database, watermark) == ([], watermark)


def test_leaves_out_what_failed_what_is_our_own_and_what_was_cut(server: MongoDB, database: Any) -> None:
    for entry in (
        {"command": {"find": "a"}, "errCode": 50},
        {"command": {"find": "a"}, "appName": "lineage-nexus"},
        {"command": {"$truncated": "{find: …"}},
        {"command": {"aggregate": "a", "pipeline": [{"$indexStats": {}}]}},
        {"command": {"find": "system.views"}},
        {"command": {"explain": {"find": "a"}}},
        {"command": {"aggregate": 1, "pipeline": [{"$currentOp": {}}]}},
        {},
    ):
        server.record(database.name, **entry)
    opened = open_connector(server.url(database.name))
    assert list(opened.jobs(None)) == []
    assert opened.report.skipped.count == 1


def test_the_ends_of_a_collection_can_be_read_instead(server: MongoDB, database: Any) -> None:
    database["a"].insert_many([{"_id": n, f"f{n}": 1} for n in range(10)])
    (found,) = open_connector(server.url(database.name), sample="ends", sample_size=4).datasets()
    assert [each.name for each in found.fields] == ["_id", "f0", "f1", "f8", "f9"]
    assert _names(server, database, sample_size=0) == ["a"]
