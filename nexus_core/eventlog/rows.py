"""An envelope as a row of the log, and back."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from typing import Any

import orjson

from nexus_core.eventlog.partition import partition_of
from nexus_core.eventlog.seal import Seal
from nexus_core.events.redaction import redact, restore
from nexus_core.model.envelope import Authority, Envelope, EventKind

PENDING, MERGED, DEAD, QUARANTINED, SUPERSEDED = "pending", "merged", "dead", "quarantined", "superseded"

Row = dict[str, Any]


def to_row(envelope: Envelope, seal: Seal) -> Row:
    """Give the columns of an envelope; what redaction hides is sealed under the event's id."""
    redacted = redact(envelope.event)
    originals = orjson.dumps(redacted.originals) if redacted.originals else None
    return {
        "id": envelope.id,
        "principal": envelope.principal,
        "authority": orjson.dumps(asdict(envelope.authority)).decode(),
        "accepted_at": envelope.accepted_at,
        "valid_at": envelope.valid_at,
        "kind": envelope.kind.value,
        "partition": partition_of(envelope.kind, envelope.event),
        "status": QUARANTINED if envelope.quarantined else PENDING,
        "event": orjson.dumps(redacted.event).decode(),
        "sealed": None if originals is None else seal.close(originals, envelope.id),
    }


def to_envelope(row: Any, seal: Seal | None) -> Envelope:
    """Give the envelope of a row, with its original texts if a seal is given and opens them."""
    event = orjson.loads(row.event)
    opened = seal.open(row.sealed, row.id) if seal is not None and row.sealed is not None else None
    if opened is not None:
        event = restore(event, orjson.loads(opened))
    return Envelope(
        id=row.id,
        principal=row.principal,
        authority=_authority(row.authority),
        accepted_at=row.accepted_at,
        valid_at=row.valid_at,
        kind=EventKind(row.kind),
        event=event,
        quarantined=row.status == QUARANTINED,
    )


@lru_cache(maxsize=256)
def _authority(text: str) -> Authority:
    stored: dict[str, Any] = orjson.loads(text)
    values: dict[str, Any] = {key: tuple(each) if isinstance(each, list) else each for key, each in stored.items()}
    return Authority(**values)
