"""The recorded artifacts of a dbt project with one of everything (tests/golden/harvest/dbt/record.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.sources import GOLDEN, Fixture

DESCRIBES_OTHERS = True
TARGET = GOLDEN / "dbt" / "target"


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the artifacts, about a warehouse that nobody needs to reach."""
    del fixture
    yield f"dbt://{TARGET}?warehouse=postgres://warehouse.example.com:5432"


@contextmanager
def many(fixture: Fixture, count: int) -> Iterator[str]:
    """A manifest with so many models."""
    del fixture
    manifest = json.loads((TARGET / "manifest.json").read_text())
    nodes = {f"model.shop.m{number}": _model(number) for number in range(count)}
    with TemporaryDirectory() as folder:
        kept = {"metadata": manifest["metadata"], "nodes": nodes}
        Path(folder, "manifest.json").write_text(json.dumps(kept))
        yield f"dbt://{folder}?warehouse=postgres://warehouse.example.com:5432"


def _model(number: int) -> dict[str, object]:
    relation = f'"shop"."mart"."m{number}"'
    return {"unique_id": f"model.shop.m{number}", "resource_type": "model", "relation_name": relation, "config": {}}
