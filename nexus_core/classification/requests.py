"""Which lowerings may be asked for: where what holds now says less than what is enforced."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import orjson

from nexus_core.classification.links import Facts, Link
from nexus_core.classification.settling import Settling
from nexus_core.model.class_fields import REST, Owned
from nexus_core.model.classes import OPEN, PUBLIC, WHOLE, Level
from nexus_core.store.classes import Generation, RequestRow


class Reason(StrEnum):
    """Why something could be lower."""

    SET = "set"
    """A steward set a lower class."""
    BREAKER = "breaker"
    """A rule names the column, and the SQL proves it."""
    LINEAGE = "lineage"
    """The lineage that brought the class does not hold any more."""
    UNSUPPORTED = "unsupported"
    """Nothing that is known says so any more: history was forgotten, or SQL is read otherwise now."""


def requests(settling: Settling, facts: Facts, now: Generation) -> Iterator[RequestRow]:
    """Give the lowerings of one dataset that a steward may approve."""
    owned = settling.fields[facts.key].owned
    for field, one in sorted(owned.items()):
        if not field.startswith(REST) and (to := _wanted(settling, facts, field)) < one.level:
            yield _row(facts, field, one.level, to, _reason(facts, field, one), now)
    rests = {field: one for field, one in owned.items() if field.startswith(REST)}
    lowered = {field: one for field, one in rests.items() if _wanted(settling, facts, field) < one.level}
    if lowered and WHOLE not in owned:
        highest = max(one.level for one in lowered.values())
        left = max(
            (_wanted(settling, facts, link.target) for link in facts.wanted.links if _is_rest(link)), default=OPEN
        )
        if left < highest:
            reason = Reason.UNSUPPORTED if any(one.pinned for one in lowered.values()) else Reason.LINEAGE
            yield _row(facts, WHOLE, highest, left, reason, now)


def _wanted(settling: Settling, facts: Facts, field: str) -> Level:
    arriving = (settling.arriving(link) for link in facts.wanted.links if link.target == field)
    return max(facts.wanted.base.get(field, OPEN), max(arriving, default=OPEN))


def _is_rest(link: Link) -> bool:
    return link.target.startswith(REST)


def _reason(facts: Facts, field: str, owned: Owned) -> Reason:
    if owned.pinned:
        return Reason.UNSUPPORTED
    if owned.parent is None:
        return Reason.SET
    broken = any(link.breakers for link in facts.wanted.links if link.target == field)
    return Reason.BREAKER if broken else Reason.LINEAGE


def _row(facts: Facts, field: str, was: Level, to: Level, reason: Reason, now: Generation) -> RequestRow:
    authors = orjson.dumps(sorted(facts.decided.authors(field)))
    becomes = PUBLIC if to == OPEN and facts.decided.is_public(field) else to.name
    levels = (was.name, not was.certain, becomes, not to.certain)
    return RequestRow(
        facts.key, field, facts.name.namespace, facts.name.name, *levels, reason.value, authors, now.generation
    )
