"""What all policies say of a column, as branches that an engine decides by the roles of who asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from nexus_core.masking.native.engines import is_role
from nexus_core.model.policy import CLEAR, NULL, PUBLIC, REFUSE, Column, Mask, Policy, strength, strongest

Unless = tuple[frozenset[str], ...]
"""Sets of roles: who holds one of each."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A mask, but for who holds one of some roles."""

    mask: Mask
    clear_for: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Branch:
    """A mask for who lacks, of each part of `lacks`, one of its sets of roles; no part: for everyone left."""

    lacks: tuple[Unless, ...]
    mask: Mask


def rules_of(policies: Iterable[Policy], column: Column) -> tuple[Rule, ...]:
    """Give the rules of a column by the truth table; none: it is clear."""
    found = tuple(Rule(each.mask, _roles(each.clear_for)) for each in policies if each.match.holds(column))
    return found if found or column.class_name == PUBLIC else (Rule(REFUSE),)


def seen_by(rules: Sequence[Rule], role: str | None) -> Mask:
    """Give what the holder of one role, or of none, sees."""
    masks = [CLEAR if role in rule.clear_for else rule.mask for rule in rules]
    return strongest(masks) if masks else CLEAR


def clear_to(rules: Sequence[Rule]) -> Unless | None:
    """Give who sees a column in clear: the holders of a role of each set; None for nobody."""
    needed = tuple(dict.fromkeys(rule.clear_for for rule in rules if rule.mask != CLEAR))
    return needed if all(needed) else None


def branches(rules: Sequence[Rule]) -> Iterator[Branch]:
    """Give the cases of a column, to be tried in order; the last has no condition, so that there is always one."""
    by_mask: dict[Mask, list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: -strength(rule.mask)):
        by_mask.setdefault(rule.mask, []).append(rule)
    for branch in _cases({mask: clear_to(held) for mask, held in by_mask.items() if mask != CLEAR}):
        yield branch
        if not branch.lacks:
            return
    yield Branch((), CLEAR)


def _cases(unless: dict[Mask, Unless | None]) -> Iterator[Branch]:
    """Give the cases of masks, the strongest first: where two hold that differ and are equally strong, NULL."""
    for mask, roles in unless.items():
        if strength(mask) > strength(NULL):
            yield Branch(_lacks([roles]), mask)
    for one, other in combinations(unless, 2):
        if strength(one) == strength(other):
            yield Branch(_lacks([unless[one], unless[other]]), NULL)
    for mask, roles in unless.items():
        if strength(mask) <= strength(NULL):
            yield Branch(_lacks([roles]), mask)


def _lacks(unless: Iterable[Unless | None]) -> tuple[Unless, ...]:
    return tuple(each for each in unless if each is not None)


def _roles(named: Iterable[str]) -> frozenset[str]:
    return frozenset(role for role in named if is_role(role))
