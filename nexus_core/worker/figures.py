"""What Prometheus and traces are told of one worker's merging."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from prometheus_client import Counter, Histogram

from nexus_core.telemetry import traces

ROUND_SECONDS = Histogram(
    "nexus_worker_round_seconds",
    "Time of a round, from the arrival of its first events here until they are in the graph.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
)
ROUND_EVENTS = Histogram("nexus_worker_round_events", "Events of a round.", buckets=(1, 4, 16, 64, 256, 1024))
TELLING_SECONDS = Histogram(
    "nexus_worker_telling_seconds",
    "Time to tell Neo4j what a round changed.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0, 120.0),
)
PARSE_SECONDS = Histogram(
    "nexus_worker_parse_seconds",
    "Time to derive a statement's lineage, waiting for a parse process included.",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0),
)
OVERRUNS = Counter("nexus_worker_parse_overruns", "Parses that were stopped by the clock or for memory.")
WAITS = Counter("nexus_worker_waits", "Times that merging waited because something was away.")
BURIED = Counter("nexus_worker_buried_events", "Events that went to the dead letters.")
CLASSES_FAILED = Counter("nexus_worker_classes_failed", "Times that classes could not be computed.")
_LATENCY = Histogram(
    "nexus_event_latency_seconds",
    "Time from an event's acceptance until lineage shows it.",
    buckets=(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0),
)


class Taken(NamedTuple):
    """When an event was accepted, and when its merging began."""

    accepted_at: datetime
    began_at: datetime


def note_merged(events: Mapping[str, Taken]) -> None:
    """Note events by id that are in the graph now; waiting events count by when they were accepted."""
    now = datetime.now(UTC)
    seconds = (now - min(one.began_at for one in events.values())).total_seconds()
    ROUND_SECONDS.observe(seconds)
    ROUND_EVENTS.observe(len(events))
    traces.note_merged(list(events), seconds)
    for one in events.values():
        _LATENCY.observe(max((now - one.accepted_at).total_seconds(), 0.0))
