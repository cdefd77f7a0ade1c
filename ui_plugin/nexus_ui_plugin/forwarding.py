"""Forwarding the UI's requests to the LineageNexus API as the Airflow user."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import httpx
from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from nexus_core import egress
from nexus_core.errors import UnavailableError
from nexus_ui_plugin.airflow_internals import BaseUser, GetUserDep
from nexus_ui_plugin.assertion import HEADER, Signer, User
from nexus_ui_plugin.config import PluginConfig

_PREFIX = b"/nexus/api/v1/"
_BODY_MAX_BYTES = 2**20
_SENT = ("accept", "accept-language", "content-type", "if-match", "if-none-match")
_GIVEN_BACK = ("cache-control", "content-disposition", "content-encoding", "content-type", "etag", "retry-after")
_READING = frozenset({"GET", "HEAD"})


class Upstream:
    """The LineageNexus API, asked as an Airflow user; nothing else can be reached through it."""

    def __init__(self, config: PluginConfig, signer: Signer) -> None:
        hosts = (urlsplit(config.api_url).hostname or "",)
        self._client = egress.client(egress.Purpose("LineageNexus in Airflow", hosts, hosts))
        self._url, self._signer = config.api_url, signer
        self.own_netloc = config.base_netloc

    def close(self) -> None:
        """Close the connections kept open."""
        self._client.close()

    def send(self, request: Request, user: BaseUser, body: bytes) -> httpx.Response:
        """Forward a request, without Airflow's cookies and tokens; its answer is still to be read."""
        headers = {name: request.headers[name] for name in _SENT if name in request.headers}
        asked = self._client.build_request(request.method, self._url + _target(request), headers=headers, content=body)
        known = User(str(user.get_id()), user.get_name())
        asked.headers[HEADER] = self._signer.sign(known, request.method, _signed_path(asked.url), body)
        return self._client.send(asked, stream=True)


def forwarding_router(upstream: Upstream) -> APIRouter:
    """Answer `/api/v1/*` for users that Airflow knows."""
    router = APIRouter()

    @router.api_route("/api/v1/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    async def forward(request: Request, user: GetUserDep) -> StreamingResponse:
        if request.method not in _READING:
            require_own_page(request, upstream.own_netloc)
        body = await _body(request)
        try:
            answer = await run_in_threadpool(upstream.send, request, user, body)
        except (httpx.TransportError, UnavailableError) as error:
            raise HTTPException(503, f"The LineageNexus API does not answer ({type(error).__name__}).") from error
        return _passed_on(answer)

    return router


def require_own_page(request: Request, base_netloc: str) -> None:
    """Refuse a change that another site's page may have sent: it can neither set our header nor have our Origin."""
    origin = urlsplit(request.headers.get("origin", "")).netloc
    own = {request.headers.get("host"), base_netloc} - {"", None}
    if request.headers.get("x-nexus-request") != "1" or origin not in own:
        raise HTTPException(403, "A change needs the header X-Nexus-Request: 1 and an Origin that is Airflow's own.")


def _target(request: Request) -> str:
    """Give path and query as the browser sent them, from `/api/v1/` on."""
    rest = request.scope["raw_path"].partition(_PREFIX)[2].decode("ascii")
    if {".", ".."} & set(unquote(rest).split("/")):
        raise HTTPException(400, "The path may not hold `.` or `..`.")
    query = request.scope["query_string"].decode("ascii")
    return f"/api/v1/{rest}?{query}" if query else f"/api/v1/{rest}"


def _signed_path(url: httpx.URL) -> str:
    """Give what httpx really sends, less a prefix that the API's proxy takes away."""
    path = url.raw_path.decode("ascii")
    return path[path.index("/api/v1/") :]


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_MAX_BYTES:
            raise HTTPException(413, f"A request through Airflow may have {_BODY_MAX_BYTES:,} bytes.")
    return body


def _passed_on(answer: httpx.Response) -> StreamingResponse:
    headers = {name: answer.headers[name] for name in _GIVEN_BACK if name in answer.headers}
    closing = BackgroundTask(answer.close)
    return StreamingResponse(answer.iter_raw(), answer.status_code, headers, background=closing)
