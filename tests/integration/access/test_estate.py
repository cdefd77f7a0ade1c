"""For any scope, answers mention nothing hidden, and are those over the estate without what an oracle hides."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nexus_core.governance.grants import rights_of
from nexus_core.model.access import Caller, Scope
from nexus_core.model.names import DatasetName
from tests.integration.access.estate import COUNT, SPACES, Asked, Running, token, tokens_in

pytestmark = pytest.mark.service

_limits = st.fixed_dictionaries(
    {},
    optional={
        "namespace": st.sampled_from([*SPACES, "postgres://*", "*", "kafka://[!x]*", "*?"]),
        "dataset": st.sampled_from(
            [f"*{token(number)}" for number in range(COUNT)] + ["*/shop.core.*", "postgres://*/shop.mart.*", "*"]
        ),
        "domain": st.sampled_from(["sales", "hr", "nowhere"]),
        "class": st.sampled_from(["Public", "Confidential", "PII"]),
    },
)
_grants = st.lists(
    _limits.map(lambda told: "viewer:" + ";".join(f"{key}={value}" for key, value in told.items())),
    min_size=1,
    max_size=3,
).map(lambda grants: [grant for grant in grants if grant != "viewer:"] or ["viewer:nowhere"])
_ASKED_MOST = 3
_OWN = ("/api/v1/tokens/own", "/api/v1/access/rights")  # tell callers the patterns that limit them
_ALL_TIME = {"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z", "limit": 10_000}


@given(grants=_grants)
@settings(max_examples=8, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.too_slow])
def test_answers_are_those_over_what_is_seen(asked: Asked, grants: list[str]) -> None:
    asked.run(_check(asked.running, grants))


async def _check(running: Running, grants: list[str]) -> None:
    scope = Caller("a", "a", rights_of(grants).grants).scope
    seen = running.estate.seen(scope)
    async with await running.client(*grants) as client:
        asking = _Asking(running, client, scope, seen)
        await asking.search()
        await asking.lists()
        await asking.differences()
        for own in sorted(seen)[:_ASKED_MOST]:
            await asking.visible(own)
        for own in sorted(running.estate.names.keys() - seen)[:_ASKED_MOST]:
            await asking.hidden(own)


class _Asking:
    def __init__(self, running: Running, client: httpx.AsyncClient, scope: Scope, seen: set[str]) -> None:
        self.running, self.client, self.scope, self.seen = running, client, scope, seen
        self.estate = running.estate

    async def get(self, path: str, **query: Any) -> Any:
        """Ask; nothing hidden is in the answer, but what was asked for by its name."""
        answer = await self.client.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, (path, query, answer.text)
        said = tokens_in(answer.text) - tokens_in(json.dumps(query))
        assert said <= self.seen, (path, query, said - self.seen, answer.text)
        return answer.json()

    async def everything(self, path: str, **query: Any) -> Any:
        return (await self.running.admin.get(f"/api/v1{path}", params=query)).json()

    async def search(self) -> None:
        page = await self.get("/datasets", limit=200)
        assert {tokens_in(item["name"]).pop() for item in page["items"]} == self.seen
        assert page["total"] == len(self.seen)
        tags = {(each["value"], each["count"]) for each in page["facets"]["tag"]}
        assert tags == {(f"tag_{own}", 1) for own in self.seen}
        platforms = [self.estate.names[own].namespace.partition(":")[0] for own in self.seen]
        assert {each["value"]: each["count"] for each in page["facets"]["platform"]} == {
            each: platforms.count(each) for each in platforms
        }
        word = await self.get("/datasets", q="total", limit=1)
        assert word["total"] == len(self.seen)
        assert (word["next"] is None) == (len(self.seen) <= 1)

    async def lists(self) -> None:
        overview = await self.get("/overview")
        assert (overview["datasets"], overview["fields"]) == (len(self.seen), 2 * len(self.seen))
        touched = [{*reads, *writes} for reads, writes in self.estate.jobs.values()]
        assert overview["jobs"] == sum(bool(each & self.seen) for each in touched)
        health = await self.get("/lineage/health")
        assert sum(each["datasets"] for each in health["coverage"]) == len(self.seen)
        spaces = {self.estate.names[own].namespace for own in self.seen}
        shown = {each["name"] for each in (await self.get("/namespaces"))["namespaces"]}
        assert shown - {"airflow"} == spaces
        for space in SPACES:
            of = {own for own in self.seen if self.estate.names[own].namespace == space}
            datasets = await self.get(f"/namespaces/{space}/datasets", limit=1)
            assert datasets["totalCount"] == len(of)
        jobs = await self.get("/namespaces/airflow/jobs", limit=1000)
        assert jobs["totalCount"] == sum(bool(each & self.seen) for each in touched)
        await self.whatever()

    async def whatever(self) -> None:
        """Ask all that can be asked without saying of what; who may not ask is refused without a name, too."""
        for path, item in self.running.app.openapi()["paths"].items():
            needed = any(each.get("required") for each in item.get("get", {}).get("parameters", ()))
            if "get" in item and not needed and path.startswith("/api/v1") and path not in _OWN:
                for query in ({}, {"limit": 1}):
                    answer = await self.client.get(path, params=query)
                    assert tokens_in(answer.text) <= self.seen, (path, answer.text)
                    assert tokens_in(_cursor(answer)) <= self.seen, path

    async def differences(self) -> None:
        whole = await self.everything("/lineage/diff", **_ALL_TIME)
        found = await self.get("/lineage/diff", **_ALL_TIME)
        assert self._shapes(found) == self._shapes(whole, of=self.seen)
        cursor, paged = None, 0
        while True:
            page = await self.get(
                "/lineage/diff", **{**_ALL_TIME, "limit": 7}, **({"cursor": cursor} if cursor else {})
            )
            paged += len(page["changes"])
            cursor = page["next"]
            if cursor is None:
                break
        assert paged == len(found["changes"])

    async def visible(self, own: str) -> None:
        name = _asked(self.estate.names[own])
        detail = await self.get("/datasets/one", **name)
        feeding = {a for a, b in self.estate.edges if b == own} & self.seen
        fed = {b for a, b in self.estate.edges if a == own} & self.seen
        assert (detail["upstream_count"], detail["downstream_count"]) == (len(feeding), len(fed))
        graph = await self.get("/lineage/graph", **name, depth=50)
        shown = {tokens_in(node["id"]).pop() for node in graph["nodes"] if node["kind"] != "hidden"}
        assert shown == self.estate.reached(own, self.seen)
        for node in graph["nodes"]:
            assert node["kind"] != "hidden" or set(node) == {"id", "kind"}
        await self.get("/lineage/graph", **name, granularity="field", depth=50, indirect="true")
        history = await self.get("/lineage/history", **name, limit=1000)
        whole = await self.everything("/lineage/history", **name, limit=1000)
        assert self._shapes(history) == self._shapes(whole, of=self.seen)
        why = await self.get("/access/why", **name)
        assert why["visible"]
        assert why["reasons"]
        await self.get("/lineage", nodeId=self.estate.names[own].id)
        await self.get("/column-lineage", nodeId=self.estate.names[own].id, withDownstream="true")
        await self.get("/datasets/usage", **name)

    async def hidden(self, own: str) -> None:
        """Ask for what is hidden, and for what is not there: the answers are the same but for what was asked."""
        there = self.estate.names[own]
        nobody = DatasetName(there.namespace, there.name.replace(own, "nobody"))
        for path in (
            "/datasets/one",
            "/lineage/graph",
            "/lineage/history",
            "/access/why",
            "/datasets/usage",
            "/names/one",
        ):
            for extra in ({}, {"field": f"id_{own}"}) if path.startswith("/lineage") else ({},):
                asked = await self.client.get(f"/api/v1{path}", params={**_asked(there), **extra})
                missing = await self.client.get(f"/api/v1{path}", params={**_asked(nobody), **extra})
                if path == "/names/one" and self.scope.sees(nobody):
                    continue  # a name of which nothing is known yet means itself
                assert asked.status_code == missing.status_code == 404
                assert asked.text.replace(own, "nobody") == missing.text.replace(own, "nobody")
        for path in ("/lineage", "/column-lineage"):
            asked = await self.client.get(f"/api/v1{path}", params={"nodeId": there.id})
            missing = await self.client.get(f"/api/v1{path}", params={"nodeId": nobody.id})
            assert asked.status_code == missing.status_code == 404
            assert asked.text.replace(own, "nobody") == missing.text

    def _shapes(self, answer: Any, of: set[str] | None = None) -> list[tuple[str, ...]]:
        """Give rows without what differs by right: SQL and expressions; `of` keeps those that name nothing else."""
        rows = []
        for row in answer["changes"]:
            ends = [row["before"] or {}, row["after"] or {}]
            named = [row["op"], row["what"], row["dataset"], row["at"], row["cause"]["event"] or ""]
            named += [
                str(end.get(key)) for end in ends for key in ("id", "source", "target", "kind", "subtype", "type")
            ]
            if of is None or tokens_in(" ".join(named)) <= of:
                rows.append(tuple(named))
        return sorted(rows)


def _cursor(answer: httpx.Response) -> str:
    """Open the cursor of a page, for what it may tell."""
    said = answer.json() if answer.headers.get("content-type", "").endswith("json") else None
    following = said.get("next") if isinstance(said, dict) else None
    try:
        return following + base64.urlsafe_b64decode(following).decode(errors="replace") if following else ""
    except binascii.Error:
        return str(following)


def _asked(name: DatasetName) -> dict[str, Any]:
    return {"namespace": name.namespace, "name": name.name}


def test_jobs_sql_and_expressions_are_for_who_sees_all_that_they_name(asked: Asked) -> None:
    asked.run(_check_sql(asked.running))


async def _check_sql(running: Running) -> None:
    estate = running.estate
    job, (reads, (target,)) = next(of for of in estate.jobs.items() if len({*of[1][0], *of[1][1]}) == 3)
    name, all_of = estate.names[target], {*reads, target}
    for grants, whole in (([f"viewer:dataset=*{own}" for own in all_of], True), ([f"viewer:dataset=*{target}"], False)):
        async with await running.client(*grants) as client:
            detail = (await client.get("/api/v1/datasets/one", params=_asked(name))).json()
            shown = next(each for each in detail["jobs"] if each["name"] == job)
            assert (shown["sql"] is not None) == whole
            history = (await client.get("/api/v1/lineage/history", params=_asked(name))).json()
            assert any(row["cause"]["sql"] for row in history["changes"] if row["what"] != "field") == whole
