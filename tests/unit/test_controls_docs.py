"""Everything that the control matrix names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MATRIX = (ROOT / "docs" / "controls.md").read_text()


@pytest.mark.parametrize("shown", re.findall(r"`(tests/[^`]+)`", MATRIX))
def test_the_named_test_exists(shown: str) -> None:
    file, _, name = shown.partition("::")
    assert re.search(rf"^(?:async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE), shown


@pytest.mark.parametrize("page", re.findall(r"\]\(([a-z]+\.md)\)", MATRIX))
def test_the_named_page_exists(page: str) -> None:
    assert (ROOT / "docs" / page).exists()


def test_every_row_is_shown_by_something() -> None:
    rows = [line for line in MATRIX.splitlines() if line.startswith("| ") and not line.startswith("| control")]
    assert len(rows) >= 20
    assert all("`tests/" in row for row in rows)
