"""An accepted event as a record of Kafka, and back.

Key: the event's id. Value: the event as JSON, redacted. Headers: the rest of the envelope, and `sealed`, the originals
of what redaction hides, under the seal of the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from confluent_kafka import Message

from nexus_core.eventlog.rows import PENDING, QUARANTINED, Row
from nexus_core.model.moments import microseconds, moment

_FORMAT = b"1"
_TEXTS = ("principal", "authority", "kind", "status")
_TIMES = ("accepted_at", "valid_at")


@dataclass(frozen=True, slots=True)
class Body:
    """What of an event lies in Kafka alone; `size` in bytes."""

    event: bytes
    sealed: bytes | None

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.event) + len(self.sealed or b"")


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An entry of the index with its body: the columns that an envelope is made of."""

    id: str
    principal: str
    authority: str
    accepted_at: datetime
    valid_at: datetime
    kind: str
    status: str
    event: bytes | str
    sealed: bytes | None


def headers_of(row: Row) -> list[tuple[str, str | bytes | None]]:
    """Give a record's headers; times are microseconds since 1970 in UTC."""
    headers: list[tuple[str, str | bytes | None]] = [("format", _FORMAT)]
    headers += [(name, row[name]) for name in _TEXTS]
    headers += [(name, str(microseconds(row[name]))) for name in _TIMES]
    return headers if row["sealed"] is None else [*headers, ("sealed", row["sealed"])]


def size_of(row: Row) -> int:
    """Give about the bytes of a record; at most some more."""
    return len(row["event"].encode()) + len(row["sealed"] or b"") + len(row["authority"]) + len(row["principal"]) + 1024


def row_of(message: Message) -> Row | None:
    """Give the index's row of a record; None for a record that is none of ours."""
    headers: dict[str, Any] = dict(message.headers() or ())
    key = message.key()
    if key is None or headers.get("format") != _FORMAT or not headers.keys() >= {*_TEXTS, *_TIMES}:
        return None
    texts = {name: headers[name].decode() for name in _TEXTS}
    if texts["status"] not in (PENDING, QUARANTINED):
        return None
    times = {name: moment(int(headers[name])) for name in _TIMES}
    return index_row({"id": _text(key), **texts, **times, "partition": message.partition()}, message.offset() or 0)


def index_row(row: Row, offset: int) -> Row:
    """Give the index's row of an event whose body lies at an offset of its partition."""
    return {**row, "event": "", "sealed": None, "log_offset": offset}


def body_of(message: Message) -> Body:
    """Give the part of a record that the index does not hold."""
    headers: dict[str, Any] = dict(message.headers() or ())
    return Body(message.value() or b"", headers.get("sealed"))


def whole(row: Any, body: Body) -> StoredEvent:
    """Join a row of the index with its body."""
    return StoredEvent(
        row.id,
        row.principal,
        row.authority,
        row.accepted_at,
        row.valid_at,
        row.kind,
        row.status,
        body.event,
        body.sealed,
    )


def _text(key: bytes | str) -> str:
    return key if isinstance(key, str) else key.decode()
