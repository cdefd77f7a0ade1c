"""The application on a store, and a client of it that may do everything, for tests of routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from nexus_core.api.app import create_app
from nexus_core.api.services import Services
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.settings import Settings


@asynccontextmanager
async def admin_api(settings: Settings, folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Services]]:
    """Start the application on a migrated store; the admin's token lies in the folder."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        services: Services = app.state.services
        await ensure_admin_token(services.tokens, folder / "admin-token")
        headers = {"Authorization": f"Bearer {(folder / 'admin-token').read_text().strip()}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
            yield client, services
