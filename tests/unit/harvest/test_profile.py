from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.connectors._mysql_samples import statistics
from nexus_core.connectors._statistics import distinct_of, extremes
from nexus_core.connectors.objects import FieldStatistics
from nexus_core.harvest.profile import estimated


def test_what_was_seen_whole_is_exact() -> None:
    assert estimated(["3", None, "10", "3"], "int", 4) == FieldStatistics(0.25, 2, "3", "10")


def test_texts_have_no_range() -> None:
    assert estimated(["b", "a"], "varchar(9)", None) == FieldStatistics(0.0, 2)


def test_distinct_values_of_more_rows_are_estimated() -> None:
    unique = estimated([str(n) for n in range(100)], "text", 10_000)
    assert unique.distinct_count == 10_000
    few = estimated(["a", "b"] * 50, "text", 10_000)
    assert few.distinct_count == 2


@given(st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=50), st.integers(0, 10_000))
def test_estimates_are_possible(values: list[str | None], more: int) -> None:
    found = estimated(values, "text", len(values) + more)
    seen = {value for value in values if value is not None}
    assert found.null_share is None or 0 <= found.null_share <= 1
    assert found.distinct_count is None or len(seen) <= found.distinct_count <= len(values) + more


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        (["9", "10", "-1.5"], ("-1.5", "10")),
        (["2026-02-01", "2025-12-31"], ("2025-12-31", "2026-02-01")),
        (
            ["2026-01-01 10:00:00+02", "2026-01-01T09:00:00+00:00"],
            ("2026-01-01 10:00:00+02", "2026-01-01T09:00:00+00:00"),
        ),
        (["1", "x"], (None, None)),
        (["NaN", "1"], (None, None)),
        ([None], (None, None)),
        ([], (None, None)),
    ],
)
def test_extremes_of_numbers_and_dates(values: list[str | None], ends: tuple[str | None, str | None]) -> None:
    assert extremes(values) == ends


def test_distinct_values_as_the_planner_counts_them() -> None:
    assert (distinct_of(12, None), distinct_of(-0.5, 100), distinct_of(-0.5, None), distinct_of(0, 9)) == (
        12,
        50,
        None,
        None,
    )


def test_histograms() -> None:
    single = {"histogram-type": "singleton", "null-values": 0.5, "buckets": [[1, 0.25], [7, 0.5]]}
    assert statistics(single, ranged=True) == FieldStatistics(0.5, 2, "1", "7")
    equal = {"histogram-type": "equi-height", "null-values": 0.0, "buckets": [[1, 5, 0.5, 5], [6, 20, 1.0, 9]]}
    assert statistics(equal, ranged=True) == FieldStatistics(0.0, 14, "1", "20")
    assert statistics(equal, ranged=False) == FieldStatistics(0.0, 14)
