"""Runs checks over a connector's connection and tells what they found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from openlineage.client.uuid import generate_new_uuid

from nexus_core.checks.declaration import Check, Checks, Freshness, SchemaChange, Volume
from nexus_core.checks.statements import Found, question, verdict
from nexus_core.connectors.asking import Ask, Asking
from nexus_core.connectors.protocol import Connector
from nexus_core.errors import ConfigurationError, SourceError
from nexus_core.harvest.events import of_run
from nexus_core.harvest.facets import standard
from nexus_core.harvest.outbox import Emit
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical

JOB_PREFIX = "checks:"
_FACET = "DataQualityAssertionsDatasetFacet"
_SINGLE = ("nulls", "accepted_values")
"""Checks that tell of one column; rows that are late are so in all of theirs."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One check of a dataset with what it found, or why it could not be run."""

    dataset: DatasetName
    check: Check
    found: Found | None
    problem: str = ""


@dataclass(slots=True)
class ChecksReport:
    """What became of all checks."""

    ran: list[Ran] = field(default_factory=list)

    @property
    def failed(self) -> list[Ran]:
        """Checks that found something wrong."""
        return [each for each in self.ran if each.found is not None and not each.found.passed]

    @property
    def broken(self) -> list[Ran]:
        """Checks that could not be run."""
        return [each for each in self.ran if each.found is None]


def run_checks(connector: Connector, checks: Checks, emit: Emit) -> ChecksReport:
    """Run checks, each dataset's as one run of the job `checks:DATASET`, and send what they found.

    Raises ConfigurationError for a source that cannot be asked, the source's error if it does not answer, and what
    `emit` raises. A single check that fails to run is reported, and no result is sent of it.
    """
    if not isinstance(connector, Asking):
        raise ConfigurationError(f"Checks do not run on {connector.title}", "docs/quality.md lists where they do")
    report = ChecksReport()
    for database, datasets in _by_database(connector, checks).items():
        with connector.asking(database) as ask:
            for name, schema, table in datasets:
                ran = list(_run(connector, ask, name, schema, table, checks.datasets[name]))
                report.ran += ran
                emit([_event(connector.namespace, ran)])
    return report


def _by_database(connector: Asking, checks: Checks) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for name in checks.datasets:
        database, schema, table = connector.table(name)
        found[database].append((name, schema, table))
    return found


def _run(connector: Any, ask: Ask, name: str, schema: str, table: str, checks: Sequence[Check]) -> Iterator[Ran]:
    dataset = canonical(DatasetName(connector.namespace, name))
    for check in checks:
        asked = question(check, schema, table, connector.words)
        yield _answered(dataset, check, partial(ask, asked.sql, asked.values))


def _answered(dataset: DatasetName, check: Check, answer: Callable[[], Any]) -> Ran:
    try:
        rows = answer()
    except SourceError as error:
        if error.transient:
            raise
        return Ran(dataset, check, None, error.reason)
    if isinstance(check, SchemaChange) and not rows:
        return Ran(dataset, check, None, "the table is not there, or hidden from this account")
    try:
        return Ran(dataset, check, verdict(check, rows))
    except (TypeError, ValueError, IndexError) as error:
        return Ran(dataset, check, None, f"its answer is no count: {error}")


def _event(namespace: str, ran: Sequence[Ran]) -> dict[str, Any]:
    """Give the run's end with all that was found of one dataset."""
    name = ran[0].dataset if ran else DatasetName(namespace, "")
    facets: dict[str, Any] = {
        "dataQualityAssertions": standard(_FACET, "1-1-0", assertions=[_assertion(each) for each in ran if each.found])
    }
    counts = [each.found.measured for each in ran if each.found and isinstance(each.check, Volume)]
    if counts:
        metrics = {"rowCount": int(counts[0]), "columnMetrics": dict[str, Any]()}
        facets["dataQualityMetrics"] = standard("DataQualityMetricsInputDatasetFacet", "1-0-3", **metrics)
    job = JobName(namespace, f"{JOB_PREFIX}{name.name}")
    kind = standard("JobTypeJobFacet", "2-0-4", processingType="BATCH", integration="LINEAGE_NEXUS", jobType="TEST")
    event = of_run("COMPLETE", generate_new_uuid(), job, datetime.now(UTC), {"jobType": kind}, {})
    return event | {"inputs": [{"namespace": name.namespace, "name": name.name, "inputFacets": facets}]}


def _assertion(ran: Ran) -> dict[str, Any]:
    check, found = ran.check, ran.found
    assert found is not None  # noqa: S101 - the caller leaves out what did not run
    said = {
        "assertion": check.check,
        "success": found.passed,
        "severity": check.severity,
        "name": check.name or _title(check),
        "expected": found.expected,
        "actual": f"{found.measured:g}" if found.measured % 1 else str(int(found.measured)),
    }
    return said | ({"column": getattr(check, "field")} if check.check in _SINGLE else {})  # noqa: B009 - of these only


def _title(check: Check) -> str:
    """Tell two checks of one kind apart, without a value."""
    where = " where …" if check.where else ""
    fields = (check.field,) if isinstance(check, Freshness) else getattr(check, "fields", ())
    return f"{check.check}({', '.join(fields)}){where}" if fields else f"{check.check}{where}"
