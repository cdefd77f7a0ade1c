"""Every route of the OpenAPI × role: what is hidden is answered as what is not there, to the byte (IDOR)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from nexus_core.model.access import Permission
from tests.integration.access.estate import Asked, Running, token
from tests.merging import HARVESTER, dataset_event, envelope

pytestmark = pytest.mark.service

SEEN, HIDDEN = token(0), token(5)
SCOPE = f"dataset=*{SEEN}"
ROLES = {
    "viewer": [f"viewer:{SCOPE}"],
    "auditor": [f"auditor:{SCOPE}"],
    "steward": [f"steward:{SCOPE}"],
    "producer": ["producer:elsewhere:kafka://elsewhere/*"],
    "harvester": ["harvest:kafka://elsewhere", f"viewer:{SCOPE}"],
    "nobody": ["viewer:nowhere"],
    "anonymous": [],
}
"""Everybody who does not see all; curator, alias, events-raw and admin do by what they are."""


_PUBLIC = {"/api/v1/session", "/api/v1/session/ways"}


@dataclass
class Target:
    """Something that a request is about: what is hidden, or in its place what is not there."""

    namespace: str
    name: str
    job: str
    ids: Mapping[str, str]
    other: str  # an id of what no route has either

    def neutral(self, text: str) -> str:
        """Give an answer without what the request named."""
        for own, said in [(self.namespace, "NAMESPACE"), (self.name, "NAME"), (self.job, "JOB")]:
            text = text.replace(own, said)
        for own in (*self.ids.values(), self.other):
            text = text.replace(own, "ID")
        return re.sub(r"hidden:[0-9a-f]{16}|\d{4}-\d\d-\d\dT[0-9:.]+", "VARIES", text)


@dataclass
class Request:
    """One operation, filled with a target."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None

    async def send(self, client: httpx.AsyncClient) -> httpx.Response:
        return await client.request(self.method, self.path, params=self.query, json=self.body)


def test_what_is_hidden_is_answered_as_what_is_not_there(asked: Asked) -> None:
    asked.run(_check(asked.running))


async def _check(running: Running) -> None:
    hidden, missing = await _targets(running)
    spec = running.app.openapi()
    wrong = []
    for role, grants in ROLES.items():
        async with await _client(running, grants) as client:
            for operation in _operations(spec):
                answers = [await _fill(spec, operation, of).send(client) for of in (hidden, missing)]
                told = [of.neutral(answer.text) for of, answer in zip((hidden, missing), answers, strict=True)]
                same = answers[0].status_code == answers[1].status_code and told[0] == told[1]
                refused = answers[0].status_code == 401 or operation[1] in _PUBLIC
                if not same or answers[0].status_code >= 500 or (role == "anonymous" and not refused):
                    wrong.append((role, *operation[:2], [answer.status_code for answer in answers], told))
    assert wrong == [], "\n".join(map(str, wrong))


async def _client(running: Running, grants: list[str]) -> httpx.AsyncClient:
    if grants:
        return await running.client(*grants)
    return httpx.AsyncClient(transport=httpx.ASGITransport(running.app), base_url="http://localhost:8000")


async def _targets(running: Running) -> tuple[Target, Target]:
    """Make a dead letter and a retirement of what is hidden, and name what is not there."""
    name, merge = running.estate.names[HIDDEN], running.merge
    late = envelope(dataset_event(500, {"namespace": name.namespace, "name": "shop.late", "facets": {}}), HARVESTER)
    await merge.merge(late)
    body = {"objects": [{"namespace": name.namespace, "name": "shop.late"}], "action": "retire"}
    assert (await running.admin.post("/api/v1/retirements", json=body)).status_code == 201
    await merge.merge()
    (retired,) = (await running.admin.get("/api/v1/retirements", params={"state": "ended"})).json()
    waiting = dataset_event(501, {"namespace": name.namespace, "name": name.name, "facets": {}})
    event = envelope(waiting, HARVESTER)
    await merge.log.append([event])
    await merge.log.mark_dead(event.id, "a reason")
    assert [each["id"] for each in (await running.admin.get("/api/v1/dead-letters")).json()] == [event.id]
    hidden_job = next(job for job, of in running.estate.jobs.items() if SEEN not in {*of[0], *of[1]})
    hidden = Target(
        name.namespace, name.name, hidden_job, {"retirement_id": retired["id"], "event_id": event.id}, "zz1"
    )
    nothing = {"retirement_id": f"sha256:{1:064x}", "event_id": f"sha256:{2:064x}"}
    return hidden, Target("postgres://nobody:5432", name.name.replace(HIDDEN, token(99)), "job99", nothing, "zz2")


Operation = tuple[str, str, Mapping[str, Any], bool]
"""Method, path, what OpenAPI says of it, and whether it is asked about a job."""


def _operations(spec: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in spec["paths"].items():
        if not path.startswith("/api/"):  # health and figures: without names, and no two moments alike
            continue
        for method, said in item.items():
            yield method.upper(), path, said, False
            if "Asked" in str(said) or "ObjectName" in str(_resolved(spec, said.get("requestBody", {}))):
                yield method.upper(), path, said, True


def _fill(spec: Mapping[str, Any], operation: Operation, of: Target) -> Request:
    method, path, said, job = operation
    query = {}
    for parameter in said.get("parameters", ()):
        value = _known(parameter["name"], of, job=job)
        if parameter["in"] == "path":
            one_of = _resolved(spec, parameter["schema"]).get("enum", [of.other])
            path = path.replace("{" + parameter["name"] + "}", str(value or one_of[0]))
        elif parameter["in"] == "query" and (value is not None or parameter.get("required")):
            query[parameter["name"]] = _made(spec, parameter["schema"], of, job=job) if value is None else value
    if job and any(each["name"] == "kind" for each in said.get("parameters", ())):
        query["kind"] = "job"
        query.pop("field", None)
    content: Mapping[str, Any] = said.get("requestBody", {}).get("content", {})
    schema = next((each["schema"] for each in content.values()), None)
    return Request(method, path, query, None if schema is None else _made(spec, schema, of, job=job))


def _known(name: str, of: Target, *, job: bool) -> Any:
    values = {
        "namespace": "airflow" if job else of.namespace,
        "name": of.job if job else of.name,
        "source": of.namespace,
        "nodeId": f"dataset:{of.namespace}:{of.name}",
        "field": "id",
        "column": f"{of.name}.id",
        **of.ids,
    }
    return values.get(name)


def _made(spec: Mapping[str, Any], schema: Mapping[str, Any], of: Target, *, job: bool, name: str = "") -> Any:
    """Make a value of a schema, with the target's names where those are asked for."""
    schema = _resolved(spec, schema)
    if "anyOf" in schema:
        return _made(spec, schema["anyOf"][0], of, job=job, name=name)
    if "enum" in schema or "const" in schema:
        return "job" if job and "job" in schema.get("enum", ()) else schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object" | None:
            inner = schema.get("properties", {})
            wanted = [*schema.get("required", ()), *(key for key in ("kind", "objects", "datasets") if key in inner)]
            return {key: _made(spec, inner[key], of, job=job, name=key) for key in dict.fromkeys(wanted)}
        case "array":
            return [_made(spec, schema.get("items", {}), of, job=job, name=name)]
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) or 1)
        case "boolean":
            return False
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00Z"
    return _known(name, of, job=job) or "zz"


def _resolved(spec: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def test_a_steward_of_a_part_decides_about_that_part_alone(asked: Asked) -> None:
    asked.run(_decide(asked.running))


async def _decide(running: Running) -> None:
    names = running.estate.names
    own, other = ({"namespace": names[each].namespace, "name": names[each].name} for each in (SEEN, HIDDEN))
    touching = next(job for job, of in running.estate.jobs.items() if SEEN in {*of[0], *of[1]} != {SEEN})
    async with await running.client(f"steward:{SCOPE}") as steward:
        for objects, status in (
            ([other], 404),
            ([own, other], 404),
            ([{"namespace": "airflow", "name": touching, "kind": "job"}], 403),
            ([own], 201),
        ):
            body = {"objects": objects, "action": "retire"}
            assert (await steward.post("/api/v1/retirements", json=body)).status_code == status, objects
        guard = {"source": own["namespace"], "share": 0.1, "least": 1}
        assert (await steward.put("/api/v1/retirements/guard", json=guard)).status_code == 403
        pair = {"left": own, "right": other, "action": "accept"}
        assert (await steward.post("/api/v1/names/decisions", json=pair)).status_code == 404
        told = (await steward.get("/api/v1/session")).json()["permissions"]
        assert Permission.INGEST not in told  # so that no event of a steward goes past these checks
