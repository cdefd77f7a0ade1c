"""A Tableau site with one of everything: `site.json` holds what its APIs answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.sources import GOLDEN, Fixture
from tests.tableau_server import Tableau, tableau


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the site `finance`."""
    with tableau() as site:
        fill(site)
        yield site.url()


@contextmanager
def reader(fixture: Fixture) -> Iterator[str]:
    """A site that refuses all requests but those that the documented site role may make."""
    with tableau() as site:
        fill(site)
        site.allowed = (
            r"GET .*/(?:serverinfo|projects|workbooks|datasources|views|jobs|tasks/extractRefreshes|flows)(?:/[^/]+)?"
            r"|POST .*/(?:auth/signin|auth/signout|metadata/graphql)"
        )
        yield site.url()


@contextmanager
def denying(fixture: Fixture) -> Iterator[str]:
    """A site that does not show all sheets to the account."""
    with tableau() as site:
        fill(site)
        code = {"code": "PERMISSIONS_MODE_SWITCHED"}
        site.refuse["sheets"] = {"message": "Showing partial results", "extensions": code, "data": True}
        yield site.url()


@contextmanager
def many(fixture: Fixture, count: int) -> Iterator[str]:
    """A site with so many data sources and nothing else."""
    with tableau() as site:
        fill(site)
        template = site.graphql["publishedDatasources"][0]
        site.graphql = {"publishedDatasources": [template | {"fields": template["fields"][:1], "upstreamTables": []}]}
        site.generated["publishedDatasources"] = count
        yield site.url()


@contextmanager
def busy(fixture: Fixture) -> Iterator[tuple[str, Callable[[], None]]]:
    """A site on which someone looks at a sheet, each time."""
    with tableau() as site:
        fill(site)

        def act() -> None:
            usage = site.rest["views"][0]["usage"]
            usage["totalViewCount"] = str(int(usage["totalViewCount"]) + 1)

        yield site.url(), act


def fill(site: Tableau) -> None:
    """Put the contents in."""
    content = json.loads((GOLDEN / "tableau" / "site.json").read_text(encoding="utf-8"))
    site.rest, site.graphql = content["rest"], content["graphql"]
