"""Two times: what held when, and from when until when we believed it. Pure functions over facts in any order.

Valid time is when something held in the world (`at`), recorded time when we learned it (`since`) and when we learned
better (`until`), both by the acceptance of events: bitemporal tables after Snodgrass, "Developing Time-Oriented
Database Applications in SQL" (1999), chapter 10. All are whole microseconds since 1970, intervals are [from, to).

A change point is the first moment of a value that differs from the one before. Lists of them are a function of the set
of facts alone, stay short however often a scheduled job repeats itself, and answer in one look whether a new fact,
early or late, changes anything.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Generic, NamedTuple, TypeVar

from nexus_core.model.edge import OPEN_END

NOW = OPEN_END - 1
"""The instant at which everything still open holds, and everything still believed is believed."""

CLASSES = ("curator", "rule", "harvest", "producer")
"""Principal classes in the order in which they are believed about a dataset."""

_Value = TypeVar("_Value", bound=Hashable)
_Moment = attrgetter("at")


class Fact(NamedTuple, Generic[_Value]):
    """That something had a value at a moment, as an event says that was believed in [since, until)."""

    at: int
    value: _Value
    event_id: str
    since: int
    until: int = OPEN_END


class Point(NamedTuple, Generic[_Value]):
    """A change point: from `at` on the value held, as far as was known in [since, until)."""

    at: int
    value: _Value
    event_id: str
    since: int
    until: int = OPEN_END


class Span(NamedTuple, Generic[_Value]):
    """That a value held in [start, end), as far as was known in [since, until)."""

    start: int
    end: int
    since: int
    until: int
    value: _Value
    event_id: str


class Area(NamedTuple):
    """A part of the plane of valid and recorded time."""

    start: int
    end: int
    since: int
    until: int


Points = Sequence[Point[str]]


def greatest(values: Iterable[str]) -> str:
    """Give what holds of several values at one moment, where only one can."""
    return max(values)


def history(facts: Iterable[Fact[_Value]], combine: Callable[[Iterable[_Value]], _Value]) -> list[Point[_Value]]:
    """Give the change points of facts, by moment and then by recorded time.

    `combine` gives the value of a moment from those of its facts. The event of a point is the one that first told its
    value. Costs n log n, whatever the order in which the facts were learned.
    """
    told = sorted(set(facts), key=lambda fact: (fact.since, fact.at, fact.event_id))
    if len(told) == 1 and told[0].until == OPEN_END:
        [fact] = told
        return [Point(fact.at, combine([fact.value]), fact.event_id, fact.since)]
    steps: dict[int, list[tuple[Fact[_Value], bool]]] = defaultdict(list)
    for fact in told:
        if fact.since < fact.until:
            steps[fact.since].append((fact, True))
            if fact.until != OPEN_END:
                steps[fact.until].append((fact, False))
    line = _Line(combine)
    for recorded_at in sorted(steps):
        line.learn(recorded_at, steps[recorded_at])
    return line.points()


class _Line(Generic[_Value]):
    """Moments with what is believed of them now, while recorded time goes on."""

    def __init__(self, combine: Callable[[Iterable[_Value]], _Value]) -> None:
        self._combine = combine
        self._facts: dict[int, list[Fact[_Value]]] = {}
        self._values: dict[int, tuple[_Value, str]] = {}
        self._moments: list[int] = []
        self._open: dict[int, tuple[_Value, str, int]] = {}
        self._closed: list[Point[_Value]] = []

    def learn(self, recorded_at: int, steps: Sequence[tuple[Fact[_Value], bool]]) -> None:
        """Take facts in and out that became known, or were seen to be wrong, at one recorded time."""
        touched = {fact.at for fact, _ in steps}
        for fact, believed in steps:
            held = self._facts.setdefault(fact.at, [])
            if believed:
                held.append(fact)
            else:
                held.remove(fact)
        for at in touched:
            self._settle(at)
        for at in self._affected(touched):
            self._point(at, recorded_at)

    def points(self) -> list[Point[_Value]]:
        """Give all change points."""
        still = [Point(at, value, event_id, since) for at, (value, event_id, since) in self._open.items()]
        return sorted([*self._closed, *still], key=lambda point: (point.at, point.since))

    def _settle(self, at: int) -> None:
        held = self._facts[at]
        if not held:
            del self._facts[at], self._values[at]
            self._moments.remove(at)
            return
        value = self._combine(fact.value for fact in held)
        same = [fact for fact in held if fact.value == value] or held
        first = min(same, key=lambda fact: (fact.since, fact.event_id))
        if at not in self._values:
            insort(self._moments, at)
        self._values[at] = (value, first.event_id)

    def _affected(self, touched: Iterable[int]) -> set[int]:
        """Give the touched moments and those that follow them: whether these are change points may differ now."""
        found = set(touched)
        for at in touched:
            following = bisect_right(self._moments, at)
            if following < len(self._moments):
                found.add(self._moments[following])
        return found

    def _point(self, at: int, recorded_at: int) -> None:
        """Open or close the change point of a moment."""
        now = self._changes(at)
        before = self._open.get(at)
        if before is not None and now == before[:2]:
            return
        if before is not None:
            del self._open[at]
            if before[2] < recorded_at:
                self._closed.append(Point(at, before[0], before[1], before[2], recorded_at))
        if now is not None:
            self._open[at] = (*now, recorded_at)

    def _changes(self, at: int) -> tuple[_Value, str] | None:
        if at not in self._values:
            return None
        index = bisect_left(self._moments, at)
        value = self._values[at]
        return None if index and self._values[self._moments[index - 1]][0] == value[0] else value


def believed(points: Iterable[Point[_Value]], known_at: int = NOW) -> list[Point[_Value]]:
    """Give the change points believed at a recorded time, by moment."""
    return [point for point in points if point.since <= known_at < point.until]


def point_at(points: Sequence[Point[_Value]], at: int, known_at: int = NOW) -> Point[_Value] | None:
    """Give the change point that holds at a moment, as far as was known then; None before the first."""
    for index in range(bisect_right(points, at, key=_Moment) - 1, -1, -1):
        if points[index].since <= known_at < points[index].until:
            return points[index]
    return None


def value_at(points: Sequence[Point[_Value]], at: int, known_at: int = NOW) -> _Value | None:
    """Give the value that held at a moment, as far as was known then; None before the first change point."""
    point = point_at(points, at, known_at)
    return point.value if point else None


def repeats(points: Sequence[Point[_Value]], fact: Fact[_Value]) -> bool:
    """Whether a new fact only repeats what is known to hold at its moment, at every recorded time from its own on."""
    if fact.until != OPEN_END:
        return False
    point = point_at(points, fact.at)
    if point is None or point.at >= fact.at or point.value != fact.value:
        return False
    return all(each.since <= fact.since and (each.until == OPEN_END or each.until <= fact.since) for each in points)


def spans(points: Sequence[Point[_Value]]) -> Iterator[Span[_Value]]:
    """Give the intervals of every value: each ends with the next change point that was believed with it."""
    earliest = _suffixes([point.since for point in points], min, OPEN_END)
    latest = _suffixes([point.until for point in points], max, 0)
    for index, point in enumerate(points):
        left = [(point.since, point.until)]
        for following in range(index + 1, len(points)):
            if not any(since < latest[following] and earliest[following] < until for since, until in left):
                break
            next_ = points[following]
            if next_.at == point.at:
                continue
            rest: list[tuple[int, int]] = []
            for since, until in left:
                start, end = max(since, next_.since), min(until, next_.until)
                if start >= end:
                    rest.append((since, until))
                    continue
                yield Span(point.at, next_.at, start, end, point.value, point.event_id)
                rest += [part for part in ((since, start), (end, until)) if part[0] < part[1]]
            left = rest
        for since, until in left:
            yield Span(point.at, OPEN_END, since, until, point.value, point.event_id)


def _suffixes(values: Sequence[int], choose: Callable[[int, int], int], last: int) -> list[int]:
    found = [last] * (len(values) + 1)
    for index in range(len(values) - 1, -1, -1):
        found[index] = choose(values[index], found[index + 1])
    return found


def areas(parts: Iterable[Area], without: Iterable[Area] = ()) -> list[Area]:
    """Give the one canonical decomposition of a union of areas, less others: as few valid intervals as can be at each
    recorded time, each kept as long as it stays the same.
    """
    covered, holes = list(parts), list(without)
    if len(covered) == 1 and not holes:
        return covered
    breaks = sorted({stamp for part in (*covered, *holes) for stamp in (part.since, part.until)})
    open_: dict[tuple[int, int], int] = {}
    found: list[Area] = []
    for recorded_at in breaks:
        now = set(_cut(_joined(covered, recorded_at), _joined(holes, recorded_at)))
        found += [Area(*interval, open_.pop(interval), recorded_at) for interval in open_.keys() - now]
        for interval in now - open_.keys():
            open_[interval] = recorded_at
    found += [Area(*interval, since, OPEN_END) for interval, since in open_.items()]
    return sorted(found)


def _joined(parts: Iterable[Area], recorded_at: int) -> list[tuple[int, int]]:
    """Give the valid intervals of what is believed at a recorded time; touching ones join."""
    joined: list[tuple[int, int]] = []
    for part in sorted(part for part in parts if part.since <= recorded_at < part.until and part.start < part.end):
        if joined and part.start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], part.end))
        else:
            joined.append((part.start, part.end))
    return joined


def _cut(intervals: Iterable[tuple[int, int]], holes: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in intervals:
        for hole_start, hole_end in holes:
            if hole_end <= start or hole_start >= end:
                continue
            if start < hole_start:
                yield start, hole_start
            start = max(start, hole_end)
        if start < end:
            yield start, end


def believed_at(timelines: Mapping[str, Points], at: int, known_at: int = NOW) -> str | None:
    """Give the value of the most believed class that knew one at a moment, else the first that one knew later."""
    first: Point[str] | None = None
    for name in CLASSES:
        points = timelines.get(name)
        if not points:
            continue
        if (value := value_at(points, at, known_at)) is not None:
            return value
        first = first or next((point for point in points if point.since <= known_at < point.until), None)
    return first.value if first else None


def beliefs(timelines: Mapping[str, Points], at: int, since: int) -> list[tuple[int, str | None]]:
    """Give what was believed of a moment from a recorded time on, as `(recorded at, value)` where it differs."""
    later = {stamp for points in timelines.values() for point in points for stamp in (point.since, point.until)}
    found: list[tuple[int, str | None]] = []
    for recorded_at in sorted({since, *(stamp for stamp in later if since < stamp < OPEN_END)}):
        value = believed_at(timelines, at, recorded_at)
        if not found or found[-1][1] != value:
            found.append((recorded_at, value))
    return found


def periods(timelines: Mapping[str, Points]) -> list[tuple[int, int, str]]:
    """Give which value is believed now of which time, as `(from, to, value)`; the first reaches back to the start."""
    moments = sorted({point.at for points in timelines.values() for point in believed(points)})
    values = [(0, believed_at(timelines, 0)), *((at, believed_at(timelines, at)) for at in moments if at > 0)]
    merged = [(value, [at for at, _ in same]) for value, same in groupby(values, key=itemgetter(1))]
    starts = [ats[0] for _, ats in merged]
    ends = [*starts[1:], OPEN_END]
    return [(start, end, value) for start, end, (value, _) in zip(starts, ends, merged, strict=True) if value]
