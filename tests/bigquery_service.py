"""An emulated BigQuery: bqemulator behind a front of ours that adds what it drops.

The emulator keeps projects, datasets, tables and routines, lists them and their schemas; the front adds the parts of a
resource that the emulator forgets (queries of views, policy tags, counts, constraints), answers the list of jobs from
recorded ones, and refuses, stalls and hangs up as a test says.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread, Timer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from tests.emulators import environment, running

_API = "/bigquery/v2/projects"
_SPATIAL = "from duckdb_extensions import import_extension; import_extension('spatial')"
_EMULATED = ("schema", "description", "labels")
_EMULATED += ("routineType", "language", "definitionBody", "arguments", "returnType")
_PAGE = 2  # jobs in a page of the list, so that tests turn pages
_KINDS = {"tableReference": ("tables", "tableId"), "routineReference": ("routines", "routineId")}


@dataclass(frozen=True)
class Refusal:
    """What the API answers to requests that match; without a status it hangs up, after `seconds`."""

    pattern: str
    status: int | None = None
    reason: str = ""
    message: str = ""
    seconds: float = 0.0


@dataclass
class BigQuery:
    """The front's address, what it got asked, and what it refuses.

    `jobs` are by project, newest first; `resources` by path, of which the emulator did not take those in `absent`.
    """

    port: int
    behind: httpx.Client
    refusals: list[Refusal] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    jobs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)

    def url(self, project: str = "", **options: str) -> str:
        """A URL for our connector."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"bigquery://127.0.0.1:{self.port}/{project}?{query}"

    def fill(self, project: str, content: dict[str, Any]) -> None:
        """Make datasets, tables and routines, given as the API's resources, and take in jobs."""
        for each in content.get("datasets", ()):
            answer = self.behind.post(f"{_API}/{project}/datasets", json=each)
            assert answer.status_code == 200, answer.text
        for each in (*content.get("tables", ()), *content.get("routines", ())):
            self._make(each)
        self.jobs.setdefault(project, []).extend(_dated(each) for each in content.get("jobs", ()))
        self.jobs[project].sort(key=lambda job: -int(job["statistics"]["creationTime"]))

    def insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Put rows into a table, given as `PROJECT.DATASET.TABLE`."""
        project, dataset, name = table.split(".")
        body = {"rows": [{"json": row} for row in rows]}
        answer = self.behind.post(f"{_API}/{project}/datasets/{dataset}/tables/{name}/insertAll", json=body)
        assert answer.status_code == 200, answer.text

    def drop(self, dataset: str) -> None:
        """Drop a dataset, given as `PROJECT.DATASET`, with its tables."""
        project, _, name = dataset.partition(".")
        path = f"{_API}/{project}/datasets/{name}"
        self.resources = {each: found for each, found in self.resources.items() if not each.startswith(f"{path}/")}
        answer = self.behind.delete(path, params={"deleteContents": "true"})
        assert answer.status_code in (200, 204), answer.text

    def calm_after(self, seconds: float) -> None:
        """Refuse nothing any more in a while."""
        Timer(seconds, self.refusals.clear).start()

    def _make(self, resource: dict[str, Any]) -> None:
        kind = next(kind for kind in _KINDS if kind in resource)
        reference, (folder, name) = resource[kind], _KINDS[kind]
        path = f"{_API}/{reference['projectId']}/datasets/{reference['datasetId']}/{folder}"
        self.resources[f"{path}/{reference[name]}"] = resource
        emulated = {part: resource[part] for part in (kind, *_EMULATED) if part in resource}
        if not self._taken(path, emulated):
            self.absent.add(f"{path}/{reference[name]}")

    def _taken(self, path: str, resource: dict[str, Any]) -> bool:
        """Whether the emulator takes a resource; it hangs up on those that are beyond it."""
        try:
            return self.behind.post(path, json=resource).status_code == 200
        except httpx.TransportError:
            return False


def _dated(job: dict[str, Any]) -> dict[str, Any]:
    """Give a recorded job its times: `at` is in hours of yesterday (UTC), `hours` how long it ran."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    at = midnight + timedelta(hours=job["at"])
    times = {"creationTime": at, "startTime": at, "endTime": at + timedelta(hours=job.get("hours", 0.5))}
    told = {name: str(int(time.timestamp() * 1000)) for name, time in times.items()}
    recorded = {name: value for name, value in job.items() if name not in ("at", "hours")}
    return recorded | {"statistics": told | recorded.get("statistics", {}), "status": recorded.get("status", _DONE)}


_DONE = {"state": "DONE"}


@contextmanager
def bigquery() -> Iterator[BigQuery]:
    """Start an emulator of the project `demo`, and the front before it, both empty."""
    home = Path(tempfile.mkdtemp(prefix="nexus-bigquery-"))
    port, grpc = _free_port(), _free_port()
    folder = environment("bqemulator", prepare=_SPATIAL)
    argv = [str(folder / "bin" / "bqemulator"), "start", "--rest-port", str(port), "--grpc-port", str(grpc)]
    address = f"http://127.0.0.1:{port}"
    try:
        with (
            running([*argv, "--project", "demo", "--ephemeral"], home, address, HOME=str(folder / "home")),
            httpx.Client(base_url=address, timeout=60, trust_env=False) as behind,
            _front(behind) as front,
        ):
            yield front
    finally:
        shutil.rmtree(home)


@contextmanager
def _front(behind: httpx.Client) -> Iterator[BigQuery]:
    front = BigQuery(0, behind)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"front": front}))
    server.daemon_threads = True
    front.port = server.server_port
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    front: BigQuery

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.front.requests.append(f"GET {url.path}")
        if self._refused(f"GET {self.path}"):
            return
        if match := re.fullmatch(f"{_API}/([^/]+)/jobs", url.path):
            self._answer(200, _jobs(self.front.jobs.get(match[1], []), parse_qs(url.query)))
        elif (place := unquote(url.path)) in self.front.resources:
            answer = self.front.behind.get(self.path)
            found = answer.json() if answer.status_code == 200 else {}
            self._answer(200, found | self.front.resources[place])
        else:
            answer = self.front.behind.get(self.path)
            self._answer(answer.status_code, self._with_absent(answer.json(), url.path))

    def _with_absent(self, answer: dict[str, Any], path: str) -> dict[str, Any]:
        """Add to a list what the emulator did not take, such as names that it does not know to be allowed."""
        what = path.rpartition("/")[2]
        key, name = next(((kind, name) for kind, (folder, name) in _KINDS.items() if folder == what), ("", ""))
        listed = {f"{path}/{each[key][name]}" for each in answer.get(what, ()) if key}
        absent = sorted(place for place in self.front.absent - listed if place.rpartition("/")[0] == path)
        missing = [self.front.resources[place] for place in absent]
        return answer | {what: [*answer.get(what, ()), *missing]} if missing else answer

    def _refused(self, request: str) -> bool:
        for refusal in self.front.refusals:
            if re.search(refusal.pattern, request):
                time.sleep(refusal.seconds)
                if refusal.status:
                    errors = [{"domain": "global", "reason": refusal.reason, "message": refusal.message}]
                    said = {"code": refusal.status, "message": refusal.message, "errors": errors}
                    self._answer(refusal.status, {"error": said})
                else:
                    self.close_connection = True
                return True
        return False

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _jobs(recorded: list[dict[str, Any]], asked: dict[str, list[str]]) -> dict[str, Any]:
    """Answer jobs.list: what was created in between, newest first, page by page."""
    low, high = (
        int(asked.get(name, [default])[0])
        for name, default in (("minCreationTime", "0"), ("maxCreationTime", "9" * 15))
    )
    found = [job for job in recorded if low <= int(job["statistics"]["creationTime"]) <= high]
    start = int(asked.get("pageToken", ["0"])[0])
    page = {"kind": "bigquery#jobList", "jobs": found[start : start + _PAGE]}
    return page | ({"nextPageToken": str(start + _PAGE)} if start + _PAGE < len(found) else {})


def _free_port() -> int:
    from tests.services import free_port

    return free_port()
