"""Counts requests and how long they take, by route: what the objectives of service are measured by."""

from __future__ import annotations

import time

from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nexus_core.api.errors import LEFT
from nexus_core.telemetry import traces

_REQUESTS = Counter("nexus_http_requests", "Requests answered.", ["route", "method", "status"])
_SECONDS = Histogram(
    "nexus_http_request_seconds",
    "Time to the end of an answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_PAGES = "pages"  # of the web UI, and what is no route


class Traffic:
    """ASGI middleware around all others. Routes are those of the API, so that no request makes a label of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and count it: one without an answer as 5xx if it fails, else as left by its client."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status: int | None = None
        began = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with traces.span("request", Headers(scope=scope).get("traceparent")):
                try:
                    await self._app(scope, receive, noting)
                except BaseException:
                    status = status or 500
                    raise
                finally:
                    traces.rename(f"{scope['method']} {_route(scope)}")
        finally:
            route = _route(scope)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            _REQUESTS.labels(route, method, f"{(status or LEFT) // 100}xx").inc()
            _SECONDS.labels(route).observe(time.perf_counter() - began)


def _route(scope: Scope) -> str:
    path: str = getattr(scope.get("route"), "path", _PAGES)
    return _PAGES if path == "/{path:path}" else path
