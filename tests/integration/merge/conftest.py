"""A worker on the session's Neo4j, with a store of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nexus_core.settings import GraphSettings
from nexus_core.sql import ParsePool
from tests.merging import Merging, merging


@pytest.fixture
async def merge(neo4j: GraphSettings, tmp_path: Path) -> AsyncIterator[Merging]:
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser) as running:
        yield running
