"""Answers of the API, recorded once from `make demo`, so that pictures of pages are always of the same data and time.

`python -m tests.recorded URL TOKEN_FILE` writes them anew while the demo runs. Then take the pictures anew, too
(`pytest --update-golden tests/e2e/test_ui_pictures.py`), and look at them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import httpx
import jsonschema  # type: ignore[import-untyped]
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

from nexus_core.api.web import find_build, web_router
from tests.browsing import SLOW_S, chromium, wait_until_read

ANSWERS = Path("tests/golden/ui/answers.json")
OPENAPI = Path("ui_plugin/web/openapi.json")
RECORD_AGAIN = "Record the answers again: start `make demo`, then `python -m tests.recorded URL TOKEN_FILE`."
WAREHOUSE = "postgres://127.0.0.1:5433"
VALUE = {"namespace": WAREHOUSE, "name": "larkspur.marts.customer_lifetime_value"}
DASHBOARD = {"namespace": "bi://dashboards.larkspur.example", "name": "Executive overview"}
DROPPED = ("drop_field", WAREHOUSE, "larkspur.raw.customers", "email", "", "")
PAGES = {
    "home": "/",
    "catalogue": "/catalogue",
    "asset-overview": f"/asset?{urlencode(VALUE)}",
    "asset-columns": f"/asset?{urlencode({**VALUE, 'tab': 'columns'})}",
    "lineage": f"/lineage?{urlencode({**VALUE, 'view': 'columns'})}",
    "lineage-focus": "/lineage?"
    + urlencode({**DASHBOARD, "field": "Revenue", "direction": "upstream", "depth": "20", "focus": "1"}),
    "impact": f"/impact?{urlencode({'change': ','.join(quote(part, safe='') for part in DROPPED)})}",
    "quality": "/quality",
    "sources": "/sources",
    "governance": "/governance",
    "policies": "/governance?tab=policies",
    "audit": "/audit",
    "admin": "/admin",
}
NOWHERE = "http://nexus.example"
SIZE = {"width": 1280, "height": 720}
BROWSER = "/usr/bin/chromium"


@dataclass(slots=True)
class Recording:
    """When answers were recorded, and what was answered 200, by `METHOD /path?query`."""

    at: str
    answers: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Recording:
        return cls(**json.loads(ANSWERS.read_text()))

    def write(self) -> None:
        """One answer a line."""
        told = [f"{json.dumps(asked)}: {_compact(self.answers[asked])}" for asked in sorted(self.answers)]
        ANSWERS.write_text(f'{{"at": "{self.at}", "answers": {{\n' + ",\n".join(told) + "\n}}\n")


def _compact(answer: Any) -> str:
    return json.dumps(answer, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def key(request: Request) -> str:
    """Name what is asked; the order of parameters does not matter."""
    parts = urlsplit(request.url)
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{request.method} {parts.path}{'?' if query else ''}{query}"


@contextmanager
def replayed(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of which API and clock are those of the recording, and the pages those of the present build.

    Raises:
        AssertionError: a page asked what was not recorded.
    """
    recording, unknown = Recording.read(), set[str]()

    def answer(route: Route) -> None:
        asked = key(route.request)
        if asked in recording.answers:
            route.fulfill(json=recording.answers[asked])
        else:
            unknown.add(asked)
            route.fulfill(status=404, json={})

    context = browser.new_context(viewport=SIZE, base_url=NOWHERE, timezone_id="UTC", reduced_motion="reduce")  # type: ignore[arg-type]
    serve_build(context)
    context.route("**/api/v1/**", answer)
    context.clock.set_fixed_time(recording.at)
    yield context
    context.close()
    assert not unknown, f"Pages ask what was not recorded: {sorted(unknown)}. {RECORD_AGAIN}"


def serve_build(context: BrowserContext) -> None:
    """Answer what is not the API's from the present build, as the API does."""
    app = FastAPI()
    app.include_router(web_router(find_build(), None))
    client = TestClient(app)
    get = cache(client.get)

    def answer(route: Route) -> None:
        found = get(urlsplit(route.request.url).path)
        headers = {name: value for name, value in found.headers.items() if name != "content-length"}
        route.fulfill(status=found.status_code, body=found.content, headers=headers)

    context.route(lambda url: "/api/v1/" not in url, answer)


def wrong_answers() -> list[str]:
    """Which recorded answers are none that the API, as it is now, gives."""
    spec = json.loads(OPENAPI.read_text())
    answers = Recording.read().answers
    return [f"{asked}: {problem}" for asked, body in answers.items() for problem in _problems(spec, asked, body)]


def _problems(spec: dict[str, Any], asked: str, body: Any) -> Iterator[str]:
    method, _, path = asked.partition(" ")
    operation = _operation(spec, method.lower(), path.partition("?")[0])
    if operation is None:
        yield "there is no such route"
        return
    content = operation["responses"]["200"].get("content", {}).get("application/json", {})
    schema = {**content.get("schema", {}), "components": spec["components"]}
    validator = jsonschema.Draft202012Validator(schema)
    yield from (f"{error.json_path} {error.message[:200]}" for error in validator.iter_errors(body))


def _operation(spec: dict[str, Any], method: str, path: str) -> Any:
    """The plain path before one with parameters."""
    parts = path.split("/")
    for pattern, operations in sorted(spec["paths"].items(), key=lambda item: item[0].count("{")):
        wanted = pattern.split("/")
        alike = (want == part or want.startswith("{") for want, part in zip(wanted, parts, strict=False))
        if method in operations and len(wanted) == len(parts) and all(alike):
            return operations[method]
    return None


def record(url: str, token: str) -> Recording:
    """Open the pages of a demo as its administrator, and keep what the API answers."""
    recording = Recording(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    with chromium(Path(BROWSER)) as browser:
        context = browser.new_context(viewport=SIZE, base_url=url, timezone_id="UTC")  # type: ignore[arg-type]
        context.set_default_timeout(3 * SLOW_S * 1000)
        assert context.request.post("/api/v1/session", data={"token": token}).ok
        serve_build(context)
        context.clock.set_fixed_time(recording.at)
        for path in PAGES.values():
            _record(context.new_page(), path, recording)
    return recording


def _record(page: Page, path: str, recording: Recording) -> None:
    """Answers are read after the page came to rest, since Playwright cannot ask for a body while it tells of it."""
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(path)
    page.get_by_role("main").wait_for()
    wait_until_read(page)
    for request in finished:
        response = request.response()
        if "/api/v1/" in request.url and response is not None and response.status == httpx.codes.OK:
            recording.answers[key(request)] = _without_secret(response.json())
    page.close()


def _without_secret(answer: Any) -> Any:
    return {**answer, "csrf": ""} if isinstance(answer, dict) and "csrf" in answer else answer


if __name__ == "__main__":
    server, token_file = sys.argv[1:]
    secret = Path(token_file).read_text().strip()
    record(server, secret).write()
