"""Rows that a connector looks at when asked: what they say is told, and they themselves never are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nexus_core.connectors import Connector, open_connector
from nexus_core.harvest import HarvestReport, harvest
from nexus_core.model.facets import HINTS, STATISTICS
from tests.sources import CANARY, PEOPLE, Sources

pytestmark = pytest.mark.service

Facets = dict[str, Any]


def _harvested(url: str, **options: Any) -> tuple[HarvestReport, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    return harvest(open_connector(url, query_log=False, **options), events.extend, hints=True), events


def _of_people(events: list[dict[str, Any]], facet: str) -> dict[str, Facets]:
    named = [event["dataset"] for event in events if "dataset" in event]
    (people,) = [each for each in named if each["name"].lower().endswith("people")]
    found: dict[str, Facets] = people["facets"].get(facet, {}).get("fields", {})
    return {name.lower(): said for name, said in found.items()}


def test_values_speak_for_hints_and_are_forgotten(connector: type[Connector], source_urls: Sources) -> None:
    with source_urls.offered(connector.kind, "rows")() as url:
        _, by_name = _harvested(url)
        report, events = _harvested(url, sample_rows=len(PEOPLE))
    assert _of_people(by_name, HINTS).keys() == {"phone"}
    found = _of_people(events, HINTS)
    assert found["c1"]["data"] == "email"
    assert found["c1"]["reason"] == f"100% of {len(PEOPLE)} sampled values have its form"
    assert _of_people(events, STATISTICS) == {}
    assert CANARY not in json.dumps(events)
    assert report.skipped.count == 0


def test_profiles_tell_shares_and_no_values_of_persons(connector: type[Connector], source_urls: Sources) -> None:
    with source_urls.offered(connector.kind, "rows")() as url:
        _, events = _harvested(url, profile_columns=True)
    found = _of_people(events, STATISTICS)
    assert found["quantity"] == {"null_share": 0.5, "distinct_count": 6, "least": "1", "most": "11"}
    assert found["c1"] == {"null_share": 0.0, "distinct_count": 1}
    assert found["phone"] == {"null_share": 0.0, "distinct_count": len(PEOPLE)}
    assert (found["made"]["least"][:10], found["made"]["most"][:10]) == ("2026-01-01", "2026-01-12")
    assert CANARY not in json.dumps(events)


def test_rows_that_may_not_be_read_cost_nothing_else(connector: type[Connector], source_urls: Sources) -> None:
    if "sample_rows" not in connector.settings_type.model_fields:
        pytest.skip(f"{connector.title} has no rows")
    assert source_urls[connector.kind]  # filled
    with source_urls.offered(connector.kind, "reader")() as url:
        asked, events = _harvested(url, sample_rows=5, profile_columns=True)
        plain, _ = _harvested(url)
    assert asked.counts == plain.counts
    assert (asked.denied.count, asked.failed.count, asked.partial) == (
        plain.denied.count,
        plain.failed.count,
        plain.partial,
    )
    assert events[-1]["eventType"] == "COMPLETE"
