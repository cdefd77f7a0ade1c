"""When one dataset or job was there, from all that is said of it: pure, for any order of what is said.

A harvest's own finding, a steward's decision, and a facet under the authority of its source count at their moment. A
producer's facet never ends what a harvest has listed. Whatever ended by a facet is back with the next harvest that
lists it; whatever ended at all is back when it is written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from nexus_core.model.edge import OPEN_END
from nexus_core.model.timeline import Fact, greatest, history

_THERE, _GONE = "there", "gone"  # the greater holds at one moment
_FIRST = -OPEN_END


class By(StrEnum):
    """What a statement rests on."""

    FINDING = "finding"
    LISTING = "listing"
    CURATOR = "curator"
    HARVEST = "harvest"
    PRODUCER = "producer"
    WRITE = "write"


class Statement(NamedTuple):
    """That a subject was there, or ended, at a moment, as was believed in [since, until)."""

    at: int
    event_id: str
    exists: bool
    by: By
    since: int
    until: int = OPEN_END


class Turn(NamedTuple):
    """A moment at which a subject ended, or came back, believed in [since, until)."""

    at: int
    exists: bool
    event_id: str
    since: int
    until: int


def turns(statements: Iterable[Statement]) -> list[Turn]:
    """Give the ends and returns of a subject, by moment; none for one that never ended."""
    told = sorted(set(statements))
    if all(one.exists for one in told):
        return []
    if not any(one.by is By.LISTING for one in told):
        return _plain_turns(told)
    stamps = sorted({stamp for one in told for stamp in (one.since, one.until)})
    open_: dict[tuple[int, bool, str], int] = {}
    found: list[Turn] = []
    for stamp in stamps:
        now = set(_turns_of([one for one in told if one.since <= stamp < one.until]))
        found += [Turn(*turn, open_.pop(turn), stamp) for turn in open_.keys() - now]
        for turn in now:
            open_.setdefault(turn, stamp)
    found += [Turn(*turn, since, OPEN_END) for turn, since in open_.items()]
    return sorted(found)


def _plain_turns(told: Iterable[Statement]) -> list[Turn]:
    """Give the turns where every statement counts, in n log n; all was there from the first."""
    facts = [Fact(one.at, _THERE if one.exists else _GONE, one.event_id, one.since, one.until) for one in told]
    facts.append(Fact(_FIRST, _THERE, "", _FIRST))
    points = (point for point in history(facts, greatest) if point.at != _FIRST)
    return [Turn(one.at, one.value == _THERE, one.event_id, one.since, one.until) for one in points]


def _turns_of(told: Sequence[Statement]) -> Iterator[tuple[int, bool, str]]:
    """Walk valid time under what is known at one recorded time; of both at one moment, being there holds."""
    listed = any(one.by is By.LISTING for one in told)
    there, ended_by = True, By.FINDING
    for at, same in groupby(told, key=attrgetter("at")):
        together = [one for one in same if not (listed and one.by is By.PRODUCER and not one.exists)]
        ends = [one for one in together if not one.exists]
        cause = min(ends, key=lambda one: one.event_id).by if there and ends else ended_by
        back = [one for one in together if one.exists and _brings_back(one, cause)]
        if there and ends and not back:
            first = min(ends, key=lambda one: one.event_id)
            there, ended_by = False, first.by
            yield at, False, first.event_id
        elif not there and back:
            there = True
            yield at, True, min(one.event_id for one in back)


def _brings_back(one: Statement, ended_by: By) -> bool:
    """Whether a statement makes what ended be there again; that a harvest lists it answers no steward's decision."""
    return one.by is not By.LISTING or ended_by in (By.HARVEST, By.PRODUCER)
