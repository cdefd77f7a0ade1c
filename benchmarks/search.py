"""How long a reader who types in the catalogue waits for the answer on screen, by how many assets there are.

Measured in Chromium from the last key to the last change of what is shown: the rest that the page waits for, the API's
answer and its drawing. The rows are written by the product's own function; graph and log stay empty.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.stack import Stack, running
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.settings import Settings
from nexus_core.store.catalogue_index import SearchRow, save_search_rows
from nexus_core.store.database import open_store, writing
from nexus_core.store.migration import migrate

SIZES = (1000, 100_000, 1_000_000)
_NAMESPACE = "postgres://search.example:5432"
_CHUNK = 5000
_SUBJECTS = ("orders", "customers", "payments", "refunds", "visits", "stock", "parcels", "invoices", "claims", "leads")
_COLUMNS = ("id", "created_at", "amount", "country", "email", "status", "owner_id", "note")
_TYPED = ("customers", "orders 1", "parcels email", "mart7 refunds", "invoices_4")
_TURNS = 4
_BETWEEN_KEYS_MS = 120
_WATCH = """() => {
  const shown = () => document.querySelector('section[aria-label=Results]').innerText;
  const watched = { before: shown(), key: 0, changed: 0 };
  window.watched = watched;
  addEventListener('keydown', () => { watched.key = performance.now(); }, true);
  const look = () => {
    const now = shown();
    if (now !== watched.before) { watched.before = now; watched.changed = performance.now(); }
    requestAnimationFrame(look);
  };
  look();
}"""


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    for size in SIZES:
        with running(partial(_fill, size)) as stack, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            waits = _waits(browser, stack)
            browser.close()
        yield (
            f"{size:,} assets: last key to answer on screen",
            f"median {statistics.median(waits):.0f} ms, slowest of {len(waits)} {max(waits):.0f} ms",
        )


def _waits(browser: Browser, stack: Stack) -> list[float]:
    page = browser.new_page(base_url=stack.url)
    page.set_default_timeout(60_000)
    page.goto("/")
    page.get_by_label("Access token").fill(stack.token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible(timeout=60_000)
    page.goto("/catalogue")
    expect(page.get_by_role("status").filter(has_text="found")).to_be_visible(timeout=60_000)
    page.evaluate(_WATCH)
    [_wait(page, text) for text in _TYPED]
    return [_wait(page, text) for _ in range(_TURNS) for text in _TYPED]


def _wait(page: Page, text: str) -> float:
    page.get_by_role("searchbox").fill("")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    page.keyboard.type(text, delay=_BETWEEN_KEYS_MS)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    key, changed = page.evaluate("[watched.key, watched.changed]")
    return max(0.0, float(changed - key))


def _fill(size: int, folder: Path) -> None:
    asyncio.run(_save(size, Settings(data_dir=folder)))


async def _save(size: int, settings: Settings) -> None:
    await migrate(settings.store_url)
    store = open_store(settings.store_url)
    for start in range(0, size, _CHUNK):
        rows = [_row(number) for number in range(start, min(size, start + _CHUNK))]
        async with writing(store) as connection:
            await save_search_rows(connection, rows)
    await store.dispose()


def _row(number: int) -> SearchRow:
    subject, mart = _SUBJECTS[number % len(_SUBJECTS)], number // len(_SUBJECTS) % 997
    name = DatasetName(_NAMESPACE, f"lake.mart{mart}.{subject}_{number}")
    return SearchRow(
        dataset_key=node_key(name.id),
        namespace=name.namespace,
        name=name.name,
        platform="postgres",
        kind="TABLE",
        description=f"What is known of {subject}, part {number}",
        fields=_COLUMNS,
        labels=[("tag", f"tag{number % 40}"), ("owner", f"team:{number % 25}")],
        names_text=f"lake mart{mart} mart {mart} {subject} {number} {subject}_{number}",
        fields_text=" ".join(_COLUMNS),
        labels_text=f"tag{number % 40} team:{number % 25}",
    )
