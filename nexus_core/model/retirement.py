"""Words of retirement: what ends objects, what is held, and the limits of it."""

from __future__ import annotations

from enum import StrEnum

from nexus_core.model.edge import digest_of
from nexus_core.model.names import DatasetName, JobName

RETIREMENT = "retirement"
"""The kind of the decisions about ends and returns."""

CLOSE = "close"
"""The action that ends what a job, named in the details, claims of outputs: the objects of the decision."""

DEFAULT_SHARE, DEFAULT_LEAST = 0.25, 10
"""A harvest that would retire more than this share of the objects that it covers, and at least this many, is held."""


class RetirementState(StrEnum):
    """What an object of a retirement is now; one that a harvest listed again, or that was written, has `returned`."""

    HELD = "held"
    ENDED = "ended"
    UNDONE = "undone"
    RETURNED = "returned"


class RetiredBy(StrEnum):
    """What retires: a harvest that lacked objects, a steward, or an event with a lifecycle facet."""

    HARVEST = "harvest"
    CURATOR = "curator"
    FACET = "facet"


class RetiredKind(StrEnum):
    """What was retired; an object is what a harvest saw: a dataset, a routine, or a view, which is dataset and job.

    An output is what one job claims of a dataset.
    """

    OBJECT = "object"
    DATASET = "dataset"
    JOB = "job"
    OUTPUT = "output"


def output_key(job: JobName, output: DatasetName) -> str:
    """Give the key under which ends of what a job claims of an output are kept; names as the evidence has them."""
    return digest_of(["output", job.namespace, job.name, output.namespace, output.name])
