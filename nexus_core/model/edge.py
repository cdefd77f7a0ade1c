"""What one version of an evidence claims: edges between datasets, fields and the job, and their fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.partition import beside

OPEN_END = 9_223_372_036_854_775_807
"""The end, in microseconds, of what still holds."""


class EdgeKind(StrEnum):
    """How the source affects the target; READS and WRITES stand between a dataset and the job (docs/graph.md).

    A MARK is no edge: it tells what was proven of its target (model.mark), and the graph has none.
    """

    DIRECT = "DIRECT"
    INDIRECT = "INDIRECT"
    DATASET = "DATASET"
    READS = "READS"
    WRITES = "WRITES"
    MARK = "MARK"


class Edge(NamedTuple):
    """One claim, in canonical names; a field "" is the dataset itself, a dataset ("", "") the evidence's job.

    `confidence` is a Certainty where SQL names the source, "" where an event states the edge.
    A tuple of plain values, so that thousands sort, compare and serialise at the speed of C.
    """

    kind: str
    subtype: str
    source_namespace: str
    source_name: str
    source_field: str
    target_namespace: str
    target_name: str
    target_field: str
    expression: str = ""
    inferred: bool = False
    confidence: str = ""


class EvidenceKey(NamedTuple):
    """Who claims what of which output: an evidence replaces and ends only its own versions (lineage.md §2).

    `job` is None for what a DatasetEvent says; `output` is None for what the job reads.
    """

    principal_class: str
    origin: str
    job: JobName | None
    output: DatasetName | None

    @property
    def key(self) -> str:
        """Its key in ledger and graph, 32 hex digits, in the partition of its job, or without one of its output."""
        return _evidence_key(self)


def pack(edges: Iterable[Edge]) -> tuple[str, bytes]:
    """Give the fingerprint and the stored form of a version's edges; their order does not matter."""
    body = orjson.dumps([tuple(edge) for edge in sorted(set(edges))])  # orjson refuses named tuples
    return digest(body), body


def unpack(body: bytes) -> list[Edge]:
    """Give the edges of a stored form."""
    return [Edge(*row) for row in orjson.loads(body)]


def digest(content: bytes) -> str:
    """Give the first 128 bits of SHA-256 as 32 hex digits: the form of every key and fingerprint here."""
    return hashlib.sha256(content).hexdigest()[:32]


def digest_of(value: Any) -> str:
    """Give the digest of a JSON value."""
    return digest(orjson.dumps(value))


def source_key(principal_class: str, job: JobName | None) -> str:
    """Give the key of a job as one principal class tells of it."""
    return digest_of([principal_class, [job.namespace, job.name] if job else None])


@lru_cache(maxsize=8_192)
def node_key(canonical_id: str) -> str:
    """Give the key of a node from its canonical id, such as `dataset:NAMESPACE:NAME`."""
    return digest(canonical_id.encode())


@lru_cache(maxsize=4_096)
def _evidence_key(evidence: EvidenceKey) -> str:
    job, output = evidence.job, evidence.output
    owner = job or output
    key = digest_of(
        [
            evidence.principal_class,
            evidence.origin,
            [job.namespace, job.name] if job else None,
            [output.namespace, output.name] if output else None,
        ]
    )
    return beside(node_key(owner.id), key) if owner else key
