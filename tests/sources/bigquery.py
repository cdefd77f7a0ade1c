"""An emulated BigQuery with one of everything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.bigquery_service import BigQuery, Refusal
from tests.sources import GOLDEN, PEOPLE, Fixture


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of the project `demo`, read with its dataset `core` only."""
    service: BigQuery = fixture("bigquery")
    service.fill("demo", json.loads((GOLDEN / "bigquery" / "schema.json").read_text(encoding="utf-8")))
    yield service.url("demo", schemas="core")


@contextmanager
def reader(fixture: Fixture) -> Iterator[str]:
    """An account that is refused all but the lists and resources that the documented roles let it get."""
    service: BigQuery = fixture("bigquery")
    inner = r"/datasets(?:/[^/?]+(?:/(?:tables|routines)(?:/[^/?]+)?)?)?|/jobs"
    allowed = rf"^GET /bigquery/v2/projects(?:/[^/?]+(?:{inner}))?(?:\?|$)"
    refusal = Refusal(f"(?!{allowed})^", 403, "accessDenied", "Access Denied")
    service.refusals.append(refusal)
    try:
        yield service.url("demo", schemas="core")
    finally:
        service.refusals.remove(refusal)


@contextmanager
def denying(fixture: Fixture) -> Iterator[str]:
    """Give the URL of a dataset of which one table is denied."""
    service: BigQuery = fixture("bigquery")
    tables = [_table("guarded", name) for name in ("open", "shut")]
    service.fill("demo", {"datasets": [_dataset("guarded")], "tables": tables})
    refusal = Refusal("/datasets/guarded/tables/shut", 403, "accessDenied", "Access Denied: Table shut")
    service.refusals.append(refusal)
    try:
        yield service.url("demo", schemas="guarded")
    finally:
        service.refusals.remove(refusal)


@contextmanager
def rows(fixture: Fixture) -> Iterator[str]:
    """Give the URL of a dataset with the table `people`."""
    service: BigQuery = fixture("bigquery")
    kinds = {"id": "INTEGER", "c1": "STRING", "quantity": "INTEGER", "made": "DATE", "phone": "INTEGER"}
    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    table = _table("looked", "people") | {"schema": {"fields": fields}}
    service.fill("demo", {"datasets": [_dataset("looked")], "tables": [table]})
    service.insert("demo.looked.people", [dict(zip(kinds, row, strict=True)) for row in PEOPLE])
    yield service.url("demo", schemas="looked")
    service.drop("demo.looked")


@contextmanager
def busy(fixture: Fixture) -> Iterator[tuple[str, Callable[[], None]]]:
    """Give the URL of a project of its own, and what adds a job that has just ended."""
    service: BigQuery = fixture("bigquery")

    def act() -> None:
        number = len(service.jobs.get("busy", ()))
        query = {"query": {"query": "INSERT INTO a SELECT x FROM b", "useLegacySql": False}, "jobType": "QUERY"}
        job = {
            "jobReference": {"projectId": "busy", "jobId": f"b{number}", "location": "EU"},
            "user_email": "ann@acme.example",
            "at": _hours(),
            "hours": 0.0,
            "configuration": query,
            "statistics": {"query": {"statementType": "INSERT"}},
        }
        service.fill("busy", {"jobs": [job]})

    yield service.url("busy", query_log_delay_minutes="0"), act


def _hours() -> float:
    """The hours since the beginning of yesterday, as recorded jobs are dated."""
    now = datetime.now(UTC)
    return 24 + (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 3600


def _dataset(name: str) -> dict[str, Any]:
    return {"datasetReference": {"projectId": "demo", "datasetId": name}, "location": "EU"}


def _table(dataset: str, name: str) -> dict[str, Any]:
    reference = {"projectId": "demo", "datasetId": dataset, "tableId": name}
    return {"tableReference": reference, "schema": {"fields": [{"name": "id", "type": "INTEGER"}]}}
