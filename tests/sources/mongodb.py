"""A MongoDB database with one of everything: `schema.json` holds commands, and as which account they run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
from bson import json_util

from tests.mongodb_server import MongoDB
from tests.sources import GOLDEN, Fixture


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the database `shop`."""
    server = fixture("mongodb")
    fill(server)
    yield server.url("shop")


def fill(server: MongoDB) -> None:
    """Run the commands."""
    steps: list[dict[str, Any]] = json_util.loads((GOLDEN / "mongodb" / "schema.json").read_text(encoding="utf-8"))
    for step in steps:
        with pymongo.MongoClient(server.url(), appname=step["as"]) as client:
            for command in step["commands"]:
                client[step["in"]].command(command)
