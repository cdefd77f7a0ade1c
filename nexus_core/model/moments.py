"""Times as ledger, log and graph keep them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """Give an aware time as whole microseconds since 1970."""
    return (at - EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    """Give the time, aware UTC, of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=at)
