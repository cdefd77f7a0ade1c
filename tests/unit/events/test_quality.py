"""Data quality facets in the shapes that dbt, Great Expectations and plain jobs send."""

from __future__ import annotations

from typing import Any

from nexus_core.events.quality import read_quality
from nexus_core.model.envelope import Envelope
from tests.merging import SPACE, envelope, run_event

OL = "https://github.com/OpenLineage/OpenLineage/tree/1.40.0/integration"
DBT = {
    "dataQualityAssertions": {
        "_producer": f"{OL}/dbt",
        "_schemaURL": "https://openlineage.io/spec/facets/1-0-1/DataQualityAssertionsDatasetFacet.json",
        "assertions": [
            {"assertion": "not_null", "success": True, "column": "Email"},
            {"assertion": "unique", "success": False, "column": "id", "severity": "warn"},
            {"assertion": "dbt_expectations.recency", "success": False, "name": "recent", "actual": "secret"},
        ],
    }
}
GREAT_EXPECTATIONS = {
    "dataQuality": {
        "rowCount": 10,
        "columnMetrics": {"id": {"nullCount": 0, "distinctCount": 9, "min": 1.0, "sum": 55.0}},
    },
    "dataQualityMetrics": {
        "rowCount": 10,
        "columnMetrics": {"id": {"nullCount": 0, "distinctCount": 9, "min": 1.0, "sum": 55.0}},
    },
    "greatExpectations_assertions": {
        "assertions": [
            {"expectationType": "expect_table_row_count_to_equal", "success": True},
            {"expectationType": "expect_column_values_to_be_in_set", "success": True, "columnId": "id"},
            {"expectationType": "expect_column_values_to_be_in_set", "success": False, "columnId": "id"},
        ]
    },
}


def ran(facets: dict[str, Any], where: str = "inputFacets", producer: str = f"{OL}/dbt", run: str = "r1") -> Envelope:
    dataset = {"namespace": SPACE, "name": "shop.public.orders", "facets": {}, where: facets}
    event = run_event("COMPLETE", 5, run, job="tests", **{"inputs" if where == "inputFacets" else "outputs": [dataset]})
    return envelope({**event, "producer": producer})


def test_dbt_tests() -> None:
    found = read_quality(ran(DBT)).findings
    told = [(each.assertion, each.field, each.passed, each.severity, each.title, each.tool) for each in found]
    assert told == [
        ("not_null", "Email", True, "error", "", "dbt"),
        ("unique", "id", False, "warn", "", "dbt"),
        ("dbt_expectations.recency", "", False, "error", "recent", "dbt"),
    ]
    assert {each.measured for each in found} == {None}


def test_great_expectations() -> None:
    told = read_quality(ran(GREAT_EXPECTATIONS, producer=f"{OL}/common/openlineage/provider/great_expectations"))
    assert [(each.assertion, each.field, each.passed) for each in told.findings] == [
        ("expect_table_row_count_to_equal", "", True),
        ("expect_column_values_to_be_in_set", "id", False),
    ]
    assert {each.tool for each in told.findings} == {"great-expectations"}
    figures = {(each.field, each.metric): each.value for each in told.figures}
    assert figures == {("", "row_count"): 10, ("id", "null_count"): 0, ("id", "distinct_count"): 9}


def test_what_a_job_wrote() -> None:
    told = read_quality(ran({"outputStatistics": {"rowCount": 7, "size": 900, "fileCount": 1}}, "outputFacets"))
    assert {each.metric: each.value for each in told.figures} == {
        "written_row_count": 7,
        "written_byte_count": 900,
        "written_file_count": 1,
    }


def test_our_own_checks_tell_what_they_counted() -> None:
    facet = {"dataQualityAssertions": {"assertions": [{"assertion": "nulls", "success": False, "actual": "3"}]}}
    (found,) = read_quality(ran(facet, producer="https://github.com/lineage-nexus/lineage-nexus")).findings
    assert (found.tool, found.measured) == ("lineage-nexus", 3)


def test_a_repetition_is_the_same_result_and_another_run_another() -> None:
    first, again, later = (read_quality(ran(DBT, run=run)).findings[0] for run in ("r1", "r1", "r2"))
    assert first == again
    assert (first.check_key, first.run_key != later.run_key) == (later.check_key, True)


def test_what_has_another_shape_is_left_out() -> None:
    for facets in (
        {"dataQualityAssertions": {"assertions": [{"assertion": "x", "success": "yes"}, {"success": True}, "?"]}},
        {"dataQualityAssertions": [], "dataQualityMetrics": {"rowCount": "many", "columnMetrics": []}},
        {"outputStatistics": {"rowCount": float("nan")}, "greatExpectations_assertions": None},
    ):
        told = read_quality(ran(facets))
        assert (told.findings, told.figures) == ([], [])
