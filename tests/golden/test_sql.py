"""The corpus of SQL pairs, case by case (`tests/golden/corpus.py` has its form)."""

from __future__ import annotations

import pytest

from tests.golden.corpus import FAMILIES, Case, all_cases, seen

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.dialect}: {case.title}")
def test_lineage(case: Case, update_golden: bool) -> None:
    now = seen(case)
    if update_golden and now != case.expected:
        old = f"-- # {case.title}\n{case.sql}{case.expected}"
        text = case.path.read_text()
        assert text.count(old) == 1, "two cases of one title"
        case.path.write_text(text.replace(old, f"-- # {case.title}\n{case.sql}{now}"))
    else:
        assert now == case.expected


def test_titles_are_unique() -> None:
    titles = [(case.dialect, case.title) for case in CASES]
    assert len(titles) == len(set(titles))


def test_every_case_has_a_family() -> None:
    assert {case.family for case in CASES} <= set(FAMILIES)


def test_every_title_is_a_case() -> None:
    lines = [line for path in {case.path for case in CASES} for line in path.read_text().splitlines()]
    titled = sum(line.startswith("-- # ") for line in lines)
    assert titled == len(CASES)
