from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import pytest

from nexus_core.connectors import open_connector
from nexus_core.errors import PasswordNeededError, SourceError, SourceUnavailableError
from nexus_core.harvest import harvest
from tests.services import free_port
from tests.sources.tableau import fill
from tests.tableau_server import Tableau, tableau

pytestmark = pytest.mark.service


@pytest.fixture
def site() -> Iterator[Tableau]:
    with tableau() as running:
        fill(running)
        yield running


def _names(site: Tableau, **options: Any) -> list[str]:
    return [each.name.name for each in open_connector(site.url(), **options).datasets()]


def test_a_page_with_too_many_nodes_is_asked_for_in_halves(site: Tableau) -> None:
    every = _names(site)
    site.node_limit = 1
    opened = open_connector(site.url())
    assert [each.name.name for each in opened.datasets()] == every
    assert not opened.report.partial


def test_only_the_projects_that_are_asked_for(site: Tableau) -> None:
    assert _names(site, schemas=("Finance/Retail",)) == ["customsql/c-1", "datasource/Finance/Retail/Sales %2F EU"]
    opened = open_connector(site.url(), schemas=("Finance",))
    assert len(list(opened.datasets())) == len(_names(site))
    assert opened.scope == "datasource/Finance/*,workbook/Finance/*,flow/Finance/*,customsql/*"


def test_what_is_hidden_is_reported_and_the_rest_read(site: Tableau) -> None:
    site.refuse["sheets"] = {
        "message": "Showing partial results",
        "extensions": {"code": "PERMISSIONS_MODE_SWITCHED"},
        "data": True,
    }
    site.refuse["dashboards"] = {"message": "Boom", "extensions": {"code": "INTERNAL_ERROR"}}
    site.graphql["embeddedDatasources"][0]["workbook"] = None
    opened = open_connector(site.url())
    report = harvest(opened, lambda _: None)
    assert report.partial
    assert report.denied.samples == [
        "data sources of workbooks: Sales / EU: a part of it is hidden (AttributeError)",
        "sheets: PERMISSIONS_MODE_SWITCHED Showing partial results",
    ]
    assert report.failed.samples == ["dashboards: INTERNAL_ERROR Boom"]
    assert report.counts["SHEET"] == 2


def test_says_that_the_metadata_api_is_off(site: Tableau) -> None:
    site.refuse["workbooks"] = {"message": "disabled", "extensions": {"code": "DISABLED"}}
    (missing,) = open_connector(site.url()).test().missing
    assert missing.statement == "tsm maintenance metadata-services enable"


def test_refused_tokens_say_so(site: Tableau) -> None:
    opened = open_connector(site.url(), password="s3cret-canary")
    with pytest.raises(SourceError, match="signing in was refused") as raised:
        list(opened.datasets())
    assert not raised.value.transient
    assert "s3cret-canary" not in f"{raised.value} {raised.value.__cause__} {opened!r} {opened.test()}"
    with pytest.raises(PasswordNeededError):
        list(open_connector(site.url().replace(":token-secret@", "@")).datasets())


def test_a_server_that_is_none_of_tableaus(site: Tableau) -> None:
    def die(_: str) -> None:
        raise OSError("gone")

    site.before = die
    with pytest.raises(SourceUnavailableError):
        list(open_connector(site.url()).datasets())
    with pytest.raises(SourceUnavailableError, match="the connection was refused"):
        list(open_connector(site.url(), port=free_port()).datasets())
    with pytest.raises(SourceError):
        list(open_connector(site.url().replace("?https=false", "")).datasets())


def test_down_in_the_middle_fails_and_retires_nothing(site: Tableau) -> None:
    asked = count()

    def die(request: str) -> None:
        if request == "POST graphql" and next(asked) == 2:
            raise OSError("gone")

    site.before = die
    events: list[dict[str, Any]] = []
    with pytest.raises(SourceUnavailableError):
        harvest(open_connector(site.url()), events.extend)
    assert [each["eventType"] for each in events if "eventType" in each] == ["START", "FAIL"]


def test_a_server_that_hangs_ends_in_time(site: Tableau) -> None:
    site.before = lambda request: time.sleep(3) if request == "POST graphql" else None
    start = time.monotonic()
    with pytest.raises(SourceUnavailableError, match="no answer in time"):
        list(open_connector(site.url(), timeout_s=1).datasets())
    assert time.monotonic() - start < 10


def test_a_dropped_generator_signs_out(site: Tableau) -> None:
    found = open_connector(site.url()).datasets()
    next(found)
    assert site.signed_in == 1
    found.close()  # type: ignore[attr-defined]
    assert site.signed_in == 0


def test_only_reads(site: Tableau) -> None:
    harvest(open_connector(site.url()), lambda _: None)
    posted = {each for each in site.seen if not each.startswith("GET ")}
    assert posted == {"POST signin", "POST graphql", "POST signout"}


def test_looks_are_counted_by_day(site: Tableau) -> None:
    def counts(since: str | None) -> tuple[list[int], str | None]:
        opened = open_connector(site.url())
        found = [use.count for job in opened.jobs(since) if job.execution for use in job.execution.uses]
        return found, opened.watermark

    found, watermark = counts(None)
    assert found == [7]
    assert counts(watermark) == ([], watermark)
    site.rest["views"][0]["usage"]["totalViewCount"] = "9"
    site.rest["views"][1]["usage"]["totalViewCount"] = "1004"
    found, watermark = counts(watermark)
    assert found == [9, 4]
    site.rest["views"][1]["usage"]["totalViewCount"] = "1005"
    assert counts(watermark)[0] == [5]
    tomorrow = (watermark or "").replace('"day":"2', '"day":"1')
    assert counts(tomorrow)[0] == [1]


def test_memory_stays_flat_over_100_000_data_sources(site: Tableau) -> None:
    site.generated["publishedDatasources"] = 100_000
    found = open_connector(site.url(), page_size=20).datasets()
    list(islice(found, 50))
    tracemalloc.start()
    try:
        list(islice(found, 50))
        early = tracemalloc.get_traced_memory()[0]
        assert len(list(islice(found, 400))) == 400
        assert tracemalloc.get_traced_memory()[0] - early < 1_000_000
    finally:
        tracemalloc.stop()
        found.close()  # type: ignore[attr-defined]
