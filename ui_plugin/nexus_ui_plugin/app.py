"""The app that Airflow's API server mounts at `/nexus`."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException

from nexus_core.errors import ConfigurationError
from nexus_ui_plugin.airflow_internals import GetUserDep
from nexus_ui_plugin.assertion import Signer, read_key
from nexus_ui_plugin.config import read_config, read_job_namespace
from nexus_ui_plugin.forwarding import Upstream, forwarding_router
from nexus_ui_plugin.pages import DIST, pages_app

# They would describe one route that takes every path.
_NO_DOCS: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}


@functools.cache
def build_app() -> FastAPI:
    """Build it once in the process that serves it; wrong settings do not stop Airflow, each request tells them."""
    try:
        app = forwarding_app(_upstream())
    except ConfigurationError as error:
        app = _explaining_app(str(error))
    app.mount("/", pages_app(DIST, read_job_namespace()))
    return app


def forwarding_app(upstream: Upstream) -> FastAPI:
    """Make the app of an API that is known; its lifespan ends the connections."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        upstream.close()

    app = FastAPI(title="LineageNexus in Airflow", **_NO_DOCS, lifespan=lifespan)
    app.include_router(forwarding_router(upstream))
    return app


def _upstream() -> Upstream:
    config = read_config()
    return Upstream(config, Signer(config.instance, read_key(config.key_path)))


def _explaining_app(problem: str) -> FastAPI:
    router = APIRouter()

    @router.get("/api/v1/{path:path}")
    def explain(_: GetUserDep) -> None:
        raise HTTPException(503, problem)

    app = FastAPI(title="LineageNexus in Airflow", **_NO_DOCS)
    app.include_router(router)
    return app
