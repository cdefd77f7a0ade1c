"""Figures of the catalogue over time (docs/trends.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from nexus_core.api.access import Reader
from nexus_core.api.services import UsesServices
from nexus_core.trends.metrics import Metric
from nexus_core.trends.reading import read_series

router = APIRouter(prefix="/api/v1/metrics", tags=["catalogue"])


class MetricPoint(BaseModel):
    """A figure at a moment."""

    at: datetime
    value: float


class MetricSeries(BaseModel):
    """One figure over time."""

    metric: Metric
    points: list[MetricPoint]


class MetricAnswer(BaseModel):
    """Figures over time, the earliest points first."""

    series: list[MetricSeries]
    complete: Annotated[bool, Field(description="False: namespaces of which you do not see all are left out.")]


@router.get("/series", operation_id="getMetricSeries")
async def get_series(
    services: UsesServices,
    caller: Reader,
    metric: Annotated[list[Metric], Query(max_length=50, description="These; default: all.")] = [],  # noqa: B006
    namespace: Annotated[str | None, Query(min_length=1, max_length=2048, description="Of this one alone.")] = None,
    days: Annotated[int, Query(ge=1, le=3650, description="The last days; above 32 one point a day.")] = 30,
) -> MetricAnswer:
    """Give figures over time, added up over the namespaces of which you see all."""
    found = await read_series(services.main, caller.scope, metric, namespace, days)
    series = [
        MetricSeries(metric=each, points=[MetricPoint(at=at, value=value) for at, value in points])
        for each, points in sorted(found.points.items())
    ]
    return MetricAnswer(series=series, complete=found.complete)
