"""A Tableau site for tests: an HTTP stub of the parts of its REST API and Metadata API that are asked for.

Written from Tableau's published schemas; the contents are ours, as JSON: `rest` lists by resource, `graphql` nodes by
connection, where TODAY and YESTERDAY are the days in UTC as it answers. It pages as asked, and checks the token.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import quoteattr

_XMLNS = 'xmlns="http://tableau.com/api"'
_SITE = "5de011f8-5aa9-4d5b-b991-f462c8dd6bb7"

Document = dict[str, Any]


@dataclass
class Tableau:
    """What the site holds; `before` sees each request, `refuse` gives the Metadata API's errors by connection.

    `allowed` is a pattern of the requests (`METHOD PATH`) that are answered.
    """

    rest: dict[str, list[Document]] = field(default_factory=dict)
    graphql: dict[str, list[Document]] = field(default_factory=dict)
    refuse: dict[str, Document] = field(default_factory=dict)
    generated: dict[str, int] = field(default_factory=dict)
    allowed: str = ".*"
    secret: str = "token-secret"
    node_limit: int = 1000
    signed_in: int = 0
    seen: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None
    port: int = 0

    def url(self, site: str = "finance") -> str:
        return f"tableau://nexus:{self.secret}@127.0.0.1:{self.port}/{site}?https=false"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Tableau

    def do_GET(self) -> None:
        path, query = self._asked()
        parts = path.split("/")
        if self._is_refused(path):
            return
        if path.lower().endswith("serverinfo"):
            version = '<productVersion build="2026.1">2026.1.0</productVersion><restApiVersion>3.24</restApiVersion>'
            self._xml(f"<serverInfo>{version}</serverInfo>")
        elif self.headers.get("x-tableau-auth") != "signed-in":
            self._error(401, "401002", "Unauthorized Access", "Invalid authentication credentials were provided.")
        elif parts[-2] in self.site.rest:
            self._one(parts[-2], parts[-1])
        else:
            self._list(parts[-1], query)

    def do_POST(self) -> None:
        path, _ = self._asked()
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        if self._is_refused(path):
            return
        if path.endswith("/auth/signin"):
            self._sign_in(body)
        elif path.endswith("/auth/signout"):
            self.site.signed_in -= 1
            self.send_response(204)
            self.send_header("content-length", "0")
            self.end_headers()
        else:
            self._send(200, "application/json", json.dumps(self._metadata(json.loads(body))))

    def _is_refused(self, path: str) -> bool:
        refused = re.fullmatch(self.site.allowed, f"{self.command} {path}", re.IGNORECASE) is None
        if refused:
            self._error(403, "403004", "Forbidden", "The account may not do this.")
        return refused

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _asked(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        self.site.seen.append(f"{self.command} {parts.path.rpartition('/')[2]}")
        self.site.before(self.site.seen[-1])
        return parts.path, parse_qs(parts.query)

    def _sign_in(self, body: str) -> None:
        if self.site.secret not in body:
            self._error(401, "401001", "Signin Error", "The personal access token you provided is invalid.")
            return
        self.site.signed_in += 1
        self._xml(
            f'<credentials token="signed-in"><site id="{_SITE}" contentUrl="finance"/><user id="u1"/></credentials>'
        )

    def _list(self, resource: str, query: dict[str, list[str]]) -> None:
        size, number = (int(query.get(name, [usual])[0]) for name, usual in (("pageSize", "100"), ("pageNumber", "1")))
        found = self.site.rest.get(resource, [])
        page = found[(number - 1) * size : number * size]
        element = "backgroundJob" if resource == "jobs" else resource.removesuffix("s")
        inner = "".join(_element(element, each) for each in page)
        outer = "backgroundJobs" if resource == "jobs" else resource
        paging = f'<pagination pageNumber="{number}" pageSize="{size}" totalAvailable="{len(found)}"/>'
        self._xml(f"{paging}<{outer}>{inner}</{outer}>")

    def _one(self, resource: str, identifier: str) -> None:
        found = next((each for each in self.site.rest[resource] if each["id"] == identifier), None)
        if found is None:
            self._error(404, "404006", "Resource Not Found", identifier)
        elif resource == "jobs":
            job = {"id": found["id"], "mode": "Asynchronous", "type": "RefreshExtract", "finishCode": "0"}
            self._xml(_element("job", job | {"extractRefreshJob": found.get("of", {})} | _times(found)))
        else:
            self._xml(_element(resource.removesuffix("s"), found))

    def _metadata(self, asked: Document) -> Document:
        query, variables = asked["query"], asked["variables"] or {}
        if "workbooks(filter" in query:
            found = [each for each in self.site.graphql.get("workbooks", []) if each["luid"] == variables["luid"]]
            return {"data": {"workbooks": found}}
        connection = query.partition("page: ")[2].partition("(")[0].removesuffix("Connection")
        refused = self.site.refuse.get(connection)
        if refused and "data" not in refused:
            return {"errors": [refused], "data": None}
        if variables.get("first", 0) > self.site.node_limit:
            return {
                "errors": [{"message": "Too many nodes", "extensions": {"code": "NODE_LIMIT_EXCEEDED"}}],
                "data": None,
            }
        answer = {"data": {"page": self._page(connection, variables)}}
        return answer | ({"errors": [refused]} if refused else {})

    def _page(self, connection: str, variables: Document) -> Document:
        start, size = int(variables.get("after") or 0), variables.get("first", 1)
        if connection in self.site.generated:
            template, total = self.site.graphql[connection][0], self.site.generated[connection]
            nodes = [template | {"id": str(n), "name": f"n{n}"} for n in range(start, min(start + size, total))]
        else:
            every = self.site.graphql.get(connection, [])
            nodes, total = every[start : start + size], len(every)
        more = start + size < total
        return {"nodes": nodes, "totalCount": total, "pageInfo": {"hasNextPage": more, "endCursor": str(start + size)}}

    def _xml(self, inner: str) -> None:
        self._send(
            200, "application/xml", f'<?xml version="1.0" encoding="UTF-8"?><tsResponse {_XMLNS}>{inner}</tsResponse>'
        )

    def _error(self, status: int, code: str, summary: str, detail: str) -> None:
        inner = f'<error code="{code}"><summary>{summary}</summary><detail>{detail}</detail></error>'
        self._send(status, "application/xml", f"<tsResponse {_XMLNS}>{inner}</tsResponse>")

    def _send(self, status: int, kind: str, text: str) -> None:
        today = datetime.now(UTC).date()
        days = text.replace("YESTERDAY", str(today - timedelta(days=1))).replace("TODAY", str(today))
        body = days.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _times(found: Document) -> Document:
    return {name: found[name] for name in ("createdAt", "startedAt") if name in found} | {
        "completedAt": found["endedAt"]
    }


def _element(name: str, content: Document) -> str:
    """Write an element: texts are attributes, objects are elements in it."""
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in content.items() if isinstance(value, str))
    inner = "".join(_element(key, value) for key, value in content.items() if isinstance(value, dict))
    return f"<{name}{attributes}>{inner}</{name}>"


@contextmanager
def tableau() -> Iterator[Tableau]:
    """Start a site that holds nothing."""
    site = Tableau()
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        site.port = int(server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield site
        finally:
            server.shutdown()
