"""Which events hold a text, and the record that their originals were erased (lineage.md §1)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from nexus_core.errors import InvalidInputError
from nexus_core.eventlog.log import EventLog, Originals
from nexus_core.model.decision import Decision

ERASURE = "erasure"
"""The kind of the decisions that record erasures; they have no effect but to be there."""

ERASED = "erased"
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_AT_ONCE = 500
_TEXT_LEAST = 4
_IDS_A_RECORD = 1000


async def holding(log: EventLog, wanted: Callable[[Originals], bool]) -> AsyncIterator[Originals]:
    """Give the events whose originals can be opened and are wanted. Cost: reads the whole log."""
    after = 0
    while page := await log.originals(after, _AT_ONCE):
        after = page[-1].position
        for each in page:
            if each.texts and wanted(each):
                yield each


def containing(text: str) -> Callable[[Originals], bool]:
    """Give whether originals hold a text, in any case; raises InvalidInputError for one that would be everywhere."""
    if len(text.strip()) < _TEXT_LEAST:
        raise InvalidInputError(f"a text to look for has at least {_TEXT_LEAST} letters")
    folded = text.strip().casefold()
    return lambda found: any(folded in each.casefold() for each in found.texts)


def check_month(month: str, now: datetime) -> None:
    """Raise InvalidInputError unless a month (`2026-10`) is past: the key of the present one is still in use."""
    if not _MONTH.fullmatch(month):
        raise InvalidInputError(f"{month!r} is no month such as 2026-10")
    if month >= f"{now:%Y-%m}":
        raise InvalidInputError(f"{month} is not past; erase its events one by one, or by what they hold")


def records(found: Sequence[Originals], reason: str) -> Sequence[Decision]:
    """Give what the log keeps of an erasure: ids, which tell nothing of what is gone, and why."""
    ids = [each.event_id for each in found]
    return [
        Decision(ERASURE, ERASED, details={"events": ids[start : start + _IDS_A_RECORD], "reason": reason})
        for start in range(0, len(ids), _IDS_A_RECORD)
    ]


def month_record(month: str, principal: str, reason: str) -> Decision:
    """Give the same for all events of a month and account."""
    return Decision(ERASURE, ERASED, details={"month": month, "principal": principal, "reason": reason})
