"""An emulated Snowflake with one of everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.snowflake_service import Snowflake
from tests.sources import GOLDEN, Fixture


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the account, read with its database SHOP only."""
    service: Snowflake = fixture("snowflake")
    service.run((GOLDEN / "snowflake" / "schema.sql").read_text(encoding="utf-8"))
    yield service.url("SHOP")
