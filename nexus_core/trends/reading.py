"""Figures over time, as far as a caller sees whole namespaces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nexus_core.model.access import Scope
from nexus_core.store.database import Store
from nexus_core.store.metric_samples import HOURLY_DAYS, read_samples
from nexus_core.trends.metrics import Metric


@dataclass(frozen=True, slots=True)
class Series:
    """Points by metric, the earliest first; `complete`: no namespace is left out because a part of it is hidden."""

    points: Mapping[Metric, Sequence[tuple[datetime, float]]]
    complete: bool


async def read_series(
    main: Store, scope: Scope, metrics: Collection[Metric], namespace: str | None, days: int
) -> Series:
    """Read the last days: hours where they are few enough, else days. What is hidden in part counts for nothing."""
    since = datetime.now(UTC) - timedelta(days=days)
    samples = await read_samples(main, [each.value for each in metrics], since, daily=days > HOURLY_DAYS)
    points: dict[Metric, dict[datetime, float]] = defaultdict(dict)
    seen: dict[str, bool] = {}
    for each in samples:
        whole = seen.setdefault(each.namespace, scope.sees_whole(each.namespace))
        if not whole or namespace not in (None, each.namespace) or each.metric not in _KNOWN:
            continue
        metric, of = Metric(each.metric), points[Metric(each.metric)]
        before = of.get(each.at, 0.0)
        of[each.at] = max(before, each.value) if metric.greatest else before + each.value
    return Series({metric: sorted(of.items()) for metric, of in points.items()}, scope.everything)


_KNOWN = frozenset(metric.value for metric in Metric)
