"""`nexus user`, on a store of its own."""

import asyncio
import re

import pytest
from typer.testing import CliRunner

from nexus_core.cli import app
from nexus_core.errors import InvalidInputError, NotFoundError
from tests.stores import sqlite_settings

PASSWORD = "correct horse battery"


@pytest.fixture
def nexus(tmp_path, monkeypatch):
    asyncio.run(sqlite_settings(tmp_path))
    monkeypatch.setenv("NEXUS_DATA_DIR", str(tmp_path))

    def run(*arguments, given=""):
        done = CliRunner().invoke(app, ["user", *arguments], input=given)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    return run


def test_a_user_is_made_listed_grouped_and_disabled(nexus):
    made = nexus(
        "create", "Alice", "--email", "a@example.org", "--group", "stewards", "--role", "viewer", given=f"{PASSWORD}\n"
    )
    account = re.search(r"acc_\w+", made)[0]
    assert f"{account}  Alice  user  stewards  may sign in" in nexus("list")
    assert nexus("groups", "alice", "--group", "analysts") == "Alice is in analysts.\n"
    assert nexus("password", account, given=f"another {PASSWORD}\n") == "The password of Alice is changed.\n"
    assert nexus("disable", "ALICE") == "Alice is disabled.\n"
    assert re.search(rf"{account}  Alice  user  analysts  disabled \d{{4}}-", nexus("list"))
    assert nexus("enable", account) == "Alice is enabled.\n"
    assert nexus("group", "analysts", "--disable") == "The group analysts is disabled.\n"


def test_what_cannot_be_is_told(nexus):
    with pytest.raises(InvalidInputError):
        nexus("create", "alice", given="short\n")
    with pytest.raises(NotFoundError):
        nexus("disable", "nobody")
