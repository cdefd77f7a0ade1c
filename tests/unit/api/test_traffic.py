"""Requests are counted by what became of them: who leaves before the answer is no failure of ours."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from nexus_core.api.abandonment import Abandonment
from nexus_core.api.errors import install
from nexus_core.api.traffic import Traffic


@pytest.fixture(scope="module")
def app() -> FastAPI:
    made = FastAPI()
    install(made)

    @made.post("/body")
    async def body(request: Request) -> Response:
        return Response(await request.body())

    @made.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(60)

    @made.get("/broken")
    async def broken() -> None:
        raise LookupError

    made.add_middleware(Abandonment)
    made.add_middleware(Traffic)
    return made


@pytest.mark.parametrize(
    ("method", "path", "counted"), [("POST", "/body", "4xx"), ("GET", "/slow", "4xx"), ("GET", "/broken", "5xx")]
)
async def test_only_failures_of_ours_count_as_such(app: FastAPI, method: str, path: str, counted: str) -> None:
    before = {status: _count(path, method, status) for status in ("4xx", "5xx")}
    with capture_logs() as logs:
        await _asked(app, method, path)
    assert {status: _count(path, method, status) - before[status] for status in before} == {
        "4xx": float(counted == "4xx"),
        "5xx": float(counted == "5xx"),
    }
    assert bool(logs) == (counted == "5xx")


async def _asked(app: FastAPI, method: str, path: str) -> None:
    """Ask, and leave where something is to be waited for: the answer, or the rest of the body."""
    said: list[dict[str, Any]] = [{"type": "http.request", "body": b"half", "more_body": method == "POST"}]
    said += [] if path == "/broken" else [{"type": "http.disconnect"}]
    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b"", "http_version": "1.1"}

    async def receive() -> dict[str, Any]:
        if not said:
            await asyncio.Event().wait()
        return said.pop(0)

    async def send(_message: dict[str, Any]) -> None:
        return

    try:
        await app(scope, receive, send)
    except LookupError:
        assert path == "/broken"


def _count(path: str, method: str, status: str) -> float:
    labels = {"route": path, "method": method, "status": status}
    return REGISTRY.get_sample_value("nexus_http_requests_total", labels) or 0.0
