"""Edits of curated metadata as events: decisions whose details say which facet of what has which value now.

The details are `{"facet", "field", "version", "value", "subject": {"kind", "name"}}`; the value is null where what was
curated is taken back, by the action `remove`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nexus_core.errors import InvalidInputError
from nexus_core.events.decision import decision_event, read_decision
from nexus_core.model.curation import CURATION, OBJECTS, Facet, Subject, SubjectKind, checked, subject
from nexus_core.model.decision import DecidedObject, Decision, ObjectKind
from nexus_core.model.envelope import Envelope

SET, REMOVE = "set", "remove"


@dataclass(frozen=True, slots=True)
class CuratedValue:
    """That a facet of something has a value from now on; None takes back what was curated before."""

    subject: Subject
    facet: Facet
    value: Mapping[str, Any] | None


def curation_event(said: CuratedValue, version: int, at: datetime) -> dict[str, Any]:
    """Give the event of an edit; versions of one facet of one subject count from 1."""
    of = said.subject
    named = () if of.kind in OBJECTS else (DecidedObject(of.namespace, of.name, ObjectKind(of.kind.value)),)
    details = {
        "facet": said.facet.value,
        "field": of.field,
        "version": version,
        "value": None if said.value is None else dict(said.value),
        "subject": {"kind": of.kind.value, "name": of.name},
    }
    action = REMOVE if said.value is None else SET
    return decision_event(Decision(CURATION, action, named, of.key, details), at)


def read_curation(envelope: Envelope) -> CuratedValue | None:
    """Give the edit of an envelope; None where it has none, or one that our API did not make."""
    decision = read_decision(envelope)
    if decision is None or decision.kind != CURATION:
        return None
    try:
        return _read(decision)
    except (InvalidInputError, ValueError, KeyError, TypeError):
        return None


def _read(decision: Decision) -> CuratedValue:
    details = decision.details
    kind, facet = SubjectKind(details["subject"]["kind"]), Facet(details["facet"])
    namespace = decision.objects[0].namespace if decision.objects else ""
    of = subject(kind, namespace, details["subject"]["name"], details["field"])
    value = None if decision.action == REMOVE else checked(of, facet, details["value"])
    return CuratedValue(of, facet, value)
