"""What every installed connector keeps to; a new one is found by its entry point and needs no line here."""

from __future__ import annotations

import inspect
import json
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from nexus_core import connectors
from nexus_core.connectors import Capability, Connector, open_connector
from nexus_core.connectors.objects import SourceJob
from nexus_core.errors import SourceError
from nexus_core.harvest import HarvestState, harvest
from nexus_core.model import facets
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from tests.services import free_port
from tests.sources import GOLDEN, Sources, down, module

ROOT = Path(connectors.__file__).parents[2]
SHOWN_BY = {
    Capability.FIELD_DETAILS: f'"{facets.COLUMNS}"',
    Capability.COMMENTS: '"documentation"',
    Capability.OWNERS: '"ownership"',
    Capability.CONSTRAINTS: '"primary_key"',
    Capability.TRIGGERS: '"triggers": [\n',
    Capability.PROFILE: f'"{facets.PROFILE}"',
    Capability.PARTITIONS: f'"{facets.PARTITIONS}"',
    Capability.FOREIGN_TABLES: f'"{facets.FOREIGN}"',
    Capability.VIEWS: '"origin": "view"',
    Capability.ROUTINES: '"origin": "sql"',
    Capability.QUERY_LOG: '"origin": "query-log"',
    Capability.USAGE: f'"{facets.USAGE}"',
    Capability.NESTED_FIELDS: '"fields": [\n      {\n',
    Capability.TAGS: '"tags": {',
    Capability.PROPERTIES: f'"{facets.PROPERTIES}"',
    Capability.PIPELINES: '"sourceCode": {',
    Capability.CONSUMERS: '"CONSUMER_GROUP"',
    Capability.RUNS: '"externalQuery": {',
    Capability.MODELS: '"jobType": "MODEL"',
    Capability.QUALITY: '"dataQualityAssertions": {',
}


def test_describes_itself(connector: type[Connector]) -> None:
    assert connector.title
    assert connector.grants
    assert urlsplit(connector.url_example).scheme in connector.schemes
    assert open_connector(connector.url_example).kind == connector.kind


def test_is_short(connector: type[Connector]) -> None:
    assert len(inspect.getsource(inspect.getmodule(connector)).splitlines()) < 250  # type: ignore[arg-type]


def test_shows_each_capability_in_its_golden_harvest(connector: type[Connector]) -> None:
    golden = (GOLDEN / connector.kind / "events.json").read_text(encoding="utf-8")
    assert [each for each in connector.capabilities if SHOWN_BY[each] not in golden] == []


def test_is_documented(connector: type[Connector]) -> None:
    page = (ROOT / "docs" / "sources" / f"{connector.kind}.md").read_text(encoding="utf-8")
    assert connector.grants in page
    assert [name for name in connector.settings_type.model_fields if f"`{name}`" not in page] == []
    assert [each for each in connector.capabilities if f"`{each.value}`" not in page] == []


@pytest.mark.service
def test_a_source_that_is_down_is_transient(connector: type[Connector]) -> None:
    opened = open_connector(connector.url_example, **down(connector.kind, free_port()))
    events: list[dict[str, Any]] = []
    with pytest.raises(SourceError) as raised:
        harvest(opened, events.extend)
    assert raised.value.transient
    assert [event["eventType"] for event in events] == ["START", "FAIL"]
    assert opened.test().problem


@pytest.mark.service
def test_tests_well(connector: type[Connector], source_urls: Sources) -> None:
    found = open_connector(source_urls[connector.kind]).test()
    assert found.ok
    assert found.server
    assert found.works
    assert found.missing == ()


@pytest.mark.service
def test_reads_lazily_and_the_same_again(connector: type[Connector], source_urls: Sources) -> None:
    opened = open_connector(source_urls[connector.kind])
    first = list(islice(opened.datasets(), 2))
    assert first == list(islice(opened.datasets(), 2))
    assert sum(opened.report.read.values()) == 4


@pytest.mark.service
def test_names_are_unique_and_of_its_namespace(connector: type[Connector], source_urls: Sources) -> None:
    opened = open_connector(source_urls[connector.kind])
    names = [dataset.name for dataset in opened.datasets()]
    assert len(set(names)) == len(names)
    if not getattr(module(connector.kind), "DESCRIBES_OTHERS", False):
        assert {name.namespace for name in names} == {opened.namespace}
        assert {job.name.namespace for job in opened.jobs(None)} == {opened.namespace}


@pytest.mark.service
def test_names_are_canonical(connector: type[Connector], source_urls: Sources) -> None:
    events: list[dict[str, Any]] = []
    harvest(open_connector(source_urls[connector.kind]), events.extend)
    named = {DatasetName(each["namespace"], each["name"]) for event in events for each in _datasets(event)}
    assert named
    assert {name for name in named if canonical(name) != name} == set()


@pytest.mark.service
def test_needs_no_right_but_those_it_documents(connector: type[Connector], source_urls: Sources) -> None:
    as_owner = harvest(open_connector(source_urls[connector.kind]), lambda _events: None)
    with source_urls.offered(connector.kind, "reader")() as url:
        assert open_connector(url).test().missing == ()
        as_reader = harvest(open_connector(url), lambda _events: None)
    assert as_reader.counts == as_owner.counts
    assert (as_reader.denied.samples, as_reader.failed.samples) == (as_owner.denied.samples, as_owner.failed.samples)


@pytest.mark.service
def test_what_is_denied_is_reported_and_the_rest_is_read(connector: type[Connector], source_urls: Sources) -> None:
    with source_urls.offered(connector.kind, "denying")() as url:
        events: list[dict[str, Any]] = []
        report = harvest(open_connector(url), events.extend)
    assert report.denied.count
    assert report.denied.samples
    assert any("dataset" in event for event in events)
    assert events[-1]["run"]["facets"][facets.HARVEST]["partial"] is report.partial


@pytest.mark.service
def test_a_query_log_is_continued_from_the_watermark(connector: type[Connector], source_urls: Sources) -> None:
    with source_urls.offered(connector.kind, "busy")() as (url, act):
        act()
        first, watermark = _executions(url, None)
        assert first
        assert _executions(url, watermark)[0] == []
        act()
        more, watermark = _executions(url, watermark)
        assert more
        assert _executions(url, watermark)[0] == []


def _executions(url: str, since: str | None) -> tuple[list[SourceJob], str | None]:
    opened = open_connector(url)
    found = [job for job in opened.jobs(since) if job.execution]
    return found, opened.watermark


@pytest.mark.service
def test_sends_nothing_twice(connector: type[Connector], source_urls: Sources) -> None:
    events: list[dict[str, Any]] = []
    first = harvest(open_connector(source_urls[connector.kind]), events.extend)
    seen = [each for event in events for each in _manifest(event)]
    state = HarvestState(first.watermark, {each["name"]: each["fingerprint"] for each in seen})

    again: list[dict[str, Any]] = []
    second = harvest(open_connector(source_urls[connector.kind]), again.extend, state=state)
    assert second.unchanged_count == len(seen)
    assert [event["eventType"] for event in again] == ["START", "RUNNING", "COMPLETE"]
    assert _manifest(again[1]) == seen


@pytest.mark.service
def test_events_are_plain_json(connector: type[Connector], source_urls: Sources) -> None:
    events: list[dict[str, Any]] = []
    harvest(open_connector(source_urls[connector.kind]), events.extend)
    assert json.loads(json.dumps(events)) == events


def _datasets(event: dict[str, Any]) -> list[dict[str, Any]]:
    named = [event["dataset"]] if "dataset" in event else []
    return [*named, *event.get("inputs", []), *event.get("outputs", [])]


def _manifest(event: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = event.get("run", {}).get("facets", {}).get(facets.MANIFEST, {}).get("objects", [])
    return found
