"""How far back history is kept: the horizon that stewards decide, and what is left of intervals behind it. Pure.

Times are microseconds since 1970. What lies before a horizon is not known any more: an interval that reaches behind it
begins there, one that ended by then is gone. So what is said of later times is the same whether facts from before are
still there or not (docs/decisions/0009-retention.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from nexus_core.model.moments import microseconds
from nexus_core.model.timeline import Area, areas

RETENTION, FORGET = "retention", "forget"
"""Kind and action of the decision that moves the horizon."""

LEAST_AGE = 24 * 3600 * 1_000_000
"""A horizon lies at least a day before the decision: runs that are under way then lie behind it."""


class Horizon(NamedTuple):
    """What held is known from `valid_from` on, what was believed from `known_from` on, which is never earlier."""

    valid_from: int
    known_from: int


ALL_KEPT = Horizon(0, 0)
"""The horizon as long as nobody has moved it."""


def horizon_of(details: Mapping[str, Any], accepted_at: int) -> Horizon | None:
    """Give the horizon of a decision's details, `{"valid_from", "known_from"?}` as RFC 3339 times.

    None for what is no such time, lies less than a day before the decision, or forgets fewer beliefs than history.
    """
    valid_from = _moment(details.get("valid_from"))
    known_from = valid_from if "known_from" not in details else _moment(details["known_from"])
    if valid_from is None or known_from is None:
        return None
    latest = accepted_at - LEAST_AGE
    return Horizon(valid_from, known_from) if 0 < valid_from <= known_from <= latest else None


def kept_areas(found: Iterable[Area], horizon: Horizon) -> tuple[Area, ...]:
    """Give the areas of which a horizon leaves anything, as they are."""
    return tuple(area for area in found if area.end > horizon.valid_from and area.until > horizon.known_from)


def clipped_areas(found: Iterable[Area], horizon: Horizon) -> tuple[Area, ...]:
    """Give what a horizon leaves of areas, in their one canonical decomposition."""
    left = (
        Area(max(area.start, horizon.valid_from), area.end, max(area.since, horizon.known_from), area.until)
        for area in kept_areas(found, horizon)
    )
    return tuple(areas(left))


def _moment(told: Any) -> int | None:
    try:
        moment = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return None
    return None if moment.tzinfo is None else microseconds(moment)
