"""An emulated BigQuery with one of everything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bigquery_service import BigQuery
from tests.sources import GOLDEN, Fixture


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the project `demo`, read with its dataset `core` only."""
    service: BigQuery = fixture("bigquery")
    service.fill("demo", json.loads((GOLDEN / "bigquery" / "schema.json").read_text(encoding="utf-8")))
    yield service.url("demo", schemas="core")
