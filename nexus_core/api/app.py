"""Makes the application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from nexus_core.api import errors, health, ingestion
from nexus_core.api.guard import Guard, allowed_hosts
from nexus_core.api.services import open_services
from nexus_core.settings import Settings

_ROUTERS = (ingestion.router, health.router)


def create_app(settings: Settings) -> FastAPI:
    """Give the application; its store must be migrated before it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings) as services:
            app.state.services = services
            yield

    app = FastAPI(title="LineageNexus", version="1", lifespan=lifespan, responses=errors.PROBLEMS, redoc_url=None)
    errors.install(app)
    for router in _ROUTERS:
        app.include_router(router)
    app.add_middleware(Guard, hosts=allowed_hosts(settings.api), body_max=settings.api.event_max_bytes)
    return app
