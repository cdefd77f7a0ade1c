"""Makes the application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from nexus_core.api import (
    audit,
    changes,
    classifications,
    curation,
    curation_csv,
    curation_objects,
    datasets,
    dead_letters,
    errors,
    graph,
    harvests,
    health,
    hints,
    holds,
    impact,
    incidents,
    ingestion,
    kept_history,
    lineage_export,
    lineage_health,
    login,
    marquez,
    marquez_runs,
    names,
    overview,
    policies,
    processing,
    proxy_passwords,
    quality,
    recertifications,
    reports,
    requests,
    retirements,
    roles,
    scenarios,
    scim,
    scim_discovery,
    sessions,
    sight,
    sources,
    subscriptions,
    system,
    tokens,
    trends,
    usage,
    users,
)
from nexus_core.api.abandonment import Abandonment
from nexus_core.api.guard import Guard, allowed_hosts
from nexus_core.api.services import open_services
from nexus_core.api.traffic import Traffic
from nexus_core.api.web import web_router
from nexus_core.settings import Settings

ROUTERS = (
    ingestion.router,
    graph.router,
    changes.router,
    kept_history.router,
    lineage_health.router,
    datasets.router,
    usage.router,
    incidents.router,
    quality.router,
    impact.router,
    scenarios.router,
    trends.router,
    subscriptions.router,
    hints.router,
    classifications.router,
    curation.router,
    curation_csv.router,
    curation_objects.router,
    requests.router,
    recertifications.router,
    marquez_runs.router,
    marquez.router,
    names.router,
    overview.router,
    sources.router,
    harvests.router,
    retirements.router,
    dead_letters.router,
    policies.router,
    processing.router,
    proxy_passwords.router,
    lineage_export.router,
    reports.router,
    tokens.router,
    roles.router,
    sight.router,
    users.router,
    audit.router,
    holds.router,
    scim.router,
    scim_discovery.router,
    sessions.router,
    login.router,
    system.router,
    health.router,
)
"""In order: a route that comes first hides a later one of the same method and path."""


def create_app(settings: Settings, web: Path | None = None) -> FastAPI:
    """Give the application, with the web UI of the build in `web`; its store must be migrated before it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings) as services:
            app.state.services = services
            yield

    app = FastAPI(title="LineageNexus", version="1", lifespan=lifespan, responses=errors.PROBLEMS, redoc_url=None)
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(web_router(web, settings.api.public_url))
    app.add_middleware(Abandonment)
    app.add_middleware(
        Guard,
        hosts=allowed_hosts(settings.api),
        body_max=settings.api.event_max_bytes,
        https=(settings.api.public_url or "").startswith("https://"),
    )
    app.add_middleware(Traffic)
    return app
