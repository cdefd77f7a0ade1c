"""What the harvests of one source say of its objects: which ended, which came back, what is held (lineage.md §2).

Pure: the same manifests and decisions give the same answer in any order. Valid time is walked in a pass; recorded time
is walked by passes that know ever more. What arrives in the order of its own time only prolongs the last pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from nexus_core.model.edge import OPEN_END
from nexus_core.model.retirement import DEFAULT_LEAST, DEFAULT_SHARE
from nexus_core.model.retirement import RetirementState as State

Named = tuple[str, str]
"""Namespace and name of an object, canonical."""


class Harvest(NamedTuple):
    """A harvest with its whole manifest, known from `known_at` on. One that is `partial` lists, but retires nothing."""

    at: int
    event_id: str
    known_at: int
    scope: str
    names_key: str
    names: frozenset[Named]
    partial: bool


class Verdict(NamedTuple):
    """A steward's word on what a harvest would retire: `confirm`, or `undo`, which keeps objects until seen again."""

    known_at: int
    event_id: str
    action: str
    harvest_id: str
    objects: frozenset[Named]


class Guard(NamedTuple):
    """The limits beyond which harvests from a moment on are held."""

    at: int
    event_id: str
    known_at: int
    share: float
    least: int


class Finding(NamedTuple):
    """That an object was there, or was not, at a moment, believed in [since, until)."""

    named: Named
    event_id: str
    at: int
    exists: bool
    since: int
    until: int


@dataclass(slots=True)
class Retirement:
    """What one harvest lacked of the `covered_count` objects that it would have listed, as is known now."""

    harvest: Harvest
    covered_count: int
    guard: Guard
    held: bool
    objects: dict[Named, State] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All findings, what is known now of each harvest that lacked something, and what left every scope (and when)."""

    findings: Sequence[Finding]
    retirements: Sequence[Retirement]
    unharvested: Mapping[Named, Harvest]


def outcome(harvests: Iterable[Harvest], verdicts: Iterable[Verdict], guards: Iterable[Guard]) -> Outcome:
    """Give what follows from all that is known of a source."""
    return sweep(harvests, verdicts, guards).outcome()


def sweep(harvests: Iterable[Harvest], verdicts: Iterable[Verdict], guards: Iterable[Guard]) -> Sweep:
    """Give the sweep over all that is known of a source, which later harvests can prolong."""
    steps: dict[int, _Step] = {}
    for harvest in {each.event_id: each for each in harvests}.values():
        steps.setdefault(harvest.known_at, _Step()).harvests.append(harvest)
    for verdict in set(verdicts):
        steps.setdefault(verdict.known_at, _Step()).verdicts.append(verdict)
    for guard in set(guards):
        steps.setdefault(guard.known_at, _Step()).guards.append(guard)
    made = Sweep()
    for known_at in sorted(steps):
        made.learn(known_at, steps[known_at])
    made.rest()
    return made


@dataclass(slots=True)
class _Step:
    harvests: list[Harvest] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)


_Said = tuple[Named, str, int, bool]
"""Object, event, moment, whether it was there."""


class Sweep:
    """Recorded time: what is believed after each step, and since when."""

    def __init__(self) -> None:
        self._harvests: list[Harvest] = []
        self._verdicts: list[Verdict] = []
        self._guards: list[Guard] = []
        self._pass = _Pass((), ())
        self._known_at = -1
        self._since: dict[_Said, int] = {}
        self._over: list[Finding] = []

    def learn(self, known_at: int, step: _Step) -> None:
        """Take in what became known at one recorded time."""
        self._known_at = known_at
        new = sorted(step.harvests)
        prolongs = not step.verdicts and not step.guards and (not self._harvests or new[0] > self._harvests[-1])
        self._harvests = sorted([*self._harvests, *new])
        self._verdicts += sorted(step.verdicts)
        self._guards = sorted([*self._guards, *step.guards])
        if not prolongs:
            self._pass = _Pass(self._verdicts, self._guards)
            new = self._harvests
        for harvest in new:
            self._pass.take(harvest)
        now = self._pass.said
        for said in [said for said in self._since if said not in now]:
            self._over.append(Finding(*said, self._since.pop(said), known_at))
        for said in now:
            self._since.setdefault(said, known_at)

    def rest(self) -> None:
        """Forget the names of past harvests: from now on it can only be prolonged."""
        del self._harvests[:-1]

    def prolongs(self, harvests: Iterable[tuple[int, str, int]]) -> bool:
        """Whether harvests `(at, event id, known at)` all come after what is known, in both times and one by one."""
        ordered = sorted(harvests)
        last = self._harvests[-1] if self._harvests else None
        follows = last is None or all((at, event_id) > (last.at, last.event_id) for at, event_id, _ in ordered)
        times = [self._known_at, *(known_at for _, _, known_at in ordered)]
        return follows and all(before < after for before, after in pairwise(times))

    def prolong(self, harvests: Iterable[Harvest]) -> None:
        """Go on with harvests that `prolongs` allows."""
        for harvest in sorted(harvests):
            self.learn(harvest.known_at, _Step([harvest]))
        self.rest()

    def outcome(self) -> Outcome:
        """Give all findings, and what the last pass says of the present."""
        open_ = [Finding(*said, since, OPEN_END) for said, since in self._since.items()]
        over = [finding for finding in self._over if finding.since < finding.until]
        return Outcome(
            sorted([*over, *open_]),
            [retirement for retirement in self._pass.retirements.values() if retirement.objects],
            dict(self._pass.unharvested),
        )


class _Pass:
    """Valid time: harvest after harvest, under what is known at one recorded time."""

    def __init__(self, verdicts: Iterable[Verdict], guards: Sequence[Guard]) -> None:
        self.said: dict[_Said, None] = {}
        self.retirements: dict[str, Retirement] = {}
        self.unharvested: dict[Named, Harvest] = {}
        self._verdicts = {(each.harvest_id, named): each for each in verdicts for named in each.objects}
        self._guards = guards
        self._there: set[Named] = set()
        self._ended: dict[Named, str] = {}  # by the retirement of this harvest
        self._waiting: dict[Named, str] = {}  # held or undone by the retirement of this harvest
        self._scopes: dict[str, tuple[Harvest, Harvest]] = {}  # first and last of each
        self._looked: dict[str, tuple[set[Named], set[Named]]] = {}
        self._done: dict[tuple[str, str, bool], int] = {}
        self._moves = 0

    def take(self, harvest: Harvest) -> None:
        """Go on to the next harvest; one that repeats what nothing has changed since costs nothing."""
        key = (harvest.scope, harvest.names_key, harvest.partial)
        if self._done.get(key) != self._moves:
            self._list(harvest)
            if not harvest.partial:
                self._miss(harvest)
            self._done[key] = self._moves
        self._leave(harvest)

    def _list(self, harvest: Harvest) -> None:
        for named in harvest.names & self._ended.keys():
            self.said[named, harvest.event_id, harvest.at, True] = None
            self.retirements[self._ended.pop(named)].objects[named] = State.RETURNED
        for named in harvest.names & self._waiting.keys():
            retirement = self.retirements[self._waiting.pop(named)]
            if retirement.objects[named] is State.HELD:
                retirement.objects[named] = State.RETURNED
            self._moves += 1
        new = harvest.names - self._there
        self._moves += bool(new)
        self._there |= new

    def _miss(self, harvest: Harvest) -> None:
        covered = self._covered_by(harvest.scope) & self._there
        missing = covered - harvest.names - self._waiting.keys()
        if not missing:
            return
        guard = self._guard(harvest.at)
        held = len(missing) >= guard.least and len(missing) > guard.share * len(covered)
        retirement = Retirement(harvest, len(covered), guard, held)
        self.retirements[harvest.event_id] = retirement
        for named in sorted(missing):
            retirement.objects[named] = self._judge(retirement, named)
        self._moves += 1

    def _covered_by(self, scope: str) -> set[Named]:
        """Give the objects ever listed that a scope covers; each is looked at once."""
        covers = _covering(scope)
        looked, covered = self._looked.setdefault(scope, (set(), set()))
        new = self._there - looked
        looked |= new
        covered |= {named for named in new if covers(named[1])}
        return covered

    def _judge(self, retirement: Retirement, named: Named) -> State:
        harvest = retirement.harvest
        verdict = self._verdicts.get((harvest.event_id, named))
        undone = verdict is not None and verdict.action == "undo"
        if undone or (verdict is None and retirement.held):
            self._waiting[named] = harvest.event_id
            return State.UNDONE if undone else State.HELD
        cause = verdict.event_id if verdict else harvest.event_id
        self.said[named, cause, harvest.at, False] = None
        self._there.discard(named)
        self._ended[named] = harvest.event_id
        return State.ENDED

    def _guard(self, at: int) -> Guard:
        before = [guard for guard in self._guards if guard.at <= at]
        return max(before) if before else Guard(0, "", 0, DEFAULT_SHARE, DEFAULT_LEAST)

    def _leave(self, harvest: Harvest) -> None:
        """Note what no scope covers any more: a new scope stands for an older one if it lists only what that covered.

        Two scopes that were harvested in turn before are two schedules, of which neither replaces the other.
        """
        covers = _covering(harvest.scope)
        if self.unharvested:
            self.unharvested = {named: of for named, of in self.unharvested.items() if not covers(named[1])}
        first, _ = self._scopes.get(harvest.scope, (harvest, harvest))
        self._scopes[harvest.scope] = (first, harvest)
        for scope, (_, last) in list(self._scopes.items()):
            covered = _covering(scope)
            if last.at < first.at and harvest.names and all(covered(name) for _, name in harvest.names):
                left = {named for named in self._there if covered(named[1]) and not covers(named[1])}
                self.unharvested = {**dict.fromkeys(left, harvest), **self.unharvested}
                del self._scopes[scope]


class _Scope:
    """A scope: comma-separated patterns of names, as fnmatch has them; an empty one covers everything."""

    def __init__(self, scope: str) -> None:
        patterns = [part.strip() for part in scope.split(",") if part.strip()] or ["*"]
        self._found = re.compile("|".join(map(translate, patterns))).match

    def __call__(self, name: str) -> bool:
        return self._found(name) is not None


@lru_cache(maxsize=256)
def _covering(scope: str) -> _Scope:
    return _Scope(scope)
