"""Ordinary queries through the wall give what a direct connection gives, cell by cell, where nothing is masked."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexus_core.proxy.wall import Permitted, judge
from tests.walls import Walls

_TEXTS = (Path(__file__).parent / "ordinary.sql").read_text(encoding="utf-8").split("\n;\n")
QUERIES = [text.strip() for text in _TEXTS if text.strip()]


@pytest.mark.parametrize("text", QUERIES, ids=lambda text: text.splitlines()[0][:60])
def test_the_answer_is_that_of_a_direct_connection(walled: Walls, text: str) -> None:
    verdict = judge(text, walled.open_profile)
    assert isinstance(verdict, Permitted), verdict
    direct = walled.none(text)
    assert "error" not in direct
    assert walled.ask(f"{walled.profile.login_role}_reader", verdict.text) == direct
