"""What renames and drops do to masking policies and row filters."""

from __future__ import annotations

from nexus_core.impact.policies import judged_policies
from nexus_core.model.impact import Change, ChangeKind, Verdict
from nexus_core.model.names import DatasetName
from nexus_core.model.policy import NULL, Column, Match, Policy, PolicySet, RowFilter

_USERS = DatasetName("postgres://db", "shop.public.users")
_MAIL = Column(_USERS, "email", "PII")
_BY_CLASS = Policy("by class", Match(classes=("PII",)), NULL)
_BY_NAME = Policy("by name", Match(fields=("*mail*",)), NULL)
_ROWS = RowFilter("own rows", ("*/shop.public.users",), "region = :region")


def _judged(change: Change) -> dict[str, tuple[str, str]]:
    found = judged_policies(PolicySet((_BY_CLASS, _BY_NAME), (_ROWS,)), [change], {_USERS: [_MAIL]})
    return {each.id: (each.verdict.value, each.reason.code) for each in found}


def test_a_rename_lets_policies_lapse_that_hold_by_the_old_name_or_its_class() -> None:
    lapses = ("changes", "mask_lapses")
    assert _judged(Change(ChangeKind.RENAME_FIELD, _USERS, "email", "contact")) == {
        "policy:by class": lapses,
        "policy:by name": lapses,
    }
    assert _judged(Change(ChangeKind.RENAME_FIELD, _USERS, "email", "mail")) == {"policy:by class": lapses}
    renamed = _judged(Change(ChangeKind.RENAME_DATASET, _USERS, to="people"))
    assert renamed == {"policy:by class": lapses, "policy:own rows": ("changes", "filter_lapses")}


def test_a_row_filter_breaks_with_its_column() -> None:
    assert _judged(Change(ChangeKind.DROP_FIELD, _USERS, "region")) == {"policy:own rows": ("breaks", "unknown_column")}
    retyped = _judged(Change(ChangeKind.RETYPE_FIELD, _USERS, "region", "integer"))
    assert retyped == {"policy:own rows": (Verdict.UNKNOWN.value, "types_not_judged")}
    assert _judged(Change(ChangeKind.DROP_FIELD, _USERS, "other")) == {}
