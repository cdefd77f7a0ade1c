"""The recorded artifacts of a dbt project with one of everything (tests/golden/harvest/dbt/record.py)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.sources import GOLDEN, Fixture

DESCRIBES_OTHERS = True
TARGET = GOLDEN / "dbt" / "target"


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the artifacts, about a warehouse that nobody needs to reach."""
    del fixture
    yield f"dbt://{TARGET}?warehouse=postgres://warehouse.example.com:5432"
