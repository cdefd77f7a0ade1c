"""Classes that tags propose: a tag `classification` of anybody but a steward's decision classifies nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nexus_core.events.decision import is_decision
from nexus_core.model.classes import CLASSIFICATION, WHOLE, folded
from nexus_core.model.edge import node_key
from nexus_core.model.envelope import Envelope, EventKind
from nexus_core.model.moments import microseconds
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.class_proposals import TaggedRow

_NAME_MOST = 100
_TAGS_MOST = 5_000


def tagged_rows(envelopes: Sequence[Envelope]) -> list[TaggedRow]:
    """Give what tags of events propose, one row a field: of several the latest."""
    found: dict[tuple[str, str], TaggedRow] = {}
    for envelope in envelopes:
        for row in _rows(envelope):
            known = found.get((row.dataset_key, row.field))
            if known is None or (known.valid_at, known.event_id) < (row.valid_at, row.event_id):
                found[row.dataset_key, row.field] = row
    return list(found.values())


def _rows(envelope: Envelope) -> Iterator[TaggedRow]:
    if is_decision(envelope.kind, envelope.event):
        return
    for said in _datasets(envelope):
        for tag in _list(_mapping(_mapping(said.get("facets")).get("tags")).get("tags"))[:_TAGS_MOST]:
            told, field = _mapping(tag).get("value"), _mapping(tag).get("field") or WHOLE
            is_class = str(_mapping(tag).get("key")).lower() == CLASSIFICATION
            if is_class and isinstance(told, str) and isinstance(field, str) and 0 < len(told) <= _NAME_MOST:
                name = canonical(DatasetName(str(said.get("namespace")), str(said.get("name"))))
                at = microseconds(envelope.valid_at)
                key = node_key(name.id)
                yield TaggedRow(key, folded(field), name.namespace, name.name, told, envelope.id, at)


def _datasets(envelope: Envelope) -> Iterator[dict[str, Any]]:
    event = envelope.event
    is_dataset = envelope.kind is EventKind.DATASET
    told = [event.get("dataset")] if is_dataset else [*_list(event.get("inputs")), *_list(event.get("outputs"))]
    return (said for said in told if isinstance(said, dict))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
