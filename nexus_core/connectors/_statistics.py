"""What sources' own statistics of columns mean, as numbers that are the same for every source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation


def distinct_of(estimate: float, row_count: int | None) -> int | None:
    """Give distinct values as PostgreSQL's planner counts them: below zero, they are a share of all rows.

    0 is what the planner has not counted.
    """
    if estimate > 0:
        return round(estimate)
    return round(-estimate * row_count) if estimate and row_count is not None else None


def extremes(values: Iterable[str | None]) -> tuple[str | None, str | None]:
    """Give the least and greatest of numbers, or of dates in ISO 8601; None where values are anything else."""
    given = [value for value in values if value is not None]
    for order in (_number, _moment):
        keyed = [(key, value) for value in given if (key := order(value)) is not None]
        if given and len(keyed) == len(given):
            return min(keyed)[1], max(keyed)[1]
    return None, None


def _number(value: str) -> Decimal | None:
    try:
        found = Decimal(value.lstrip("$"))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _moment(value: str) -> float | None:
    """Give a date or time in seconds; without a zone it is taken as UTC, which is right among its like."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
