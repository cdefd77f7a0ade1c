"""Services of drills: of their own, since they are killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import services
from tests.drills.processes import Neo4j, neo4j


@pytest.fixture(scope="session")
def mortal_neo4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4j]:
    with neo4j(tmp_path_factory.mktemp("mortal"), **services.BRIEF_JAVA) as running:
        yield running


@pytest.fixture
def mortal_postgresql() -> Iterator[services.PostgreSQL]:
    with services.postgresql() as running:
        yield running
