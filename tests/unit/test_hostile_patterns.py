"""Patterns that others write end in time, whatever they are tried on (ReDoS)."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

import nexus_core
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


HOSTILE = [
    *(
        ("", again)
        for again in ("'", "\\'", '\\"', '"\\', "`", "a[`", "x[", "[^", "/*", "--", " ", "(", "(request_id=")
    ),
    *(("", again) for again in ("a.", "$a", "{{", "1", "=", "[", "VALUES a(", "IN (a,", "\r\n")),
    *(("VALUES a", " "), ("= ", " "), ("IN (", ", "), ("numeric", " ")),
    *(("CREDENTIALS =(", "''"), ("create a", " table"), ("use `x`", " "), ("CREATE", " ( VIEW `"), ("a", "\n")),
    ("CREATE VIEW ", "`a`"),
]
"""What comes first, and what is repeated until a text has HOSTILE_LENGTH letters."""

HOSTILE_LENGTH = 30_000
LINEAR_SECONDS = 1.0
"""Of a processor's time; what is linear takes some milliseconds, what is quadratic some seconds."""


@contextmanager
def soon(seconds: float = SPENT_SECONDS, what: str = "it") -> Iterator[None]:
    """Fail what does not end: Python looks for signals while it matches."""

    def late(*_: object) -> None:
        raise AssertionError(f"{what} goes on and on")

    former = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
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


def _modules() -> list[str]:
    found = (each.name for each in pkgutil.walk_packages(nexus_core.__path__, "nexus_core."))
    return sorted(name for name in found if "re.compile(" in _source(name))


def _source(module: str) -> str:
    spec = importlib.util.find_spec(module)
    assert spec
    assert spec.origin
    return Path(spec.origin).read_text()


def _patterns(module: str) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Give a module's patterns by the name of its constant, those within tables of it among them."""
    for name, value in vars(importlib.import_module(module)).items():
        for each in value.values() if isinstance(value, dict) else [value]:
            for one in each if isinstance(each, (list, tuple)) else [each]:
                yield from ((name, one) for one in (one if isinstance(one, tuple) else (one,)) if _is_pattern(one))


def _is_pattern(value: object) -> bool:
    return isinstance(value, re.Pattern)


@pytest.mark.parametrize("module", _modules())
def test_patterns_are_linear(module: str) -> None:
    source = _source(module)
    for name, pattern in _patterns(module):
        uses = set(re.findall(rf"\b{name}\.(search|sub|split|finditer|findall|match|fullmatch)\(", source))
        for first, again in HOSTILE:
            text = first + again * (HOSTILE_LENGTH // len(again)) + "\0"
            with soon(LINEAR_SECONDS, f"{module}.{name} on {first}{again}"):
                _try(pattern, uses or {"match"}, text if isinstance(pattern.pattern, str) else text.encode())


def _try(pattern: re.Pattern[Any], uses: set[str], text: str | bytes) -> None:
    """Match as its module does; whatever looks through a text does so at each of its places."""
    for use in uses & {"match", "fullmatch"}:
        getattr(pattern, use)(text)
    if uses - {"match", "fullmatch"}:
        assert sum(1 for _ in pattern.finditer(text)) >= 0
