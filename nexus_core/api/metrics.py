"""What Prometheus is told of log and workers; no figure names a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import CollectorRegistry

from nexus_core.eventlog.log import Backlog
from nexus_core.store.ledger_lease import Member


class WorkCollector:
    """The figures of one moment."""

    def __init__(self, backlog: Backlog, members: Iterable[Member], task_count: int) -> None:
        self._backlog, self._members, self._task_count = backlog, list(members), task_count

    def collect(self) -> Iterable[Metric]:
        """Give them."""
        pending, oldest = self._backlog.pending, self._backlog.oldest_at
        age = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
        yield _gauge("nexus_eventlog_lag_events", "Accepted events that are not merged yet.", sum(pending.values()))
        yield _gauge("nexus_eventlog_oldest_pending_seconds", "Age of the oldest of them.", max(age, 0.0))
        lag = GaugeMetricFamily("nexus_eventlog_partition_lag_events", "The same by partition.", labels=["partition"])
        for partition, count in sorted(pending.items()):
            lag.add_metric([str(partition)], count)
        yield lag
        waiting = GaugeMetricFamily("nexus_eventlog_dead_letters", "Events that wait for a person.", labels=["kind"])
        waiting.add_metric(["dead"], self._backlog.dead_count)
        waiting.add_metric(["quarantined"], self._backlog.quarantined_count)
        yield waiting
        yield _gauge(
            "nexus_worker_tasks",
            "What is left beside events: asked by other partitions, or not in Neo4j yet.",
            self._task_count,
        )
        held = GaugeMetricFamily("nexus_worker_partitions", "Partitions that a worker holds.", labels=["worker"])
        merged = CounterMetricFamily("nexus_worker_merged_events", "Events that it has merged.", labels=["worker"])
        for member in self._members:
            held.add_metric([member.owner], member.partition_count)
            merged.add_metric([member.owner], member.merged_count)
        yield from (held, merged)


class HarvestCollector:
    """How long ago sources were harvested; none is named."""

    def __init__(self, ends: Sequence[datetime], overdue: timedelta) -> None:
        self._ages = [(datetime.now(UTC) - end).total_seconds() for end in ends]
        self._overdue = overdue.total_seconds()

    def collect(self) -> Iterable[Metric]:
        """Give it."""
        late = sum(age > self._overdue for age in self._ages)
        yield _gauge("nexus_harvest_sources", "Sources that were ever harvested to the end.", len(self._ages))
        yield _gauge("nexus_harvest_overdue_sources", "Those whose last whole harvest is too long ago.", late)
        yield _gauge(
            "nexus_harvest_oldest_seconds", "Age of the oldest of these last harvests.", max(self._ages, default=0.0)
        )


def registry_of(*collectors: WorkCollector | HarvestCollector) -> CollectorRegistry:
    """Give a registry of these figures alone."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    return registry


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)
