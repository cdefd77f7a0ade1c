"""An envelope as a row of the log, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import orjson

from nexus_core.eventlog.event_keys import EventKeys, key_name, sealed_month
from nexus_core.eventlog.log import Originals
from nexus_core.eventlog.partition import partition_of
from nexus_core.events.redaction import redact, restore
from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.store.event_keys import KeyName

PENDING, MERGED, DEAD, QUARANTINED, SUPERSEDED = "pending", "merged", "dead", "quarantined", "superseded"
DISCARDED = "discarded"
"""Of an event that a person put aside; its `reason` is a `Discarded` as JSON."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Discarded:
    """What an event was before a person put it aside, and why that was done."""

    why: str
    status: str
    reason: str | None

    @classmethod
    def read(cls, text: str) -> Discarded:
        """Read what `json` wrote."""
        return cls(**orjson.loads(text))

    @property
    def json(self) -> str:
        """The same as text."""
        return orjson.dumps(asdict(self)).decode()


def to_row(envelope: Envelope, keys: EventKeys) -> Row:
    """Give the columns of an envelope; what redaction hides is sealed under the event's own key, which is `ready`."""
    redacted = redact(envelope.event)
    originals = orjson.dumps(redacted.originals) if redacted.originals else None
    return {
        "id": envelope.id,
        "principal": envelope.principal,
        "authority": _written(envelope.authority),
        "accepted_at": envelope.accepted_at,
        "valid_at": envelope.valid_at,
        "kind": envelope.kind.value,
        "partition": partition_of(envelope.kind, envelope.event),
        "status": QUARANTINED if envelope.quarantined else PENDING,
        "event": orjson.dumps(redacted.event).decode(),
        "sealed": None if originals is None else keys.close(originals, envelope.id, name_of(envelope)),
    }


def name_of(envelope: Envelope) -> KeyName:
    """Give which key an envelope is sealed under."""
    return key_name(envelope.accepted_at, envelope.principal)


def names_of(rows: Iterable[Any]) -> set[KeyName]:
    """Give which keys open what is sealed in rows."""
    months = ((sealed_month(row.sealed), row.principal) for row in rows if row.sealed is not None)
    return {(month, principal) for month, principal in months if month is not None}


def to_envelope(row: Any, keys: EventKeys | None) -> Envelope:
    """Give the envelope of a row, with its original texts if keys are given, `ready`, and open them."""
    event = orjson.loads(row.event)
    opened = keys.open(row.sealed, row.id, row.principal) if keys is not None and row.sealed is not None else None
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


def originals_of(position: int, row: Any, keys: EventKeys) -> Originals:
    """Give what is sealed in a row, as far as keys, which are `ready`, open it."""
    if row.sealed is None:
        return Originals(position, row.id, row.principal, None, ())
    opened = keys.open(row.sealed, row.id, row.principal)
    texts = tuple(text for _, text in orjson.loads(opened)) if opened is not None else ()
    month = sealed_month(row.sealed)
    return Originals(position, row.id, row.principal, (month, row.principal) if month else None, texts)


@lru_cache(maxsize=256)
def _written(authority: Authority) -> str:
    """Only what it has: a worker of the version before reads what it knows, and stops at a right that it does not."""
    return orjson.dumps({right: held for right, held in asdict(authority).items() if held}).decode()


@lru_cache(maxsize=256)
def _authority(text: str) -> Authority:
    stored: dict[str, Any] = orjson.loads(text)
    values: dict[str, Any] = {key: tuple(each) if isinstance(each, list) else each for key, each in stored.items()}
    return Authority(**values)
