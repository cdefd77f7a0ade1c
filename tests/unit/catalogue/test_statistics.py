from __future__ import annotations

from nexus_core.catalogue.merged import statistics_of, without_values
from nexus_core.model.facets import STATISTICS


def test_values_of_closed_fields_are_left_out_and_shares_stay() -> None:
    facets = {
        STATISTICS: {"fields": {"a": {"null_share": 0.5, "least": "1", "most": "9"}, "c": {"least": "1"}}},
        "dataQualityMetrics": {"rowCount": 2, "columnMetrics": {"b": {"nullCount": 1, "min": 1, "quantiles": {}}}},
    }
    found = without_values(facets, ["a", "b", "x"])
    assert found[STATISTICS]["fields"] == {"a": {"null_share": 0.5}, "c": {"least": "1"}}
    assert found["dataQualityMetrics"]["columnMetrics"] == {"b": {"nullCount": 1}}
    assert (statistics_of(found, "b").null_share, statistics_of(found, "b").least) == (0.5, None)
    assert without_values({}, ["a"]) == {}
    assert "least" in str(facets[STATISTICS]["fields"])
