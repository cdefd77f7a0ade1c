"""Decisions as events: built, accepted, read, and without effect where the authority lacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from nexus_core.catalogue.said import facts_of
from nexus_core.errors import ForbiddenError
from nexus_core.events.check import check
from nexus_core.events.decision import decision_event, read_decision
from nexus_core.governance.authority import check_authority
from nexus_core.model.decision import DecidedObject, Decision, ObjectKind
from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.worker.said import read_event

AT = datetime(2026, 1, 1, tzinfo=UTC)
RETIREMENT = Decision(
    kind="retirement",
    action="retire",
    objects=(DecidedObject("postgres://h:5432", "shop.t"), DecidedObject("airflow", "daily", ObjectKind.JOB)),
    subject="postgres://h:5432",
    details={"hold": "abc"},
)


def envelope(event: dict[str, Any], authority: Authority) -> Envelope:
    return Envelope("sha256:1", "someone", authority, AT, AT, EventKind.JOB, event)


def test_a_decision_is_an_event_that_reads_back_as_it_was_written():
    event = decision_event(RETIREMENT, AT)
    checked = check(event)
    assert (checked.kind, checked.event_at, checked.warnings) == (EventKind.JOB, AT, ())
    assert read_decision(envelope(event, Authority(curator=True))) == RETIREMENT


@pytest.mark.parametrize(
    ("kind", "authority", "allowed"),
    [
        ("retirement", Authority(curator=True), True),
        ("retirement", Authority(admin=True), True),
        ("retirement", Authority(alias=True), False),
        ("alias", Authority(alias=True), True),
        ("retirement", Authority(jobs=("*",), outputs=("*",), harvest=("*",)), False),
    ],
)
def test_only_who_may_decide_does(kind, authority, allowed):
    event = decision_event(replace(RETIREMENT, kind=kind), AT)
    assert (read_decision(envelope(event, authority)) is not None) is allowed
    if allowed:
        check_authority(authority, EventKind.JOB, event)
    else:
        with pytest.raises(ForbiddenError):
            check_authority(authority, EventKind.JOB, event)


def test_a_decision_tells_of_no_job_and_no_lineage():
    said = read_event(envelope(decision_event(RETIREMENT, AT), Authority(curator=True)))
    assert (said.job, said.datasets, said.tells_lineage, said.decision) == (None, (), False, RETIREMENT)
    assert list(facts_of(envelope(decision_event(RETIREMENT, AT), Authority(curator=True)))) == []


@pytest.mark.parametrize(
    "facet",
    [
        {},
        {"kind": 1, "action": "retire"},
        {"kind": "retirement", "action": None},
        {"kind": "retirement", "action": "retire", "objects": 3},
        {"kind": "retirement", "action": "retire", "objects": [1, {"namespace": "a"}, {"name": ["x"], "kind": []}]},
    ],
)
def test_what_has_not_the_shape_is_left_out(facet):
    event = decision_event(RETIREMENT, AT)
    event["job"]["facets"]["lineageNexus_decision"] = facet
    read = read_decision(envelope(event, Authority(curator=True)))
    assert read is None or read.objects == ()
