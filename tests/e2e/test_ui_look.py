"""How the pages of the web UI look: readable for everybody, on small screens and enlarged, still, as approved."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import CHAIN, COLUMNS, LONG_CHAIN, NAMESPACE, SLOW_S, address, found_by_axe
from tests.pictures import assert_as_approved

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
SMALL, ENLARGED = {"width": 1280, "height": 800}, {"width": 640, "height": 400}
MOST_SHIFT = 0.1
"""What counts as good: https://web.dev/articles/cls."""
SHIFT = """() => new Promise(resolve => {
  let sum = 0;
  const add = list => list.getEntries().forEach(entry => { if (!entry.hadRecentInput) sum += entry.value; });
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 100);
})"""
TOO_WIDE = """() => Math.max(...[document.documentElement, document.querySelector('main')]
  .map(element => element.scrollWidth - element.clientWidth))"""


def wait_until_read(page: Page) -> None:
    """Wait for what the page asks of the API, and for its drawing."""
    page.wait_for_load_state("networkidle")
    waiting = page.locator(".mantine-Skeleton-root:visible, .mantine-Loader-root:visible")
    expect(waiting).to_have_count(0, timeout=SLOW_S * 1000)


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_page_reads_well_for_everybody(page: Page, path: str) -> None:
    """One test for all of it, since opening the page costs most."""
    page.goto(path)
    wait_until_read(page)
    assert page.evaluate(SHIFT) < MOST_SHIFT
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert found_by_axe(page) == []
    for size in (SMALL, ENLARGED):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate(TOO_WIDE) <= 0, size


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


TIMES = re.compile(r"\bago\b|just now|\d{4}-\d{2}-\d{2}|\d+ (s|min|h|days?)\b")
PICTURES = {
    "catalogue": ("/catalogue?q=a_long_way", "7 found"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_main_pages_look_as_approved(page: Page, name: str, tmp_path: Path, update_golden: bool) -> None:
    path, shown = PICTURES[name]
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(reduced_motion="reduce")
    page.goto(path)
    expect(page.get_by_role("main").get_by_text(shown).first).to_be_visible(timeout=SLOW_S * 1000)
    wait_until_read(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert_as_approved(f"{name}-{scheme}", settled(page), tmp_path, update=update_golden)


def settled(page: Page) -> bytes:
    """A picture of the page once it stays the same; without times, and without the bar that tells of other work."""
    masked = [page.get_by_text(TIMES), page.locator("header")]
    before = b""
    for _ in range(20):
        taken = page.screenshot(animations="disabled", caret="hide", mask=masked)
        if taken == before:
            return taken
        before = taken
        page.wait_for_timeout(200)
    raise AssertionError("the page does not come to rest")
