"""One browser for the tests of the web UI, signed in to the session's `nexus up` with lineage in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests import browsing, services


@pytest.fixture(scope="session")
def warehouse(running_nexus: services.Nexus) -> services.Nexus:
    """Three tables in a row and seven in another, merged."""
    browsing.fill(running_nexus)
    return running_nexus


@pytest.fixture(scope="module")
def signed_in(warehouse: services.Nexus, chromium_path: Path) -> Iterator[BrowserContext]:
    """A browser that signed in with the admin's token."""
    with browsing.chromium(chromium_path) as browser:
        yield browsing.sign_in(browser, warehouse)


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    """A page that must stay without errors in its console."""
    with browsing.quiet_page(signed_in) as opened:
        yield opened
