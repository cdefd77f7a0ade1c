"""What changes are said to break beside what really fails, and how long an answer over 1,000 statements takes.

The estates are those of `tests/changed_estate.py`: by a seed, 6 tables, 10 views on tables and views, 40 statements
that read and write, 10 procedures. Each change is really made (`tests/changed_servers.py`) on PostgreSQL 15, MariaDB
and MySQL. `measure` keeps each server at it for a number of seconds, `measure_wide` for a number of estates.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.events import NAMESPACE, PRODUCER
from benchmarks.stack import Stack, running
from nexus_core.impact.simulating import simulate
from nexus_core.model.impact import Change, Estate, Verdict
from tests import services
from tests.changed_estate import as_estate, changes, generated, parts
from tests.changed_servers import ERRORS, Server, on_mysql, on_postgresql
from tests.mysql_server import mariadb, mysql
from tests.reading_directly import Direct

STATEMENTS = 1_000
_REST_SECONDS, _AT_REST = 60.0, 0.05  # to wait for Neo4j, until it takes no more CPU in a second
SECONDS = {"PostgreSQL 15": 45, "MariaDB": 25, "MySQL 8": 15}
"""How long each server makes changes; what is under way is finished, so that there is one change of each at least."""
_CHANGES = {"PostgreSQL 15": 14, "MariaDB": 8, "MySQL 8": 8}
"""Changes to each estate."""
_WIDE = {"PostgreSQL 15": 30, "MariaDB": 8, "MySQL 8": 3}
_AT = "2026-01-01T00:00:00Z"
_FACET = {"_producer": PRODUCER, "_schemaURL": "https://openlineage.io/spec/facets/1-1-1/SchemaDatasetFacet.json"}


@dataclass
class Agreement:
    """Statements by what was said and what happened, over all changes."""

    pairs: int = 0
    both: int = 0
    said_only: int = 0
    failed_only: int = 0
    changes: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, said: Verdict, reason: str, told: str, *, failed: bool) -> None:
        """Count one statement under one change; what is unknown counts as missed if it fails.

        `told` says what was wrong, if something was.
        """
        self.pairs += 1
        broken = said is Verdict.BREAKS
        self.both += broken and failed
        self.said_only += broken and not failed
        self.failed_only += failed and not broken
        if failed != broken:
            self.wrong.append(told)
        if said is Verdict.UNKNOWN:
            self.unknown[reason] += 1

    def rows(self, server: str) -> Iterator[tuple[str, str]]:
        """Give the figures, with what they are made of."""
        precision = self.both / max(1, self.both + self.said_only)
        recall = self.both / max(1, self.both + self.failed_only)
        what = f"impact: {server}, {self.changes:,} changes really made, {self.pairs:,} statements"
        yield what, f"{self.both:,} fail as said; precision {precision:.2%}, recall {recall:.2%} (≥ 99 %)"
        reasons = ", ".join(f"{code} {count}" for code, count in self.unknown.most_common()) or "none"
        share = self.unknown.total() / max(1, self.pairs)
        yield f"impact: {server}, unknown (≤ 3 %)", f"{share:.2%}: {reasons}"
        for told in self.wrong:
            yield f"impact: {server}, said otherwise than it is", told


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows, within some three minutes."""
    with running() as stack:
        yield from _speed(stack)
    for name, server in _servers():
        yield from _agreement(name, server, itertools.count(), SECONDS[name]).rows(name)


def measure_wide() -> Iterator[tuple[str, str]]:
    """Compare over more estates, however long it takes."""
    for name, server in _servers():
        yield from _agreement(name, server, range(_WIDE[name]), math.inf).rows(name)


def _servers() -> Iterator[tuple[str, Server]]:
    """Give each server while it runs."""
    with services.postgresql() as own, on_postgresql(own.url()) as server:
        yield "PostgreSQL 15", server
    for name, start in (("MariaDB", mariadb), ("MySQL 8", mysql)):
        with start(services.free_port()) as other, on_mysql(other) as mysql_server:
            yield name, mysql_server


def _agreement(name: str, server: Server, seeds: Iterable[int], seconds: float) -> Agreement:
    found, until = Agreement(), time.monotonic() + seconds
    dialect = "postgres" if name.startswith("PostgreSQL") else "mysql"
    for seed in seeds:
        estate = generated(seed, dialect)
        texts = frozenset(each.sql for each in estate.made)
        works = texts - server.failures(estate, [])
        known = as_estate(estate, works, server.schemas)
        for change in changes(seed, estate, _CHANGES[name]):
            found.changes += 1
            _compare(found, known, change, server.failures(estate, [change]))
            if time.monotonic() > until:
                return found
    return found


def _compare(found: Agreement, known: Estate, change: Change, failed: set[str]) -> None:
    found_by_part = (asyncio.run(simulate(part, [change], Direct())) for part in parts(known))
    outcomes = {each.id: each for of in found_by_part for each in of}
    for statement in known.statements:
        said = outcomes.get(statement.id)
        verdict, code = (said.verdict, said.reason.code) if said else (Verdict.SAFE, "")
        error = ERRORS.get(statement.sql, "").partition("\n")[0] if statement.sql in failed else "it works"
        told = f"{change.kind} {change.dataset.name} {change.field} {change.to}: {verdict} {code}; {error}"
        found.add(verdict, code, told, failed=statement.sql in failed)


def _speed(stack: Stack) -> Iterator[tuple[str, str]]:
    """Ask a fresh `nexus up` about a column that 1,000 jobs read, each by a text of its own."""
    _load(stack)
    for kind, told in (("drop_field", {}), ("rename_field", {"to": "renamed"}), ("retype_field", {"to": "text"})):
        body = {
            "changes": [{"kind": kind, "namespace": NAMESPACE, "name": "shop.public.hub", "field": "amount", **told}]
        }
        what = f"impact: {kind} of a field with {STATEMENTS:,} downstream statements"
        for turn in ("first", "again"):
            _come_to_rest(stack)
            before = stack.cpu_by_part()
            took, verdicts = _asked(stack, body)
            used = {part: seconds - before.get(part, 0.0) for part, seconds in stack.cpu_by_part().items()}
            cpu = ", ".join(f"{part} {seconds:.2f}" for part, seconds in used.items() if seconds >= 0.01)
            load = os.getloadavg()[0]
            yield f"{what}, {turn} (load {load:.1f})", f"{took:.2f} s (≤ 2 s); CPU s: {cpu}; {verdicts}"


def _come_to_rest(stack: Stack) -> None:
    """Wait until Neo4j's compilers, which work on for a while after much was written or asked, have ended."""
    deadline = time.monotonic() + _REST_SECONDS
    used = stack.cpu_by_part()["Neo4j"]
    while time.monotonic() < deadline:
        time.sleep(1)
        before, used = used, stack.cpu_by_part()["Neo4j"]
        if used - before < _AT_REST:
            return


def _asked(stack: Stack, body: dict[str, Any]) -> tuple[float, str]:
    begun = time.perf_counter()
    answer = httpx.post(f"{stack.url}/api/v1/impact", json=body, headers=stack.headers, timeout=120).raise_for_status()
    took = time.perf_counter() - begun
    counts = Counter(each["verdict"] for each in answer.json()["assets"])
    return took, ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items())


def _load(stack: Stack) -> None:
    hub = _with_fields("hub", {"id": "integer", "amount": "numeric(10,2)", "day": "date", "note": "text"})
    events = [{**_event("DatasetEvent"), "dataset": hub}, *map(_job, range(STATEMENTS))]
    for start in range(0, len(events), 500):
        batch = json.dumps(events[start : start + 500])
        httpx.post(
            f"{stack.url}/api/v1/lineage/batch", content=batch, headers=stack.headers, timeout=120
        ).raise_for_status()
    stack.wait_merged()


def _with_fields(name: str, columns: dict[str, str]) -> dict[str, Any]:
    fields = [{"name": column, "type": kind} for column, kind in columns.items()]
    return {**_named(name), "facets": {"schema": {**_FACET, "fields": fields}}}


def _job(number: int) -> dict[str, Any]:
    sql = (
        f"insert into t{number} (id, total) select h.id, sum(h.amount) as total from hub h "
        f"where h.day > '2025-01-01' and h.note <> 'n{number}' and h.id % 7 = {number % 7} group by h.id"
    )
    job = {"namespace": "bench", "name": f"load.t{number}", "facets": {"sql": {**_FACET, "query": sql}}}
    filled = _with_fields(f"t{number}", {"id": "integer", "total": "numeric"})
    return {**_event("JobEvent"), "job": job, "inputs": [_named("hub")], "outputs": [filled]}


def _named(name: str) -> dict[str, str]:
    return {"namespace": NAMESPACE, "name": f"shop.public.{name}"}


def _event(kind: str) -> dict[str, str]:
    schema = f"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/{kind}"
    return {"eventTime": _AT, "producer": PRODUCER, "schemaURL": schema}
