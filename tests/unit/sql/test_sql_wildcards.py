"""Patterns over column names: what they mean, and that none takes long."""

from __future__ import annotations

import time

import pytest

from nexus_core.sql.resolving.wildcards import is_like, is_match


@pytest.mark.parametrize(
    ("name", "pattern", "like"),
    [
        ("amount", "a%", True),
        ("amount", "%nt", True),
        ("amount", "a__unt", True),
        ("amount", "a_unt", False),
        ("amount", "%o%n%", True),
        ("amount", "", False),
        ("", "%", True),
    ],
)
def test_like(name: str, pattern: str, like: bool) -> None:
    assert is_like(name, pattern) is like


@pytest.mark.parametrize(
    ("name", "pattern", "matches"),
    [
        ("user_id", "id$", True),
        ("user_id", "^id", False),
        ("user_id", "^(user|cart)_", True),
        ("user_id", "(a+)+$", None),
        ("user_id", "(", None),
        ("user_id", "a{9,}", None),
    ],
)
def test_regular_expressions(name: str, pattern: str, matches: bool | None) -> None:
    assert is_match(name, pattern) is matches


def test_a_hostile_pattern_is_quick() -> None:
    started = time.process_time()
    assert not is_like("a" * 300 + "c", "%a" * 100 + "b")
    assert is_match("a" * 300 + "c", "a*a*a*b") is None
    assert is_match("a" * 300 + "c", "a*a*b") is False
    assert time.process_time() - started < 1
