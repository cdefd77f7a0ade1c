"""Which of the 64 partitions an event belongs to: events that must be merged in turn share one."""

from __future__ import annotations

import hashlib
import re

from nexus_core.model.envelope import Event, EventKind

PARTITION_COUNT = 64
ALL_PARTITIONS = frozenset(range(PARTITION_COUNT))
_QUERY = re.compile(r"\.query\.\d+\Z")


def partition_of(kind: EventKind, event: Event) -> int:
    """Give the partition of a job, with `TASK.query.N` folded into its task, or of a DatasetEvent's dataset."""
    named = event["dataset"] if kind is EventKind.DATASET else event["job"]
    name = named["name"] if kind is EventKind.DATASET else _QUERY.sub("", named["name"])
    digest = hashlib.sha256(f"{named['namespace']}\0{name}".encode()).digest()
    return digest[0] % PARTITION_COUNT
