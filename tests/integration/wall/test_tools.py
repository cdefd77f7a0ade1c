"""What BI tools and drivers ask of the catalogue when somebody connects them: answered, and nothing hidden is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.wall.test_metadata import HIDDEN
from tests.masking import leaks
from tests.walls import Walls

_TEXTS = (Path(__file__).parent / "tools.sql").read_text(encoding="utf-8").split("\n;\n")[1:]


@pytest.mark.parametrize("text", _TEXTS, ids=lambda text: text.splitlines()[0].split("    ")[0].strip("- "))
def test_tools_are_answered(walled: Walls, text: str) -> None:
    head = text.strip().splitlines()[0]
    said = walled.both(text)
    assert "refused" not in said, said
    assert "error" not in said, said
    assert not leaks(said)
    assert not [name for name in HIDDEN if name in said]
    for expected in head.partition("has:")[2].split(" | "):
        assert expected.strip() in said
    if "as directly" in head:
        assert said == walled.none(text)
