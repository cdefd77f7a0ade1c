"""What every answer carries, refusals too."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from nexus_core.api.guard import Guard

HOSTS = frozenset({"localhost"})


async def page(_: Request) -> Response:
    return HTMLResponse("<p>", headers={"Content-Security-Policy": "default-src 'self'"})


async def data(_: Request) -> Response:
    return JSONResponse({})


@pytest.fixture(params=[True, False], ids=["https", "http"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[Route("/page", page), Route("/data", data, methods=["GET", "POST"])])
    guard = Guard(app, HOSTS, 10, https=request.param)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url="http://localhost") as made:
        made.headers["x-https"] = str(request.param)
        yield made


async def test_every_answer_has_the_security_headers(client: httpx.AsyncClient) -> None:
    answers = [
        await client.get("/page"),
        await client.get("/data"),
        await client.get("/nothing"),
        await client.get("/data", headers={"Host": "evil.example"}),
        await client.post("/data", content=b"x" * 11),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 422, 413]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]
        assert ("strict-transport-security" in answer.headers) is (client.headers["x-https"] == "True")


async def test_data_is_never_a_page_and_pages_keep_their_own_policy(client: httpx.AsyncClient) -> None:
    policies = [(await client.get(path)).headers["content-security-policy"] for path in ("/page", "/data")]
    assert policies == ["default-src 'self'", "default-src 'none'; frame-ancestors 'none'"]
