"""Times as events write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from nexus_core.events.shape import Place, fault, mistyped

# RFC 3339, with seconds optional as Java's ZonedDateTime writes whole minutes.
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?(?P<offset>[Zz]|[+-]\d\d:?\d\d)?\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)

FUTURE_TOLERANCE = timedelta(minutes=5)
BACKFILL_AFTER = timedelta(days=7)


def instant(value: object, place: Place) -> datetime:
    """Read an RFC 3339 time with its offset as UTC, to the microsecond; finer digits are cut.

    Raises InvalidInputError for anything else: a time without an offset names no instant.
    """
    if type(value) is not str:
        raise mistyped("text", value, place)
    found = _DATE_TIME.match(value)
    if found is None:
        raise fault("is no RFC 3339 time, such as 2026-01-31T12:00:00Z", place)
    if found["offset"] is None:
        raise fault("has no offset: end it with Z or, for example, +01:00", place)
    return _read(value, place)


def lenient(value: object, place: Place) -> bool:
    """Check a nominal time; True if it is a bare date or has no offset, which real producers send."""
    if type(value) is not str:
        raise mistyped("text", value, place)
    found = _DATE_TIME.match(value)
    if found is None and not _DATE.match(value):
        raise fault("is no RFC 3339 time, such as 2026-01-31T12:00:00Z", place)
    _read(value, place)
    return found is None or found["offset"] is None


def _read(value: str, place: Place) -> datetime:
    try:
        read = datetime.fromisoformat(value.upper())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise fault("names a time that does not exist", place) from error


def valid_at(event_at: datetime, accepted_at: datetime) -> datetime:
    """Give valid time: no event may speak of more than five minutes ahead (lineage.md §1)."""
    return min(event_at, accepted_at + FUTURE_TOLERANCE)


def needs_backfill(event_at: datetime, accepted_at: datetime) -> bool:
    """Whether an event reaches back so far that only `backfill` authority may date it."""
    return event_at < accepted_at - BACKFILL_AFTER
