"""Takes the samples: hourly, by the one worker that also follows checks."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from nexus_core.catalogue.policy_columns import policy_columns
from nexus_core.governance.policies.keeping import active_set
from nexus_core.graph.connection import Graph
from nexus_core.graph.read_coverage import read_coverage
from nexus_core.model.access import CLASSES, EVERYTHING
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.policy import Policy
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.metric_counts import catalogue_counts, incident_counts
from nexus_core.store.metric_samples import Sample, save_samples
from nexus_core.store.usage import today
from nexus_core.store.usage_assets import all_read_counts, save_heats
from nexus_core.trends.metrics import Metric

USED_DAYS = 30
_SCAN_S = 120.0


@dataclass(frozen=True, slots=True)
class Sampling:
    """Counts a projection (`store`, `graph`) and keeps the figures in `main`."""

    main: Store
    store: Store
    graph: Graph

    async def take(self, at: datetime) -> None:
        """Take the samples of an hour; twice in an hour is once. Raises UnavailableError, OverloadedError."""
        hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        found = await self._counts()
        rows = [
            Sample(hour, metric, namespace, value)
            for metric, by_namespace in sorted(found.items())
            for namespace, value in sorted(by_namespace.items())
        ]
        await save_samples(self.main, rows)

    async def _counts(self) -> Mapping[str, Mapping[str, float]]:
        async with reading(self.store) as connection:
            found = dict(await catalogue_counts(connection, today() - USED_DAYS, time.time_ns() // 1000))
        async with reading(self.main) as connection:
            found[Metric.INCIDENTS] = await incident_counts(connection)
        coverage = await read_coverage(self.graph, EVERYTHING, _SCAN_S)
        found[Metric.ASSETS_WITH_LINEAGE] = {key: of.datasets.lineage_count for key, of in coverage.items()}
        found[Metric.FIELDS_WITH_LINEAGE] = {key: of.fields.lineage_count for key, of in coverage.items()}
        return {**found, **await self._adherence()}

    async def _adherence(self) -> Mapping[str, Mapping[str, float]]:
        """Count the fields above Public, and those of them that a policy matches."""
        policies: tuple[Policy, ...] = (await active_set(self.main)).policies
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        async for column in policy_columns(self.store, self.main):
            if column.class_name not in (None, CLASSES[0]):
                holds = any(policy.match.holds(column) for policy in policies)
                counts[Metric.FIELDS_SENSITIVE][column.dataset.namespace] += 1
                counts[Metric.FIELDS_PROTECTED][column.dataset.namespace] += holds
        return {metric: {key: float(count) for key, count in of.items()} for metric, of in counts.items()}


async def take_heats(store: Store, aliases: Aliases) -> None:
    """Let search know how much each dataset is read, over all its names: doublings of the reads of USED_DAYS."""
    first_of = {
        node_key(member.id): node_key(first.id) for first, members in aliases.datasets.items() for member in members
    }
    counts: Counter[str] = Counter()
    async with reading(store) as connection:
        for key, count in (await all_read_counts(connection, USED_DAYS)).items():
            counts[first_of.get(key, key)] += count
    async with writing(store) as connection:
        await save_heats(connection, {key: count.bit_length() for key, count in counts.items()})
