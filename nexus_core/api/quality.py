"""What checks of data found, its trend, and what a failure reaches (docs/quality.md)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query

from nexus_core.api.access import Reader
from nexus_core.api.cursors import closed, opened
from nexus_core.api.present_name import MOVED, PresentName
from nexus_core.api.quality_schemas import (
    BlastAnswer,
    DatasetQualityAnswer,
    QualityCheck,
    QualityDay,
    QualityFigure,
    QualityPage,
    QualityResult,
    QualityTrend,
    ReachedDataset,
)
from nexus_core.api.services import UsesServices
from nexus_core.model.moments import moment
from nexus_core.model.names import DatasetName
from nexus_core.model.quality import Finding
from nexus_core.quality.blast import read_blast
from nexus_core.quality.reading import find_checks, read_dataset_quality, read_results

router = APIRouter(prefix="/api/v1/quality", tags=["quality"])

_EPOCH = date(1970, 1, 1)
_Name = Annotated[str, Query(min_length=1, max_length=2048)]
_Days = Annotated[int, Query(ge=1, le=400, description="The last days.")]


@router.get("", operation_id="listQualityChecks")
async def list_checks(
    services: UsesServices,
    caller: Reader,
    state: Annotated[Literal["failing", "passing"] | None, Query(description="By the latest run.")] = None,
    cursor: Annotated[str | None, Query(max_length=5000)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> QualityPage:
    """List checks with what their latest run found, the latest first."""
    aliases = await services.aliases.read(services.store)
    passed = None if state is None else state == "passing"
    after = cast("tuple[int, str]", tuple(opened(cursor, (int, str)))) if cursor else None
    found, then = await find_checks(services.store, aliases, caller.scope, passed, after, limit)
    return QualityPage(items=list(map(check_answer, found)), next=closed(*then) if then else None)


@router.get("/dataset", operation_id="getDatasetQuality", dependencies=[PresentName], responses=MOVED)
async def get_dataset_quality(
    services: UsesServices, caller: Reader, namespace: _Name, name: _Name, days: _Days = 30
) -> DatasetQualityAnswer:
    """Give the checks of a dataset, its results by day and what was measured of it."""
    aliases = await services.aliases.read(services.store)
    found = await read_dataset_quality(services.store, aliases, caller.scope, DatasetName(namespace, name), days)
    return DatasetQualityAnswer(
        namespace=found.name.namespace,
        name=found.name.name,
        checks=list(map(check_answer, found.checks)),
        days=[
            QualityDay(day=_EPOCH + timedelta(days=each.day), passed=each.passed_count, failed=each.failed_count)
            for each in found.days
        ],
        figures=[
            QualityFigure(field=each.field or None, metric=each.metric, value=each.value, at=moment(each.at))
            for each in found.figures
        ],
    )


@router.get("/checks/{check_id}", operation_id="getQualityTrend")
async def get_trend(
    services: UsesServices,
    caller: Reader,
    check_id: str,
    days: _Days = 30,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
) -> QualityTrend:
    """Give what the runs of one check found."""
    aliases = await services.aliases.read(services.store)
    check, results = await read_results(services.store, aliases, caller.scope, check_id, days, limit)
    told = [QualityResult(passed=each.passed, measured=each.measured, at=moment(each.at)) for each in results]
    return QualityTrend(check=check_answer(check), results=told)


@router.get("/blast", operation_id="getBlastRadius", dependencies=[PresentName], responses=MOVED)
async def get_blast(
    services: UsesServices,
    caller: Reader,
    namespace: _Name,
    name: _Name,
    field: Annotated[str | None, Query(min_length=1, max_length=2048)] = None,
) -> BlastAnswer:
    """Give everything that a failure of a dataset or field reaches downstream, the most read first."""
    aliases = await services.aliases.read(services.store)
    asked = DatasetName(namespace, name)
    known = await read_dataset_quality(services.store, aliases, caller.scope, asked, days=1)
    timeout_s = services.settings.graph.query_timeout_s
    blast = await read_blast(services.graph, services.store, aliases, caller.scope, known.name, field, timeout_s)
    items = [
        ReachedDataset(
            namespace=each.name.namespace,
            name=each.name.name,
            kind=each.kind,
            fields=list(each.fields),
            owners=list(each.owners),
            read_count=each.read_count,
        )
        for each in blast.reached
    ]
    return BlastAnswer(items=items, hidden=blast.hidden, truncated=blast.truncated)


def check_answer(row: Finding) -> QualityCheck:
    """Give a check in the form of the API."""
    return QualityCheck(
        id=row.check_key,
        namespace=row.namespace,
        name=row.name,
        field=row.field or None,
        assertion=row.assertion,
        title=row.title,
        severity="warn" if row.severity == "warn" else "error",
        tool=row.tool,
        job_namespace=row.job_namespace,
        job_name=row.job_name,
        passed=row.passed,
        measured=row.measured,
        at=moment(row.at),
    )
