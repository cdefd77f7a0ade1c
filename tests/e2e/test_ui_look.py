"""How the pages of the web UI look: readable for everybody, on small screens and enlarged, and still."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import (
    ANSWER_NEXT,
    CHAIN,
    COLUMNS,
    LONG_CHAIN,
    NAMESPACE,
    SLOW_S,
    address,
    assert_reads_well,
    hold_answers,
    wait_until_answered,
)

pytestmark = [pytest.mark.service, pytest.mark.browser, pytest.mark.timeout(240)]

ROUTES = re.findall(r'<Route path="(/[^"]*)"', Path("ui_plugin/web/src/app/App.tsx").read_text())
ASSET_TABS = re.findall(r'<Tabs.Tab value="(\w+)"', Path("ui_plugin/web/src/pages/asset/AssetPage.tsx").read_text())
QUERIES: dict[str, list[dict[str, str]]] = {
    "/asset": [{"namespace": NAMESPACE, "name": CHAIN[1], "tab": tab} for tab in ASSET_TABS],
    "/governance": [{}, *({"tab": tab} for tab in ("requests", "policies", "roles", "holds"))],
    "/lineage": [
        {},
        {"namespace": NAMESPACE, "name": CHAIN[1], "view": "groups", "panel": "1", "overlay": "classes"},
        {"namespace": NAMESPACE, "name": CHAIN[1], "compare": "2025-12-31T00:00:00Z", "view": "list"},
        {"namespace": NAMESPACE, "name": CHAIN[1], "field": "email", "focus": "1"},
    ],
}
ADDRESSES = [
    address(route, **query) if query else route for route in [*ROUTES, "/nowhere"] for query in QUERIES.get(route, [{}])
]
MOST_SHIFT = 0.02
"""A fifth of what counts as good, https://web.dev/articles/cls: tables of real installations push more than these."""
SHIFTS = """() => new Promise(resolve => {
  const shifts = [];
  const add = list => list.getEntries().filter(entry => !entry.hadRecentInput).forEach(({ value, sources }) =>
    shifts.push([value, ...sources.map(({ node }) => node?.textContent.slice(0, 60))]));
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(shifts), 100);
})"""


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_page_reads_well_for_everybody(page: Page, path: str) -> None:
    """One test for all of it, since opening the page costs most."""
    hold_answers(page)
    for order, script in ANSWER_NEXT.items():
        page.add_init_script(script)
        page.goto(path)
        wait_until_answered(page)
        shifts = page.evaluate(SHIFTS)
        assert sum(value for value, *_ in shifts) < MOST_SHIFT, (order, shifts)
    assert_reads_well(page)


WRITTEN = """() => {
  window.written = [];
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const { a, d, e, f } = this.getTransform();
    const pixels = parseFloat(this.font.match(/([\\d.]+)px/)[1]) * a / devicePixelRatio;
    window.written.push({ text, pixels, x: (a * x + e) / devicePixelRatio, y: (d * y + f) / devicePixelRatio });
    return write.apply(this, arguments);
  };
}"""
LEAST_PIXELS = 8.5


def readable_at(page: Page, text: str, width: float) -> int:
    """At how many places of the canvas a text was written large enough, of what was written last."""
    written = [each for each in page.evaluate("window.written.slice(-100)") if each["text"] == text]
    readable = [each for each in written if 0 < each["x"] < width and each["pixels"] >= LEAST_PIXELS]
    return len({(round(each["x"]), round(each["y"])) for each in readable})


def test_a_path_in_focus_opens_where_its_names_can_be_read(page: Page) -> None:
    page.add_init_script(f"({WRITTEN})()")
    end = {"namespace": NAMESPACE, "name": LONG_CHAIN[-1], "field": COLUMNS[0]}
    page.goto(address("/lineage", **end, direction="upstream", depth="20", focus="1"))
    expect(page.get_by_text("Focus: only the path of")).to_contain_text("7 of 7 assets")
    width = page.get_by_role("application").bounding_box()["width"]  # type: ignore[index]
    deadline = time.monotonic() + SLOW_S
    while readable_at(page, COLUMNS[0], width) < len(LONG_CHAIN):
        assert time.monotonic() < deadline, page.evaluate("window.written.slice(-100)")
        page.wait_for_timeout(100)
    percent = page.get_by_role("button", name=re.compile(r"Zoom \d+ %")).inner_text()
    assert int(percent.rstrip("%")) >= 60
    assert "at=" not in page.url


def test_where_the_reader_has_the_graph_lies_in_the_url(page: Page) -> None:
    page.goto(address("/lineage", namespace=NAMESPACE, name=CHAIN[1]))
    zoom = page.get_by_role("button", name=re.compile(r"Zoom \d+ %"))
    expect(page.get_by_role("status").filter(has_text="3 assets")).to_be_visible()
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile(r"[?&]at=[-\d]+%2C[-\d]+%2C[\d.]+"))
    shown = zoom.inner_text()
    page.get_by_role("application").press("ArrowRight")
    expect(page).to_have_url(re.compile(r"selected=.*at=|at=.*selected="))
    page.reload()
    expect(zoom).to_have_text(shown)
    page.get_by_role("button", name="Fit the whole graph").click()
    expect(page).not_to_have_url(re.compile(r"[?&]at="))
