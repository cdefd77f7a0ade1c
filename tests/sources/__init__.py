"""Filled sources by kind of connector, each in a module of that name: what contract suite and golden harvests read.

A module has `filled(fixture)`, a context manager that gives the source's URL; `fixture` gives a session's service by
the name of its pytest fixture. Where its source can show it, it also has

- `reader(fixture)`: gives the URL of the filled source for an account that has the documented rights and no other;
- `denying(fixture)`: gives the URL of a source of which the account may read a part only;
- `many(fixture, count)`: gives the URL of a source with so many datasets, cheaply made;
- `busy(fixture)`: gives the URL of a source of its own, and a function that makes its query log tell something more;
- `rows(fixture)`: gives the URL of a source with a dataset `people` that holds `PEOPLE`;
- `via(url, port)`: gives the URL that reaches the filled source through a proxy at a port of 127.0.0.1, where it is not
  enough to replace the URL's port; `PORT_OF(url)` the port to pass on to, where the URL has none;
- `down(port)`: settings under which nothing answers at a port, where host and port are not enough;
- `DESCRIBES_OTHERS = True`: datasets and jobs have namespaces of other sources.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from nexus_core.connectors import installed

CANARY = "anna.canary@example.org"
PEOPLE: tuple[tuple[int, str, int | None, str, int], ...] = tuple(
    (number, CANARY, number if number % 2 else None, f"2026-01-{number:02}", 4930901800 + number)
    for number in range(1, 13)
)
"""Rows of `people`: `id`, `c1` (an address), `quantity` (null in half of them), `made` (a date), `phone` (a number)."""
PEOPLE_TYPES = {"id": "int", "c1": "varchar(60)", "quantity": "int", "made": "date", "phone": "bigint"}
PEOPLE_TABLE = f"CREATE TABLE people ({', '.join(f'{name} {kind}' for name, kind in PEOPLE_TYPES.items())})"
PEOPLE_ROWS = ", ".join(
    f"({number}, '{text}', {'NULL' if quantity is None else quantity}, '{made}', {phone})"
    for number, text, quantity, made, phone in PEOPLE
)
PEOPLE_SQL = f"{PEOPLE_TABLE}; INSERT INTO people VALUES {PEOPLE_ROWS}"
GOLDEN = Path(__file__).parents[1] / "golden" / "harvest"
CONNECTORS = [each.connector for each in installed() if each.connector]

Fixture = Callable[[str], Any]


class Sources:
    """URLs of filled sources by kind; each is started when it is first asked for, and once."""

    def __init__(self, fixture: Fixture, stack: ExitStack) -> None:
        self._fixture, self._stack = fixture, stack
        self._urls: dict[str, str] = {}

    def __getitem__(self, kind: str) -> str:
        if kind not in self._urls:
            self._urls[kind] = self._stack.enter_context(module(kind).filled(self._fixture))
        return self._urls[kind]

    def offered(self, kind: str, what: str) -> Any:
        """What a module offers beside `filled`; skips the test where its source cannot show it."""
        offer = getattr(module(kind), what, None)
        if offer is None:
            pytest.skip(f"tests/sources/{kind}.py has no {what}")
        return partial(offer, self._fixture)


def module(kind: str) -> Any:
    """The module of a kind."""
    return import_module(f"tests.sources.{kind}")


def down(kind: str, port: int) -> dict[str, Any]:
    """Settings under which nothing answers."""
    found: dict[str, Any] = getattr(module(kind), "down", _nobody_at)(port)
    return found


def _nobody_at(port: int) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port}


def port_of(kind: str, url: str) -> int | None:
    """The port that a source answers at, if it is one alone."""
    found: int | None = getattr(module(kind), "PORT_OF", lambda url: urlsplit(url).port)(url)
    return found


def via(kind: str, url: str, port: int) -> str:
    """The URL of a source that is reached through a proxy at a port."""
    found: str = getattr(module(kind), "via", _at_port)(url, port)
    return found


def _at_port(url: str, port: int) -> str:
    parts = urlsplit(url)
    account = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{account}@127.0.0.1:{port}" if account else f"127.0.0.1:{port}").geturl()
