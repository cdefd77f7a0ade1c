"""A MongoDB database with one of everything: `schema.json` holds commands, and as which account they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pymongo
from bson import json_util

from tests.mongodb_server import MongoDB, overlay
from tests.sources import GOLDEN, PEOPLE, PEOPLE_TYPES, Fixture


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the database `shop`."""
    server = fixture("mongodb")
    fill(server)
    yield server.url("shop")


_READ_ANY = frozenset({"listdatabases", "listcollections", "listindexes", "collstats", "find", "count", "aggregate"})
_OF_ALL = frozenset({"hello", "ismaster", "buildinfo", "endsessions", "getmore", "killcursors"})


@contextmanager
def reader(fixture: Fixture) -> Iterator[str]:
    """An account that is refused all commands but those of the documented roles, as far as these tests know them."""
    filled_one: MongoDB = fixture("mongodb")
    with overlay(filled_one.upstream) as server:
        server.entries, server.profiled = filled_one.entries, filled_one.profiled
        server.allowed = _READ_ANY | _OF_ALL
        yield server.url("shop")


@contextmanager
def denying(fixture: Fixture) -> Iterator[str]:
    """A database of which one collection may not be read."""
    with _other(fixture, "denying") as server:
        server.denied.add("denying.b")
        yield server.url("denying")


@contextmanager
def many(fixture: Fixture, count: int) -> Iterator[str]:
    """A database with so many collections, which the overlay makes up."""
    with overlay(fixture("mongodb").upstream) as server:
        server.generated["many"] = count
        yield server.url("many")


@contextmanager
def rows(fixture: Fixture) -> Iterator[str]:
    """A database with the collection `people`."""
    with _other(fixture, "looked") as server, pymongo.MongoClient[dict[str, Any]](server.url()) as client:
        documents = [dict(zip(PEOPLE_TYPES, row, strict=True)) for row in PEOPLE]
        for each in documents:
            each["made"] = datetime.fromisoformat(str(each["made"]))
        client["looked"]["people"].insert_many(documents)
        yield server.url("looked")


@contextmanager
def busy(fixture: Fixture) -> Iterator[tuple[str, Callable[[], None]]]:
    """A database whose profile tells of one operation more, each time."""
    with _other(fixture, "busy") as server:
        server.profiled["busy"] = []

        def act() -> None:
            with pymongo.MongoClient[dict[str, Any]](server.url(), appname="etl") as client:
                client["busy"]["a"].find_one({"x": 1})

        yield server.url("busy"), act


@contextmanager
def _other(fixture: Fixture, database: str) -> Iterator[MongoDB]:
    """A database with two collections, behind an overlay of its own."""
    with overlay(fixture("mongodb").upstream) as server, pymongo.MongoClient[dict[str, Any]](server.url()) as client:
        for name in ("a", "b"):
            client[database][name].insert_one({"x": 1})
        try:
            yield server
        finally:
            client.drop_database(database)


def fill(server: MongoDB) -> None:
    """Run the commands."""
    steps: list[dict[str, Any]] = json_util.loads((GOLDEN / "mongodb" / "schema.json").read_text(encoding="utf-8"))
    for step in steps:
        with pymongo.MongoClient(server.url(), appname=step["as"]) as client:
            for command in step["commands"]:
                client[step["in"]].command(command)
