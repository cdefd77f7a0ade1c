"""Which of the 64 partitions an event belongs to: events that must be merged in turn share one."""

from __future__ import annotations

from nexus_core.events.folding import folded_job
from nexus_core.model.edge import node_key
from nexus_core.model.envelope import Event, EventKind
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.model.partition import ALL_PARTITIONS, PARTITION_COUNT, partition_of_key

__all__ = ["ALL_PARTITIONS", "PARTITION_COUNT", "partition_of"]


def partition_of(kind: EventKind, event: Event) -> int:
    """Give the partition of an event's job, with queries folded into their task, or of a DatasetEvent's dataset."""
    job, _ = folded_job(event)
    if job is not None and kind is not EventKind.DATASET:
        return partition_of_key(node_key(job.id))
    dataset = event["dataset"]
    return partition_of_key(node_key(canonical(DatasetName(dataset["namespace"], dataset["name"])).id))
