"""A browser that is signed in to a running `nexus up`, and pages that are watched for errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests import services

_AXE = Path("ui_plugin/web/node_modules/axe-core/axe.min.js")
_AXE_RUN = "axe.run().then(found => found.violations.map(v => [v.impact, v.id, v.nodes[0].html]))"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@contextmanager
def browser_of(nexus: services.Nexus, chromium: Path) -> Iterator[BrowserContext]:
    """Sign in with the admin's token."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=nexus.url)
        sign_in(context, (nexus.data / "admin-token").read_text().strip())
        yield context
        browser.close()


def sign_in(context: BrowserContext, token: str) -> None:
    """Give a token on the sign-in page."""
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Access token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.close()


@contextmanager
def watched(context: BrowserContext) -> Iterator[Page]:
    """A page whose console must stay without errors."""
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


def address(path: str, **query: str) -> str:
    """An address with a query."""
    return f"{path}?{urlencode(query)}"


def violations(page: Page) -> list[list[str]]:
    """What axe finds that is serious or critical, on the page as it is."""
    page.evaluate(_AXE.read_text())
    found: list[list[str]] = page.evaluate(_AXE_RUN)
    return [each for each in found if each[0] in {"serious", "critical"}]
