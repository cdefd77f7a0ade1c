"""Decisions as events: a JobEvent of a job of our own, which carries the facet `lineageNexus_decision` alone.

The job is a name in the log only: neither graph nor catalogue shows it. The facet's shape is
`{"kind", "action", "subject", "objects": [{"namespace", "name", "kind": "dataset" | "job"}], "details": {…}}`
(model.facets); a decision has an effect from a principal with the authority for its kind, and none otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from nexus_core.model.curation import CURATION
from nexus_core.model.decision import DecidedObject, Decision, ObjectKind
from nexus_core.model.envelope import Authority, Envelope, Event, EventKind
from nexus_core.model.facets import DECISION
from nexus_core.model.names import DatasetName, JobName

DECISIONS = "lineage-nexus:decisions"
"""The namespace of the jobs that decisions are events of."""

_PRODUCER = "https://github.com/lineage-nexus/lineage-nexus"
_SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"
_KINDS = {kind.value: kind for kind in ObjectKind}
_ALIAS_KINDS = frozenset({"alias"})  # what the alias authority may decide too


def decision_job(kind: str, subject: str) -> JobName:
    """Give the job of decisions of one kind and subject: events of one job are merged in turn."""
    return JobName(DECISIONS, f"{kind} {subject}" if subject else kind)


def decision_event(decision: Decision, at: datetime) -> dict[str, Any]:
    """Give the event of a decision that holds from `at` (aware) on."""
    job = decision_job(decision.kind, decision.subject)
    facet = {
        "_producer": _PRODUCER,
        "_schemaURL": f"{_SPEC}/JobFacet",
        "kind": decision.kind,
        "action": decision.action,
        "subject": decision.subject,
        "objects": [_written(each) for each in decision.objects],
        "details": dict(decision.details),
    }
    return {
        "eventTime": at.isoformat(),
        "producer": _PRODUCER,
        "schemaURL": f"{_SPEC}/JobEvent",
        "job": {"namespace": job.namespace, "name": job.name, "facets": {DECISION: facet}},
        "inputs": [],
        "outputs": [],
    }


def is_decision(kind: EventKind, event: Event) -> bool:
    """Whether an event is nothing but a decision, with or without the authority for it: it tells of no job."""
    return kind is EventKind.JOB and event["job"]["namespace"] == DECISIONS


def read_decision(envelope: Envelope) -> Decision | None:
    """Give the decision of an envelope; None where it has none, or one that its principal may not take."""
    if not is_decision(envelope.kind, envelope.event):
        return None
    facet = _mapping(_mapping(envelope.event["job"].get("facets")).get(DECISION))
    kind, action = _text(facet.get("kind")), _text(facet.get("action"))
    objects = tuple(dict.fromkeys(_objects(facet.get("objects"))))
    if not kind or not action or not may_decide(envelope.authority, kind, objects):
        return None
    return Decision(
        kind=kind,
        action=action,
        objects=objects,
        subject=_text(facet.get("subject")),
        details=_mapping(facet.get("details")),
    )


def decided_objects(event: Event) -> tuple[DecidedObject, ...]:
    """Give what the event of a decision names."""
    facet = _mapping(_mapping(event["job"].get("facets")).get(DECISION))
    return tuple(dict.fromkeys(_objects(facet.get("objects"))))


def may_decide(authority: Authority, kind: str, objects: Sequence[DecidedObject] = ()) -> bool:
    """Whether an authority covers a decision of a kind; an edit of curated metadata is our API's to send.

    Who curates or joins some datasets only decides about names of these, and about no more by an event.
    """
    if kind == CURATION:
        return authority.edits
    if authority.admin or authority.curator or kind not in _ALIAS_KINDS:
        return authority.admin or authority.curator
    names = [each.named for each in objects]
    datasets = [name for name in names if isinstance(name, DatasetName)]
    if not datasets or len(datasets) < len(names):
        return authority.alias
    return authority.may_join(*datasets) or all(map(authority.may_curate, datasets))


def _written(each: DecidedObject) -> dict[str, str]:
    return {"namespace": each.namespace, "name": each.name, "kind": each.kind.value}


def _objects(values: Any) -> Iterator[DecidedObject]:
    for value in values if isinstance(values, list) else []:
        namespace, name = _text(_mapping(value).get("namespace")), _text(_mapping(value).get("name"))
        kind = _KINDS.get(_text(_mapping(value).get("kind", ObjectKind.DATASET.value)))
        if namespace and name and kind:
            yield DecidedObject(namespace, name, kind)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
