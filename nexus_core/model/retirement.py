"""Words of retirement: what ends objects, what is held, and the limits of it."""

from __future__ import annotations

from enum import StrEnum

RETIREMENT = "retirement"
"""The kind of the decisions about ends and returns."""

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
    """What was retired; an object is what a harvest saw: a dataset, a routine, or a view, which is dataset and job."""

    OBJECT = "object"
    DATASET = "dataset"
    JOB = "job"
