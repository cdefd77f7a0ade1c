"""What tests in Chromium share: a row of three tables as events, a browser that is signed in, addresses of pages."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import services

AXE = Path("ui_plugin/web/node_modules/axe-core/axe.min.js")
NAMESPACE = "postgres://ui.example:5432"
CHAIN = ("shop.raw.ui_customers", "shop.core.ui_people", "shop.marts.ui_audience")
LONG_CHAIN = tuple(f"mart.steps.step_{number}_of_a_long_way" for number in range(7))
COLUMNS = ("email", "country")
UNREACHABLE = "postgresql://reader:none@127.0.0.1:9/a_database_whose_name_is_longer_than_most_names_that_people_choose"
SMALL, ENLARGED = {"width": 1280, "height": 800}, {"width": 640, "height": 400}
SLOW_S = 60  # on a machine with other work
_AXE_RUN = "axe.run().then(found => found.violations.map(v => [v.impact, v.id, v.nodes[0].html]))"
_COLOURS_SETTLED = """() => document.getAnimations()
  .filter(animation => animation.effect.getComputedTiming().endTime !== Infinity)
  .forEach(animation => animation.finish())"""
_TOO_WIDE = """() => Math.max(...[document.documentElement, document.querySelector('main')]
  .map(element => element.scrollWidth - element.clientWidth))"""
ANSWER_NEXT = {"the oldest": "window.nextAnswer = 'shift'", "the youngest": "window.nextAnswer = 'pop'"}
"""Scripts that choose which of the answers held back is drawn next; put in after `hold_answers`."""
_ANSWERED_ONE_BY_ONE = """(() => {
  const ask = window.fetch.bind(window);
  const held = [];
  const frame = () => new Promise(requestAnimationFrame);
  const painted = async () => { await frame(); await frame(); };
  const hand = async () => {
    document.documentElement.dataset.held = "";
    for (await painted(); held.length > 0; await painted()) {
      const { answer, resolve, reject } = held[window.nextAnswer]();
      await answer.then(resolve, reject);
    }
    delete document.documentElement.dataset.held;
  };
  window.fetch = (...asked) => new Promise((resolve, reject) => {
    const answer = ask(...asked);
    answer.catch(() => {});  // of what is given up while it is held
    held.push({ answer, resolve, reject });
    if (!("held" in document.documentElement.dataset)) hand();
  });
})()"""
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def dataset(name: str) -> dict[str, object]:
    fields = [{"name": column, "type": "text"} for column in COLUMNS]
    return {"namespace": NAMESPACE, "name": name, "facets": {"schema": facet("SchemaDatasetFacet", fields=fields)}}


def facet(kind: str, **content: object) -> dict[str, object]:
    schema = f"https://openlineage.io/spec/facets/1-0-0/{kind}.json#/$defs/{kind}"
    return {"_producer": "https://example.org/test", "_schemaURL": schema, **content}


def copy(source: str, target: str) -> dict[str, object]:
    """A job's event that says that each column was copied."""
    fields = {
        column: {"inputFields": [{"namespace": NAMESPACE, "name": source, "field": column}]} for column in COLUMNS
    }
    output = dataset(target)
    output["facets"] = {**output["facets"], "columnLineage": facet("ColumnLineageDatasetFacet", fields=fields)}  # type: ignore[dict-item]
    return {
        "eventTime": "2026-01-01T00:00:00Z",
        "producer": "https://example.org/test",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent",
        "job": {"namespace": "ui", "name": f"fill {target}"},
        "inputs": [dataset(source)],
        "outputs": [output],
    }


def fill(nexus: services.Nexus) -> None:
    """Send the lineage of both rows, the short one's last table with a tag, and wait until it is merged.

    A table that a tag calls personal and a source that cannot be reached give pages of governance and sources rows.
    """
    short = [copy(source, target) for source, target in itertools.pairwise(CHAIN)]
    short[-1]["outputs"][0]["facets"]["tags"] = facet("TagsDatasetFacet", tags=[{"key": "gold", "value": "true"}])  # type: ignore[index]
    long = [copy(source, target) for source, target in itertools.pairwise(LONG_CHAIN)]
    claimed = copy("shop.raw.ui_visits", "shop.marts.a_table_of_a_name_longer_than_most_that_a_tag_calls_personal")
    claimed["outputs"][0]["facets"]["tags"] = facet("TagsDatasetFacet", tags=[{"key": "PII", "field": "email"}])  # type: ignore[index]
    with httpx.Client(base_url=f"{nexus.url}/api/v1", headers=nexus.admin, timeout=SLOW_S) as api:
        api.post("/lineage/batch", json=[*short, *long, claimed]).raise_for_status()
        api.post("/harvests", json={"url": UNREACHABLE, "schemas": []}).raise_for_status()
    deadline = time.monotonic() + 3 * SLOW_S
    while reached(nexus, CHAIN[0]) < len(CHAIN) or reached(nexus, LONG_CHAIN[0]) < len(LONG_CHAIN):
        assert time.monotonic() < deadline, "the events were not merged in time"
        time.sleep(0.2)


def reached(nexus: services.Nexus, name: str) -> int:
    """How many columns the column `email` of a table leads to, itself among them."""
    query = {"namespace": NAMESPACE, "name": name, "field": "email", "depth": 10}
    try:
        answer = httpx.get(f"{nexus.url}/api/v1/lineage/graph", params=query, headers=nexus.admin, timeout=SLOW_S)
    except httpx.TimeoutException:  # a graph that nobody has asked yet, on a machine with other work
        return 0
    return len(answer.json()["nodes"]) if answer.status_code == httpx.codes.OK else 0


def address(page: str, **query: str) -> str:
    return f"{page}?{urlencode(query)}"


@contextmanager
def chromium(path: Path) -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


def sign_in(browser: Browser, nexus: services.Nexus, token: str = "") -> BrowserContext:
    """A context of 1440 × 900 pixels that signed in with a token, the admin's unless another is given."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=nexus.url)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Access token").fill(token or (nexus.data / "admin-token").read_text().strip())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.close()
    return context


@contextmanager
def quiet_page(context: BrowserContext) -> Iterator[Page]:
    """A page that must stay without errors in its console."""
    opened = context.new_page()
    errors: list[str] = []
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []


def found_by_axe(page: Page) -> list[list[str]]:
    """What the page's content does wrong for people who hear it or see it badly: serious and critical findings."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    page.evaluate(_COLOURS_SETTLED)
    return [found for found in page.evaluate(_AXE_RUN) if found[0] in {"serious", "critical"}]


def wait_until_read(page: Page) -> None:
    """Wait for what the page asks of the API, and for its drawing."""
    page.wait_for_load_state("networkidle")
    waiting = page.locator(".mantine-Skeleton-root:visible, .mantine-Loader-root:visible")
    expect(waiting).to_have_count(0, timeout=SLOW_S * 1000)


def hold_answers(page: Page) -> None:
    """Have answers of the API drawn one by one, as on a slow network, from the next address on; see `ANSWER_NEXT`."""
    page.add_init_script(_ANSWERED_ONE_BY_ONE)


def wait_until_answered(page: Page) -> None:
    """The same as `wait_until_read` where `hold_answers` was called."""
    wait_until_read(page)
    expect(page.locator("html[data-held]")).to_have_count(0, timeout=SLOW_S * 1000)
    wait_until_read(page)


def assert_reads_well(page: Page) -> None:
    """Nothing is wider than the window and axe finds nothing: in light on a small screen, in dark at 200 %."""
    for scheme, size in (("light", SMALL), ("dark", ENLARGED)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate(_TOO_WIDE) <= 0, size
        found = found_by_axe(page)
        assert found == [], (scheme, size, found)
