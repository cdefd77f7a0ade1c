"""Which names mean one dataset: decisions about pairs, the classes they add up to, and who stands for each class.

All pure: the same set of decisions gives the same classes, whatever the order in which they are learned
(lineage.md §2, Names). A name `*` stands for every dataset of its namespace.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from nexus_core.model.edge import Edge, digest_of
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical, canonical_field

EVERY = "*"
"""In place of a dataset's name: every dataset of the namespace, each by the name that it has."""


class Pair(NamedTuple):
    """Two names that may mean one dataset, canonical and in order; both name a dataset, or both a whole namespace."""

    left: DatasetName
    right: DatasetName

    @property
    def key(self) -> str:
        """Its key in the store, 32 hex digits."""
        return digest_of(["pair", *(part for side in self for part in (side.namespace, side.name))])

    @property
    def whole(self) -> bool:
        """Whether it is about namespaces."""
        return self.left.name == EVERY


def pair_of(one: DatasetName, other: DatasetName) -> Pair | None:
    """Give the pair of two names as written; None if they are one, or only one of them is a namespace."""
    left, right = sorted((_canonical(one), _canonical(other)))
    if left == right or (left.name == EVERY) != (right.name == EVERY):
        return None
    return Pair(left, right)


def _canonical(name: DatasetName) -> DatasetName:
    found = canonical(name)
    return DatasetName(found.namespace, EVERY) if name.name == EVERY else found


class Action(StrEnum):
    """What is said of a pair: a steward's decisions, and the symlinks of events, with and without authority."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNDO = "undo"
    SYMLINK = "symlink"
    HINT = "hint"


DECISIONS = frozenset({Action.ACCEPT, Action.REJECT, Action.UNDO})


class Told(NamedTuple):
    """One statement about a pair; `at` is valid time in microseconds."""

    at: int
    event_id: str
    action: Action


class State(StrEnum):
    """What follows for a pair."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OPEN = "open"


class Verdict(NamedTuple):
    """The state of a pair and the statement behind it, None where nothing is decided."""

    state: State
    by: Told | None


def verdict(told: Iterable[Told]) -> Verdict:
    """Give what follows from all that is said of a pair: the latest decision holds, by time, then by event id.

    `undo` takes the decisions before it back; what is left is what authorised symlinks say.
    """
    told = list(told)
    decided = max((one for one in told if one.action in DECISIONS), default=None)
    linked = min((one for one in told if one.action is Action.SYMLINK), default=None)
    if decided is not None and decided.action is Action.ACCEPT:
        return Verdict(State.ACCEPTED, decided)
    if decided is not None and decided.action is Action.REJECT:
        return Verdict(State.REJECTED, decided)
    return Verdict(State.ACCEPTED, linked) if linked else Verdict(State.OPEN, decided)


class Aliases:
    """The classes of the accepted pairs. `harvested` are the names, also `*`, that a harvest has described.

    First namespaces are joined, then datasets within joined namespaces. The representative is harvested where any
    member is, and lexically least among those.
    """

    def __init__(self, accepted: Iterable[Pair] = (), harvested: Collection[DatasetName] = ()) -> None:
        pairs = list(accepted)
        self.harvested = harvested
        self._spaces = _Classes((pair for pair in pairs if pair.whole), self._is_harvested)
        inner = (Pair(self._in_space(pair.left), self._in_space(pair.right)) for pair in pairs if not pair.whole)
        self._datasets = _Classes((pair for pair in inner if pair.left != pair.right), self._any_harvested)

    def __bool__(self) -> bool:
        """Whether any name is not its own representative."""
        return bool(self._spaces.of or self._datasets.of)

    def of(self, name: DatasetName) -> DatasetName:
        """Give the representative of a canonical name: itself where it has no alias."""
        placed = self._in_space(name)
        return self._datasets.of.get(placed, placed)

    def space(self, namespace: str) -> str:
        """Give the namespace that stands for a canonical namespace."""
        whole = DatasetName(namespace, EVERY)
        return self._spaces.of.get(whole, whole).namespace

    def members(self, name: DatasetName) -> list[DatasetName]:
        """Give all names of the class that a canonical name is in, known or not: the representative first."""
        if not self:
            return [name]
        first = self.of(name)
        placed = self._datasets.members.get(first, (first,))
        found = {each for one in placed for each in self._spelled(one)}
        return [first, *sorted(found - {first})]

    @cached_property
    def spaces(self) -> Mapping[str, list[str]]:
        """The namespaces that stand for others, with all namespaces of their class."""
        return {first.namespace: [one.namespace for one in of] for first, of in self._spaces.members.items()}

    @cached_property
    def datasets(self) -> Mapping[DatasetName, list[DatasetName]]:
        """The datasets that stand for others by decisions about datasets, with all names of their class."""
        return {first: self.members(first) for first in self._datasets.members}

    def _in_space(self, name: DatasetName) -> DatasetName:
        if not self._spaces.of:
            return name
        return DatasetName(self.space(name.namespace), name.name)

    def _spelled(self, placed: DatasetName) -> list[DatasetName]:
        of = self._spaces.members.get(DatasetName(placed.namespace, EVERY), ())
        return [DatasetName(one.namespace, placed.name) for one in of] or [placed]

    def _is_harvested(self, name: DatasetName) -> bool:
        return name in self.harvested

    def _any_harvested(self, placed: DatasetName) -> bool:
        return any(one in self.harvested for one in self._spelled(placed))


def renamed_edge(edge: Edge, aliases: Aliases) -> Edge:
    """Give an edge between the representatives of its datasets."""
    source = _end(aliases, edge.source_namespace, edge.source_name, edge.source_field)
    target = _end(aliases, edge.target_namespace, edge.target_name, edge.target_field)
    return Edge(edge.kind, edge.subtype, *source, *target, *edge[8:])


def _end(aliases: Aliases, namespace: str, name: str, field_: str) -> tuple[str, str, str]:
    if not name:
        return namespace, name, field_
    first = aliases.of(DatasetName(namespace, name))
    return first.namespace, first.name, canonical_field(first.namespace, field_) if field_ else field_


class _Classes:
    """Connected components of pairs: `of` each member but the first its first; `members` of each first, in order."""

    def __init__(self, pairs: Iterable[Pair], harvested: Callable[[DatasetName], bool]) -> None:
        linked: dict[DatasetName, set[DatasetName]] = defaultdict(set)
        for left, right in pairs:
            linked[left].add(right)
            linked[right].add(left)
        self.of: dict[DatasetName, DatasetName] = {}
        self.members: dict[DatasetName, tuple[DatasetName, ...]] = {}
        seen: set[DatasetName] = set()
        for start in linked:
            if start not in seen:
                found = _component(start, linked)
                seen |= found
                self._add(sorted(found, key=lambda name: (not harvested(name), name)))

    def _add(self, ordered: list[DatasetName]) -> None:
        self.members[ordered[0]] = tuple(ordered)
        self.of |= dict.fromkeys(ordered[1:], ordered[0])


def _component(start: DatasetName, linked: Mapping[DatasetName, set[DatasetName]]) -> set[DatasetName]:
    found, waiting = {start}, [start]
    while waiting:
        new = linked[waiting.pop()] - found
        found |= new
        waiting += new
    return found
