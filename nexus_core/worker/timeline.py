"""From facts in any order to what held when: pure functions over change points.

A change point is the first moment of a value that differs from the one before. Lists of them are a function of the set
of facts alone, stay short however often a scheduled job repeats itself, and answer in one look whether a new fact,
early or late, changes anything.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

from nexus_core.model.edge import OPEN_END

CLASSES = ("curator", "rule", "harvest", "producer")
"""Principal classes in the order in which they are believed about a dataset."""

Points = Sequence[tuple[int, str]]
"""Change points `(at, value)` in order of time."""


def change_points(facts: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Give the change points of facts; of several at one moment the greatest holds."""
    points: list[tuple[int, str]] = []
    for at, same in groupby(sorted(set(facts)), key=itemgetter(0)):
        value = max(value for _, value in same)
        if not points or points[-1][1] != value:
            points.append((at, value))
    return points


def value_at(points: Points, at: int) -> str | None:
    """Give the value that held at a moment; None before the first change point."""
    index = bisect_right(points, at, key=itemgetter(0))
    return points[index - 1][1] if index else None


def believed_at(timelines: Mapping[str, Points], at: int) -> str | None:
    """Give the value of the most believed class that knew one at a moment, else the first that one knew later."""
    known = [points for name in CLASSES if (points := timelines.get(name))]
    for points in known:
        if (value := value_at(points, at)) is not None:
            return value
    return known[0][0][1] if known else None


class Observed(NamedTuple):
    """One unit's observation of an evidence: what it claims, from which source text, told by which event."""

    at: int
    content: str
    source: str | None
    event_id: str


class Version(NamedTuple):
    """What an evidence claims from `at` on; contents of the same moment add up.

    `era` is the moment since which the job's source was what it was then: a version seen in two eras is two, because
    between them the job ran without it.
    """

    at: int
    contents: tuple[str, ...]
    source: str | None
    era: int
    event_id: str

    @property
    def claim(self) -> tuple[tuple[str, ...], str | None, int]:
        """What makes it differ from the version before."""
        return self.contents, self.source, self.era


class Span(NamedTuple):
    """An interval [start, end) in which an evidence claims the same."""

    start: int
    end: int
    contents: tuple[str, ...]
    event_id: str


def versions(observed: Iterable[Observed], eras: Points) -> list[Version]:
    """Give the versions of an evidence from all that was observed of it."""
    found: list[Version] = []
    for at, same in groupby(sorted(observed, key=attrgetter("at")), key=attrgetter("at")):
        together = list(same)
        version = Version(
            at,
            tuple(sorted({one.content for one in together})),
            max((one.source for one in together if one.source), default=None),
            _era(eras, at),
            min(one.event_id for one in together),
        )
        if not found or found[-1].claim != version.claim:
            found.append(version)
    return found


def changes_nothing(known: Sequence[Version], new: Observed, eras: Points) -> bool:
    """Whether an observation only repeats what is known to hold at its moment."""
    index = bisect_right(known, new.at, key=attrgetter("at"))
    if not index:
        return False
    version = known[index - 1]
    return version.at < new.at and version.claim == ((new.content,), new.source, _era(eras, new.at))


def spans(known: Sequence[Version], eras: Points) -> list[Span]:
    """Give the intervals of an evidence: each ends with its next version, or when its job changed without it."""
    found = []
    for index, version in enumerate(known):
        following = known[index + 1].at if index + 1 < len(known) else OPEN_END
        closed = next((at for at, source in eras if at > version.at and source != version.source), OPEN_END)
        found.append(Span(version.at, min(following, closed), version.contents, version.event_id))
    return found


def _era(eras: Points, at: int) -> int:
    index = bisect_right(eras, at, key=itemgetter(0))
    return eras[index - 1][0] if index else 0
