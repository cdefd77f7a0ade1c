"""A Tableau site with one of everything: `site.json` holds what its APIs answer; days are filled in when it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from tests.sources import GOLDEN, Fixture
from tests.tableau_server import Tableau, tableau


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the site `finance`."""
    with tableau() as site:
        fill(site)
        yield site.url()


def fill(site: Tableau) -> None:
    """Put the contents in."""
    text = (GOLDEN / "tableau" / "site.json").read_text(encoding="utf-8")
    today = datetime.now(UTC).date()
    text = text.replace("YESTERDAY", str(today - timedelta(days=1))).replace("TODAY", str(today))
    content = json.loads(text)
    site.rest, site.graphql = content["rest"], content["graphql"]
