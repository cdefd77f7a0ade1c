"""Patterns that others write end in time, whatever they are tried on (ReDoS)."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase

import pytest

from nexus_core.connectors._kafka_patterns import pattern_of
from nexus_core.model.access import Reach, Scope
from nexus_core.model.names import DatasetName
from nexus_core.model.policy import Column, Match
from nexus_core.sql.resolving.wildcards import is_like, is_match
from nexus_core.store.patterns import glob

NAME = "a" * 2000
STARS = ["*a" * 400 + "b", "*" * 1000 + "b", "?*" * 500 + "b", "[a]*" * 300 + "b", "*[!b]" * 300 + "b", "[" * 2000]
"""Patterns of scopes, tokens and policies (fnmatch)."""

SPENT_SECONDS = 10
"""Of a processor's time; each takes some hundredths."""


@contextmanager
def soon() -> Iterator[None]:
    """Fail what does not end: Python looks for signals while it matches."""

    def late(*_: object) -> None:
        raise AssertionError("it goes on and on")

    former = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, SPENT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, former)


@pytest.mark.parametrize("pattern", STARS, ids=range(len(STARS)))
def test_patterns_of_scopes_and_policies_end(pattern: str) -> None:
    with soon():
        assert not fnmatchcase(NAME, pattern)
        name = DatasetName("kafka://k", NAME)
        assert not Scope((Reach(datasets=(f"kafka://k/{pattern}",)),)).sees(name)
        assert not Match(datasets=(pattern,), fields=(pattern,)).holds(Column(name, NAME, "PII"))


@pytest.mark.parametrize("pattern", STARS, ids=range(len(STARS)))
def test_sqlite_ends_with_them_too(pattern: str) -> None:
    said = glob(pattern)
    connection = sqlite3.connect(":memory:")
    connection.set_progress_handler(lambda: 1, 10**7)
    assert said is None or connection.execute("SELECT ? GLOB ?", (NAME, said)).fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    "pattern", ["%a" * 100 + "b", "_%" * 200 + "b", "(a+)+$", "(a|a)*b", "a?" * 60 + "a" * 60, "a*" * 9]
)
def test_patterns_within_sql_end(pattern: str) -> None:
    with soon():
        is_like(NAME, pattern)
        is_match(NAME, pattern)


@pytest.mark.parametrize(
    "regex",
    [
        "(a+)+$", "(a|a)*b", "(.*)(.*)(.*)(.*)(.*)x", "a?" * 40 + "a" * 40, "(a|a)" * 60 + "b", r"(.+)\1+x",
        r"(\w+\s?)*$", "a{1,200}" * 4 + "b", "(?:a|ab|abc)" * 30 + "!", "(" * 5000, "[a" * 1500, "a" * 10**4,
    ],
)  # fmt: skip
def test_expressions_of_connectors_end(regex: str) -> None:
    with soon():
        pattern = pattern_of(regex)
        assert pattern is None or pattern.fullmatch("a" * 249) is None


@pytest.mark.parametrize(
    ("regex", "topic"),
    [
        (r"([^.]+)\.([^.]+)\.([^.]+)\.([^.]+)", "server.shop.public.orders"),
        (r"(?<db>\w+)-(?<table>\w+)", "shop-orders"),
        (r"orders|customers|payments", "customers"),
        (r"(a|b|c)_.*\.(.*)", "a_x.y"),
        (r"^shop\.\d{4}\.(orders|items)?$", "shop.2026.items"),
    ],
)
def test_ordinary_expressions_of_connectors_are_tried(regex: str, topic: str) -> None:
    pattern = pattern_of(regex)
    assert pattern is not None
    assert pattern.fullmatch(topic)
