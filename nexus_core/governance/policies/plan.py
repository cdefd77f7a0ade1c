"""What a change of policies would do: whose visible columns change, and which lose protection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from nexus_core.model.policy import Column, Mask, Policy, PolicySet, filters, resolve, strength

PROFILES_MAX = 200
"""Most sets of (column, mask) that the users of one source may come to (governance.md §4)."""

SAMPLES_MAX = 10
"""Columns named for each kind of change; all are counted."""


class Audience(Protocol):
    """People who hold the same roles in the same places."""

    @property
    def name(self) -> str:
        """What they are called."""

    @property
    def count(self) -> int:
        """How many they are."""

    def roles(self, column: Column) -> frozenset[str]:
        """The roles that they hold where a column lies."""


class Direction(StrEnum):
    """Whether a change shows more or less."""

    LOOSER = "looser"
    TIGHTER = "tighter"
    OTHER = "other"


@dataclass(slots=True)
class Change:
    """Columns that an audience would see by another mask."""

    audience: str
    people_count: int
    before: Mask
    after: Mask
    column_count: int = 0
    samples: list[Column] = field(default_factory=list)

    @property
    def direction(self) -> Direction:
        """Whether more is shown afterwards; between equally strong masks neither."""
        difference = strength(self.after) - strength(self.before)
        if difference:
            return Direction.TIGHTER if difference > 0 else Direction.LOOSER
        return Direction.OTHER


@dataclass(frozen=True, slots=True)
class RowChange:
    """Rows of datasets that an audience would see by other conditions."""

    audience: str
    dataset_count: int
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(slots=True)
class Plan:
    """What would change, what stands against it, and how many profiles each source would need afterwards."""

    changes: list[Change]
    row_changes: list[RowChange]
    profile_counts: Mapping[str, int]
    column_count: int
    unprotected: list[Column]
    problems: list[str]

    @property
    def empty(self) -> bool:
        """Whether nobody would see anything else than now."""
        return not (self.changes or self.row_changes)


async def make_plan(
    before: PolicySet, after: PolicySet, columns: AsyncIterable[Column], audiences: Sequence[Audience]
) -> Plan:
    """Compare two sets over all columns and audiences.

    Cost: patterns are matched once for each column, and each distinct case is resolved once; `columns` come ordered by
    dataset. A column loses protection where a policy matches it before and none afterwards.
    """
    comparing = _Comparing(before, after, audiences)
    async for column in columns:
        comparing.add(column)
    return comparing.plan()


class _Comparing:
    """Counts changes column by column."""

    def __init__(self, before: PolicySet, after: PolicySet, audiences: Sequence[Audience]) -> None:
        self._before, self._after, self._audiences = before, after, audiences
        self._changes: dict[tuple[str, Mask, Mask], Change] = {}
        self._row_changes: dict[tuple[str, tuple[str, ...], tuple[str, ...]], int] = defaultdict(int)
        self._profiles: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._known: dict[object, Mask] = {}
        self._dataset: object = None
        self._column_count = 0
        self._unprotected: list[Column] = []

    def add(self, column: Column) -> None:
        """Count what a column would be seen as."""
        self._column_count += 1
        before = tuple(each for each in self._before.policies if each.match.holds(column))
        after = tuple(each for each in self._after.policies if each.match.holds(column))
        if before and not after and len(self._unprotected) < SAMPLES_MAX:
            self._unprotected.append(column)
        for audience in self._audiences:
            roles = audience.roles(column)
            self._compare(audience, column, self._mask(before, column, roles), self._mask(after, column, roles))
        if column.dataset != self._dataset:
            self._dataset = column.dataset
            self._compare_rows(column)

    def plan(self) -> Plan:
        """Give what was counted."""
        profiles = {source: len(set(of.values())) for source, of in self._profiles.items()}
        problems = [
            f"{source} would need {count} profiles of masks, and {PROFILES_MAX} are the most. Name fewer roles."
            for source, count in profiles.items()
            if count > PROFILES_MAX
        ]
        rows = [RowChange(name, count, old, new) for (name, old, new), count in self._row_changes.items()]
        changes = sorted(self._changes.values(), key=_most_dangerous)
        return Plan(changes, rows, profiles, self._column_count, self._unprotected, problems)

    def _mask(self, matching: tuple[Policy, ...], column: Column, roles: frozenset[str]) -> Mask:
        key = (tuple(map(id, matching)), column.class_name, roles)
        if key not in self._known:
            self._known[key] = resolve(matching, column, roles).mask
        return self._known[key]

    def _compare(self, audience: Audience, column: Column, before: Mask, after: Mask) -> None:
        of = self._profiles[column.dataset.namespace]
        of[audience.name] = hash((of[audience.name], column.dataset, column.field, after))
        if before == after:
            return
        change = self._changes.setdefault(
            (audience.name, before, after), Change(audience.name, audience.count, before, after)
        )
        change.column_count += 1
        if len(change.samples) < SAMPLES_MAX:
            change.samples.append(column)

    def _compare_rows(self, column: Column) -> None:
        for audience in self._audiences:
            roles = audience.roles(column)
            old = _conditions(self._before, column, roles)
            new = _conditions(self._after, column, roles)
            of = self._profiles[column.dataset.namespace]
            of[audience.name] = hash((of[audience.name], column.dataset, new))
            if old != new:
                self._row_changes[audience.name, old, new] += 1


def _conditions(policies: PolicySet, column: Column, roles: frozenset[str]) -> tuple[str, ...]:
    return tuple(each.where for each in filters(policies.row_filters, column.dataset, roles))


def _most_dangerous(change: Change) -> tuple[int, int, str]:
    order = {Direction.LOOSER: 0, Direction.OTHER: 1, Direction.TIGHTER: 2}
    return order[change.direction], -change.column_count, change.audience


def unknown_roles(policies: PolicySet, known: Iterable[str]) -> list[str]:
    """Give the roles that a set names and that nobody can hold, sorted."""
    named = {role for each in policies.policies for role in each.clear_for}
    named |= {role for each in policies.row_filters for role in each.exempt}
    return sorted(named - set(known))
