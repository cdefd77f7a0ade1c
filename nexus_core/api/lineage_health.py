"""Where lineage has gaps (docs/lineage.md, Health)."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter

from nexus_core.api.access import Reader
from nexus_core.api.lineage_health_schemas import (
    HealthDataset,
    HealthOutput,
    LineageHealthAnswer,
    NamespaceCoverage,
    SqlDialect,
    SqlProblem,
    SqlSample,
)
from nexus_core.api.services import UsesServices
from nexus_core.catalogue.lineage_health import DialectHealth, Problem, read_lineage_health
from nexus_core.catalogue.stale import StaleOutput
from nexus_core.graph.read_coverage import Coverage
from nexus_core.model.naming import platform
from nexus_core.store.stale import Patience

_SHOWN = 20

router = APIRouter(prefix="/api/v1/lineage", tags=["lineage"])


@router.get("/health", operation_id="getLineageHealth")
async def get_lineage_health(services: UsesServices, caller: Reader) -> LineageHealthAnswer:
    """Say where lineage has gaps: coverage, SQL that was not understood, names that nobody described, near-misses."""
    aliases = await services.aliases.read(services.store)
    kept = services.settings.retention
    patience = Patience(kept.stale_runs, kept.stale_days)
    timeout_s = services.settings.graph.query_timeout_s
    found = await read_lineage_health(services.store, services.graph, aliases, caller.scope, timeout_s, patience)
    return LineageHealthAnswer(
        coverage=_coverage(found.coverage),
        sql=None if found.sql is None else [_dialect(each) for each in found.sql],
        orphan_count=found.orphan_count,
        orphans=[HealthDataset(namespace=name.namespace, name=name.name) for name in found.orphans],
        stale_count=len(found.stale),
        stale=[_stale(each) for each in found.stale[:_SHOWN]],
        proposals=dict(found.proposals),
    )


def _stale(found: StaleOutput) -> HealthOutput:
    return HealthOutput(
        namespace=found.output.namespace,
        name=found.output.name,
        job_namespace=found.job.namespace,
        job_name=found.job.name,
        seen_at=found.seen_at,
        run_count=found.run_count,
    )


def _coverage(found: Mapping[str, Coverage]) -> list[NamespaceCoverage]:
    return [
        NamespaceCoverage(
            platform=platform(namespace),
            namespace=namespace,
            datasets=of.datasets.count,
            datasets_with_upstream=of.datasets.upstream_count,
            datasets_with_lineage=of.datasets.lineage_count,
            fields=of.fields.count,
            fields_with_upstream=of.fields.upstream_count,
            fields_with_lineage=of.fields.lineage_count,
        )
        for namespace, of in found.items()
    ]


def _dialect(found: DialectHealth) -> SqlDialect:
    return SqlDialect(
        dialect=found.dialect,
        jobs=found.job_count,
        complete=found.complete_count,
        problems=[_problem(each) for each in found.problems],
    )


def _problem(found: Problem) -> SqlProblem:
    samples = [
        SqlSample(event=each.event_id, job_namespace=each.job.namespace, job_name=each.job.name, message=each.message)
        for each in found.samples
    ]
    return SqlProblem(code=found.code, jobs=found.job_count, samples=samples)
