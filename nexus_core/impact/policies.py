"""What changes do to masking policies and row filters, which name fields and datasets by patterns.

Classes, domains and tags of a new name are not known: they are given to fields and datasets by name, and have to be
given again. So a policy that holds by them lapses with a rename.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nexus_core.errors import InvalidInputError
from nexus_core.impact.applying import renamed_to
from nexus_core.impact.judging import reason_of
from nexus_core.model.impact import Change, ChangeKind, Outcome, Verdict
from nexus_core.model.names import DatasetName
from nexus_core.model.policy import Column, Policy, PolicySet, RowFilter
from nexus_core.sql.condition import condition_of

_AWAY = (ChangeKind.DROP_FIELD, ChangeKind.RENAME_FIELD)


def judged_policies(
    policies: PolicySet, changes: Iterable[Change], columns: Mapping[DatasetName, Sequence[Column]]
) -> list[Outcome]:
    """Give what changes do to each policy and row filter that is about a changed column or dataset.

    `columns` are those of the changed datasets, as policies see them.
    """
    found: dict[str, Outcome] = {}
    for change in changes:
        for outcome in _of_change(policies, change, columns.get(change.dataset, ())):
            found.setdefault(outcome.id, outcome)
    return list(found.values())


def _of_change(policies: PolicySet, change: Change, columns: Sequence[Column]) -> Iterator[Outcome]:
    for policy in policies.policies:
        lapsed = [column for column in columns if _lapses(policy, column, change)]
        if lapsed:
            told = reason_of("mask_lapses", f"{policy.name} is about {lapsed[0].field}, and not about its new name")
            yield Outcome(f"policy:{policy.name}", Verdict.CHANGES, told, _path(change), frozenset({change.dataset}))
    for row_filter in policies.row_filters:
        if row_filter.holds(change.dataset) and (outcome := _filtered(row_filter, change)) is not None:
            yield outcome


def _lapses(policy: Policy, column: Column, change: Change) -> bool:
    """Whether a policy is about a column now, and no more under its new name."""
    if not policy.match.holds(column):
        return False
    if change.kind is ChangeKind.RENAME_FIELD and column.field.lower() == change.field.lower():
        return not policy.match.holds(replace(column, field=change.to, class_name=None))
    if change.kind is ChangeKind.RENAME_DATASET:
        return not policy.match.holds(Column(renamed_to(change), column.field))
    return False


def _filtered(row_filter: RowFilter, change: Change) -> Outcome | None:
    """Give what a change does to a row filter over the changed dataset."""
    at = frozenset({change.dataset})
    id_ = f"policy:{row_filter.name}"
    if change.kind is ChangeKind.RENAME_DATASET and not row_filter.holds(renamed_to(change)):
        told = reason_of("filter_lapses", f"{row_filter.name} is not about {renamed_to(change).name}")
        return Outcome(id_, Verdict.CHANGES, told, _path(change), at)
    if change.kind in _AWAY and change.field.lower() in _columns(row_filter):
        start = row_filter.where.lower().find(change.field.lower())
        told = reason_of("unknown_column", f"{change.dataset.name}.{change.field}")
        end = start + len(change.field)
        text = row_filter.where
        return Outcome(
            id_, Verdict.BREAKS, told, _path(change), at, statement=text, start=start, end=end, replaced=True
        )
    if change.kind is ChangeKind.RETYPE_FIELD and change.field.lower() in _columns(row_filter):
        told = reason_of("types_not_judged", f"the row filter {row_filter.name} compares {change.field}")
        return Outcome(id_, Verdict.UNKNOWN, told, _path(change), at)
    return None


def _columns(row_filter: RowFilter) -> set[str]:
    try:
        return {name.lower() for name in condition_of(row_filter.where).columns}
    except InvalidInputError:  # an older version took it
        return set()


def _path(change: Change) -> tuple[str, ...]:
    return (change.dataset.id,)
