"""An API on a store with two datasets and a job, and clients that may do different things; no graph is needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from nexus_core.api.app import create_app
from nexus_core.catalogue.record import record_of
from nexus_core.model.aliases import Aliases
from nexus_core.settings import GraphSettings
from nexus_core.store.database import writing
from tests.merging import HARVESTER, dataset, dataset_event, envelope, run_event
from tests.stores import sqlite_settings

NOBODY = GraphSettings(uri="bolt://127.0.0.1:1", password=SecretStr("none"))
"""A graph that nobody asks."""

Client = Callable[..., Awaitable[httpx.AsyncClient]]
"""Makes a client of an account with grants, such as `await client("ann", "curator")`."""


@pytest.fixture
async def nexus(tmp_path: Path) -> AsyncIterator[FastAPI]:
    settings = (await sqlite_settings(tmp_path)).model_copy(update={"graph": NOBODY})
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        orders = dataset(
            "orders",
            {"id": "int", "note": "text"},
            documentation={"description": "harvested"},
            tags={"tags": [{"key": "raw"}]},
        )
        async with writing(app.state.services.store) as connection:
            run = run_event("COMPLETE", 1, "1", "load", inputs=[dataset("orders")], outputs=[dataset("totals")])
            harvested = envelope(dataset_event(0, orders), HARVESTER, "harvester")
            await record_of([harvested, envelope(run)], Aliases())(connection)
        yield app


@pytest.fixture
async def client(nexus: FastAPI) -> AsyncIterator[Client]:
    async with AsyncExitStack() as stack:

        async def make(name: str, *grants: str) -> httpx.AsyncClient:
            secret = (await nexus.state.services.tokens.create(name, grants)).secret
            return await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(nexus),
                    base_url="http://localhost:8000",
                    headers={"Authorization": f"Bearer {secret}"},
                )
            )

        yield make
