"""Who reads which columns how often: from a query log's runs to the API, the client and the command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from nexus_core.cli.usage import usage_lines
from nexus_core.client.usage import usage
from nexus_core.model.envelope import Authority, Envelope
from nexus_core.model.facets import ORIGIN, SQL_CONTEXT, USAGE
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from tests.admin_api import admin_api
from tests.merging import HARVESTER, PRODUCER, SPACE, Merging, dataset, dataset_event, envelope, merging, run_event
from tests.stores import STORES

pytestmark = pytest.mark.service

ORDERS = {"id": "int", "amount": "numeric", "placed_at": "date"}


@pytest.fixture
async def stored(neo4j: GraphSettings, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """On SQLite, or on the kind of store that the test asks for by an indirect parameter."""
    settings = await STORES[getattr(request, "param", "sqlite")](request, tmp_path)
    return settings.model_copy(update={"graph": neo4j})


@pytest.fixture
async def merge(neo4j: GraphSettings, tmp_path: Path, stored: Settings) -> AsyncIterator[Merging]:
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser, stored) as running:
        yield running


@pytest.fixture
async def api(tmp_path: Path, stored: Settings, merge: Merging) -> AsyncIterator[httpx.AsyncClient]:
    async with admin_api(stored, tmp_path) as (client, _):
        yield client


def ran(
    sql: str,
    uses: dict[str | None, int],
    days_ago: float = 0,
    authority: Authority = HARVESTER,
    origin: str = "reading",
) -> Envelope:
    """A statement of the query log that ran on a day; told of once more, it is the same run."""
    when = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)
    event = run_event("COMPLETE", 0, f"{sql} {when.date()}", job=f"shop.query.{abs(hash(sql)):x}", sql=sql)
    event["eventTime"] = when.isoformat()
    event["job"]["namespace"] = SPACE
    event["job"]["facets"] |= {
        ORIGIN: {"origin": origin},
        SQL_CONTEXT: {"dialect": "postgres", "default_database": "shop", "default_schema": "public"},
    }
    event["run"]["facets"][USAGE] = {"uses": [{"user": user, "count": count} for user, count in uses.items()]}
    return envelope(event, authority)


def described(minutes: float, name: str, columns: dict[str, str]) -> Envelope:
    return envelope(dataset_event(minutes, dataset(name, columns)), HARVESTER)


async def asked(api: httpx.AsyncClient, name: str = "orders", **query: Any) -> dict[str, Any]:
    query = {"namespace": SPACE, "name": f"shop.public.{name}", **query}
    answer = await api.get("/api/v1/datasets/usage", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(found: dict[str, Any]) -> dict[str, int]:
    whole = {"": found["dataset"]["count"]} if found["dataset"] else {}
    return whole | {each["field"]: each["count"] for each in found["fields"]}


@pytest.mark.parametrize("stored", ["sqlite", "postgresql"], indirect=True)
async def test_reads_are_counted_by_column_and_account(merge: Merging, api: httpx.AsyncClient) -> None:
    await merge.merge(
        described(0, "orders", ORDERS),
        ran("SELECT amount FROM orders WHERE placed_at > '2026-01-01'", {"ada": 3, None: 1}),
        ran("SELECT id FROM orders", {"ada": 1, "bob": 1}, days_ago=1),
        ran("SELECT id, amount FROM orders", {"ln_p_0a1b": 5}),  # a role of the masking proxy, which tells it by itself
    )
    found = await asked(api)
    assert counts(found) == {"": 6, "amount": 4, "placed_at": 4, "id": 2}
    accounts = {each["account"]: each["count"] for each in found["dataset"]["accounts"]}
    assert accounts == {"ada": 4, "bob": 1, None: 1}
    assert [day["count"] for day in found["days"]] == [2, 4]
    assert counts(await asked(api, days=1)) == {"": 4, "amount": 4, "placed_at": 4}
    detail = (await api.get("/api/v1/datasets/one", params={"namespace": SPACE, "name": "shop.public.orders"})).json()
    assert (detail["usage"]["count"], detail["usage"]["account_count"]) == (6, 3)
    assert {field["name"]: field["read_count"] for field in detail["fields"]} == {"id": 2, "amount": 4, "placed_at": 4}


async def test_queries_make_neither_edges_nor_jobs(merge: Merging, api: httpx.AsyncClient) -> None:
    await merge.merge(described(0, "orders", ORDERS), ran("SELECT amount FROM orders", {"ada": 1}))
    assert await merge.edges() == set()
    assert {label for label, _ in await merge.nodes()} == {"Dataset", "Field"}
    jobs = await api.get(f"/api/v1/namespaces/{SPACE.replace('/', '%2F')}/jobs")
    assert jobs.json()["jobs"] == []


async def test_what_writes_also_reads(merge: Merging, api: httpx.AsyncClient) -> None:
    await merge.merge(
        described(0, "orders", ORDERS),
        described(0, "totals", {"total": "numeric"}),
        ran("INSERT INTO totals SELECT sum(amount) FROM orders", {"etl": 2}, origin="query-log"),
    )
    assert counts(await asked(api)) == {"": 2, "amount": 2}
    assert (await asked(api, "totals"))["dataset"] is None
    assert ("FEEDS", "orders.amount", "totals.total", "DIRECT", "AGGREGATION") in await merge.edges()


async def test_a_later_harvest_of_the_day_adds_and_a_repetition_does_not(
    merge: Merging, api: httpx.AsyncClient
) -> None:
    sql = "SELECT amount FROM orders"
    first, more = ran(sql, {"ada": 3}), ran(sql, {"ada": 2, "bob": 1})
    await merge.merge(described(0, "orders", ORDERS), first)
    await merge.merge(more)
    assert counts(await asked(api)) == {"": 6, "amount": 6}
    await merge.round([first, more])
    assert counts(await asked(api)) == {"": 6, "amount": 6}


async def test_a_schema_that_comes_later_tells_columns(merge: Merging, api: httpx.AsyncClient) -> None:
    await merge.merge(ran("SELECT * FROM orders", {"ada": 1}), described(0, "other", ORDERS))
    await merge.merge(described(0, "orders", ORDERS))
    assert counts(await asked(api)) == {"": 1, "id": 1, "amount": 1, "placed_at": 1}


async def test_only_a_harvest_tells_usage(merge: Merging, api: httpx.AsyncClient) -> None:
    await merge.merge(
        described(0, "orders", ORDERS),
        ran("SELECT amount FROM orders", {"eve": 100}, authority=PRODUCER),
        ran("SELECT id FROM orders", {"eve": 100}, authority=Authority(harvest=("mysql://*",), jobs=("*",))),
    )
    assert (await asked(api))["dataset"] is None


async def test_old_reads_are_dropped(merge: Merging, api: httpx.AsyncClient) -> None:
    await merge.merge(described(0, "orders", ORDERS), ran("SELECT amount FROM orders", {"ada": 1}, days_ago=100))
    assert (await asked(api, days=365))["dataset"] is None


async def test_what_is_not_known_is_not_found(api: httpx.AsyncClient) -> None:
    query = {"namespace": SPACE, "name": "shop.public.nothing"}
    assert (await api.get("/api/v1/datasets/usage", params=query)).status_code == 404


async def test_the_command_shows_it(merge: Merging, api: httpx.AsyncClient) -> None:
    await merge.merge(described(0, "orders", ORDERS), ran("SELECT amount FROM orders", {"ada": 2, None: 1}))
    lines = list(usage_lines(usage(await asked(api))))
    assert [line.split()[:2] for line in lines[1:]] == [["(dataset)", "3"], ["amount", "3"]]
    assert lines[1].endswith("ada 2, (unknown) 1")
    await merge.merge(described(1, "empty", {"x": "int"}))
    (line,) = usage_lines(usage(await asked(api, "empty")))
    assert line.startswith("No query log told")
