"""Quality of events that dbt-ol and Great Expectations really sent (tests/data/quality_events/record.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nexus_core.events.check import check
from nexus_core.events.quality import read_quality
from nexus_core.model.quality import Finding
from tests.merging import envelope

_RECORDED = Path(__file__).parents[2] / "data" / "quality_events"


def _findings(name: str) -> list[Finding]:
    """Every event is accepted; the findings of all."""
    events: list[dict[str, Any]] = json.loads((_RECORDED / name).read_text())
    for event in events:
        check(event)
    return [found for event in events for found in read_quality(envelope(event)).findings]


def _told(found: Finding) -> tuple[str, str, str, bool, str]:
    return found.name, found.assertion, found.field, found.passed, found.severity


def test_great_expectations_results_are_those_of_the_table_that_its_data_source_tells() -> None:
    found = _findings("great_expectations.json")
    table = "shop.public.orders"
    assert {each.namespace for each in found} == {"postgres://127.0.0.1:5432"}
    assert [_told(each) for each in found] == [
        (table, "expect_column_values_to_not_be_null", "id", True, "error"),
        (table, "expect_column_values_to_be_unique", "id", False, "error"),
        (table, "expect_column_values_to_be_in_set", "status", False, "error"),
        (table, "expect_table_row_count_to_be_between", "", True, "error"),
        (table, "expect_column_max_to_be_between", "amount", True, "error"),
    ]
    assert {each.tool for each in found} == {"great-expectations"}


def test_dbt_ols_tests_are_those_of_the_model_that_they_test() -> None:
    found = {each.check_key: each for each in _findings("dbt.json")}  # told at the start and at the end
    table = "shop.mart.clean"
    assert {each.namespace for each in found.values()} == {"postgres://127.0.0.1:5432"}
    assert sorted(map(_told, found.values())) == [
        (table, "accepted_values", "status", False, "error"),
        (table, "not_null", "amount", False, "warn"),
        (table, "not_null", "id", True, "error"),
        (table, "unique", "id", False, "error"),
    ]
    assert {each.tool for each in found.values()} == {"dbt"}
