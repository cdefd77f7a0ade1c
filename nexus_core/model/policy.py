"""Masking policies as values, and what they add up to for one column: the truth table of docs/policies.md.

A column is clear only where a policy says so, or where it is Public and no policy matches it. What is not known, such
as a class that nobody gave yet, is never taken for Public.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from nexus_core.model.access import UNKNOWN, Attributes
from nexus_core.model.names import DatasetName

PUBLIC = "Public"
"""The class of what everyone may see."""


class MaskKind(StrEnum):
    """What is done to a value, the strongest first."""

    REFUSE = "refuse"
    NULL = "null"
    CONSTANT = "constant"
    TOKEN = "token"  # noqa: S105 no secret
    PARTIAL = "partial"
    ROUND = "round"
    BUCKET = "bucket"
    TRUNCATE = "truncate"
    CLEAR = "clear"


_RANK = {
    MaskKind.REFUSE: 5,
    MaskKind.NULL: 4,
    MaskKind.CONSTANT: 3,
    MaskKind.TOKEN: 2,
    MaskKind.PARTIAL: 1,
    MaskKind.ROUND: 1,
    MaskKind.BUCKET: 1,
    MaskKind.TRUNCATE: 1,
    MaskKind.CLEAR: 0,
}


@dataclass(frozen=True, slots=True, order=True)
class Mask:
    """A kind with its parameters, as sorted pairs of name and text; the kind's own rules say which there are."""

    kind: MaskKind
    parameters: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        inner = ", ".join(f"{name} {value}" for name, value in self.parameters)
        return f"{self.kind}({inner})" if inner else str(self.kind)


CLEAR, NULL, REFUSE = Mask(MaskKind.CLEAR), Mask(MaskKind.NULL), Mask(MaskKind.REFUSE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as policies see it; `class_name` is its effective classification, None while it is not known.

    `attributes` are its dataset's, by which scopes decide.
    """

    dataset: DatasetName
    field: str
    class_name: str | None = None
    attributes: Attributes = UNKNOWN
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """Which columns a policy is about: each part that is given has to hold, by one of its values.

    `datasets` are patterns (fnmatch) of `NAMESPACE/NAME`, `fields` of a column's name, any case.
    """

    classes: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def holds(self, column: Column) -> bool:
        """Whether a column is meant."""
        whole = f"{column.dataset.namespace}/{column.dataset.name}"
        return (
            (not self.classes or column.class_name in self.classes)
            and (not self.datasets or any(fnmatchcase(whole, pattern) for pattern in self.datasets))
            and (not self.fields or any(_alike(column.field, pattern) for pattern in self.fields))
            and (not self.domains or column.attributes.domain in self.domains)
            and (not self.tags or not column.tags.isdisjoint(self.tags))
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """Columns that match are masked, but for those who hold a role of `clear_for`.

    With `refuse_inference` a statement that filters, joins or groups on such a column is refused to whom it is masked.
    """

    name: str
    match: Match
    mask: Mask
    clear_for: frozenset[str] = frozenset()
    description: str = ""
    refuse_inference: bool = False

    def verdict(self, roles: frozenset[str]) -> Mask:
        """What this policy alone says to the holder of some roles."""
        return self.mask if roles.isdisjoint(self.clear_for) else CLEAR


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Rows of matching datasets are shown where `where` holds, but to those who hold a role of `exempt`.

    `where` is a PostgreSQL condition over the dataset's columns; `:name` in it is an attribute of who asks.
    """

    name: str
    datasets: tuple[str, ...]
    where: str
    exempt: frozenset[str] = frozenset()
    description: str = ""

    def holds(self, dataset: DatasetName) -> bool:
        """Whether a dataset is meant."""
        whole = f"{dataset.namespace}/{dataset.name}"
        return any(fnmatchcase(whole, pattern) for pattern in self.datasets)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A test of a policy set: what holders of `roles` see of a column."""

    roles: frozenset[str]
    column: Column
    expect: Mask


@dataclass(frozen=True, slots=True)
class PolicySet:
    """All policies in force together, and the tests that they have to pass."""

    policies: tuple[Policy, ...] = ()
    row_filters: tuple[RowFilter, ...] = ()
    tests: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """What someone sees of a column, and what each matching policy said; none matched: `reason` tells why."""

    mask: Mask
    said: tuple[tuple[Policy, Mask], ...] = field(default=())
    reason: str = ""

    @property
    def refuses_inference(self) -> bool:
        """Whether statements may not filter, join or group on the column, since it is masked by such a policy."""
        return any(policy.refuse_inference and mask != CLEAR for policy, mask in self.said)


def resolve(policies: Iterable[Policy], column: Column, roles: frozenset[str]) -> Resolution:
    """Add up what all policies that match a column say to the holder of `roles`: the strongest counts."""
    said = tuple((policy, policy.verdict(roles)) for policy in policies if policy.match.holds(column))
    if said:
        mask = strongest([mask for _, mask in said])
        return Resolution(mask, said, "the strongest of what these policies say")
    if column.class_name == PUBLIC:
        return Resolution(CLEAR, reason="no policy matches, and the column is Public")
    shown = "not classified" if column.class_name is None else column.class_name
    return Resolution(REFUSE, reason=f"no policy matches, and the column is {shown}")


def strength(mask: Mask) -> int:
    """Give how strong a mask is; a stronger one tells less, equally strong ones cannot be compared."""
    return _RANK[mask.kind]


def strongest(masks: Sequence[Mask]) -> Mask:
    """Give the strongest of masks, of which equally strong ones that differ combine to NULL, stronger than each."""
    different = set(masks)
    if len(different) > len(set(map(strength, different))):
        different.add(NULL)
    return max(different, key=strength)


def filters(row_filters: Iterable[RowFilter], dataset: DatasetName, roles: frozenset[str]) -> tuple[RowFilter, ...]:
    """Give the row filters that hold together (AND) for the holder of `roles`; one exempt role lifts a filter."""
    return tuple(each for each in row_filters if each.holds(dataset) and roles.isdisjoint(each.exempt))


def _alike(name: str, pattern: str) -> bool:
    return fnmatchcase(name.casefold(), pattern.casefold())
