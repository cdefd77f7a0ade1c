"""Impact, quality, home and reports in Chromium against a running `nexus up`."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import services
from tests.browsing import address, assert_reads_well, chromium, facet, quiet_page, sign_in, wait_until_read

pytestmark = [pytest.mark.service, pytest.mark.browser, pytest.mark.timeout(600)]

SPACE = "postgres://pages.example:5432"
ORDERS, SPENT, MOST = (f"shop.public.page_{name}" for name in ("orders", "spent", "most"))
SLOW_S = 60  # on a machine with other work
SLOW_MS = SLOW_S * 1000
TOLD = {"producer": "https://example.org/test", "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json"}


OWNED = facet("OwnershipDatasetFacet", owners=[{"name": "team:sales"}])


def dataset(name: str, columns: dict[str, str] | None = None, **facets: object) -> dict[str, object]:
    fields = [{"name": column, "type": type_} for column, type_ in (columns or {}).items()]
    schema = {"schema": facet("SchemaDatasetFacet", fields=fields)} if columns else {}
    return {"namespace": SPACE, "name": name, "facets": {**schema, **facets}}


def fills(target: dict[str, object], sql: str, source: dict[str, object]) -> dict[str, object]:
    """A job's event that tells its SQL."""
    job = {"namespace": "pages", "name": f"fill {target['name']}"}
    facets = {"ownership": OWNED, "sql": {**facet("SQLJobFacet"), "query": sql, "dialect": "postgres"}}
    return {
        **TOLD,
        "schemaURL": f"{TOLD['schemaURL']}#/$defs/JobEvent",
        "eventTime": "2026-01-01T00:00:00Z",
        "job": {**job, "facets": facets},
        "inputs": [source],
        "outputs": [target],
    }


def checked(*assertions: dict[str, object]) -> dict[str, object]:
    """A run's event with results of checks of the orders."""
    results = facet("DataQualityAssertionsDatasetFacet", assertions=list(assertions))
    return {
        **TOLD,
        "schemaURL": f"{TOLD['schemaURL']}#/$defs/RunEvent",
        "eventType": "COMPLETE",
        "eventTime": datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0).isoformat(),
        "run": {"runId": "01941f29-7c00-7000-8000-000000000001"},
        "job": {"namespace": "pages", "name": "check"},
        "inputs": [{**dataset(ORDERS), "inputFacets": {"dataQualityAssertions": results}}],
        "outputs": [],
    }


def estate() -> list[dict[str, object]]:
    orders = dataset(ORDERS, {"id": "integer", "customer_id": "integer", "amount": "numeric"})
    spent = dataset(SPENT, {"customer_id": "integer", "amount": "numeric"}, ownership=OWNED)
    most = dataset(MOST, {"most": "numeric"})
    return [
        fills(spent, f"insert into {SPENT} select customer_id, amount from {ORDERS}", orders),
        fills(most, f"insert into {MOST} select max(amount) as most from {SPENT}", spent),
        checked(
            {"assertion": "not_null", "column": "amount", "success": False, "severity": "error"},
            {"assertion": "unique", "column": "id", "success": True},
        ),
    ]


@pytest.fixture(scope="module")
def shop(running_nexus: services.Nexus) -> services.Nexus:
    """Three tables in a row with the SQL that fills them, a check that fails and its incident."""
    url = f"{running_nexus.url}/api/v1/lineage/batch"
    httpx.post(url, json=estate(), headers=running_nexus.admin, timeout=SLOW_S).raise_for_status()
    deadline = time.monotonic() + 2 * SLOW_S
    while not (incidents(running_nexus) and reached(running_nexus) == 3):
        assert time.monotonic() < deadline, "the events were not merged in time"
        time.sleep(0.2)
    return running_nexus


def incidents(nexus: services.Nexus) -> list[dict[str, object]]:
    query = {"namespace": SPACE, "name": ORDERS}
    answer = httpx.get(f"{nexus.url}/api/v1/quality/incidents", params=query, headers=nexus.admin, timeout=SLOW_S)
    items: list[dict[str, object]] = answer.json()["items"]
    return items


def reached(nexus: services.Nexus) -> int:
    query = {"namespace": SPACE, "name": ORDERS, "depth": "10", "direction": "downstream"}
    answer = httpx.get(f"{nexus.url}/api/v1/lineage/graph", params=query, headers=nexus.admin, timeout=SLOW_S)
    return len(answer.json()["nodes"]) if answer.status_code == httpx.codes.OK else 0


@pytest.fixture(scope="module")
def signed_in(shop: services.Nexus, chromium_path: Path) -> Iterator[BrowserContext]:
    """A browser that signed in with the admin's token."""
    with chromium(chromium_path) as browser:
        yield sign_in(browser, shop)


def change(kind: str, field: str, to: str = "") -> str:
    """A change as the address holds it."""
    parts = (kind, SPACE, ORDERS, field, to, "")
    return address("/impact", change=",".join(part.replace(":", "%3A").replace("/", "%2F") for part in parts))


def test_what_breaks_is_told_from_the_asset_to_the_patch(page: Page) -> None:
    page.goto(address("/asset", namespace=SPACE, name=ORDERS))
    page.get_by_role("link", name="What breaks if…").click()
    form = page.get_by_role("group", name="Change 1")
    form.get_by_role("combobox", name="What is done").click()
    page.get_by_role("option", name="Rename a column").click()
    form.get_by_role("combobox", name="Column").click()
    page.get_by_role("option", name="amount").click()
    form.get_by_role("textbox", name="New name").fill("value")
    page.get_by_role("button", name="See what it does").click()
    found = page.get_by_role("list", name="Assets that the changes reach")
    found.get_by_role("button", name=re.compile(f"Breaks.*{SPENT}")).click(timeout=SLOW_MS)
    expect(page.get_by_role("table", name="Whom to tell")).to_contain_text("team:sales")
    expect(page.get_by_role("region", name="Statement").locator("mark")).to_have_text("amount")
    expect(page.get_by_role("region", name="What the patch changes").locator("ins")).to_contain_text("value")
    expect(page).to_have_url(re.compile("rename_field.*open=job"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("menuitem", name="Markdown").click()
    assert f"- Rename column amount of {ORDERS} to value" in download.value.path().read_text()


def test_scenarios_are_kept_and_compared(page: Page) -> None:
    page.goto(change("drop_field", "amount"))
    page.get_by_role("textbox", name="Title of the scenario").fill("Without the amount")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Remove Without the amount")).to_be_visible()
    page.goto(change("drop_field", "id"))
    page.get_by_role("button", name="Compare with Without the amount").click()
    expect(page.get_by_role("table", name="Compared verdicts")).to_contain_text("Breaks", timeout=SLOW_MS)
    page.reload()
    expect(page.get_by_role("heading", name="Compared with Without the amount")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="End the comparison").click()
    page.get_by_role("button", name="Remove Without the amount").click()
    page.get_by_role("button", name="Really remove Without the amount").click()
    expect(page.get_by_role("button", name="Without the amount")).to_have_count(0)


def test_an_incident_is_taken_resolved_and_reopened(page: Page, shop: services.Nexus) -> None:
    page.goto(f"/quality?incident={incidents(shop)[0]['id']}")
    incident = page.get_by_role("article", name="not_null")
    expect(incident.get_by_role("table", name="What it reaches")).to_contain_text(SPENT, timeout=SLOW_MS)
    incident.get_by_role("button", name="Take it").click()
    expect(incident).to_contain_text("with admin")
    page.goto("/")
    page.get_by_role("region", name="Waiting for you").get_by_role("link", name="not_null").click()
    incident.get_by_role("button", name="Resolve…").click()
    incident.get_by_role("textbox", name="Note").fill("the loader was late")
    incident.get_by_role("button", name="Resolve", exact=True).click()
    expect(incident).to_have_count(0)
    page.get_by_text("Resolved", exact=True).click()
    expect(incident).to_contain_text("the loader was late")
    incident.get_by_role("button", name="Reopen…").click()
    incident.get_by_role("button", name="Reopen", exact=True).click()
    expect(incident).to_have_count(0)
    page.goto(address("/asset", namespace=SPACE, name=ORDERS, tab="quality"))
    expect(incident).to_be_visible()
    page.get_by_role("button", name="Results of not_null").click()
    expect(page.get_by_text("1 run in 30 days, 1 failed.")).to_be_visible()


def test_an_asset_is_followed_and_left(page: Page) -> None:
    page.goto(address("/asset", namespace=SPACE, name=SPENT))
    page.get_by_role("button", name="Follow", exact=True).click()
    page.get_by_role("menuitem", name="And of all it comes from").click()
    expect(page.get_by_role("button", name="Following")).to_be_visible()
    page.goto("/reports?tab=following")
    page.get_by_role("button", name=f"End following {SPENT}").click()
    expect(page.get_by_text("You follow nothing yet")).to_be_visible()


def test_reports_are_saved_in_the_form_that_is_chosen(page: Page) -> None:
    page.goto("/reports?report=adherence")
    page.get_by_text("JSON", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Make and save").click()
    assert "title" in json.loads(download.value.path().read_text())
    expect(page.get_by_text("Saved as adherence-")).to_be_visible()
    page.goto(address("/reports", report="lineage", namespace=SPACE, name=ORDERS, format="csv"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Make and save").click()
    assert SPENT in download.value.path().read_text()
    page.goto("/reports?tab=scheduled&report=exposure")
    expect(page.get_by_label("DAG that delivers the report")).to_contain_text("days=90,")


def test_who_only_reads_is_offered_only_what_they_may(shop: services.Nexus, signed_in: BrowserContext) -> None:
    body = {"name": "pages-viewer", "authority": ["viewer"]}
    made = httpx.post(f"{shop.url}/api/v1/tokens", json=body, headers=shop.admin, timeout=SLOW_S)
    assert signed_in.browser
    other = sign_in(signed_in.browser, shop, made.json()["token"])
    with quiet_page(other) as viewer:
        viewer.goto("/reports")
        choices = viewer.get_by_role("group", name="Which report").get_by_role("button")
        expect(choices).to_have_count(1)
        viewer.goto("/quality")
        expect(viewer.get_by_role("article", name="not_null")).to_be_visible()
        expect(viewer.get_by_role("button", name="Take it")).to_have_count(0)
    other.close()


@pytest.mark.parametrize(
    "path",
    [
        f"{change('rename_field', 'amount', 'value')}&open=job%3Apages%3Afill+{SPENT}",
        "/quality",
        "/quality?tab=checks&state=failing",
        address("/asset", namespace=SPACE, name=ORDERS, tab="quality"),
        "/reports?tab=scheduled",
        "/reports?tab=following",
    ],
)
def test_pages_are_accessible_and_fit_the_window(page: Page, path: str) -> None:
    page.goto(path)
    wait_until_read(page)
    assert_reads_well(page)
