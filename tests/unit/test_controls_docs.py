"""Everything that the control matrix and the list of attacks name exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / "docs" / name).read_text() for name in ("controls.md", "attacks.md")}
LEAST = {"controls.md": 20, "attacks.md": 50}


def named(pattern: str) -> list[str]:
    return sorted({found for page in PAGES.values() for found in re.findall(pattern, page)})


@cache
def named_in(file: str) -> frozenset[str]:
    return frozenset(re.findall(r"^(?:async )?def (test_\w+)\(", (ROOT / file).read_text(), re.MULTILINE))


@pytest.mark.parametrize("shown", named(r"`(tests/[^`]+)`"))
def test_the_named_test_exists(shown: str) -> None:
    file, _, name = shown.partition("::")
    assert name in named_in(file), shown


@pytest.mark.parametrize("page", named(r"\]\(([a-z]+\.md)\)"))
def test_the_named_page_exists(page: str) -> None:
    assert (ROOT / "docs" / page).exists()


@pytest.mark.parametrize("name", PAGES)
def test_every_row_is_shown_by_something(name: str) -> None:
    table = re.findall(r"^\|-[-|]+\n((?:\|.*\n)+)", PAGES[name], re.MULTILINE)
    rows = [line for part in table for line in part.splitlines()]
    assert len(rows) >= LEAST[name]
    assert [row for row in rows if "`tests/" not in row] == []
