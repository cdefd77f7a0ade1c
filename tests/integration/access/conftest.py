"""One estate for a module's tests, on a loop of its own, which hypothesis asks again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from nexus_core.settings import GraphSettings
from tests.integration.access.estate import Asked, running


@pytest.fixture(scope="module")
def asked(neo4j: GraphSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with asyncio.Runner() as runner:
        opened = running(neo4j, tmp_path_factory.mktemp("estate"))
        yield Asked(runner, runner.run(opened.__aenter__()))
        runner.run(opened.__aexit__(None, None, None))
