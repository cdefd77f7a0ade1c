"""The routes of curated metadata and of requests as Python calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from nexus_core.client import answers
from nexus_core.client.api import NexusClient

Subject = Mapping[str, str]
"""`kind`, `namespace`, `name` and `field` of what is curated, as in the query of the routes."""


class CurationClient(NexusClient):
    """A client that curates; raises as NexusClient does, and ConflictError for an edit that rests on an older version.

    Answers are the JSON of the routes (docs/curation.md).
    """

    def curated(self, of: Subject) -> dict[str, Any]:
        """Give what is curated of something."""
        found: dict[str, Any] = self._get("curated", **of)
        return found

    def put_curated(self, of: Subject, facet: str, value: Mapping[str, Any] | None, etag: str) -> dict[str, Any]:
        """Say what a facet is from now on, if its ETag is still right; `*` takes whatever there is."""
        return self._changed("PUT", "curated/facet", of, facet, {"value": value}, etag)

    def revert_curated(self, of: Subject, facet: str, event: str | None, etag: str) -> dict[str, Any]:
        """Let an earlier version hold again, by its event; None takes back what was curated."""
        return self._changed("POST", "curated/revert", of, facet, {"event": event}, etag)

    def edit_curated(self, edits: Sequence[Mapping[str, Any]], *, dry_run: bool = False) -> list[dict[str, Any]]:
        """Make edits together, or none; gives what became of each."""
        body = orjson.dumps({"edits": list(edits), "dry_run": dry_run})
        found: list[dict[str, Any]] = self._send("POST", "curated/edits", content=body)["results"]
        return found

    def curated_history(self, of: Subject, facet: str) -> list[dict[str, Any]]:
        """Give the versions of a facet, the newest first."""
        found: list[dict[str, Any]] = self._get("curated/history", **of, facet=facet)
        return found

    def export_curated(self, **asked: str | bool) -> bytes:
        """Give the CSV of the datasets that a search finds."""
        answer = self._request("GET", "curated/csv", params=asked)
        if answer.status_code != 200:
            answers.content(answer.status_code, answer.content, "curated/csv")
        return answer.content

    def import_curated(self, body: bytes, *, dry_run: bool, partial: bool = False) -> dict[str, Any]:
        """Make shown what a CSV says, or only tell what would change; wrong rows are in `problems`."""
        headers = {"Content-Type": "text/csv; charset=utf-8"}
        asked = {"dry_run": dry_run, "partial": partial}
        answer = self._request("POST", "curated/csv", params=asked, content=body, headers=headers)
        found = orjson.loads(answer.content) if answer.headers.get("Content-Type") == "application/json" else {}
        if "problems" in found:
            told: dict[str, Any] = found
            return told
        refused: dict[str, Any] = answers.content(answer.status_code, answer.content, "curated/csv")
        return refused

    def requests(self, state: str) -> list[dict[str, Any]]:
        """Give your own requests, and those that you may decide, in a state."""
        found: list[dict[str, Any]] = self._get("requests", state=state)["items"]
        return found

    def decide_request(self, request_id: str, action: str, note: str) -> dict[str, Any]:
        """Approve, reject or withdraw a request."""
        body = orjson.dumps({"action": action, "note": note})
        found: dict[str, Any] = self._send("POST", f"requests/{request_id}/decision", content=body)
        return found

    def _changed(
        self, method: str, path: str, of: Subject, facet: str, body: Mapping[str, Any], etag: str
    ) -> dict[str, Any]:
        query = {**of, "facet": facet}
        headers = {"If-Match": etag if etag == "*" else f'"{etag}"'}
        found: dict[str, Any] = self._send(method, path, params=query, content=orjson.dumps(body), headers=headers)
        return found
