"""The HTTP API as Python calls: sending events, asking for lineage and for what is known."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import orjson
from pydantic import SecretStr

from nexus_core import egress
from nexus_core.client import answers
from nexus_core.client.answers import Dataset, DatasetPage, Graph, Retirement, StaleJob
from nexus_core.client.changes import Change, change
from nexus_core.client.names import NamePair, name_pair
from nexus_core.client.quality import Blast, Check, Incident, blast, check, incident
from nexus_core.client.usage import Usage, usage
from nexus_core.errors import ConfigurationError, RefusedEventsError, UnavailableError
from nexus_core.model.harvest import HarvestState

BATCH_EVENTS = 1_000
BATCH_BYTES = 8 * 2**20
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_MOVED = 308
_PAUSE_MAX_S = 15.0


class NexusClient:
    """One API, asked as one account; a context manager.

    `patience_s` is how long a call goes on trying while the API does not answer or is overloaded. Raises
    UnavailableError after that, AuthenticationError, ForbiddenError, NotFoundError and InvalidInputError as the
    API answers. The host of `base_url` is trusted, since somebody configured it.
    """

    def __init__(self, base_url: str, token: SecretStr | None, *, patience_s: float = 60.0) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(f"{base_url!r} is no URL of the API", "Write it as http://HOST:PORT")
        self._base_url, self._token, self._patience_s = base_url.rstrip("/"), token, patience_s
        self._http = egress.client(egress.Purpose("The LineageNexus API", (parts.hostname,), (parts.hostname,)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._http.close()

    def emit(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Send events; they are durable when this returns.

        Raises RefusedEventsError, with the reasons by index, after all others are durable.
        """
        refused: dict[int, str] = {}
        for batch in _batches(events):
            refused |= self._emit(batch)
        if refused:
            raise RefusedEventsError(dict(sorted(refused.items())))

    def harvest_state(self, source: str, scope: str) -> HarvestState | None:
        """Give where the last complete harvest of a source and scope ended."""
        found = self._get("harvests/state", source=source)
        return next((answers.harvest_state(each) for each in found if each["scope"] == scope), None)

    def graph(self, namespace: str, name: str, **asked: str | int | bool) -> Graph:
        """Give the lineage of a dataset or field; `asked` as the query of `GET /lineage/graph` (lineage.md §4)."""
        return answers.graph(self._get("lineage/graph", namespace=namespace, name=name, **asked))

    def diff(self, start: datetime, end: datetime, **asked: str | int) -> Iterator[Change]:
        """Give what differs between two moments, page by page; `asked` as the query of `GET /lineage/diff`."""
        return self._changes("lineage/diff", {"from": start.isoformat(), "to": end.isoformat(), **asked})

    def history(self, namespace: str, name: str, **asked: str | int) -> Iterator[Change]:
        """Give what changed in a dataset or field, newest first; `asked` as the query of `GET /lineage/history`."""
        return self._changes("lineage/history", {"namespace": namespace, "name": name, **asked})

    def dataset(self, namespace: str, name: str) -> Dataset:
        """Give one dataset with its fields."""
        return answers.dataset(self._get("datasets/one", namespace=namespace, name=name))

    def search(self, q: str, **asked: str | int) -> DatasetPage:
        """Give a page of the datasets that match; `asked` as the query of `GET /datasets`."""
        return answers.dataset_page(self._get("datasets", q=q, **asked))

    def retirements(self, state: str, source: str | None = None) -> list[Retirement]:
        """Give the newest retirements with objects in a state (docs/lineage.md)."""
        asked = {"state": state} | ({"source": source} if source else {})
        return [answers.retirement(each) for each in self._get("retirements", **asked)]

    def retire(self, action: str, objects: Sequence[Mapping[str, str]]) -> int:
        """Retire or restore datasets and jobs; gives how many."""
        return self._decide("POST", "retirements", {"action": action, "objects": list(objects)})

    def judge(self, retirement_id: str, action: str, objects: Sequence[Mapping[str, str]] | None) -> int:
        """Confirm or undo a retirement, for some of its objects or for all; gives for how many."""
        asked = {} if objects is None else {"objects": list(objects)}
        return self._decide("POST", f"retirements/{retirement_id}/{action}", asked)

    def stale_outputs(self, runs: int | None, days: int | None) -> list[StaleJob]:
        """Give jobs with outputs that their later runs did not write; None leaves a limit as the API has it."""
        asked = {name: value for name, value in (("runs", runs), ("days", days)) if value is not None}
        return [answers.stale_job(each) for each in self._get("retirements/stale", **asked)]

    def close_outputs(self, job: StaleJob) -> str:
        """Let what a job claims of outputs end now; gives the id of the decision, by which it can be undone."""
        outputs = [{"namespace": each.namespace, "name": each.name} for each in job.outputs]
        asked = {"job": {"namespace": job.namespace, "name": job.name}, "outputs": outputs}
        return str(self._send("POST", "retirements/outputs", content=orjson.dumps(asked))["id"])

    def set_retirement_guard(self, source: str, share: float, least: int) -> None:
        """Set beyond which share, and which number, of objects a harvest's retirement is held."""
        self._decide("PUT", "retirements/guard", {"source": source, "share": share, "least": least})

    def lineage_health(self) -> dict[str, Any]:
        """Give where lineage has gaps, as `GET /lineage/health` answers it."""
        found: dict[str, Any] = self._get("lineage/health")
        return found

    def usage(self, namespace: str, name: str, days: int = 30) -> Usage:
        """Give who read a dataset and its fields how often in the last days."""
        return usage(self._get("datasets/usage", namespace=namespace, name=name, days=days))

    def impact(self, changes: Sequence[Mapping[str, str]], depth: int = 20) -> dict[str, Any]:
        """Tell what changes would do downstream, as `POST /impact` answers it."""
        asked = {"changes": list(changes), "depth": depth}
        found: dict[str, Any] = self._send("POST", "impact", content=orjson.dumps(asked))
        return found

    def checks(self, state: str | None = None, limit: int = 500) -> list[Check]:
        """Give checks, the latest result first; `state` is failing or passing."""
        return [check(each) for each in self._pages("quality", limit, **({"state": state} if state else {}))]

    def incidents(self, state: str = "unresolved", limit: int = 500) -> list[Incident]:
        """Give incidents, the newest first; `state` is unresolved, resolved or all."""
        return [incident(each) for each in self._pages("quality/incidents", limit, state=state)]

    def blast(self, namespace: str, name: str, field: str | None = None) -> Blast:
        """Give what a failure of a dataset or field reaches, the most read first."""
        asked = {"field": field} if field else {}
        return blast(self._get("quality/blast", namespace=namespace, name=name, **asked))

    def metric_series(self, *metrics: str, days: int = 30) -> dict[str, list[tuple[datetime, float]]]:
        """Give figures over time by name (docs/trends.md), all of them if none is named; the earliest points first."""
        found = self.read("metrics/series", metric=list(metrics), days=days)["series"]
        return {
            each["metric"]: [(datetime.fromisoformat(point["at"]), point["value"]) for point in each["points"]]
            for each in found
        }

    def unused(self, days: int = 90, limit: int = 500) -> list[tuple[str, str]]:
        """Give namespace and name of assets that nobody read in the last days, by name."""
        return [(each["namespace"], each["name"]) for each in self._pages("datasets/unused", limit, days=days)]

    def subscribe(self, namespace: str, name: str, *, upstream: bool = False) -> str:
        """Follow a dataset, with `upstream` also what it comes from; gives the subscription's id."""
        asked = {"namespace": namespace, "name": name, "upstream": upstream}
        return str(self._send("POST", "subscriptions", content=orjson.dumps(asked))["id"])

    def subscribed_changes(self, since: datetime) -> list[dict[str, Any]]:
        """Give what happened since a moment in what the account follows, as `GET /subscriptions/changes` answers it."""
        found: list[dict[str, Any]] = self._get("subscriptions/changes", since=since.isoformat())
        return found

    def read(self, path: str, **query: Any) -> Any:
        """Give what `GET /api/v1/PATH` answers, as JSON values."""
        return self._send("GET", path, params=query)

    def name_proposals(self, score: int, limit: int) -> list[NamePair]:
        """Give names that look like one dataset, the surest first, down to a score of 1 to 100."""
        return self._name_pairs("names/proposals", limit, score=score)

    def name_decisions(self, state: str, limit: int) -> list[NamePair]:
        """Give the pairs of names that were `accepted` or `rejected`."""
        return self._name_pairs("names/decisions", limit, state=state)

    def decide_names(self, action: str, one: tuple[str, str], other: tuple[str, str]) -> str:
        """Accept, reject or undo that two names, each `(namespace, name)`, mean one dataset; gives the event's id."""
        left, right = ({"namespace": side[0], "name": side[1]} for side in (one, other))
        asked = {"action": action, "left": left, "right": right}
        return str(self._send("POST", "names/decisions", content=orjson.dumps(asked))["event"])

    def field_class(self, namespace: str, name: str, field: str) -> dict[str, Any]:
        """Give what is enforced of a field and why, as `GET /classifications/field` answers it."""
        found: dict[str, Any] = self._get("classifications/field", namespace=namespace, name=name, field=field)
        return found

    def lowerings(self, limit: int) -> list[dict[str, Any]]:
        """Give classes that wait to be lowered, as `GET /classifications/lowerings` lists them."""
        found: list[dict[str, Any]] = self._get("classifications/lowerings", limit=limit)["items"]
        return found

    def decide_class(self, action: str, at: tuple[str, str, str], told: Mapping[str, Any]) -> str:
        """Decide about a field `(namespace, name, field)`; gives the event's id."""
        namespace, name, field = at
        asked = {"action": action, "namespace": namespace, "name": name, "fields": [field], **told}
        return str(self._send("POST", "classifications/decisions", content=orjson.dumps(asked))["event"])

    def define_class(self, class_name: str, rank: int) -> str:
        """Define a class by its rank; gives the event's id."""
        path = f"classifications/classes/{quote(class_name, safe='')}"
        return str(self._send("PUT", path, params={"rank": rank})["event"])

    def policies(self) -> dict[str, Any] | None:
        """Give the policy document in force with its version, None before the first."""
        found: dict[str, Any] | None = self._get("policies")
        return found

    def policy_versions(self, limit: int) -> list[dict[str, Any]]:
        """Give the policy documents that were proposed, the newest first."""
        found: list[dict[str, Any]] = self._get("policies/versions", limit=limit)
        return found

    def plan_policies(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Tell what would change if a document came into force, as `POST /policies/plan` answers it."""
        found: dict[str, Any] = self._send("POST", "policies/plan", content=orjson.dumps(document))
        return found

    def propose_policies(self, document: Mapping[str, Any], comment: str) -> dict[str, Any]:
        """Propose a document to someone else's approval; gives its version."""
        asked = {"document": document, "comment": comment}
        found: dict[str, Any] = self._send("POST", "policies", content=orjson.dumps(asked))
        return found

    def decide_policies(self, version: int, action: str) -> dict[str, Any]:
        """Approve, reject or withdraw a proposed document; gives its version as it is then."""
        asked = orjson.dumps({"action": action})
        found: dict[str, Any] = self._send("POST", f"policies/versions/{version}/decision", content=asked)
        return found

    def explain_policies(self, account: str | None, column: str, namespace: str | None) -> dict[str, Any]:
        """Tell what an account, or the caller, sees of `TABLE.COLUMN` and why."""
        asked = {"account": account, "column": column, "namespace": namespace}
        given = {name: value for name, value in asked.items() if value is not None}
        found: dict[str, Any] = self._get("policies/explain", **given)
        return found

    def native_policies(self, kind: str, namespace: str | None, domain: str | None) -> dict[str, Any]:
        """Give the policies in force as SQL for another engine, as `GET /policies/native` answers it."""
        asked = {"kind": kind, "namespace": namespace, "domain": domain}
        given = {name: value for name, value in asked.items() if value is not None}
        found: dict[str, Any] = self._get("policies/native", **given)
        return found

    def _name_pairs(self, path: str, limit: int, **asked: str | int) -> list[NamePair]:
        found: list[NamePair] = []
        cursor: str | None = ""
        while cursor is not None and len(found) < limit:
            more = {"cursor": cursor} if cursor else {}
            page = self._get(path, **asked, **more)
            found += map(name_pair, page["items"])
            cursor = page["next"]
        return found[:limit]

    def _pages(self, path: str, limit: int, **asked: str | int) -> list[Any]:
        found: list[Any] = []
        cursor: str | None = ""
        while cursor is not None and len(found) < limit:
            page = self._get(path, **asked, **({"cursor": cursor} if cursor else {}))
            found += page["items"]
            cursor = page["next"]
        return found[:limit]

    def _decide(self, method: str, path: str, asked: Mapping[str, Any]) -> int:
        return int(self._send(method, path, content=orjson.dumps(asked))["object_count"])

    def _emit(self, batch: dict[int, bytes]) -> dict[int, str]:
        """Send a batch until each of its events is durable or refused; gives the refused ones."""
        refused: dict[int, str] = {}
        deadline = time.monotonic() + self._patience_s
        for pause in _pauses():
            results = self._send("POST", "lineage/batch", content=b"[" + b",".join(batch.values()) + b"]")["results"]
            states = dict(zip(batch, results, strict=True))
            refused |= {index: _reason(each) for index, each in states.items() if 400 <= each["status"] < 500}
            batch = {index: batch[index] for index, each in states.items() if each["status"] >= 500}
            if not batch:
                break
            self._wait(pause, deadline, "it is overloaded")
        return refused

    def _changes(self, path: str, query: Mapping[str, str | int]) -> Iterator[Change]:
        page = self._get(path, **query)
        yield from map(change, page["changes"])
        while page["next"] is not None:
            page = self._get(path, **{**query, "cursor": page["next"]})
            yield from map(change, page["changes"])

    def _get(self, path: str, **query: str | int | bool) -> Any:
        return self._send("GET", path, params=query)

    def report(self, kind: str, form: str, identifier: str | None = None, days: int = 90) -> bytes:
        """Give a report as pdf, csv or json; `identifier` is what a subject report is by (docs/reports.md)."""
        asked: dict[str, Any] = {"format": form, "days": days} | ({"identifier": identifier} if identifier else {})
        answer = self._request("GET", f"reports/{kind}", params=asked)
        if answer.is_success:
            return answer.content
        answers.content(answer.status_code, answer.content, f"reports/{kind}")
        raise AssertionError("a refusal raises")

    def _send(self, method: str, path: str, **request: Any) -> Any:
        answer = self._request(method, path, **request)
        return answers.content(answer.status_code, answer.content, path)

    def _request(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"Content-Type": "application/json", **request.pop("headers", {})}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        deadline = time.monotonic() + self._patience_s
        for pause in _pauses():
            try:
                answer = self._http.request(method, f"{self._base_url}/api/v1/{path}", headers=headers, **request)
            except (httpx.TransportError, UnavailableError) as error:
                self._wait(pause, deadline, f"{type(error).__name__}: {error}")
                continue
            if answer.status_code in _TRANSIENT:
                asked = answer.headers.get("Retry-After", "")
                self._wait(max(pause, float(asked) if asked.isdigit() else 0.0), deadline, f"{answer.status_code}")
                continue
            if answer.status_code == _MOVED:  # a dataset under another name: the same route with other parameters
                request["params"] = parse_qsl(urlsplit(answer.headers["Location"]).query)
                continue
            return answer
        raise AssertionError("pauses never end")

    def _wait(self, pause: float, deadline: float, reason: str) -> None:
        if time.monotonic() + pause > deadline:
            raise UnavailableError(f"The LineageNexus API at {self._base_url}", reason)
        time.sleep(pause)


def _batches(events: Sequence[Mapping[str, Any]]) -> Iterator[dict[int, bytes]]:
    """Split events into what one request may carry, as JSON by index."""
    batch: dict[int, bytes] = {}
    size = 0
    for index, event in enumerate(events):
        body = orjson.dumps(event)
        if batch and (len(batch) >= BATCH_EVENTS or size + len(body) > BATCH_BYTES):
            yield batch
            batch, size = {}, 0
        batch[index] = body
        size += len(body)
    if batch:
        yield batch


def _pauses() -> Iterator[float]:
    """Give seconds between tries for ever: doubling, with jitter so that clients do not come in step."""
    pause = 0.25
    while True:
        yield pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        pause = min(pause * 2, _PAUSE_MAX_S)


def _reason(result: Mapping[str, Any]) -> str:
    problem = result.get("problem") or {}
    return str(problem.get("detail") or problem.get("title") or result["status"])
