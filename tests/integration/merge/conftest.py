"""A worker on the session's Neo4j, with a store of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nexus_core.settings import GraphSettings
from nexus_core.sql import ParsePool
from tests.merging import Merging, merging
from tests.stores import STORES


@pytest.fixture
async def merge(neo4j: GraphSettings, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Merging]:
    """On SQLite, or on the kind of store that the test asks for by an indirect parameter."""
    settings = await STORES[getattr(request, "param", "sqlite")](request, tmp_path)
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser, settings) as running:
        yield running
