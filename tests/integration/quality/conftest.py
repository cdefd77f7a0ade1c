"""An application on what a worker merged: one for a module, whose tests tell of datasets of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from nexus_core.api.app import create_app
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from tests.merging import Merging, merging
from tests.stores import sqlite_settings

T = TypeVar("T")


@dataclass
class Running:
    """A worker and an application on one store, with the loop that they run on; `admin` sees everything."""

    runner: asyncio.Runner
    app: Any
    merge: Merging
    settings: Settings
    admin: httpx.AsyncClient

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(coroutine)

    async def client(self, *grants: str) -> httpx.AsyncClient:
        made = await self.app.state.services.tokens.create("-".join(grants), grants)
        return client_of(self.app, made.secret)


def client_of(app: Any, secret: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://localhost:8000",
        headers={"Authorization": f"Bearer {secret}"},
    )


@asynccontextmanager
async def opened(neo4j: GraphSettings, folder: Path, runner: asyncio.Runner) -> AsyncIterator[Running]:
    settings = (await sqlite_settings(folder)).model_copy(update={"graph": neo4j})
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, folder, parser, settings) as merge:
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            made = await app.state.services.tokens.create("all", ["admin"])
            async with client_of(app, made.secret) as admin:
                yield Running(runner, app, merge, settings, admin)


@pytest.fixture(scope="module")
def running(neo4j: GraphSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with asyncio.Runner() as runner:
        lifespan = opened(neo4j, tmp_path_factory.mktemp("quality"), runner)
        yield runner.run(lifespan.__aenter__())
        runner.run(lifespan.__aexit__(None, None, None))
