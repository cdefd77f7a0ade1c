"""Answers of the API, recorded once from `make demo`, by which pictures of pages are always of the same data and time.

Written anew by `python -m tests.recorded URL TOKEN_FILE [PAGE…]` while the demo runs, before AT; look at the pictures
then, and set AT to a time shortly after.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import jsonschema  # type: ignore[import-untyped]
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, Route, sync_playwright

from nexus_core.api.web import find_build, web_router

ANSWERS = Path("tests/golden/ui/answers.json")
OPENAPI = Path("ui_plugin/web/openapi.json")
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
    "sources": "/sources",
    "governance": "/governance",
    "policies": "/governance?tab=policies",
    "audit": "/audit",
}
NOWHERE = "http://nexus.example"
AT = "2026-11-30T12:00:00Z"
SLOW_MS, PATIENCE_MS = 180_000, 20_000
SIZE = {"width": 1280, "height": 800}


def key(request: Request) -> str:
    """Name what is asked; the order of parameters does not matter."""
    parts = urlsplit(request.url)
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{request.method} {parts.path}{'?' if query else ''}{query}"


@contextmanager
def fixed(browser: Browser) -> Iterator[Page]:
    """A page of which API and clock are those of the recording; what was not recorded is answered 404.

    The build is served as the API serves it, in this process.
    """
    answers: Mapping[str, Any] = json.loads(ANSWERS.read_text())
    context = browser.new_context(viewport=SIZE, base_url=NOWHERE, timezone_id="UTC", reduced_motion="reduce")  # type: ignore[arg-type]

    def answer(route: Route) -> None:
        known = answers.get(key(route.request))
        route.fulfill(status=200 if known is not None else 404, json=known if known is not None else {})

    serve_build(context)
    context.route("**/api/v1/**", answer)
    page = context.new_page()
    page.clock.set_fixed_time(AT)
    yield page
    context.close()


def serve_build(context: BrowserContext) -> None:
    """Answer what is not the API's from the present build."""
    app = FastAPI()
    app.include_router(web_router(find_build(), None))
    client = TestClient(app)

    def answer(route: Route) -> None:
        found = client.get(urlsplit(route.request.url).path)
        headers = {name: value for name, value in found.headers.items() if name != "content-length"}
        route.fulfill(status=found.status_code, body=found.content, headers=headers)

    context.route(lambda url: "/api/v1/" not in url, answer)


def wrong_answers() -> list[str]:
    """Which recorded answers are none that the API, as it is now, gives."""
    spec = json.loads(OPENAPI.read_text())
    answers = json.loads(ANSWERS.read_text())
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


def record(url: str, token: str, names: Sequence[str]) -> dict[str, Any]:
    """Open pages of a demo as its administrator, and give what the API answers."""
    answers: dict[str, Any] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport=SIZE, base_url=url, timezone_id="UTC")  # type: ignore[arg-type]
        context.set_default_timeout(SLOW_MS)
        assert context.request.post("/api/v1/session", data={"token": token}, timeout=SLOW_MS).ok
        serve_build(context)
        for name in names:
            page = context.new_page()
            page.clock.set_fixed_time(AT)
            page.on("response", lambda response: _keep(answers, response))
            page.goto(PAGES[name])
            page.get_by_role("main").wait_for()
            page.wait_for_timeout(PATIENCE_MS)
            page.close()
        browser.close()
    return answers


def _keep(answers: dict[str, Any], response: Response) -> None:
    if "/api/v1/" in response.url and response.status == 200:
        answers[key(response.request)] = response.json()


if __name__ == "__main__":
    server, token_file, *chosen = sys.argv[1:]
    for one in chosen or list(PAGES):
        known = json.loads(ANSWERS.read_text()) if ANSWERS.exists() else {}
        told = record(server, Path(token_file).read_text().strip(), [one])
        ANSWERS.write_text(json.dumps(known | told, indent=1, sort_keys=True) + "\n")
