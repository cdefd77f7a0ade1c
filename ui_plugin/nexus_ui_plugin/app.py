"""The app that Airflow's API server mounts at `/nexus`."""

from __future__ import annotations

import functools

from fastapi import APIRouter, FastAPI, HTTPException

from nexus_core.errors import ConfigurationError
from nexus_ui_plugin.airflow_internals import GetUserDep
from nexus_ui_plugin.assertion import Signer, read_key
from nexus_ui_plugin.config import read_config
from nexus_ui_plugin.forwarding import forwarding_router
from nexus_ui_plugin.pages import DIST, pages_app


@functools.cache
def build_app() -> FastAPI:
    """Build it once in the process that serves it; wrong settings do not stop Airflow, each request tells them."""
    app = FastAPI(title="LineageNexus in Airflow", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(_api_router())
    app.mount("/", pages_app(DIST))
    return app


def _api_router() -> APIRouter:
    try:
        config = read_config()
        return forwarding_router(config, Signer(config.instance, read_key(config.key_path)))
    except ConfigurationError as error:
        return _explaining_router(str(error))


def _explaining_router(problem: str) -> APIRouter:
    router = APIRouter()

    @router.get("/api/v1/{path:path}")
    def explain(_: GetUserDep) -> None:
        raise HTTPException(503, problem)

    return router
