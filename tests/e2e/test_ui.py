"""The web UI in Chromium against a running `nexus up`: sign in, search, open, trace, come back by the link."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import services
from tests.browsing import CHAIN, NAMESPACE, address

pytestmark = [pytest.mark.service, pytest.mark.browser, pytest.mark.timeout(600)]

BUILD = Path("ui_plugin/nexus_ui_plugin/dist")
FIRST_READ_OF_THE_PAST_MS = 60_000  # Neo4j plans each query at its first use


def test_from_search_to_a_traced_column_and_back_by_the_link(page: Page, signed_in: BrowserContext) -> None:
    page.goto("/catalogue")
    expect(page.get_by_role("searchbox", name="Search assets")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("ui_customers")
    page.get_by_role("link", name="ui_customers").click()
    expect(page.get_by_role("heading", name="ui_customers")).to_be_visible()
    page.get_by_role("link", name="Explore lineage").click()
    expect(page.get_by_role("status").filter(has_text="3 assets")).to_be_visible()
    page.get_by_role("combobox", name="Find in graph").fill("ui_customers.email")
    page.get_by_role("option", name="ui_customers.email").click()
    details = page.get_by_role("complementary", name="Details")
    expect(details).to_contain_text("2 other assets")
    page.get_by_role("application").press("f")
    expect(page.get_by_text("Focus: only the path of")).to_be_visible()

    again = signed_in.new_page()
    again.goto(page.url)
    expect(again.get_by_text("Focus: only the path of")).to_contain_text("ui_customers.email")
    expect(again.get_by_role("complementary", name="Details")).to_contain_text("2 other assets")
    again.close()


def test_the_list_says_what_the_canvas_draws(page: Page) -> None:
    page.goto(address("/lineage", namespace=NAMESPACE, name=CHAIN[1], view="list"))
    listed = page.get_by_role("region", name="Lineage as a list")
    expect(listed.get_by_role("button", name="shop.raw.ui_customers . email → email")).to_be_visible()


def test_two_times_are_compared_in_signs_and_words(page: Page) -> None:
    page.goto(address("/lineage", namespace=NAMESPACE, name=CHAIN[1], compare="2025-12-31T00:00:00Z", view="list"))
    banner = page.get_by_role("status").filter(has_text="From 2025-12-31 00:00 UTC to now")
    expect(banner).to_contain_text("+ 6 links added", timeout=FIRST_READ_OF_THE_PAST_MS)
    listed = page.get_by_role("region", name="Lineage as a list")
    listed.get_by_role("button", name="+ added shop.raw.ui_customers . email → email").click()
    details = page.get_by_role("complementary", name="Details")
    expect(details).to_contain_text("+ added 2026-01-01 00:00 UTC")
    expect(details).to_contain_text("sha256:")
    page.get_by_role("button", name="Now").click()
    expect(banner).to_have_count(0)
    expect(page).to_have_url(re.compile("time=1"))


def test_the_time_bar_leads_from_before_there_was_lineage_to_now(page: Page) -> None:
    page.goto(address("/lineage", namespace=NAMESPACE, name=CHAIN[1], as_of="2025-12-31T00:00:00Z"))
    expect(page.get_by_role("status").filter(has_text="Lineage as of 2025-12-31")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="1 asset")).to_be_visible(timeout=FIRST_READ_OF_THE_PAST_MS)
    page.get_by_role("slider", name="As of").press("End")
    expect(page.get_by_role("status").filter(has_text="3 assets")).to_be_visible()
    page.get_by_role("button", name="Close the time bar").click()
    expect(page.get_by_role("slider")).to_have_count(0)


def test_the_history_tells_each_change_with_its_cause(page: Page) -> None:
    page.goto(address("/asset", namespace=NAMESPACE, name=CHAIN[1], tab="history"))
    history = page.get_by_role("table", name="History")
    expect(history).to_contain_text("+ added column email (text)")
    expect(history).to_contain_text("shop.raw.ui_customers . email → email")
    expect(history).to_contain_text("sha256:")
    history.get_by_role("link").first.click()
    expect(page.get_by_role("status").filter(has_text="links added")).to_be_visible(timeout=FIRST_READ_OF_THE_PAST_MS)


def test_arrows_walk_along_the_lineage(page: Page) -> None:
    page.goto(address("/lineage", namespace=NAMESPACE, name=CHAIN[0]))
    expect(page.get_by_role("status").filter(has_text="3 assets")).to_be_visible()
    expect(page.get_by_role("button", name="Fit the whole graph")).to_be_visible()  # laid out
    page.get_by_role("application").press("ArrowRight")
    expect(page.get_by_role("complementary", name="Details")).to_contain_text("ui_people")
    page.get_by_role("application").press("Escape")
    expect(page.get_by_role("complementary", name="Details")).to_have_count(0)


def test_groups_filters_and_colours_lie_in_the_url(page: Page) -> None:
    page.goto(address("/lineage", namespace=NAMESPACE, name=CHAIN[1]))
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("complementary", name="Filters").get_by_role("button", name="gold").click()
    expect(page.get_by_text("Filtered: 2 of 3 assets.")).to_be_visible()
    page.get_by_text("Domains", exact=True).click()
    page.get_by_role("combobox", name="Colours").click()
    page.get_by_role("option", name="Impact").click()
    expect(page.get_by_text("reaches 1 asset here, up to 1 hop on")).to_be_visible()
    expect(page).to_have_url(re.compile("view=groups.*only_tag=gold|only_tag=gold.*view=groups"))
    page.reload()
    expect(page.get_by_text("Filtered: 2 of 3 assets.")).to_be_visible()


def test_who_curates_edits_in_place_and_takes_it_back(page: Page) -> None:
    page.goto(address("/asset", namespace=NAMESPACE, name=CHAIN[0]))
    for text in ("People who buy", "People who buy or look"):
        page.get_by_role("button", name="Edit Description", exact=True).click()
        page.get_by_role("textbox", name="Description").fill(text)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text(text, exact=True)).to_be_visible()
    page.get_by_role("button", name="Edit Description", exact=True).click()
    page.get_by_role("button", name="Its history").click()
    page.get_by_role("button", name="Take back to this").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("People who buy", exact=True)).to_be_visible()


def test_who_may_not_curate_proposes_and_somebody_else_approves(
    warehouse: services.Nexus, signed_in: BrowserContext, page: Page
) -> None:
    token = httpx.post(
        f"{warehouse.url}/api/v1/tokens",
        json={"name": "ui-viewer", "authority": ["viewer"]},
        headers=warehouse.admin,
        timeout=30,
    ).json()["token"]
    other = signed_in.browser.new_context(base_url=warehouse.url)  # type: ignore[union-attr]
    viewer = other.new_page()
    viewer.goto(address("/asset", namespace=NAMESPACE, name=CHAIN[2]))
    viewer.get_by_label("Access token").fill(token)
    viewer.get_by_role("button", name="Sign in").click()
    viewer.get_by_role("button", name="Edit Description", exact=True).click()
    viewer.get_by_role("textbox", name="Description").fill("Who may be written to")
    viewer.get_by_role("textbox", name="Why").fill("it was missing")
    viewer.get_by_role("button", name="Propose").click()
    expect(viewer.get_by_role("button", name="Edit Description", exact=True)).to_be_visible()
    other.close()

    page.goto("/governance?tab=requests")
    expect(page.get_by_text("it was missing")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Approve this request?").locator("..").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("it was missing")).to_have_count(0)
    page.goto(address("/asset", namespace=NAMESPACE, name=CHAIN[2]))
    expect(page.get_by_text("Who may be written to", exact=True)).to_be_visible()
    page.goto("/audit?action=request.decide")
    expect(page.get_by_role("table", name="Audit records")).to_be_visible()


def test_a_plan_shows_what_a_policy_changes_before_it_is_proposed(page: Page) -> None:
    page.goto("/governance?tab=policies")
    draft = page.get_by_role("textbox", name="Policy document (YAML)")
    draft.fill('{"version": 1, "policies": [')
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_text("it is no YAML")).to_be_visible()
    policy = '{"name": "hide", "match": {"classes": ["PII"]}, "mask": {"kind": "null"}}'
    draft.fill(f'{{"version": 1, "policies": [{policy}]}}')
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_role("status").filter(has_text="change")).to_be_visible()


def test_the_build_stays_within_its_budgets(warehouse: services.Nexus) -> None:
    page = httpx.get(warehouse.url, timeout=30).text
    named = set(re.findall(r"assets/[^\"]+", page))
    sizes = {f"assets/{path.name}": len(gzip.compress(path.read_bytes())) for path in (BUILD / "assets").iterdir()}
    assert sum(sizes[name] for name in named) < 200_000
    assert sum(size for name, size in sizes.items() if re.search(r"/(Explorer|layout)", name)) < 40_000
    assert sum(sizes.values()) < 450_000


def test_exports_hold_the_whole_graph(page: Page) -> None:
    page.goto(address("/lineage", namespace=NAMESPACE, name=CHAIN[0]))
    for kind, start in {"PNG": b"\x89PNG", "PDF": b"%PDF", "SVG": b"<svg", "CSV": b"source,"}.items():
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=kind).click()
        assert download.value.path().read_bytes().startswith(start)
