"""Main pages look as approved, in light and dark. What they show was recorded once, so only their look can change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import recorded
from tests.browsing import SLOW_S, chromium, wait_until_read
from tests.pictures import assert_as_approved

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

READ = {
    "home": "Recently changed",
    "catalogue": "found",
    "asset-overview": "Certification",
    "asset-columns": "lifetime_eur",
    "lineage": "Columns",
    "lineage-focus": "Focus: only the path of",
    "impact": "Breaks",
    "quality": "rates are at most a week old",
    "sources": "Last whole harvest",
    "governance": "May hold personal data",
    "policies": "In force",
    "audit": "proxy.statement",
    "admin": "store",
}
"""What each picture's page says once it was read."""


@pytest.fixture(scope="module")
def replayed(chromium_path: Path) -> Iterator[BrowserContext]:
    with chromium(chromium_path) as browser, recorded.replayed(browser) as context:
        yield context


@pytest.mark.parametrize("name", recorded.PAGES)
def test_main_pages_look_as_approved(replayed: BrowserContext, name: str, tmp_path: Path, update_golden: bool) -> None:
    page = replayed.new_page()
    page.goto(recorded.PAGES[name])
    expect(page.get_by_role("main").get_by_text(READ[name]).first).to_be_visible(timeout=SLOW_S * 1000)
    wait_until_read(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert_as_approved(f"{name}-{scheme}", settled(page), tmp_path, update=update_golden)
    page.close()


def test_recorded_answers_are_such_as_the_api_gives() -> None:
    assert recorded.wrong_answers() == [], recorded.RECORD_AGAIN


def settled(page: Page) -> bytes:
    """A picture of the page once it stays the same."""
    before = b""
    for _ in range(20):
        taken = page.screenshot(animations="disabled", caret="hide")
        if taken == before:
            return taken
        before = taken
        page.wait_for_timeout(200)
    raise AssertionError("the page does not come to rest")
